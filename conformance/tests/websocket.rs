//! A WebSocket upgrade passes through CORS, on every framework.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, hyper_app, rocket_app, warp_app};
use cors_axum::CorsLayer;
use cors_core::adapter::PolicySource;
use cors_core::{Policy, RequestKind};
use futures_util::StreamExt as _;
use tower_layer::Layer as _;
use warp::Filter as _;

/// An app that sends text messages back, on each framework.
const ECHOES: [App; 6] = [
    App::new("actix", actix),
    App::new("axum", axum),
    App::new("hyper", hyper),
    App::new("rocket", rocket),
    App::new("warp", warp),
    App::new("warp filter", warp_filter),
];

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};

    async fn echo(request: HttpRequest, body: web::Payload) -> actix_web::Result<HttpResponse> {
        let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
        rt::spawn(async move {
            while let Some(Ok(actix_ws::Message::Text(text))) = messages.next().await {
                session.text(text).await?;
            }
            Ok::<_, actix_ws::Closed>(())
        });
        Ok(response)
    }

    let cors = cors_actix::Cors::new(policy).on_decision(lifetime.listener("app"));
    let app = move || {
        App::new()
            .route("/", web::get().to(echo))
            .wrap(cors.clone())
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app).workers(1).disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::Router;
    use axum::response::Response;
    use axum::routing::any;

    async fn echo(upgrade: WebSocketUpgrade) -> Response {
        upgrade.on_upgrade(echo_messages)
    }

    let app = Router::new()
        .route("/", any(echo))
        .layer(CorsLayer::new(policy).on_decision(lifetime.listener("app")));
    axum_app::run(app, address, lifetime)
}

async fn echo_messages(mut socket: WebSocket) {
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        if socket.send(Message::Text(text)).await.is_err() {
            return;
        }
    }
}

/// The handshake is axum's; the upgrade is hyper's.
fn hyper(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::extract::FromRequestParts as _;
    use axum::response::IntoResponse as _;
    use hyper_app::Cors;
    use hyper_app::router::{Request, Response, Route, Router};

    async fn echo(request: Request) -> Response {
        let (mut head, _) = request.into_parts();
        let upgrade = WebSocketUpgrade::from_request_parts(&mut head, &()).await;
        let response = match upgrade {
            Ok(upgrade) => upgrade.on_upgrade(echo_messages),
            Err(rejection) => rejection.into_response(),
        };
        response.map(|_| Default::default())
    }

    Router::new()
        .middleware(Cors::new(policy).on_decision(lifetime.listener("app")))
        .route("/", Route::any(echo))
        .run(address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    #[rocket::get("/")]
    fn echo(upgrade: rocket_ws::WebSocket) -> rocket_ws::Stream!['static] {
        rocket_ws::Stream! { upgrade =>
            for await message in upgrade {
                yield message?;
            }
        }
    }

    let cors = cors_rocket::Cors::new(policy).on_decision(lifetime.listener("app"));
    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![echo])
            .attach(cors)
    };
    rocket_app::run(app, address, lifetime)
}

fn warp_echo() -> warp::filters::BoxedFilter<(warp::reply::Response,)> {
    use warp::Reply as _;

    async fn echo(socket: warp::ws::WebSocket) {
        let (to, from) = socket.split();
        // A client that breaks off ends it.
        let _ = from.forward(to).await;
    }

    warp::ws()
        .map(|upgrade: warp::ws::Ws| upgrade.on_upgrade(echo).into_response())
        .boxed()
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let layer = CorsLayer::new(policy).on_decision(lifetime.listener("app"));
    let app = layer.layer(warp::service(warp_echo()));
    warp_app::run(app, address, lifetime)
}

fn warp_filter(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    async fn refuse(_: warp::Rejection) -> Result<warp::reply::Response, std::convert::Infallible> {
        Ok(warp::reply::Response::default())
    }

    let app = warp_echo().recover(refuse).unify();
    let cors = cors_warp::Cors::new(policy).on_decision(lifetime.listener("app"));
    let app = warp::service(cors.wrap(app));
    warp_app::run(app, address, lifetime)
}

