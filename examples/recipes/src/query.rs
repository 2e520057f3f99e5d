//! QUERY: a search with a body, which is safe and can be cached ([RFC 10008]).
//!
//! Browsers don't safelist it, and send it as the page spells it: `QUERY` is listed, and the page
//! writes `method: "QUERY"`. The body's type makes a header that is listed as well.
//!
//! [RFC 10008]: https://www.rfc-editor.org/rfc/rfc10008

use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use cors_axum::{CorsLayer, Policy, PolicyErrors};

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["QUERY"])
        .allow_headers(["content-type"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app. axum routes the methods that it knows by name, so this one is looked at by
/// hand.
pub fn app(policy: Policy) -> Router {
    Router::new()
        .route("/contacts", any(search))
        .layer(CorsLayer::new(policy))
}

async fn search(method: Method, query: String) -> Response {
    if method.as_str() != "QUERY" {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "QUERY")]).into_response();
    }
    format!("found: {query}").into_response()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use cors_axum::cors_core::browser::{NetworkError, PreflightCheckError, Request};
    use example_page::{Page, assert_all_needed, serve};

    use super::*;

    #[tokio::test]
    async fn a_page_searches_by_a_body() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let request = Request::new("QUERY")?.header("content-type", "application/sql")?;
        let server = serve(app(policy()?)).await;
        let seen = page
            .fetch(server, "/contacts", &request, "surname LIKE 'A%'")
            .await?;
        assert_eq!(seen.text(), "found: surname LIKE 'A%'");
        assert_all_needed(&policy()?, async |policy| {
            page.fetch(serve(app(policy)).await, "/contacts", &request, "all")
                .await
        })
        .await;
        Ok(())
    }

    #[tokio::test]
    async fn a_page_that_writes_it_in_lower_case_is_told_so() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let server = serve(app(policy()?)).await;
        let request = Request::new("query")?;
        let blocked = page.fetch(server, "/contacts", &request, "all").await;
        let method = "query".to_owned();
        let expected = NetworkError::Preflight(PreflightCheckError::Method { method });
        assert_eq!(blocked.map(|seen| seen.status), Err(expected));
        Ok(())
    }
}
