//! Connect, by `@connectrpc/connect-web`.
//!
//! The lists are those of <https://connectrpc.com/docs/cors>, for unary calls and streams. What a
//! call has as trailers comes as headers that begin with `trailer-`, each of which a page reads if
//! it is exposed: `trailer-cost` here. The errors of unary calls are JSON under statuses of 400 and
//! more.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use serde::Deserialize;
use serde_json::json;

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_headers([
            "content-type",
            "connect-protocol-version",
            "connect-timeout-ms",
        ])
        .expose_headers(["trailer-cost"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app: one unary call, as the protocol has it. A library of Connect goes here.
pub fn app(policy: Policy) -> Router {
    Router::new()
        .route("/greet.v1.GreetService/Greet", post(greet))
        .layer(CorsLayer::new(policy))
}

#[derive(Deserialize)]
struct GreetRequest {
    name: String,
}

async fn greet(headers: HeaderMap, Json(request): Json<GreetRequest>) -> Response {
    let version = headers.get("connect-protocol-version");
    if version.is_none_or(|version| version != "1") {
        let error = json!({ "code": "invalid_argument", "message": "which version?" });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    let greeting = format!("Hello, {}!", request.name);
    (
        [("trailer-cost", "1")],
        Json(json!({ "greeting": greeting })),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use cors_axum::cors_core::browser::{Request, RequestError};
    use example_page::{Page, assert_all_needed, serve};

    use super::*;

    const PATH: &str = "/greet.v1.GreetService/Greet";

    fn call(version: &str) -> Result<Request, RequestError> {
        Request::new("POST")?
            .header("content-type", "application/json")?
            .header("connect-timeout-ms", "5000")?
            .header("connect-protocol-version", version)
    }

    #[tokio::test]
    async fn a_page_calls_and_reads_the_trailer() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let (call, body) = (call("1")?, r#"{"name":"Ada"}"#);
        let server = serve(app(policy()?)).await;
        let seen = page.fetch(server, PATH, &call, body).await?;
        assert_eq!(seen.text(), r#"{"greeting":"Hello, Ada!"}"#);
        assert_all_needed(&policy()?, async |policy| {
            page.fetch(serve(app(policy)).await, PATH, &call, body)
                .await
        })
        .await;
        Ok(())
    }

    #[tokio::test]
    async fn a_page_reads_errors() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let server = serve(app(policy()?)).await;
        let seen = page
            .fetch(server, PATH, &call("2")?, r#"{"name":"Ada"}"#)
            .await?;
        assert_eq!(seen.status, 400);
        assert!(seen.text().contains("invalid_argument"), "{}", seen.text());
        Ok(())
    }
}
