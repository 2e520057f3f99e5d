//! What the cases don't ask: many hosts, forged hosts and paths, secrets, and what is away.

use std::collections::BTreeSet;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::extract::Request as Check;
use axum::middleware;
use conformance::cases;
use conformance_client::raw::{self, Request, Response};
use conformance_servers::test_app::HITS;

use crate::edge::Edge;
use crate::proxy::{Kind, Proxy, free_address};
use crate::stack::{hosts, start_app, start_service};

/// `/echo` of one host is for everybody.
const ONE: &str = r#"
allow_origins = ["https://one.example"]

[[paths]]
path = "/echo"
allow_origins = ["*"]
"#;

const TWO: &str = r#"allow_origins = ["https://two.example"]"#;

/// Headers by which one proxy tells another what a client has asked for.
const FORGED: [(&str, &str); 9] = [
    ("Forwarded", "host=one.example"),
    ("X-Envoy-Original-Path", "/echo"),
    ("X-Forwarded-Host", "one.example"),
    ("X-Forwarded-Method", "GET"),
    ("X-Forwarded-Uri", "/echo"),
    ("X-HTTP-Method-Override", "GET"),
    ("X-Original-Host", "one.example"),
    ("X-Original-Method", "GET"),
    ("X-Original-URI", "http://one.example/echo"),
];

#[test]
#[ignore = "needs Envoy"]
fn through_envoy_a_host_has_its_own_policies() -> io::Result<()> {
    host_has_its_own_policies(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn through_nginx_a_host_has_its_own_policies() -> io::Result<()> {
    host_has_its_own_policies(Kind::Nginx)
}

fn host_has_its_own_policies(kind: Kind) -> io::Result<()> {
    let app = start_app()?;
    let service = Edge::new(hosts(&[("one.example", ONE), ("two.example", TWO)])?);
    let proxy = Proxy::start(kind, app.address(), start_service(service.service())?)?;
    let rows = [
        ("one.example", "/login", "https://one.example", true),
        ("one.example", "/login", "https://two.example", false),
        ("one.example:8443", "/login", "https://one.example", true),
        ("ONE.example.", "/login", "https://one.example", true),
        ("one.example", "/echo", "https://two.example", true),
        ("two.example", "/echo", "https://two.example", true),
        ("two.example", "/echo", "https://one.example", false),
        ("three.example", "/echo", "https://one.example", false),
    ];
    for (host, path, origin, is_allowed) in rows {
        let actual = Request::new("GET", path)
            .line("Host", host)
            .line("Origin", origin);
        let preflight = Request::new("OPTIONS", path)
            .line("Host", host)
            .line("Origin", origin);
        let preflight = preflight.line("Access-Control-Request-Method", "GET");
        for request in [actual, preflight] {
            let forged = FORGED
                .into_iter()
                .fold(request.clone(), |request, (name, value)| {
                    request.line(name, value)
                });
            for request in [request, forged] {
                let response = raw::exchange(proxy.address(), &request)?;
                let values = response.values("access-control-allow-origin");
                assert_eq!(values.count(), usize::from(is_allowed), "{request:?}");
            }
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs Envoy"]
fn through_envoy_the_service_sees_no_secrets() -> io::Result<()> {
    service_sees_no_secrets(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn through_nginx_the_service_sees_no_secrets() -> io::Result<()> {
    service_sees_no_secrets(Kind::Nginx)
}

fn service_sees_no_secrets(kind: Kind) -> io::Result<()> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let sees = Arc::clone(&seen);
    let record = middleware::map_request(move |check: Check| {
        let names = check.headers().keys().map(ToString::to_string);
        sees.lock().expect("nobody has panicked").extend(names);
        async { check }
    });
    let service = Edge::new(hosts(&[])?).service().layer(record);
    let proxy = Proxy::start(kind, start_app()?.address(), start_service(service)?)?;
    for method in ["GET", "OPTIONS", "PUT"] {
        let request = Request::new(method, "/echo")
            .line("Origin", "https://one.example")
            .line("Authorization", "Bearer secret")
            .line("Cookie", "session=secret")
            .body("secret");
        raw::exchange(proxy.address(), &request)?;
    }
    let seen = seen.lock().expect("nobody has panicked");
    assert!(seen.contains("origin"), "{seen:?}");
    for name in ["authorization", "cookie", "transfer-encoding"] {
        assert!(!seen.contains(name), "{seen:?}");
    }
    Ok(())
}

#[test]
#[ignore = "needs Envoy"]
fn a_page_can_read_that_envoy_does_not_reach_the_app() -> io::Result<()> {
    page_can_read_that_the_app_is_away(Kind::Envoy, 503)
}

#[test]
#[ignore = "needs nginx"]
fn a_page_can_read_that_nginx_does_not_reach_the_app() -> io::Result<()> {
    page_can_read_that_the_app_is_away(Kind::Nginx, 502)
}

fn page_can_read_that_the_app_is_away(kind: Kind, status: u16) -> io::Result<()> {
    let service = Edge::new(hosts(&[("_others", TWO)])?).service();
    let proxy = Proxy::start(kind, free_address()?, start_service(service)?)?;
    let response = from_two(&proxy)?;
    assert_eq!(response.status, status);
    let allowed: Vec<_> = response.values("access-control-allow-origin").collect();
    assert_eq!(allowed, [b"https://two.example"]);
    Ok(())
}

#[test]
#[ignore = "needs Envoy"]
fn without_the_service_envoy_lets_nothing_through() -> io::Result<()> {
    without_the_service_nothing_goes_through(Kind::Envoy, 503)
}

#[test]
#[ignore = "needs nginx"]
fn without_the_service_nginx_lets_nothing_through() -> io::Result<()> {
    without_the_service_nothing_goes_through(Kind::Nginx, 500)
}

fn without_the_service_nothing_goes_through(kind: Kind, status: u16) -> io::Result<()> {
    let app = start_app()?;
    // It takes connections, and never responds.
    let hangs = TcpListener::bind("127.0.0.1:0")?;
    for service in [free_address()?, hangs.local_addr()?] {
        let proxy = Proxy::start(kind, app.address(), service)?;
        let response = from_two(&proxy)?;
        assert_eq!(response.status, status);
        assert_eq!(response.value(HITS), None);
        assert_eq!(cases::fields_of(&response), (Vec::new(), Vec::new()));
    }
    Ok(())
}

fn from_two(proxy: &Proxy) -> io::Result<Response> {
    let request = Request::new("GET", "/echo").line("Origin", "https://two.example");
    raw::exchange(proxy.address(), &request)
}