#[test]
fn an_upgrade_passes_through() {
    for framework in ECHOES {
        let name = framework.name;
        let server = start(framework, "allow_origins = [\"https://app.example.com\"]");
        for (origin, allowed) in [
            (Some("https://app.example.com"), true),
            // CORS does not apply to WebSockets: who connects is for the app to check.
            (Some("https://evil.example.net"), false),
            (None, false),
        ] {
            let (mut stream, head) = upgrade(&server, origin);
            assert!(head.starts_with("http/1.1 101 "), "{name}: {head}");
            // RFC 6455, 1.3: the accept value of this very key.
            let accepted = "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n";
            assert!(head.contains(accepted), "{name}: {head}");
            assert!(head.contains("vary: origin\r\n"), "{name}: {head}");
            let named = head.contains("access-control-allow-origin: https://app.example.com\r\n");
            assert_eq!(named, allowed, "{name}: {head}");

            // "Hello" under a mask, and as it comes back (RFC 6455, 5.7).
            let message = [
                0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
            ];
            stream.write_all(&message).expect("the server reads");
            let mut echo = [0; 7];
            stream.read_exact(&mut echo).expect("the server echoes");
            assert_eq!(&echo, b"\x81\x05Hello", "{name}");
        }
    }
}

#[test]
fn an_upgrade_can_be_refused() {
    for framework in ECHOES {
        let name = framework.name;
        let policy =
            "allow_origins = [\"https://app.example.com\"]\nreject_disallowed_origins = true";
        let server = start(framework, policy);
        let (_, head) = upgrade(&server, Some("https://evil.example.net"));
        assert!(head.starts_with("http/1.1 403 "), "{name}: {head}");
        let (_, head) = upgrade(&server, Some("https://app.example.com"));
        assert!(head.starts_with("http/1.1 101 "), "{name}: {head}");
    }
}

/// Shows that a page that has its own name re-bound opens no connection, although its `Origin`
/// names the host of the request and its browser takes it for the server's own.
#[test]
fn an_upgrade_for_another_host_is_refused() {
    let policy = r#"
        allow_origins = ["https://app.example.com"]
        allow_hosts = ["server.example.com"]
        reject_disallowed_origins = true
    "#;
    for framework in ECHOES {
        let server = start(framework, policy);
        for (host, origin, is_upgraded) in [
            ("server.example.com", Some("https://app.example.com"), true),
            (
                "server.example.com:8080",
                Some("http://server.example.com:8080"),
                true,
            ),
            (
                "server.example.com",
                Some("https://evil.example.net"),
                false,
            ),
            // Clients that are no browser send none.
            ("server.example.com", None, true),
            ("evil.example.net", None, false),
            ("evil.example.net", Some("http://evil.example.net"), false),
            ("evil.example.net", Some("https://app.example.com"), false),
        ] {
            let name = format!("{}: {host} from {origin:?}", framework.name);
            let (_, head) = upgrade_at(&server, host, origin);
            let status = if is_upgraded { "101 " } else { "403 " };
            assert!(
                head.starts_with(&format!("http/1.1 {status}")),
                "{name}: {head}"
            );
            let is_stored = !head.contains("cache-control: no-store\r\n");
            assert_eq!(is_stored, is_upgraded, "{name}: {head}");
        }
    }
}

/// Shows that the handshake is an actual request, and is told once, when the connection is open.
#[test]
fn an_upgrade_is_told_once() {
    for framework in ECHOES {
        let name = framework.name;
        let policy = Policy::builder().allow_origins(["https://app.example.com"]);
        let policy = policy.build().expect("the policy is valid");
        let (events, told) = mpsc::channel();
        let server = Server::start_with_listener(framework, policy, move |_, event| {
            let decision = event.decision();
            let _ = events.send((decision.kind(), decision.is_allowed(), event.calls_app()));
        })
        .expect("there is a port");
        for (origin, allowed) in [
            ("https://app.example.com", true),
            ("https://evil.example.net", false),
        ] {
            let (_stream, head) = upgrade(&server, Some(origin));
            assert!(head.starts_with("http/1.1 101 "), "{name}: {head}");
            let told: Vec<_> = told.try_iter().collect();
            assert_eq!(told, [(RequestKind::Actual, allowed, true)], "{name}");
        }
    }
}

fn start(framework: App, policy: &str) -> Server {
    Server::start_toml(framework, policy).expect("the policy is valid")
}

fn upgrade(server: &Server, origin: Option<&str>) -> (TcpStream, String) {
    upgrade_at(server, "server.example.com", origin)
}

/// Asks for an upgrade, and returns the head of the response in lower case.
fn upgrade_at(server: &Server, host: &str, origin: Option<&str>) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    let timeout = Some(Duration::from_secs(10));
    stream.set_read_timeout(timeout).expect("it is not zero");
    let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n{origin}\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .expect("the server reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the server answers");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a head is text");
    (stream, head.to_lowercase())
}
