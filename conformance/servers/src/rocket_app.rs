//! The test app on Rocket, with the policy attached as a user would.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;

use cors_core::adapter::PolicySource;
use cors_rocket::Cors;
use futures_util::stream;
use rocket::config::{Config, Ident, LogLevel, Shutdown as ShutdownConfig};
use rocket::data::ToByteUnit as _;
use rocket::fairing::AdHoc;
use rocket::http::{Method, Status};
use rocket::request::{FromRequest, Outcome as GuardOutcome};
use rocket::response::stream::ByteStream;
use rocket::response::{Responder as _, Response};
use rocket::route::{BoxFuture, Outcome};
use rocket::{Build, Data, Request, Rocket, Route};

use crate::serve::{self, Lifetime};
use crate::test_app::{CHUNKS, COOKIES, CUSTOM, Echo, HITS, Hits};

/// Rocket.
pub(crate) const APP: serve::App = serve::App::new("rocket", start);

/// The same, with a listener.
pub(crate) const LISTENING_APP: serve::App = serve::App::new("rocket, listening", start_listening);

fn start(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    run(|config| app(config, Cors::new(policy)), address, lifetime)
}

fn start_listening(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let cors = Cors::new(policy).on_decision(lifetime.listener("app"));
    run(|config| app(config, cors), address, lifetime)
}

/// Launches any app; see [`serve::App`].
///
/// # Errors
///
/// Fails if the address is not free, if there is no runtime, or the app does not launch.
pub fn run(
    app: impl FnOnce(Config) -> Rocket<Build>,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let config = Config {
        address: address.ip(),
        port: address.port(),
        ident: Ident::none(),
        log_level: LogLevel::Off,
        cli_colors: false,
        shutdown: ShutdownConfig {
            ctrlc: false,
            signals: HashSet::new(),
            grace: 1,
            mercy: 1,
            ..ShutdownConfig::default()
        },
        ..Config::release_default()
    };
    let app = app(config).attach(AdHoc::on_liftoff("ready", move |rocket| {
        Box::pin(async move {
            let config = rocket.config();
            let until = lifetime.begin((config.address, config.port).into());
            let shutdown = rocket.shutdown();
            tokio::spawn(async move {
                until.await;
                shutdown.notify();
            });
        })
    }));
    let launched = serve::runtime()?.block_on(app.launch());
    launched.map(drop).map_err(io::Error::other)
}

fn app(config: Config, cors: Cors) -> Rocket<Build> {
    rocket::custom(config)
        .manage(Hits::default())
        .mount("/", any("/echo", echo))
        .mount("/", [Route::new(Method::Get, "/only-get", only_get)])
        .mount("/", any("/boom", boom))
        .mount("/", any("/panic", panics))
        .mount("/", any("/guarded", guarded))
        .mount("/", any("/redirect", redirect))
        .mount("/", any("/login", login))
        .mount("/", any("/vary", vary))
        .mount("/", any("/vary-two", vary_two))
        .mount("/", any("/vary-origin", vary_origin))
        .mount("/", any("/vary-star", vary_star))
        .mount("/", any("/own-cors", own_cors))
        .mount("/", [Route::new(Method::Get, "/stream", streamed)])
        .attach(cors)
}

type Handled<'r> = BoxFuture<'r, Outcome<'r>>;

type HandlerFn = for<'r> fn(&'r Request<'_>, Data<'r>) -> Handled<'r>;

/// Returns a route for each method that Rocket knows.
fn any(path: &str, handler: HandlerFn) -> Vec<Route> {
    [
        Method::Get,
        Method::Put,
        Method::Post,
        Method::Delete,
        Method::Options,
        Method::Head,
        Method::Patch,
        Method::Trace,
    ]
    .map(|method| Route::new(method, path, handler))
    .into()
}

/// Counts the call of a handler, and tells it in the response.
fn hit<'r>(request: &'r Request<'_>, status: Status, body: &'static str) -> Response<'r> {
    let hits = request.rocket().state::<Hits>().map_or(0, Hits::count);
    let mut response = Response::build();
    response.status(status).raw_header(HITS, hits.to_string());
    for (name, value) in CUSTOM {
        response.raw_header(name, value);
    }
    response
        .sized_body(body.len(), io::Cursor::new(body))
        .finalize()
}

fn done(response: Response<'_>) -> Handled<'_> {
    Box::pin(async { Outcome::Success(response) })
}

fn echo<'r>(request: &'r Request<'_>, data: Data<'r>) -> Handled<'r> {
    Box::pin(async move {
        let Ok(body) = data.open(1.mebibytes()).into_bytes().await else {
            return Outcome::Error(Status::BadRequest);
        };
        let text = |name| request.headers().get_one(name).map(str::to_owned);
        let echo = Echo {
            method: request.method().to_string(),
            body_length: body.len(),
            x_echo: text("x-echo"),
            cookie: text("cookie"),
        };
        let mut response = hit(request, Status::Ok, "");
        match rocket::serde::json::Json(echo).respond_to(request) {
            Ok(json) => response.merge(json),
            Err(status) => return Outcome::Error(status),
        }
        Outcome::Success(response)
    })
}

fn only_get<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    done(hit(request, Status::Ok, "got"))
}

fn boom<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    done(hit(request, Status::InternalServerError, "boom"))
}

fn panics<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    #[expect(clippy::panic, reason = "it is there to be caught")]
    Box::pin(async move {
        drop(hit(request, Status::Ok, ""));
        panic!("as it should")
    })
}

/// A request guard that lets nobody in.
struct Nobody;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Nobody {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> GuardOutcome<Self, ()> {
        GuardOutcome::Error((Status::Unauthorized, ()))
    }
}

fn guarded<'r>(request: &'r Request<'_>, data: Data<'r>) -> Handled<'r> {
    Box::pin(async move {
        match request.guard::<Nobody>().await {
            GuardOutcome::Success(Nobody) => echo(request, data).await,
            GuardOutcome::Error((status, ())) | GuardOutcome::Forward(status) => {
                Outcome::Error(status)
            }
        }
    })
}

fn redirect<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    let mut response = hit(request, Status::Found, "");
    response.set_raw_header("location", "/echo");
    done(response)
}

fn login<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    let mut response = hit(request, Status::Ok, "welcome");
    for cookie in COOKIES {
        response.adjoin_raw_header("set-cookie", cookie);
    }
    done(response)
}

fn varying<'r>(request: &'r Request<'_>, names: &[&'static str]) -> Handled<'r> {
    let mut response = hit(request, Status::Ok, "it varies");
    for name in names {
        response.adjoin_raw_header("vary", *name);
    }
    done(response)
}

fn vary<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    varying(request, &["Accept-Encoding"])
}

fn vary_two<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    varying(request, &["Cookie", "Accept-Encoding"])
}

fn vary_origin<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    varying(request, &["origin"])
}

fn vary_star<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    varying(request, &["*"])
}

fn own_cors<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    let mut response = hit(request, Status::Ok, "as I please");
    response.set_raw_header("access-control-allow-origin", "*");
    response.set_raw_header("access-control-allow-credentials", "true");
    done(response)
}

fn streamed<'r>(request: &'r Request<'_>, _: Data<'r>) -> Handled<'r> {
    let mut response = hit(request, Status::Ok, "");
    let stream = ByteStream::from(stream::iter(CHUNKS));
    if let Ok(chunks) = stream.respond_to(request) {
        response.merge(chunks);
    }
    done(response)
}
