//! WebSockets: a proxy asks about the handshake, and passes on the rest.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;

use crate::edge::Edge;
use crate::proxy::{Kind, Proxy};
use crate::stack::{hosts, start_service};

const POLICY: &str = r#"
allow_origins = ["https://two.example"]
reject_disallowed_origins = true
"#;

#[test]
#[ignore = "needs Envoy"]
fn envoy_asks_about_a_websocket() -> io::Result<()> {
    policy_decides_on_a_websocket(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn nginx_asks_about_a_websocket() -> io::Result<()> {
    policy_decides_on_a_websocket(Kind::Nginx)
}

fn policy_decides_on_a_websocket(kind: Kind) -> io::Result<()> {
    let service = start_service(Edge::new(hosts(&[("_others", POLICY)])?).service())?;
    let proxy = Proxy::start(kind, start_service(websocket_app())?, service)?;
    for (origin, protocol, status) in [
        ("https://two.example", "websocket", "101"),
        ("https://two.example", "WebSocket", "101"),
        ("https://one.example", "websocket", "403"),
        // It would make a connection on which nobody is asked any more.
        ("https://two.example", "h2c", "426"),
    ] {
        let mut connection = TcpStream::connect(proxy.address())?;
        write!(
            connection,
            "GET / HTTP/1.1\r\nHost: two.example\r\nOrigin: {origin}\r\n\
             Connection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n"
        )?;
        let mut line = String::new();
        BufReader::new(&connection).read_line(&mut line)?;
        assert_eq!(line.split(' ').nth(1), Some(status), "{origin} {protocol}");
    }
    Ok(())
}

/// Agrees to every upgrade, and to nothing else.
fn websocket_app() -> Router {
    Router::new().fallback(async |request: Request| {
        let line = |name| request.headers().get(name).cloned();
        let is_upgrade = |line: &HeaderValue| line.as_bytes().eq_ignore_ascii_case(b"upgrade");
        let connection = line(header::CONNECTION).filter(is_upgrade);
        let (Some(upgrade), Some(_)) = (line(header::UPGRADE), connection) else {
            return StatusCode::UPGRADE_REQUIRED.into_response();
        };
        let agrees = [
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::UPGRADE, upgrade),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, agrees).into_response()
    })
}
