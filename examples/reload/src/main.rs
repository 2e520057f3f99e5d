//! A policy in a file, and a server that goes by the file's latest valid content without a restart.
//!
//! `cargo run -p example-reload`, or with a policy file of your own:
//! `cargo run -p example-reload -- path/to/cors.toml`
//! Then change the file, and look at what the server prints. A mistake leaves the policy as it was.
//! README.md has what is promised, and how files are to be replaced.

mod changes;
mod content;
mod reload;
mod shadow;
// They make links and pipes.
#[cfg(all(test, unix))]
mod tests;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use cors_axum::{CorsLayer, PolicyMap, PolicyMapConfig, SharedPolicy};
use tokio::net::TcpListener;

use crate::reload::{Mistake, Pace};
use crate::shadow::Differences;

const POLICY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cors.toml");

const PACE: Pace = Pace {
    interval: Duration::from_secs(5),
    pause: Duration::from_millis(500),
};

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
    let path = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from(POLICY_FILE), PathBuf::from);
    let differences = Differences::default();
    let counts = differences.clone();
    let policy = reload::follow(path, PACE, build, move |reloaded| match reloaded {
        Ok(()) => {
            counts.begin_anew();
            println!("the policy was replaced");
        }
        Err(mistake) => eprintln!("the policy stays as it was:\n{mistake}"),
    })?;
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(policy, differences)).await?;
    Ok(())
}

/// Here predicates are added, which no file can hold: to a file without tables, read as a
/// `PolicyConfig`, by `PolicyBuilder::from(config)`.
fn build(text: &[u8]) -> Result<PolicyMap, Mistake> {
    let config: PolicyMapConfig = toml::from_slice(text)?;
    Ok(config.build()?)
}

fn app(policy: SharedPolicy, differences: Differences) -> Router {
    let cors = CorsLayer::new(policy).on_decision(move |event| {
        if let Some(line) = differences.count(event) {
            println!("{line}");
        }
    });
    Router::new().route("/", get(async || "hello")).layer(cors)
}
