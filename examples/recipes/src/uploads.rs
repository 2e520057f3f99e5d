//! Uploads that show their progress.
//!
//! `xhr.upload.onprogress` makes a browser ask first, whatever else the request is; so does a body
//! that is a stream. `PUT` has to be allowed, and so has the type of the file. That an upload was
//! too large the page can read, since the limit is inside of the policy.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::{post, put};
use cors_axum::{CorsLayer, Policy, PolicyErrors};

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .expose_headers(["location"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app. It forgets what is uploaded.
pub fn app(policy: Policy) -> Router {
    Router::new()
        .route("/files/{name}", put(store))
        .route("/notes", post(async || StatusCode::NO_CONTENT))
        .layer(DefaultBodyLimit::max(LARGEST))
        // The last one, so that it is around all that answers.
        .layer(CorsLayer::new(policy))
}

const LARGEST: usize = 64 << 10;

async fn store(Path(name): Path<u32>, _content: Bytes) -> (StatusCode, [(HeaderName, String); 1]) {
    let place = format!("/files/{name}");
    (StatusCode::CREATED, [(header::LOCATION, place)])
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use cors_axum::cors_core::browser::{Request, RequestError};
    use example_page::{Page, assert_all_needed, serve};

    use super::*;

    fn upload() -> Result<Request, RequestError> {
        let request = Request::new("PUT")?.upload_listener(true);
        request.header("content-type", "image/png")
    }

    #[tokio::test]
    async fn a_page_learns_where_its_file_is() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let upload = upload()?;
        let server = serve(app(policy()?)).await;
        let seen = page.fetch(server, "/files/7", &upload, "a picture").await?;
        assert_eq!(seen.header("location").as_deref(), Some("/files/7"));
        assert_all_needed(&policy()?, async |policy| {
            page.fetch(serve(app(policy)).await, "/files/7", &upload, "a picture")
                .await
        })
        .await;
        Ok(())
    }

    #[tokio::test]
    async fn a_page_reads_that_its_file_is_too_large() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let server = serve(app(policy()?)).await;
        let seen = page
            .fetch(server, "/files/7", &upload()?, vec![0; LARGEST + 1])
            .await?;
        assert_eq!(seen.status, 413);
        Ok(())
    }

    #[tokio::test]
    async fn a_listener_alone_needs_nothing_of_the_lists() -> Result<(), Box<dyn Error>> {
        let request = Request::new("POST")?.header("content-type", "text/plain")?;
        assert!(request.preflight().is_none());
        let request = request.upload_listener(true);
        assert!(request.preflight().is_some());
        let origins = Policy::builder().allow_origins(["https://app.example.com"]);
        let server = serve(app(origins.build()?)).await;
        let page = Page::of("https://app.example.com");
        let seen = page.fetch(server, "/notes", &request, "a note").await?;
        assert_eq!(seen.status, 204);
        Ok(())
    }
}
