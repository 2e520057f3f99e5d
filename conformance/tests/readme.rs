//! The README tells the truth.

use cors_core::PolicyConfig;

const README: &str = include_str!("../../README.md");

/// Returns the content of the first code block of this language that contains `part`.
fn block(language: &str, part: &str) -> &'static str {
    README
        .split(&format!("```{language}\n"))
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains(part))
        .expect("the README has such a block")
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
