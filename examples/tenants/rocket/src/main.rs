//! Notes of several tenants, on Rocket. Each tenant has a host, and the origins of its pages in a
//! database.
//!
//! `cargo run -p example-tenants-rocket`, then ask as a page of the tenant "blue" does:
//! `curl -i -H 'Host: blue.localhost' -H 'Origin: https://app.blue.example' 127.0.0.1:3000/notes`
//! At the other tenant, `green.localhost`, `Access-Control-Allow-Origin` is missing.

use std::error::Error;
use std::process::ExitCode;

use cors_rocket::{Cors, PolicyErrors};
use example_tenant_store::{DATABASE, NewNote, Note, Store};
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::http::Status;
use rocket::http::uri::Host;
use rocket::serde::json::Json;
use rocket::{Build, Config, Rocket, State, get, post, routes};

#[rocket::main]
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
    let announce = AdHoc::on_liftoff("announce", |rocket| {
        Box::pin(async {
            let config = rocket.config();
            println!("listening on http://{}:{}", config.address, config.port);
        })
    });
    // ROCKET_PORT goes first; a port in Rocket.toml doesn't, unless it is under [global].
    let config = Config::figment().join(("port", 3000));
    let app = app(config, Store::open(path)?)?;
    app.attach(announce).launch().await?;
    Ok(())
}

fn app(config: Figment, store: Store) -> Result<Rocket<Build>, PolicyErrors> {
    let policy = example_tenant_store::policy(store.clone())?;
    Ok(rocket::custom(config)
        .mount("/notes", routes![list, add])
        .manage(store)
        .attach(Cors::new(policy)))
}

#[get("/")]
async fn list(store: &State<Store>, host: &Host<'_>) -> Result<Json<Vec<Note>>, Status> {
    match store.notes(Some(&host.to_string())).await {
        Ok(Some(notes)) => Ok(Json(notes)),
        Ok(None) => Err(Status::NotFound),
        Err(_) => Err(Status::InternalServerError),
    }
}

// Without `format`, Rocket takes JSON of any content type: any site could then send it as text/plain,
// for which browsers ask no preflight.
#[post("/", format = "json", data = "<note>")]
async fn add(
    store: &State<Store>,
    host: &Host<'_>,
    note: Json<NewNote>,
) -> Result<(Status, Json<Note>), Status> {
    match store.add(Some(&host.to_string()), note.into_inner()).await {
        Ok(Some(note)) => Ok((Status::Created, Json(note))),
        Ok(None) => Err(Status::NotFound),
        Err(_) => Err(Status::InternalServerError),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use example_tenant_store::check::tenants_are_kept_apart;
    use rocket::tokio;

    use super::*;

    #[rocket::async_test]
    async fn it_keeps_tenants_apart() -> Result<(), Box<dyn Error>> {
        let (sender, addresses) = mpsc::sync_channel(1);
        let announce = AdHoc::on_liftoff("announce", move |rocket| {
            let config = rocket.config();
            let announced = sender.send((config.address, config.port).into());
            Box::pin(async move { announced.expect("the test waits") })
        });
        let config = Config::figment()
            .merge(("port", 0))
            .merge(("log_level", "off"));
        let app = app(config, Store::in_memory()?)?.attach(announce);
        let server = tokio::spawn(app.launch());
        let checked = tokio::task::spawn_blocking(move || {
            let address = addresses.recv().map_err(std::io::Error::other)?;
            tenants_are_kept_apart(address)
        });
        checked.await??;
        server.abort();
        Ok(())
    }
}
