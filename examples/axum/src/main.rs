//! A small JSON API on axum, with its CORS policy in a file.
//!
//! `cargo run -p example-axum`, or with a policy file of your own:
//! `cargo run -p example-axum -- path/to/cors.toml`

mod tasks;

use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use cors_axum::{CorsLayer, Policy};
use tokio::net::TcpListener;

const POLICY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cors.toml");

#[tokio::main]
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
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(policy)).await?;
    Ok(())
}

fn read_policy(path: &str) -> Result<Policy, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    // A policy that can't be right is refused here, with every problem and what to write instead.
    toml::from_str(&text).map_err(|error| format!("{path}: {error}").into())
}

fn app(policy: Policy) -> Router {
    // The layer comes last, so that it is around everything that can answer: a page sees a 404 or
    // a 422 as what it is, and not as a CORS error.
    Router::new()
        .nest("/tasks", tasks::router())
        .layer(CorsLayer::new(policy))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request, Response, StatusCode};
    use tower::ServiceExt as _;

    use super::*;

    const PAGE: &str = "http://localhost:5173";

    async fn send(app: &Router, request: Request<Body>) -> Response<Body> {
        app.clone()
            .oneshot(request)
            .await
            .expect("a router always answers")
    }

    fn request(method: Method, path: &str, body: &str) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("origin", PAGE)
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .expect("the parts are valid")
    }

    #[tokio::test]
    async fn a_page_can_read_what_it_wrote() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?);
        let created = send(&app, request(Method::POST, "/tasks", r#"{"title":"tea"}"#)).await;
        assert_eq!(created.status(), StatusCode::CREATED);
        assert_eq!(created.headers()["access-control-allow-origin"], PAGE);
        assert_eq!(
            created.headers()["access-control-allow-credentials"],
            "true"
        );

        let listed = send(&app, request(Method::GET, "/tasks", "")).await;
        assert_eq!(listed.headers()["x-total-count"], "1");
        assert_eq!(
            listed.headers()["access-control-expose-headers"],
            "x-total-count"
        );
        let body = to_bytes(listed.into_body(), 1_000).await?;
        let tasks: serde_json::Value = serde_json::from_slice(&body)?;
        assert_eq!(
            tasks,
            serde_json::json!([{ "id": 1, "title": "tea", "done": false }])
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_page_can_read_errors_too() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?);
        for (method, path, body, status) in [
            (
                Method::POST,
                "/tasks",
                "{}",
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                Method::PUT,
                "/tasks/7",
                r#"{"title":"a","done":true}"#,
                StatusCode::NOT_FOUND,
            ),
            (Method::DELETE, "/tasks", "", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/nowhere", "", StatusCode::NOT_FOUND),
        ] {
            let response = send(&app, request(method, path, body)).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(
                response.headers()["access-control-allow-origin"],
                PAGE,
                "{path}"
            );
        }
        Ok(())
    }

    #[tokio::test]
    async fn another_site_is_refused() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?);
        let preflight = Request::options("/tasks/1")
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "DELETE")
            .body(Body::empty())?;
        let response = send(&app, preflight).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
        Ok(())
    }
}
