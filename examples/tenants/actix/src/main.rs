//! Notes of several tenants, on actix-web. Each tenant has a host, and the origins of its pages in
//! a database.
//!
//! `cargo run -p example-tenants-actix`, then ask as a page of the tenant "blue" does:
//! `curl -i -H 'Host: blue.localhost' -H 'Origin: https://app.blue.example' 127.0.0.1:3000/notes`
//! At the other tenant, `green.localhost`, `Access-Control-Allow-Origin` is missing.

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder};
use cors_actix::Cors;
use example_tenant_store::{DATABASE, NewNote, Store};

#[actix_web::main]
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
    let (server, addresses) = serve(Store::open(path)?, "127.0.0.1:3000")?;
    for address in addresses {
        println!("listening on http://{address}");
    }
    Ok(server.await?)
}

fn serve(store: Store, address: &str) -> Result<(Server, Vec<SocketAddr>), Box<dyn Error>> {
    let policy = example_tenant_store::policy(store.clone())?;
    let server = HttpServer::new(move || {
        let notes = web::resource("/notes")
            .route(web::get().to(list))
            .route(web::post().to(add));
        App::new()
            .app_data(Data::new(store.clone()))
            .service(notes)
            .wrap(Cors::new(policy.clone()))
    });
    let server = server
        .bind(address)
        .map_err(|error| format!("{address}: {error}"))?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

async fn list(store: Data<Store>, request: HttpRequest) -> impl Responder {
    match store.notes(host(&request)).await {
        Ok(Some(notes)) => HttpResponse::Ok().json(notes),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn add(
    store: Data<Store>,
    request: HttpRequest,
    Json(note): Json<NewNote>,
) -> impl Responder {
    match store.add(host(&request), note).await {
        Ok(Some(note)) => HttpResponse::Created().json(note),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// The host that the policy sees too: not that of `connection_info`, which takes the word of
/// `X-Forwarded-Host`, and any client can send that.
fn host(request: &HttpRequest) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST)?.to_str().ok(),
    }
}

#[cfg(test)]
mod tests {
    use example_tenant_store::check::tenants_are_kept_apart;

    use super::*;

    #[actix_web::test]
    async fn it_keeps_tenants_apart() -> Result<(), Box<dyn Error>> {
        let (server, addresses) = serve(Store::in_memory()?, "127.0.0.1:0")?;
        let handle = server.handle();
        actix_web::rt::spawn(server);
        web::block(move || tenants_are_kept_apart(addresses[0])).await??;
        handle.stop(false).await;
        Ok(())
    }
}
