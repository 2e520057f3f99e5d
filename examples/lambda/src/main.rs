//! A Lambda function behind an HTTP API of API Gateway, or under a function URL. README.md has how the
//! gateway is to be set.

use std::convert::Infallible;
use std::time::Duration;

use cors_axum::{CorsLayer, Policy, PolicyErrors};
use lambda_http::http::{Method, StatusCode};
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Body, Error, Request, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // Problems of the policy are lines in the log of the function's start.
    let policy = policy().map_err(|problems| problems.to_string())?;
    let app = ServiceBuilder::new()
        .layer(CorsLayer::new(policy))
        .service(service_fn(answer));
    lambda_http::run(app).await
}

/// Returns the policy. The function's variables go first: `CORS_ALLOW_ORIGINS` and so on.
fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["authorization", "content-type"])
        .max_age(Duration::from_secs(7200))
        .build()?
        .config()
        .with_vars("CORS_", std::env::vars_os())?
        .build()
}

async fn answer(request: Request) -> Result<Response<Body>, Infallible> {
    let (status, text) = match *request.method() {
        Method::PUT => (StatusCode::CREATED, "put"),
        _ => (StatusCode::METHOD_NOT_ALLOWED, ""),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    Ok(response)
}
