//! The app on Rocket.

use std::collections::HashSet;
use std::io::{self, Cursor};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;

use cors_rocket::{Cors, SharedPolicy};
use rocket::config::{Config, Ident, LogLevel, Shutdown};
use rocket::data::ToByteUnit as _;
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Method, Status};
use rocket::request::{self, FromRequest};
use rocket::response::{Responder, Response, Result};
use rocket::route::{Handler, Outcome};
use rocket::{Data, Request, Route};

use crate::app::{ANSWERS, Answer, CUSTOM, GOT};
use crate::host::Until;

pub(super) async fn serve(
    policy: SharedPolicy,
    ready: Sender<SocketAddr>,
    until: Until,
) -> io::Result<()> {
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: 0,
        ident: Ident::none(),
        log_level: LogLevel::Off,
        shutdown: Shutdown {
            ctrlc: false,
            signals: HashSet::new(),
            ..Shutdown::default()
        },
        ..Config::release_default()
    };
    let tell = AdHoc::on_liftoff("tell", |rocket| {
        Box::pin(async move {
            let config = rocket.config();
            // It is waited for.
            let _ = ready.send((config.address, config.port).into());
        })
    });
    let app = rocket::custom(config)
        .mount("/", routes())
        .attach(Cors::new(policy))
        .attach(tell);
    let app = app.ignite().await.map_err(io::Error::other)?;
    let shutdown = app.shutdown();
    tokio::spawn(async move {
        until.await;
        shutdown.notify();
    });
    app.launch().await.map(drop).map_err(io::Error::other)
}

fn routes() -> Vec<Route> {
    let answers = ANSWERS.iter().flat_map(|answer| any(answer.path, answer));
    let mut routes: Vec<Route> = answers.collect();
    routes.extend(any("/echo", Echo));
    routes.extend(any("/guarded", Guarded));
    routes.push(Route::new(Method::Get, "/only-get", &GOT));
    routes
}

/// Returns a route for each method of a browser that Rocket knows.
fn any(path: &'static str, handler: impl Handler + Clone) -> impl Iterator<Item = Route> {
    use Method::{Delete, Get, Head, Options, Patch, Post, Put};

    let methods = [Get, Head, Post, Put, Patch, Delete, Options].into_iter();
    methods.map(move |method| Route::new(method, path, handler.clone()))
}

#[rocket::async_trait]
impl Handler for &'static Answer {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, *self)
    }
}

impl<'r> Responder<'r, 'static> for &Answer {
    fn respond_to(self, _: &'r Request<'_>) -> Result<'static> {
        let mut response = with_custom(self.body.to_owned());
        response.set_status(Status::new(self.status));
        response.set_header(ContentType::Plain);
        for (name, value) in self.lines {
            response.adjoin_raw_header(*name, *value);
        }
        Ok(response)
    }
}

#[derive(Clone)]
struct Echo;

#[rocket::async_trait]
impl Handler for Echo {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let Ok(body) = data.open(1.mebibytes()).into_bytes().await else {
            return Outcome::Error(Status::BadRequest);
        };
        let header = |name: &str| request.headers().get_one(name).map(str::as_bytes);
        let seen = super::echo(request.method().as_str(), header, &body);
        let mut response = with_custom(seen.to_string());
        response.set_header(ContentType::JSON);
        Outcome::Success(response)
    }
}

fn with_custom(body: String) -> Response<'static> {
    let mut response = Response::build();
    for (name, value) in CUSTOM {
        response.raw_header(name, value);
    }
    response
        .sized_body(body.len(), Cursor::new(body))
        .finalize()
}

/// The handler behind a request guard that lets nobody in.
#[derive(Clone)]
struct Guarded;

#[rocket::async_trait]
impl Handler for Guarded {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match request.guard::<Nobody>().await {
            request::Outcome::Success(Nobody) => Echo.handle(request, data).await,
            request::Outcome::Error((status, ())) | request::Outcome::Forward(status) => {
                Outcome::Error(status)
            }
        }
    }
}

struct Nobody;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Nobody {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> request::Outcome<Self, ()> {
        request::Outcome::Error((Status::Unauthorized, ()))
    }
}
