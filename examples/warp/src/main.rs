//! A small JSON API on warp, with its CORS policy in a file.
//!
//! `cargo run -p example-warp`, or with a policy file of your own:
//! `cargo run -p example-warp -- path/to/cors.toml`

mod tasks;

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;

use cors_warp::{Cors, Policy};
use tokio::net::TcpListener;
use warp::filters::body::BodyDeserializeError;
use warp::http::StatusCode;
use warp::reject::{
    LengthRequired, MethodNotAllowed, MissingHeader, PayloadTooLarge, UnsupportedMediaType,
};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

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
    warp::serve(app(policy)).incoming(listener).run().await;
    Ok(())
}

fn read_policy(path: &str) -> Result<Policy, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    // A policy that can't be right is refused here, with every problem and what to write instead.
    toml::from_str(&text).map_err(|error| format!("{path}: {error}").into())
}

fn app(
    policy: Policy,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync {
    // The rejections become replies inside of the policy: a page sees a 404 or a 422 as what it is,
    // and not as a CORS error.
    let routes = warp::path("tasks")
        .and(tasks::routes())
        .recover(refuse)
        .unify();
    Cors::new(policy).wrap(routes)
}

async fn refuse(rejection: Rejection) -> Result<Response, Infallible> {
    let status = if rejection.find::<BodyDeserializeError>().is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if rejection.find::<UnsupportedMediaType>().is_some()
        || rejection.find::<MissingHeader>().is_some()
    {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    } else if rejection.find::<LengthRequired>().is_some() {
        StatusCode::LENGTH_REQUIRED
    } else if rejection.find::<PayloadTooLarge>().is_some() {
        StatusCode::PAYLOAD_TOO_LARGE
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else if rejection.is_not_found() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(status.into_response())
}

#[cfg(test)]
mod tests {
    use warp::http::Method;
    use warp::test::RequestBuilder;

    use super::*;

    const PAGE: &str = "http://localhost:5173";

    fn request(method: &Method, path: &str, body: &str) -> RequestBuilder {
        warp::test::request()
            .method(method.as_str())
            .path(path)
            .header("origin", PAGE)
            .header("content-type", "application/json")
            .header("content-length", body.len())
            .body(body)
    }

    #[tokio::test]
    async fn a_page_can_read_what_it_wrote() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?);
        let to_create = request(&Method::POST, "/tasks", r#"{"title":"tea"}"#);
        let created = to_create.reply(&app).await;
        assert_eq!(created.status(), StatusCode::CREATED);
        assert_eq!(created.headers()["access-control-allow-origin"], PAGE);
        assert_eq!(
            created.headers()["access-control-allow-credentials"],
            "true"
        );

        let listed = request(&Method::GET, "/tasks", "").reply(&app).await;
        assert_eq!(listed.headers()["x-total-count"], "1");
        assert_eq!(
            listed.headers()["access-control-expose-headers"],
            "x-total-count"
        );
        let tasks: serde_json::Value = serde_json::from_slice(listed.body())?;
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
            let response = request(&method, path, body).reply(&app).await;
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
        let response = warp::test::request()
            .method("OPTIONS")
            .path("/tasks/1")
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "DELETE")
            .reply(&app)
            .await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
        Ok(())
    }

    #[tokio::test]
    async fn nobody_can_write_without_a_preflight() -> Result<(), Box<dyn Error>> {
        let app = app(read_policy(POLICY_FILE)?);
        for content_type in [Some("text/plain"), None] {
            let mut request = warp::test::request()
                .method("POST")
                .path("/tasks")
                .body(r#"{"title":"tea"}"#);
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let response = request.reply(&app).await;
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        Ok(())
    }
}
