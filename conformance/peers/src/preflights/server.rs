//! A server that answers everything, under each contender's CORS, and counts preflights.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::rt::System;
use actix_web::{App, HttpServer, web};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Html;
use cors_axum::{CorsLayer, Policy};
use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{self as peer, AllowHeaders, AllowMethods};

use crate::scenario::MAX_AGE;
use crate::session::{HEADERS, METHODS};

/// Who answers preflights, and how.
#[derive(Clone, Copy)]
pub enum Answerer {
    Ours,
    OursWithoutMaxAge,
    TowerHttpMirror,
    TowerHttpVeryPermissive,
    ActixCors,
}

impl Answerer {
    pub const ALL: [Self; 5] = [
        Self::Ours,
        Self::OursWithoutMaxAge,
        Self::TowerHttpMirror,
        Self::TowerHttpVeryPermissive,
        Self::ActixCors,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours, max-age 600 s",
            Self::OursWithoutMaxAge => "ours, no max-age",
            Self::TowerHttpMirror => "tower-http, methods and headers mirrored, max-age 600 s",
            Self::TowerHttpVeryPermissive => "tower-http, `very_permissive`",
            Self::ActixCors => "actix-cors, the same lists, no max-age (its default)",
        }
    }
}

/// A server on loopback that ends with the process.
pub struct Server {
    pub address: SocketAddr,
    preflights: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// Fails if there is no port to be had.
    pub fn start(answerer: Answerer, page: &str) -> io::Result<Self> {
        let listener = listener()?;
        let address = listener.local_addr()?;
        let preflights = Arc::<AtomicUsize>::default();
        let (count, page) = (Arc::clone(&preflights), page.to_owned());
        thread::spawn(move || match answerer {
            Answerer::Ours => {
                let layer = CorsLayer::new(policy(&page, Some(max_age())));
                serve_axum(listener, any().layer(layer), count)
            }
            Answerer::OursWithoutMaxAge => {
                let layer = CorsLayer::new(policy(&page, None));
                serve_axum(listener, any().layer(layer), count)
            }
            Answerer::TowerHttpMirror => {
                let layer = peer::CorsLayer::new()
                    .allow_origin(HeaderValue::from_str(&page).map_err(io::Error::other)?)
                    .allow_methods(AllowMethods::mirror_request())
                    .allow_headers(AllowHeaders::mirror_request())
                    .max_age(max_age());
                serve_axum(listener, any().layer(layer), count)
            }
            Answerer::TowerHttpVeryPermissive => {
                let layer = peer::CorsLayer::very_permissive();
                serve_axum(listener, any().layer(layer), count)
            }
            Answerer::ActixCors => serve_actix(listener, page, count),
        });
        Ok(Self {
            address,
            preflights,
        })
    }

    /// Returns how many preflights have come since the last call.
    pub fn take_preflights(&self) -> usize {
        self.preflights.swap(0, Ordering::Relaxed)
    }
}

/// Starts the server of the page that makes the calls: an empty page on an origin of its own.
///
/// # Errors
///
/// Fails if there is no port to be had.
pub fn start_page() -> io::Result<SocketAddr> {
    let listener = listener()?;
    let address = listener.local_addr()?;
    let page = Router::new().fallback(async || Html("<!doctype html><title>A page</title>"));
    thread::spawn(move || serve_axum(listener, page, Arc::default()));
    Ok(address)
}

/// Connections wait in it until the server is up.
fn listener() -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

const fn max_age() -> Duration {
    Duration::from_secs(MAX_AGE as u64)
}

fn policy(page: &str, max_age: Option<Duration>) -> Policy {
    let builder = Policy::builder()
        .allow_origins([page])
        .allow_methods(METHODS)
        .allow_headers(HEADERS);
    let builder = match max_age {
        Some(age) => builder.max_age(age),
        None => builder,
    };
    builder.build().expect("the lists are valid")
}

fn any() -> Router {
    Router::new().fallback(async || "hello")
}

fn serve_axum(listener: TcpListener, app: Router, preflights: Arc<AtomicUsize>) -> io::Result<()> {
    let count = from_fn(move |request: Request, next: Next| {
        if *request.method() == Method::OPTIONS {
            preflights.fetch_add(1, Ordering::Relaxed);
        }
        next.run(request)
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, app.layer(count)).await
    })
}

fn serve_actix(
    listener: TcpListener,
    page: String,
    preflights: Arc<AtomicUsize>,
) -> io::Result<()> {
    let app = move || {
        let preflights = Arc::clone(&preflights);
        let cors = actix_cors::Cors::default()
            .allowed_origin(&page)
            .allowed_methods(["GET", "POST"].into_iter().chain(METHODS))
            .allowed_headers(
                HEADERS
                    .map(HeaderName::from_static)
                    .map(|name| name.to_string()),
            );
        App::new()
            .default_service(web::to(async || "hello"))
            .wrap(cors)
            .wrap_fn(move |request, service| {
                if *request.method() == actix_web::http::Method::OPTIONS {
                    preflights.fetch_add(1, Ordering::Relaxed);
                }
                service.call(request)
            })
    };
    System::new().block_on(
        HttpServer::new(app)
            .workers(1)
            .disable_signals()
            .listen(listener)?
            .run(),
    )
}
