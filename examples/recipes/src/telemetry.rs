//! Traces that begin in the page, by OpenTelemetry for browsers.
//!
//! Its instrumentation of `fetch` adds `traceparent`, with a state `tracestate`, with baggage
//! `baggage`, to the requests for the origins in `propagateTraceHeaderCorsUrls`. None of them is
//! safelisted: an API that worked before is "blocked by CORS" once they are sent. `server-timing`
//! is what a page learns the trace of the server by; that a browser's own timings have it too takes
//! `Timing-Allow-Origin`, which is no part of CORS.

use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use cors_axum::{CorsLayer, Policy, PolicyErrors};

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_headers(["baggage", "traceparent", "tracestate"])
        .expose_headers(["server-timing"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app, which goes on with the trace of the page.
pub fn app(policy: Policy) -> Router {
    Router::new()
        .route("/", get(traced))
        .layer(CorsLayer::new(policy))
}

async fn traced(headers: HeaderMap) -> Response {
    let parent = headers
        .get("traceparent")
        .and_then(|parent| parent.to_str().ok());
    match parent.filter(|parent| parent.bytes().all(is_of_a_trace)) {
        Some(parent) => {
            let timing = format!("traceparent;desc=\"{parent}\"");
            ([("server-timing", timing)], "traced").into_response()
        }
        None => "not traced".into_response(),
    }
}

/// A page's text is not to end the quotes.
const fn is_of_a_trace(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use cors_axum::cors_core::browser::Request;
    use example_page::{Page, assert_all_needed, serve};

    use super::*;

    #[tokio::test]
    async fn a_page_s_trace_goes_on_in_the_server() -> Result<(), Box<dyn Error>> {
        // The example of https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers.
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let page = Page::of("https://app.example.com");
        let request = Request::new("GET")?
            .header("traceparent", parent)?
            .header("tracestate", "congo=t61rcWkgMzE")?
            .header("baggage", "cart=7")?;
        let server = serve(app(policy()?)).await;
        let seen = page.fetch(server, "/", &request, "").await?;
        let timing = seen.header("server-timing").ok_or("it is exposed")?;
        assert_eq!(timing, format!("traceparent;desc=\"{parent}\""));
        assert_all_needed(&policy()?, async |policy| {
            page.fetch(serve(app(policy)).await, "/", &request, "")
                .await
        })
        .await;
        Ok(())
    }
}
