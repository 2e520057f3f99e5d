//! The handler of a request, and a log around the app, can read the decision.

use std::io;
use std::net::SocketAddr;

use conformance_client::raw::{self, Request};
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, hyper_app, rocket_app, warp_app};
use cors_core::Decision;
use cors_core::adapter::PolicySource;

/// Apps whose handler at `/audit` returns the decision. A log around the app adds it to the
/// response as `X-Log`.
const APPS: [App; 5] = [
    App::new("actix", actix),
    App::new("axum", axum),
    App::new("hyper", hyper),
    App::new("rocket", rocket),
    App::new("warp", warp),
];

/// Returns the kind, and the verdict with its reason.
fn told(decision: Option<Decision>) -> String {
    let Some(decision) = decision else {
        return "none".to_owned();
    };
    match (decision.origin_rule(), decision.refusal()) {
        (Some(rule), _) => format!("{:?}: {rule:?}", decision.kind()),
        (None, Some(refusal)) => format!("{:?}: {refusal:?}", decision.kind()),
        (None, None) => format!("{:?}", decision.kind()),
    }
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::dev::Service as _;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use actix_web::{App, HttpMessage as _, HttpRequest, HttpServer, web};
    use cors_actix::Cors;

    fn read(request: &HttpRequest) -> String {
        told(request.extensions().get().copied())
    }

    let cors = Cors::new(policy).record_decisions();
    let app = move || {
        App::new()
            .route(
                "/audit",
                web::get().to(async |request: HttpRequest| read(&request)),
            )
            .wrap(cors.clone())
            .wrap_fn(|request, app| {
                let response = app.call(request);
                async move {
                    let mut response = response.await?;
                    let log = HeaderValue::from_str(&read(response.request()));
                    let log = log.expect("the text is visible ASCII");
                    let name = HeaderName::from_static("x-log");
                    response.headers_mut().insert(name, log);
                    Ok(response)
                }
            })
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app).workers(1).disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

/// Tells in a response's header what is in its extensions.
fn logged<B>(mut response: axum::http::Response<B>) -> axum::http::Response<B> {
    let log = told(response.extensions().get().copied()).parse();
    let log = log.expect("the text is visible ASCII");
    response.headers_mut().insert("x-log", log);
    response
}

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::routing::get;
    use axum::{Extension, Router, middleware};
    use cors_axum::CorsLayer;

    async fn audit(decision: Option<Extension<Decision>>) -> String {
        told(decision.map(|Extension(decision)| decision))
    }

    async fn log(response: axum::response::Response) -> axum::response::Response {
        logged(response)
    }

    let app = Router::new()
        .route("/audit", get(audit))
        .layer(CorsLayer::new(policy).record_decisions())
        .layer(middleware::map_response(log));
    axum_app::run(app, address, lifetime)
}

fn hyper(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use hyper_app::Cors;
    use hyper_app::router::{Middleware, Next, Request, Response, Route, Router, text};

    async fn audit(request: Request) -> Response {
        text(told(request.extensions().get().copied()))
    }

    struct Log;

    impl Middleware for Log {
        async fn handle(&self, request: Request, next: Next<'_>) -> Response {
            logged(next.run(request).await)
        }
    }

    Router::new()
        .middleware(Log)
        .middleware(Cors::new(policy).record_decisions())
        .route("/audit", Route::get(audit))
        .run(address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::{Cors, CorsDecision};
    use rocket::fairing::AdHoc;

    #[rocket::get("/audit")]
    fn audit(decision: CorsDecision) -> String {
        told(decision.decision())
    }

    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![audit])
            .attach(Cors::new(policy))
            .attach(AdHoc::on_response("log", |request, response| {
                Box::pin(async move {
                    let decision = CorsDecision::of(request).decision();
                    response.set_raw_header("x-log", told(decision));
                })
            }))
    };
    rocket_app::run(app, address, lifetime)
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::CorsLayer;
    use hyper::body::Incoming;
    use tower::ServiceExt;
    use tower_layer::Layer as _;
    use warp::Filter as _;

    let audit = warp::path("audit")
        .and(warp::get())
        .and(warp::ext::optional())
        .map(told);
    let app = CorsLayer::new(policy)
        .record_decisions()
        .layer(warp::service(audit));
    let app = ServiceExt::<warp::http::Request<Incoming>>::map_response(app, logged);
    warp_app::run(app, address, lifetime)
}

const POLICY: &str = r#"
allow_origins = ["https://*.example.com"]

[[paths]]
path = "/off"
enabled = false
"#;

#[test]
fn a_handler_and_a_log_read_kind_verdict_and_reason() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        for (request, expected) in [
            (Request::new("GET", "/audit"), "NotCors"),
            (
                Request::new("GET", "/audit").line("Origin", "https://a.example.com"),
                "Actual: Subdomain",
            ),
            (
                Request::new("GET", "/audit").line("Origin", "null"),
                "Actual: NullOrigin",
            ),
        ] {
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            assert_eq!(
                String::from_utf8_lossy(&response.body),
                expected,
                "{}",
                app.name
            );
            let log = response.value("x-log").map(String::from_utf8_lossy);
            assert_eq!(log.as_deref(), Some(expected), "{}", app.name);
        }
    }
}

#[test]
fn a_log_reads_what_the_app_is_not_called_for() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        for (path, origin, method, expected) in [
            (
                "/audit",
                "https://a.example.com",
                "GET",
                "Preflight: Subdomain",
            ),
            (
                "/audit",
                "https://a.example.com",
                "PUT",
                "Preflight: MethodNotAllowed",
            ),
            (
                "/audit",
                "https://evil.example",
                "GET",
                "Preflight: OriginNotAllowed",
            ),
            (
                "/nowhere",
                "https://a.example.com",
                "GET",
                "Preflight: Subdomain",
            ),
            ("/off", "https://a.example.com", "GET", "none"),
        ] {
            let request = Request::new("OPTIONS", path)
                .line("Origin", origin)
                .line("Access-Control-Request-Method", method);
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            let log = response.value("x-log").map(String::from_utf8_lossy);
            assert_eq!(
                log.as_deref(),
                Some(expected),
                "{}: {path}: {origin}",
                app.name
            );
        }
    }
}
