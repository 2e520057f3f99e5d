//! A service of tonic that pages call by gRPC-Web, without a proxy in between.
//!
//! `cargo run -p example-grpc-web`: http://127.0.0.1:3000. README.md has the lists.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use tokio::net::TcpListener;
use tonic::service::{Routes, interceptor::InterceptedService};
use tonic::{Code, Request, Status};
use tonic_web::GrpcWebLayer;

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
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(policy()?)).await?;
    Ok(())
}

fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_headers(["content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"])
        // A call's own metadata is headers.
        .allow_headers(["authorization"])
        // A call that fails at once has its status in headers, and else in the body.
        .expose_headers(["grpc-status", "grpc-message", "grpc-status-details-bin"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// The service is the one of the health of services, which comes with its code; yours goes in its
/// place.
fn app(policy: Policy) -> Router {
    let (_reporter, health) = tonic_health::server::health_reporter();
    let service = InterceptedService::new(health, signed_in);
    // Outermost last: tonic-web answers 400 to whatever is no call, so to preflights as well. With
    // tonic's own server the order is the other one:
    // `Server::builder().accept_http1(true).layer(CorsLayer::new(policy)).layer(GrpcWebLayer::new())`.
    Routes::new(service)
        .into_axum_router()
        .layer(GrpcWebLayer::new())
        .layer(CorsLayer::new(policy))
}

fn signed_in(request: Request<()>) -> Result<Request<()>, Status> {
    let token = request.metadata().get("authorization");
    if token.is_some_and(|token| token == "Bearer a-token") {
        return Ok(request);
    }
    let details = "the token is over".into();
    Err(Status::with_details(
        Code::Unauthenticated,
        "sign in",
        details,
    ))
}

#[cfg(test)]
mod tests;
