//! What a client gets where the app, the service or a replica of it is away.

use std::io;
use std::net::TcpListener;

use conformance::cases;
use conformance_client::raw::{self, Request, Response};
use conformance_servers::test_app::HITS;

use crate::edge::Edge;
use crate::proxy::{Kind, Proxy, free_address};
use crate::stack::{hosts, start_app, start_service};

const TWO: &str = r#"allow_origins = ["https://two.example"]"#;

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

#[test]
#[ignore = "needs Envoy"]
fn envoy_asks_no_replica_that_is_away() -> io::Result<()> {
    replica_that_is_away_is_not_asked(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn nginx_asks_no_replica_that_is_away() -> io::Result<()> {
    replica_that_is_away_is_not_asked(Kind::Nginx)
}

fn replica_that_is_away_is_not_asked(kind: Kind) -> io::Result<()> {
    let app = start_app()?;
    // The health check is for a host without a file.
    let service = start_service(Edge::new(hosts(&[("two.example", TWO)])?).service())?;
    let proxy = Proxy::start_with(kind, app.address(), &[service, free_address()?])?;
    for _ in 0..10 {
        let request = Request::new("GET", "/echo").line("Host", "two.example");
        let response = raw::exchange(proxy.address(), &request)?;
        assert_eq!(response.status, 200);
    }
    Ok(())
}

fn from_two(proxy: &Proxy) -> io::Result<Response> {
    let request = Request::new("GET", "/echo").line("Origin", "https://two.example");
    raw::exchange(proxy.address(), &request)
}
