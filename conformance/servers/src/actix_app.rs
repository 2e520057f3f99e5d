//! The test app on actix-web, with the policy attached as a user would.

use std::future::{Ready, ready};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::AssertUnwindSafe;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::{Payload, Server, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Next, from_fn};
use actix_web::rt::System;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{
    App, Error, FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, error,
};
use cors_actix::Cors;
use cors_core::adapter::PolicySource;
use futures_util::{FutureExt as _, stream};

use crate::serve::{self, Lifetime};
use crate::test_app::{CHUNKS, COOKIES, CUSTOM, Echo, HITS, Hits};

/// actix-web.
pub(crate) const APP: serve::App = serve::App::new("actix", start);

/// The same, with a listener.
pub(crate) const LISTENING_APP: serve::App = serve::App::new("actix, listening", start_listening);

fn start(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    run_under(&Cors::new(policy), address, lifetime)
}

fn start_listening(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let cors = Cors::new(policy).on_decision(lifetime.listener("app"));
    run_under(&cors, address, lifetime)
}

/// Runs the test app.
fn run_under(cors: &Cors, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let hits = Data::new(Hits::default());
    let cors = cors.clone();
    let app = move || {
        App::new()
            .app_data(hits.clone())
            .configure(routes)
            .wrap(from_fn(catch_panic))
            .wrap(cors.clone())
    };
    run(address, lifetime, |listener| {
        let server = HttpServer::new(app)
            .workers(1)
            .tcp_nodelay(true)
            .disable_signals()
            .shutdown_timeout(1);
        Ok(server.listen_auto_h2c(listener)?.run())
    })
}

/// Runs any server; see [`serve::App`].
///
/// # Errors
///
/// Fails if the address is not free, or the server fails.
pub fn run(
    address: SocketAddr,
    lifetime: Lifetime,
    server: impl FnOnce(TcpListener) -> io::Result<Server>,
) -> io::Result<()> {
    let (listener, shutdown) = lifetime.listen(address)?;
    System::new().block_on(async {
        let server = server(listener)?;
        let handle = server.handle();
        actix_web::rt::spawn(async move {
            shutdown.await;
            handle.stop(true).await;
        });
        server.await
    })
}

fn routes(app: &mut ServiceConfig) {
    app.route("/echo", web::to(echo))
        .service(web::resource("/only-get").route(web::get().to(only_get)))
        .route("/boom", web::to(boom))
        .route("/panic", web::to(panics))
        .service(
            web::resource("/guarded")
                .wrap(from_fn(turn_away))
                .route(web::to(echo)),
        )
        .route("/redirect", web::to(redirect))
        .route("/login", web::to(login))
        .route(
            "/vary",
            web::to(async |hit| vary(&hit, &["Accept-Encoding"])),
        )
        .route(
            "/vary-two",
            web::to(async |hit| vary(&hit, &["Cookie", "Accept-Encoding"])),
        )
        .route("/vary-origin", web::to(async |hit| vary(&hit, &["origin"])))
        .route("/vary-star", web::to(async |hit| vary(&hit, &["*"])))
        .route("/own-cors", web::to(own_cors))
        .service(web::resource("/stream").route(web::get().to(streamed)));
}

/// One call of a handler. It counts when the handler's arguments are made, and the response tells
/// the count.
struct Hit(u64);

impl FromRequest for Hit {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let hits = request.app_data::<Data<Hits>>();
        ready(match hits {
            Some(hits) => Ok(Self(hits.count())),
            None => Err(error::ErrorInternalServerError("no counter")),
        })
    }
}

impl Hit {
    fn mark(&self, mut response: HttpResponseBuilder) -> HttpResponseBuilder {
        response.insert_header((HITS, self.0));
        for line in CUSTOM {
            response.append_header(line);
        }
        response
    }

    fn ok(&self) -> HttpResponseBuilder {
        self.mark(HttpResponse::Ok())
    }
}

async fn echo(hit: Hit, request: HttpRequest, body: Bytes) -> HttpResponse {
    let text = |name| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    hit.ok().json(Echo {
        method: request.method().to_string(),
        body_length: body.len(),
        x_echo: text("x-echo"),
        cookie: text("cookie"),
    })
}

async fn only_get(hit: Hit) -> HttpResponse {
    hit.ok().body("got")
}

async fn boom(hit: Hit) -> HttpResponse {
    hit.mark(HttpResponse::InternalServerError()).body("boom")
}

#[expect(clippy::panic, reason = "it is there to be caught")]
async fn panics(_: Hit) -> HttpResponse {
    panic!("as it should")
}

async fn redirect(hit: Hit) -> HttpResponse {
    hit.mark(HttpResponse::Found())
        .insert_header((header::LOCATION, "/echo"))
        .finish()
}

async fn login(hit: Hit) -> HttpResponse {
    let mut response = hit.ok();
    for cookie in COOKIES {
        response.append_header((header::SET_COOKIE, cookie));
    }
    response.body("welcome")
}

fn vary(hit: &Hit, names: &[&'static str]) -> HttpResponse {
    let mut response = hit.ok();
    for name in names {
        response.append_header((header::VARY, *name));
    }
    response.body("it varies")
}

async fn own_cors(hit: Hit) -> HttpResponse {
    hit.ok()
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"))
        .body("as I please")
}

async fn streamed(hit: Hit) -> HttpResponse {
    let chunks = CHUNKS.map(|chunk| Ok::<_, Error>(Bytes::from_static(chunk.as_bytes())));
    hit.ok().body(BodyStream::new(stream::iter(chunks)))
}

async fn turn_away(_: ServiceRequest, _: Next<impl MessageBody>) -> Result<ServiceResponse, Error> {
    Err(error::ErrorUnauthorized("nobody gets in"))
}

/// Catches panics: actix-web has no response for one and closes the connection.
async fn catch_panic(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    AssertUnwindSafe(next.call(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(error::ErrorInternalServerError("a handler panicked")))
}
