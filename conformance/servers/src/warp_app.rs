//! The test app on warp, with the policy attached as a user would: around the service, and around
//! the filter.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;

use cors_core::adapter::PolicySource;
use cors_warp::{Cors, CorsLayer};
use futures_util::{FutureExt as _, stream};
use hyper::body::{Body, Bytes, Incoming};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower_layer::Layer as _;
use tower_service::Service;
use warp::filters::BoxedFilter;
use warp::http::header::{self, HeaderName, HeaderValue};
use warp::http::{HeaderMap, Method, Request, StatusCode};
use warp::reject::{MethodNotAllowed, Reject};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use crate::hyper_server;
use crate::serve::{self, Lifetime};
use crate::test_app::{CHUNKS, COOKIES, CUSTOM, Echo, HITS, Hits};

/// warp, with the policy around `warp::service`: rejections are left to warp.
pub(crate) const APP: serve::App = serve::App::new("warp", start_service);

/// Likewise, with a layer that waits for asynchronous predicates.
pub(crate) const AWAITING_APP: serve::App = serve::App::new("warp, awaiting", start_awaiting);

/// warp, with the policy around a filter that recovers from rejections.
pub(crate) const FILTER_APP: serve::App = serve::App::new("warp filter", start_filter);

/// The layer that waits, with a listener.
pub(crate) const LISTENING_APP: serve::App = serve::App::new("warp, listening", start_listening);

/// The filter, with a listener.
pub(crate) const LISTENING_FILTER_APP: serve::App =
    serve::App::new("warp filter, listening", start_listening_filter);

fn start_filter(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    run_filter(&Cors::new(policy), address, lifetime)
}

fn start_listening_filter(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let cors = Cors::new(policy).on_decision(lifetime.listener("app"));
    run_filter(&cors, address, lifetime)
}

fn run_filter(cors: &Cors, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let (listener, shutdown) = lifetime.listen(address)?;
    let app = cors.wrap(routes(Hits::default()).recover(refuse).unify());
    serve::runtime()?.block_on(async {
        warp::serve(app)
            .incoming(TcpListener::from_std(listener)?)
            .graceful(shutdown)
            .run()
            .await;
        Ok(())
    })
}

fn start_service(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let app = CorsLayer::new(policy).layer(warp::service(routes(Hits::default())));
    run(app, address, lifetime)
}

fn start_awaiting(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let layer = CorsLayer::new(policy).await_predicates();
    let app = layer.layer(warp::service(routes(Hits::default())));
    run(app, address, lifetime)
}

fn start_listening(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let layer = CorsLayer::new(policy).on_decision(lifetime.listener("app"));
    let layer = layer.await_predicates();
    let app = layer.layer(warp::service(routes(Hits::default())));
    run(app, address, lifetime)
}

/// Serves any service; see [`serve::App`].
///
/// # Errors
///
/// Fails if the address is not free, if there is no runtime, or the listener fails.
pub fn run<S, B>(app: S, address: SocketAddr, lifetime: Lifetime) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = warp::http::Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    hyper_server::run(&TowerToHyperService::new(app), address, lifetime)
}

