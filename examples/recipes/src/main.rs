//! `cargo run -p example-recipes -- sse`, likewise the other recipes: http://127.0.0.1:3000

use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use example_recipes::{
    connect, plain_hyper, query, reverse_proxy, signed_in, sse, telemetry, uploads,
};
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
    let recipe = std::env::args().nth(1).unwrap_or_default();
    let app: Router = match recipe.as_str() {
        "connect" => connect::app(connect::policy()?),
        "plain_hyper" => {
            return Ok(plain_hyper::serve(listen().await?, plain_hyper::policy()?).await?);
        }
        "query" => query::app(query::policy()?),
        "reverse_proxy" => {
            let upstream = "127.0.0.1:8080".parse()?;
            let policy = reverse_proxy::policy()?;
            return Ok(reverse_proxy::serve(listen().await?, policy, upstream).await?);
        }
        "signed_in" => signed_in::app(signed_in::policy()?),
        "sse" => sse::app(sse::policy()?),
        "telemetry" => telemetry::app(telemetry::policy()?),
        "uploads" => uploads::app(uploads::policy()?),
        _ => return Err(format!("no such recipe; there are {RECIPES}").into()),
    };
    Ok(axum::serve(listen().await?, app).await?)
}

const RECIPES: &str =
    "connect, plain_hyper, query, reverse_proxy, signed_in, sse, telemetry, uploads";

async fn listen() -> Result<TcpListener, String> {
    let bound = TcpListener::bind("127.0.0.1:3000").await;
    let listener = bound.map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://127.0.0.1:3000");
    Ok(listener)
}
