//! The shop's catalog, on axum, under the policy that it shares with the orders.
//!
//! `cargo run -p example-catalog`

use std::error::Error;
use std::process::ExitCode;

use axum::routing::get;
use axum::{Json, Router};
use cors_axum::{CorsLayer, Policy};
use tokio::net::TcpListener;

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
    let policy = example_policy::policy()?;
    let listener = TcpListener::bind("127.0.0.1:3001")
        .await
        .map_err(|error| format!("127.0.0.1:3001: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(policy)).await?;
    Ok(())
}

fn app(policy: Policy) -> Router {
    Router::new()
        .route("/products", get(async || Json(["tea", "kettle"])))
        .layer(CorsLayer::new(policy))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{HeaderValue, Request, StatusCode};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn the_shop_s_page_can_read_the_catalog_and_no_other() -> Result<(), Box<dyn Error>> {
        let app = app(example_policy::policy()?);
        let page = "https://shop.example.com";
        for (origin, expected) in [(page, Some(page)), ("https://evil.example", None)] {
            let request = Request::get("/products")
                .header("origin", origin)
                .body(Body::empty())?;
            let response = app.clone().oneshot(request).await?;
            assert_eq!(response.status(), StatusCode::OK);
            let allowed = response.headers().get("access-control-allow-origin");
            assert_eq!(
                allowed.map(HeaderValue::as_bytes),
                expected.map(str::as_bytes)
            );
        }
        Ok(())
    }

    #[tokio::test]
    async fn another_site_is_refused() -> Result<(), Box<dyn Error>> {
        let preflight = Request::options("/products")
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "GET")
            .body(Body::empty())?;
        let response = app(example_policy::policy()?).oneshot(preflight).await?;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        Ok(())
    }
}
