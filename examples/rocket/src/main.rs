//! A small JSON API on Rocket, with its CORS policy in a file.
//!
//! `cargo run -p example-rocket`, or with a policy file of your own:
//! `cargo run -p example-rocket -- path/to/cors.toml`

mod tasks;

use std::error::Error;
use std::process::ExitCode;

use cors_rocket::{Cors, Policy};
use rocket::fairing::AdHoc;
use rocket::{Build, Config, Rocket};

const POLICY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cors.toml");

#[rocket::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| POLICY_FILE.to_owned());
    let policy = read_policy(&path)?;
    let announce = AdHoc::on_liftoff("announce", |rocket| {
        Box::pin(async {
            let config = rocket.config();
            println!("listening on http://{}:{}", config.address, config.port);
        })
    });
    app(policy).attach(announce).launch().await?;
    Ok(())
}

fn read_policy(path: &str) -> Result<Policy, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    // A policy that can't be right is refused here, with every problem and what to write instead.
    toml::from_str(&text).map_err(|error| format!("{path}: {error}").into())
}

fn app(policy: Policy) -> Rocket<Build> {
    // ROCKET_PORT goes first; a port in Rocket.toml doesn't, unless it is under [global].
    let config = Config::figment().join(("port", 3000));
    // The fairing covers every route and every catcher: a page sees a 404 or a 422 as what it is,
    // and not as a CORS error.
    rocket::custom(config)
        .mount("/tasks", tasks::routes())
        .manage(tasks::Tasks::default())
        .attach(Cors::new(policy))
}

#[cfg(test)]
mod tests {
    use rocket::http::{ContentType, Header, Method, Status};
    use rocket::local::blocking::{Client, LocalResponse};

    use super::*;

    const PAGE: &str = "http://localhost:5173";

    fn client() -> Result<Client, Box<dyn Error>> {
        Ok(Client::untracked(app(read_policy(POLICY_FILE)?))?)
    }

    fn send<'c>(
        client: &'c Client,
        method: Method,
        path: &'c str,
        body: &'static str,
    ) -> LocalResponse<'c> {
        client
            .req(method, path)
            .header(Header::new("origin", PAGE))
            .header(ContentType::JSON)
            .body(body)
            .dispatch()
    }

    #[test]
    fn a_page_can_read_what_it_wrote() -> Result<(), Box<dyn Error>> {
        let client = client()?;
        let created = send(&client, Method::Post, "/tasks", r#"{"title":"tea"}"#);
        assert_eq!(created.status(), Status::Created);
        let header = |name| created.headers().get_one(name);
        assert_eq!(header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(header("access-control-allow-credentials"), Some("true"));

        let listed = send(&client, Method::Get, "/tasks", "");
        let header = |name| listed.headers().get_one(name);
        assert_eq!(header("x-total-count"), Some("1"));
        assert_eq!(
            header("access-control-expose-headers"),
            Some("x-total-count")
        );
        let tasks: serde_json::Value = listed.into_json().ok_or("the body is JSON")?;
        assert_eq!(
            tasks,
            serde_json::json!([{ "id": 1, "title": "tea", "done": false }])
        );
        Ok(())
    }

    #[test]
    fn a_page_can_read_errors_too() -> Result<(), Box<dyn Error>> {
        let client = client()?;
        for (method, path, body, status) in [
            (Method::Post, "/tasks", "{}", Status::UnprocessableEntity),
            (
                Method::Put,
                "/tasks/7",
                r#"{"title":"a","done":true}"#,
                Status::NotFound,
            ),
            (Method::Delete, "/tasks", "", Status::NotFound),
            (Method::Get, "/nowhere", "", Status::NotFound),
        ] {
            let response = send(&client, method, path, body);
            assert_eq!(response.status(), status, "{path}");
            let origin = response.headers().get_one("access-control-allow-origin");
            assert_eq!(origin, Some(PAGE), "{path}");
        }
        Ok(())
    }

    #[test]
    fn another_site_is_refused() -> Result<(), Box<dyn Error>> {
        let client = client()?;
        let response = client
            .options("/tasks/1")
            .header(Header::new("origin", "https://evil.example"))
            .header(Header::new("access-control-request-method", "DELETE"))
            .dispatch();
        assert_eq!(response.status(), Status::Forbidden);
        assert!(!response.headers().contains("access-control-allow-origin"));
        Ok(())
    }

    #[test]
    fn nobody_can_write_without_a_preflight() -> Result<(), Box<dyn Error>> {
        let client = client()?;
        for content_type in [Some(ContentType::Plain), None] {
            let mut request = client.post("/tasks").body(r#"{"title":"tea"}"#);
            if let Some(content_type) = content_type {
                request.add_header(content_type);
            }
            assert_eq!(request.dispatch().status(), Status::NotFound);
        }
        Ok(())
    }
}
