//! What the cases don't ask: many hosts, forged hosts and paths, secrets.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use axum::extract::Request as Check;
use axum::middleware;
use conformance_client::raw::{self, Request};
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
    let service = Edge::new(hosts(&[("_others", TWO)])?)
        .service()
        .layer(record);
    let proxy = Proxy::start(kind, start_app()?.address(), start_service(service)?)?;
    for method in ["GET", "OPTIONS", "PUT"] {
        let request = Request::new(method, "/echo")
            .line("Origin", "https://one.example")
            .line("Authorization", "Bearer secret")
            .line("Cookie", "session=secret")
            .line("X-Api-Key", "secret")
            .body("secret");
        raw::exchange(proxy.address(), &request)?;
    }
    let seen = seen.lock().expect("nobody has panicked");
    assert!(seen.contains("origin"), "{seen:?}");
    for name in ["authorization", "cookie", "x-api-key", "transfer-encoding"] {
        assert!(!seen.contains(name), "{seen:?}");
    }
    Ok(())
}

#[test]
#[ignore = "needs Envoy"]
fn envoy_rejects_hosts_without_a_file() -> io::Result<()> {
    host_without_a_file_is_rejected(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn nginx_rejects_hosts_without_a_file() -> io::Result<()> {
    host_without_a_file_is_rejected(Kind::Nginx)
}

fn host_without_a_file_is_rejected(kind: Kind) -> io::Result<()> {
    let app = start_app()?;
    let service = start_service(Edge::new(hosts(&[("two.example", TWO)])?).service())?;
    let proxy = Proxy::start(kind, app.address(), service)?;
    let rebound = ["evil.example.net", "127.0.0.1:8080", "edge", "_others"];
    let rows = rebound.map(|host| (host, 403)).into_iter();
    for (host, status) in rows.chain([("two.example", 200)]) {
        for method in ["GET", "POST", "OPTIONS"] {
            let request = Request::new(method, "/echo").line("Host", host);
            let response = raw::exchange(proxy.address(), &request)?;
            assert_eq!(response.status, status, "{request:?}");
            let is_rejected = status == 403;
            assert_eq!(response.value(HITS).is_none(), is_rejected, "{request:?}");
            let no_store = response.value("cache-control") == Some(b"no-store");
            assert_eq!(no_store, is_rejected, "{request:?}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs nginx"]
fn through_nginx_the_service_sees_few_headers() -> io::Result<()> {
    // hyper takes a hundred. So the app, which is one as well, is away.
    let service = start_service(Edge::new(hosts(&[("_others", TWO)])?).service())?;
    let proxy = Proxy::start(Kind::Nginx, free_address()?, service)?;
    let request = Request::new("GET", "/echo").line("Origin", "https://two.example");
    let many = (0..120).fold(request, |request, number| {
        request.line(format!("X-{number}"), "1")
    });
    let response = raw::exchange(proxy.address(), &many)?;
    assert_eq!(response.status, 502);
    let allowed: Vec<_> = response.values("access-control-allow-origin").collect();
    assert_eq!(allowed, [b"https://two.example"]);
    Ok(())
}
