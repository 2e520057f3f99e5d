//! Notes of several tenants, on warp. Each tenant has a host, and the origins of its pages in a
//! database.
//!
//! `cargo run -p example-tenants-warp`, then ask as a page of the tenant "blue" does:
//! `curl -i -H 'Host: blue.localhost' -H 'Origin: https://app.blue.example' 127.0.0.1:3000/notes`
//! At the other tenant, `green.localhost`, `Access-Control-Allow-Origin` is missing.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;

use cors_warp::{Cors, PolicyErrors};
use example_tenant_store::{DATABASE, NewNote, Store};
use tokio::net::TcpListener;
use warp::host::Authority;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

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
    warp::serve(app).incoming(listener).run().await;
    Ok(())
}

fn app(
    store: Store,
) -> Result<
    impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync,
    PolicyErrors,
> {
    let policy = example_tenant_store::policy(store.clone())?;
    let store = warp::any().map(move || store.clone());
    let notes = warp::path!("notes")
        .and(store)
        .and(warp::filters::host::optional());
    let list = notes.clone().and(warp::get()).then(list);
    let add = notes.and(warp::post()).and(body()).then(add);
    let routes = list.or(add).unify().recover(refuse).unify();
    Ok(Cors::new(policy).wrap(routes))
}

fn body() -> impl Filter<Extract = (NewNote,), Error = Rejection> + Copy {
    // `warp::body::json` alone takes a body without a content type too: any site could then send it,
    // since browsers ask no preflight for that.
    warp::header::<String>("content-type")
        .and(warp::body::content_length_limit(LONGEST_BODY))
        .and(warp::body::json())
        .map(|_, note| note)
}

/// In bytes; warp itself has no bound.
const LONGEST_BODY: u64 = 16 << 10;

async fn list(store: Store, host: Option<Authority>) -> Response {
    match store.notes(host.as_ref().map(Authority::as_str)).await {
        Ok(Some(notes)) => warp::reply::json(&notes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn add(store: Store, host: Option<Authority>, note: NewNote) -> Response {
    match store.add(host.as_ref().map(Authority::as_str), note).await {
        Ok(Some(note)) => {
            let reply = warp::reply::json(&note);
            warp::reply::with_status(reply, StatusCode::CREATED).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn refuse(rejection: Rejection) -> Result<Response, Infallible> {
    let status = if rejection.is_not_found() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(status.into_response())
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
        tokio::spawn(warp::serve(app).incoming(listener).run());
        tokio::task::spawn_blocking(move || tenants_are_kept_apart(address)).await??;
        Ok(())
    }
}
