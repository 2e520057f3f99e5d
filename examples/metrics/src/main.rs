//! An API on axum whose CORS decisions are counted, for Prometheus. README.md has how to run it.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use cors_axum::{CorsLayer, Policy, PolicyErrors, count_decisions};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
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
    // Before the app, so that its counters are there with 0 before the first request.
    let scrapes = install_recorder()?;
    let app = app(policy()?, narrower()?);
    let public = listen("127.0.0.1:3000").await?;
    // A port of its own: who may call the API need not read its numbers.
    let internal = listen("127.0.0.1:9464").await?;
    println!("listening on http://{}", public.local_addr()?);
    println!("metrics on http://{}/metrics", internal.local_addr()?);
    serve(public, app, internal, scrapes).await?;
    Ok(())
}

async fn listen(address: &str) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| format!("{address}: {error}"))
}

fn install_recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .with_recommended_naming(true) // `_total` behind the names of counters
        .install_recorder()
}

fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com", "http://localhost:*"])
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type"])
        .max_age(Duration::from_secs(600))
        .build()
}

/// What the policy is to become: the dashboard shows whom it would break.
fn narrower() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type"])
        .max_age(Duration::from_secs(600))
        .build()
}

fn app(policy: Policy, shadow: Policy) -> Router {
    let cors = CorsLayer::new(policy)
        .shadow(shadow)
        .on_decision(count_decisions());
    Router::new().route("/", get(async || "hello")).layer(cors)
}

fn metrics(scrapes: PrometheusHandle) -> Router {
    let scrape = async move || {
        let content_type = "text/plain; version=0.0.4; charset=utf-8";
        ([(CONTENT_TYPE, content_type)], scrapes.render())
    };
    Router::new().route("/metrics", get(scrape))
}

/// Serves the app, and the scrapes at an address of their own.
async fn serve(
    public: TcpListener,
    app: Router,
    internal: TcpListener,
    scrapes: PrometheusHandle,
) -> io::Result<()> {
    tokio::try_join!(
        async { axum::serve(public, app).await },
        async { axum::serve(internal, metrics(scrapes.clone())).await },
        keep_up(&scrapes),
    )?;
    Ok(())
}

/// Does the recorder's housekeeping: without it the histograms of an app that has some would grow
/// until the next scrape.
async fn keep_up(scrapes: &PrometheusHandle) -> io::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        scrapes.run_upkeep();
    }
}

#[cfg(test)]
mod tests;
