//! A small JSON API on actix-web, with its CORS policy in a file.
//!
//! `cargo run -p example-actix`, or with a policy file of your own:
//! `cargo run -p example-actix -- path/to/cors.toml`

mod tasks;

use std::error::Error;
use std::process::ExitCode;

use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer, web};
use cors_actix::{Cors, Policy};

const POLICY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cors.toml");

#[actix_web::main]
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
    // Every worker makes an app of its own; what they share is made before.
    let tasks = Data::<tasks::Tasks>::default();
    let server = HttpServer::new(move || {
        // The middleware comes last, so that it is around everything that can answer: a page sees a
        // 404 or a 400 as what it is, and not as a CORS error.
        App::new()
            .configure(|app| routes(app, &tasks))
            .wrap(Cors::new(policy.clone()))
    })
    .bind("127.0.0.1:3000")
    .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    Ok(server.run().await?)
}

fn read_policy(path: &str) -> Result<Policy, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    // A policy that can't be right is refused here, with every problem and what to write instead.
    toml::from_str(&text).map_err(|error| format!("{path}: {error}").into())
}

fn routes(app: &mut ServiceConfig, tasks: &Data<tasks::Tasks>) {
    app.app_data(tasks.clone())
        .service(web::scope("/tasks").configure(tasks::routes));
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;
    use actix_web::dev::{Service, ServiceResponse};
    use actix_web::http::{Method, StatusCode};
    use actix_web::test::{TestRequest, call_service, init_service, read_body_json};

    use super::*;

    const PAGE: &str = "http://localhost:5173";

    async fn app(
        policy: Policy,
    ) -> impl Service<
        actix_http::Request,
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
    > {
        let tasks = Data::default();
        let app = App::new().configure(|app| routes(app, &tasks));
        init_service(app.wrap(Cors::new(policy))).await
    }

    fn request(method: Method, path: &str, body: &'static str) -> TestRequest {
        TestRequest::with_uri(path)
            .method(method)
            .insert_header(("origin", PAGE))
            .insert_header(("content-type", "application/json"))
            .set_payload(body)
    }

    #[actix_web::test]
    async fn a_page_can_read_what_it_wrote() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?).await;
        let request_to_create = request(Method::POST, "/tasks", r#"{"title":"tea"}"#);
        let created = call_service(&app, request_to_create.to_request()).await;
        assert_eq!(created.status(), StatusCode::CREATED);
        assert_eq!(
            created.headers().get("access-control-allow-origin"),
            Some(&PAGE.parse()?)
        );
        assert_eq!(
            created.headers().get("access-control-allow-credentials"),
            Some(&"true".parse()?)
        );

        let listed = call_service(&app, request(Method::GET, "/tasks", "").to_request()).await;
        assert_eq!(listed.headers().get("x-total-count"), Some(&"1".parse()?));
        assert_eq!(
            listed.headers().get("access-control-expose-headers"),
            Some(&"x-total-count".parse()?)
        );
        let tasks: serde_json::Value = read_body_json(listed).await;
        assert_eq!(
            tasks,
            serde_json::json!([{ "id": 1, "title": "tea", "done": false }])
        );
        Ok(())
    }

    #[actix_web::test]
    async fn a_page_can_read_errors_too() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?).await;
        for (method, path, body, status) in [
            (Method::POST, "/tasks", "{}", StatusCode::BAD_REQUEST),
            (
                Method::PUT,
                "/tasks/7",
                r#"{"title":"a","done":true}"#,
                StatusCode::NOT_FOUND,
            ),
            (Method::DELETE, "/tasks", "", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/nowhere", "", StatusCode::NOT_FOUND),
        ] {
            let response = call_service(&app, request(method, path, body).to_request()).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(
                response.headers().get("access-control-allow-origin"),
                Some(&PAGE.parse()?),
                "{path}"
            );
        }
        Ok(())
    }

    #[actix_web::test]
    async fn another_site_is_refused() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?).await;
        let preflight = TestRequest::with_uri("/tasks/1")
            .method(Method::OPTIONS)
            .insert_header(("origin", "https://evil.example"))
            .insert_header(("access-control-request-method", "DELETE"));
        let response = call_service(&app, preflight.to_request()).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
        Ok(())
    }
}
