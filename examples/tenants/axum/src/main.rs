//! Notes of several tenants, on axum. Each tenant has a host, and the origins of its pages in a
//! database.
//!
//! `cargo run -p example-tenants-axum`, then ask as a page of the tenant "blue" does:
//! `curl -i -H 'Host: blue.localhost' -H 'Origin: https://app.blue.example' 127.0.0.1:3000/notes`
//! At the other tenant, `green.localhost`, `Access-Control-Allow-Origin` is missing.

use std::error::Error;
use std::process::ExitCode;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use cors_axum::{CorsLayer, PolicyErrors};
use example_tenant_store::{DATABASE, NewNote, Store};
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
    let path = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| DATABASE.into());
    let app = app(Store::open(path)?)?;
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

fn app(store: Store) -> Result<Router, PolicyErrors> {
    let policy = example_tenant_store::policy(store.clone())?;
    Ok(Router::new()
        .route("/notes", get(list).post(add))
        .with_state(store)
        .layer(CorsLayer::new(policy).await_predicates()))
}

async fn list(State(store): State<Store>, uri: Uri, headers: HeaderMap) -> Response {
    match store.notes(host(&uri, &headers)).await {
        Ok(Some(notes)) => Json(notes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn add(
    State(store): State<Store>,
    uri: Uri,
    headers: HeaderMap,
    Json(note): Json<NewNote>,
) -> Response {
    match store.add(host(&uri, &headers), note).await {
        Ok(Some(note)) => (StatusCode::CREATED, Json(note)).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The host that the policy sees too: not that of `X-Forwarded-Host`, which any client can send.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers.get(header::HOST)?.to_str().ok(),
    }
}

#[cfg(test)]
mod tests {
    use example_tenant_store::check::tenants_are_kept_apart;

    use super::*;

    #[tokio::test]
    async fn it_keeps_tenants_apart() -> Result<(), Box<dyn Error>> {
        let app = app(Store::in_memory()?)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async { axum::serve(listener, app).await });
        tokio::task::spawn_blocking(move || tenants_are_kept_apart(address)).await??;
        Ok(())
    }
}
