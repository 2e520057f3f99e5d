//! Server-sent events.
//!
//! `new EventSource(url)` never asks first: the policy needs the page's origin, and credentials where
//! the page says `withCredentials`. Libraries that send a token, or reconnect by themselves, use
//! `fetch`, and for that their headers have to be allowed:
//!
//! | header | who sets it |
//! | --- | --- |
//! | `authorization` | pages with a token, which `EventSource` can't send |
//! | `last-event-id` | `@microsoft/fetch-event-source`, on reconnecting |
//! | `cache-control` | some libraries, and many pages |

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use futures_util::stream;

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_headers(["authorization", "cache-control", "last-event-id"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app: three events, those after the last one that the page has seen.
pub fn app(policy: Policy) -> Router {
    Router::new()
        .route("/events", get(events))
        .layer(CorsLayer::new(policy))
}

async fn events(headers: HeaderMap) -> Response {
    if !headers.contains_key("authorization") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let last = headers.get("last-event-id");
    let last = last.and_then(|last| last.to_str().ok()?.parse().ok());
    let news = (last.unwrap_or(0)..3_u8).map(|last| {
        let event = Event::default().id(format!("{}", last + 1)).data("news");
        Ok::<_, Infallible>(event)
    });
    Sse::new(stream::iter(news)).into_response()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use cors_axum::cors_core::browser::Request;
    use example_page::{Page, assert_all_needed, serve};

    use super::*;

    #[tokio::test]
    async fn a_page_goes_on_after_the_last_event() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let request = Request::new("GET")?
            .header("accept", "text/event-stream")?
            .header("authorization", "Bearer a-token")?
            .header("cache-control", "no-cache")?
            .header("last-event-id", "2")?;
        let server = serve(app(policy()?)).await;
        let seen = page.fetch(server, "/events", &request, "").await?;
        assert_eq!(seen.text(), "id: 3\ndata: news\n\n");
        assert_all_needed(&policy()?, async |policy| {
            page.fetch(serve(app(policy)).await, "/events", &request, "")
                .await
        })
        .await;
        Ok(())
    }

    #[tokio::test]
    async fn a_page_reads_that_it_has_to_sign_in() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let server = serve(app(policy()?)).await;
        let seen = page
            .fetch(server, "/events", &Request::new("GET")?, "")
            .await?;
        assert_eq!(seen.status, 401);
        Ok(())
    }
}
