//! The README tells the truth, and so does the guide about the log.

use cors_core::PolicyConfig;

const README: &str = include_str!("../../README.md");

/// Returns the content of the README's first code block of this language that contains `part`.
fn block(language: &str, part: &str) -> &'static str {
    block_of(README, language, part)
}

fn block_of(page: &'static str, language: &str, part: &str) -> &'static str {
    page.split(&format!("```{language}\n"))
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains(part))
        .expect("the page has such a block")
}

#[test]
fn its_policy_file_is_a_policy_and_the_examples_own() {
    let readme: PolicyConfig =
        toml::from_str(block("toml", "max_age")).expect("the keys are right");
    assert!(readme.build().is_ok());
    let axum = include_str!("../../examples/axum/cors.toml");
    assert_eq!(Ok(readme), toml::from_str(axum));
    for example in [
        include_str!("../../examples/actix/cors.toml"),
        include_str!("../../examples/rocket/cors.toml"),
        include_str!("../../examples/warp/cors.toml"),
    ] {
        assert_eq!(axum, example);
    }
}

#[test]
fn its_mistakes_give_the_problems_that_it_shows() {
    let config: PolicyConfig =
        toml::from_str(block("toml", "TRACE")).expect("the file can be read");
    let problems = config
        .build()
        .expect_err("it is full of mistakes")
        .to_string();
    assert_eq!(block("text", "TRACE").trim_end(), problems);
}

#[test]
fn its_table_has_every_setting() {
    let mut config = PolicyConfig::default();
    config.max_age = Some(std::time::Duration::ZERO);
    let serde_json::Value::Object(settings) =
        serde_json::to_value(config).expect("a policy is plain data")
    else {
        panic!("a policy is a table");
    };
    for setting in settings.keys() {
        assert!(
            README.contains(&format!("\n| `{setting}` |")),
            "{setting} is missing"
        );
    }
    let rows = README
        .lines()
        .skip_while(|line| !line.starts_with("| setting |"))
        .skip(2);
    assert_eq!(
        rows.take_while(|line| line.starts_with('|')).count(),
        settings.len()
    );
}

/// The README's program.
mod program {
    #![expect(dead_code, reason = "nobody runs its `main`, which serves for ever")]

    use super::{PolicyConfig, block};

    include!("readme/program.rs");

    #[test]
    fn it_is_the_one_that_is_shown_and_its_policy_is_that_of_the_file() {
        let code = include_str!("readme/program.rs");
        assert_eq!(block("rust,no_run", "fn main"), code);
        let file: PolicyConfig =
            toml::from_str(block("toml", "max_age")).expect("the keys are right");
        assert_eq!(policy().map(|policy| policy.config()), Ok(file));
    }
}

/// The guide's code that switches the log on.
mod log {
    use std::collections::BTreeMap;
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;
    use tracing::field::{Field, Visit};
    use tracing::{Event, Subscriber};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
    use tracing_subscriber::registry::Registry;

    use super::block_of;

    const GUIDE: &str = include_str!("../../cors-core/src/guide/what_is_told.md");

    include!("readme/with_log.rs");

    /// The fields of an event, as texts.
    #[derive(Default)]
    struct Fields(BTreeMap<&'static str, String>);

    impl Visit for Fields {
        fn record_str(&mut self, field: &Field, value: &str) {
            self.0.insert(field.name(), value.to_owned());
        }

        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.insert(field.name(), format!("{value:?}"));
        }
    }

    /// Keeps the events about refusals.
    #[derive(Clone, Default)]
    struct Refusals(Arc<Mutex<Vec<Fields>>>);

    impl<S: Subscriber> Layer<S> for Refusals {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            if event.metadata().target() == "cors::refusal" {
                let mut fields = Fields::default();
                event.record(&mut fields);
                self.0.lock().expect("nobody panics").push(fields);
            }
        }
    }

    #[tokio::test]
    async fn it_tells_a_refusal_once_in_the_words_that_the_guide_shows() {
        let code = include_str!("readme/with_log.rs");
        assert_eq!(block_of(GUIDE, "rust", "Log::new()"), code);

        let refusals = Refusals::default();
        let subscriber = Registry::default().with(refusals.clone());
        let _told = tracing::subscriber::set_default(subscriber);
        let policy = Policy::builder()
            .allow_origins(["https://app.example.com"])
            .allow_methods(["PUT", "PATCH"])
            .build()
            .expect("the policy is valid");
        let app = with_log(Router::new(), policy);
        for method in ["DELETE", "DELETE", "PUT"] {
            let request = Request::options("/notes")
                .header("origin", "https://app.example.com")
                .header("access-control-request-method", method)
                .body(Body::empty())
                .expect("the request is valid");
            let Ok(_) = app.clone().oneshot(request).await;
        }

        let refusals = refusals.0.lock().expect("nobody panics");
        let told = refusals.iter().map(|Fields(told)| {
            let text = told["message"].trim_start_matches("CORS: ");
            let [method, path, remedy] = ["method", "path", "remedy"].map(|name| &told[name]);
            format!("{method} {path}: {text}. {remedy}")
        });
        let told: Vec<_> = told.collect();
        let shown = block_of(GUIDE, "text", "OPTIONS /notes: ");
        assert_eq!(told, [shown.trim_end()]);
    }
}