/// Returns the app. It handles the guard's rejection; the caller handles all others.
fn routes(hits: Hits) -> BoxedFilter<(Response,)> {
    let hit = warp::any().map(move || Hit(hits.count())).boxed();
    let lines = |path, name: HeaderName, values: &'static [&'static str]| {
        at(path).and(hit.clone()).map(move |hit: Hit| {
            let mut response = hit.ok("here they are");
            for value in values {
                let value = HeaderValue::from_static(value);
                response.headers_mut().append(&name, value);
            }
            response
        })
    };
    let echo = warp::method()
        .and(warp::header::headers_cloned())
        .and(warp::body::bytes())
        .and(hit.clone())
        .then(echo);
    let own_cors = lines("own-cors", header::ACCESS_CONTROL_ALLOW_ORIGIN, &["*"]).map(
        |mut response: Response| {
            let value = HeaderValue::from_static("true");
            let name = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
            response.headers_mut().insert(name, value);
            response
        },
    );
    let routes = [
        at("echo").and(echo.clone()).boxed(),
        at("only-get")
            .and(warp::get())
            .and(hit.clone())
            .map(|hit: Hit| hit.ok("got"))
            .boxed(),
        at("boom").and(hit.clone()).then(boom).boxed(),
        at("panic").and(hit.clone()).then(caught).boxed(),
        at("guarded")
            .and(nobody())
            .and(echo)
            .recover(turn_away)
            .unify()
            .boxed(),
        at("redirect").and(hit.clone()).then(redirect).boxed(),
        lines("login", header::SET_COOKIE, &COOKIES).boxed(),
        lines("vary", header::VARY, &["Accept-Encoding"]).boxed(),
        lines("vary-two", header::VARY, &["Cookie", "Accept-Encoding"]).boxed(),
        lines("vary-origin", header::VARY, &["origin"]).boxed(),
        lines("vary-star", header::VARY, &["*"]).boxed(),
        own_cors.boxed(),
        at("stream")
            .and(warp::get())
            .and(hit)
            .then(streamed)
            .boxed(),
    ];
    let nowhere = warp::any()
        .and_then(async || Err::<Response, _>(warp::reject::not_found()))
        .boxed();
    routes
        .into_iter()
        .fold(nowhere, |routes, route| routes.or(route).unify().boxed())
}

/// Matches a path of one segment.
fn at(path: &'static str) -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::path(path).and(warp::path::end())
}

/// One call of a handler. It counts when the handler's arguments are made, and the response tells
/// the count.
struct Hit(u64);

impl Hit {
    fn ok(&self, reply: impl Reply) -> Response {
        let mut response = reply.into_response();
        let headers = response.headers_mut();
        headers.insert(HITS, self.0.into());
        for (name, value) in CUSTOM {
            headers.append(name, HeaderValue::from_static(value));
        }
        response
    }
}

async fn echo(method: Method, headers: HeaderMap, body: Bytes, hit: Hit) -> Response {
    let text = |name| {
        let value = headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    hit.ok(warp::reply::json(&Echo {
        method: method.to_string(),
        body_length: body.len(),
        x_echo: text("x-echo"),
        cookie: text("cookie"),
    }))
}

async fn boom(hit: Hit) -> Response {
    hit.ok(warp::reply::with_status(
        "boom",
        StatusCode::INTERNAL_SERVER_ERROR,
    ))
}

#[expect(clippy::panic, reason = "it is there to be caught")]
async fn panics(_: Hit) -> Response {
    panic!("as it should")
}

/// Catches a panic: warp has no response for one and closes the connection.
async fn caught(hit: Hit) -> Response {
    let caught = AssertUnwindSafe(panics(hit)).catch_unwind().await;
    caught.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn redirect(hit: Hit) -> Response {
    let found = warp::reply::with_status("", StatusCode::FOUND);
    hit.ok(warp::reply::with_header(found, header::LOCATION, "/echo"))
}

async fn streamed(hit: Hit) -> Response {
    let chunks = CHUNKS.map(Ok::<_, Infallible>);
    hit.ok(warp::reply::stream(stream::iter(chunks)))
}

/// The guard's rejection.
#[derive(Debug)]
struct Unauthorized;

impl Reject for Unauthorized {}

/// Returns a filter that lets nobody in.
fn nobody() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::any()
        .and_then(async || Err::<Infallible, _>(warp::reject::custom(Unauthorized)))
        .map(drop)
        .untuple_one()
}

async fn turn_away(rejection: Rejection) -> Result<Response, Rejection> {
    match rejection.find() {
        Some(Unauthorized) => Ok(StatusCode::UNAUTHORIZED.into_response()),
        None => Err(rejection),
    }
}

/// Turns the rejections of the other routes into responses.
async fn refuse(rejection: Rejection) -> Result<Response, Infallible> {
    let status = if rejection.find::<MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        StatusCode::NOT_FOUND
    };
    Ok(status.into_response())
}
