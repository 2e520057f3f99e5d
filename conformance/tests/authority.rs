//! The host that a request is for. Over HTTP/2 the authority of the target names it, whatever a Host
//! line says beside it (RFC 9113, 8.3.1). No browser sends both.

use conformance_client::http2::Connection;
use conformance_client::raw::{self, Request};
use conformance_servers::Framework;
use conformance_servers::serve::Server;

const POLICY: &str = "reject_disallowed_origins = true";

#[test]
fn the_authority_wins_over_a_host_line() {
    for framework in Framework::ALL {
        let server = Server::start_toml(framework, POLICY).expect("the policy is valid");
        let mut connection = Connection::open(server.address()).expect("it speaks HTTP/2");
        for (authority, host, same_origin) in [
            ("shop.example", Some("other.example"), true),
            ("shop.example", Some("shop.example"), true),
            ("shop.example", Some("?"), true),
            ("shop.example", None, true),
            ("other.example", Some("shop.example"), false),
            ("shop.example:8443", Some("shop.example"), false),
        ] {
            let request = Request::new("GET", "/echo").line("Origin", "https://shop.example");
            let request = with_line(request, "Host", host);
            let response = connection
                .exchange_with_authority(authority, &request)
                .expect("HTTP/2 can express it")
                .expect("the server answers");
            // warp's filters don't see the authority, but do see that the two differ.
            let hidden =
                framework == Framework::WarpFilter && host.is_some_and(|host| host != authority);
            let status = if same_origin && !hidden { 200 } else { 403 };
            assert_eq!(
                response.status,
                status,
                "{}: {authority}, Host {host:?}",
                framework.name()
            );
        }
    }
}

#[test]
fn several_host_lines_name_no_host() {
    for framework in Framework::ALL {
        let server = Server::start_toml(framework, POLICY).expect("the policy is valid");
        for (second, status) in [
            (None, 200),
            (Some("shop.example"), 403),
            (Some("other.example"), 403),
        ] {
            let request = Request::new("GET", "/echo")
                .line("Origin", "https://shop.example")
                .line("Host", "shop.example");
            let request = with_line(request, "Host", second);
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            // actix-web answers by itself, as RFC 9112, 3.2 wants it.
            let status = match framework {
                Framework::Actix if second.is_some() => 400,
                _ => status,
            };
            assert_eq!(response.status, status, "{}: {second:?}", framework.name());
        }
    }
}

/// A client of a proxy sends such targets, and no other does (RFC 9112, 3.2.3).
#[test]
fn a_target_without_a_path_is_answered() {
    for framework in Framework::ALL {
        let server = Server::start_toml(framework, POLICY).expect("the policy is valid");
        for (method, target) in [
            ("CONNECT", "b.example:80"),
            ("GET", "b.example:80"),
            ("GET", "b.example"),
        ] {
            for (host, origin, status) in [
                ("a.example", None, 404),
                (target, None, 404),
                ("a.example", Some("https://evil.example"), 403),
                (target, Some("https://evil.example"), 403),
            ] {
                let request = Request::new(method, target).line("Host", host);
                let request = with_line(request, "Origin", origin);
                let response = raw::exchange(server.address(), &request);
                let response = response.expect("the server answers");
                // Rocket answers by itself.
                let status = match framework {
                    Framework::Rocket => 400,
                    _ => status,
                };
                assert_eq!(response.status, status, "{}: {request:?}", framework.name());
            }
        }
    }
}

#[test]
fn the_authority_is_the_host_that_a_policy_lists() {
    let policy = r#"allow_hosts = ["shop.example"]"#;
    for framework in Framework::ALL {
        let server = Server::start_toml(framework, policy).expect("the policy is valid");
        let mut connection = Connection::open(server.address()).expect("it speaks HTTP/2");
        for (authority, host, allowed) in [
            ("shop.example", None, true),
            ("SHOP.example.:8443", None, true),
            ("shop.example", Some("shop.example"), true),
            ("shop.example", Some("other.example"), true),
            ("other.example", None, false),
            ("other.example", Some("other.example"), false),
            ("other.example", Some("shop.example"), false),
            ("shop.example:0", None, false),
            ("me@other.example", None, false),
        ] {
            for origin in [None, Some("https://shop.example")] {
                let request = Request::new("GET", "/echo");
                let request = [("Origin", origin), ("Host", host)]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
                    .fold(request, |request, (name, value)| request.line(name, value));
                let response = connection
                    .exchange_with_authority(authority, &request)
                    .expect("HTTP/2 can express it")
                    .expect("the server answers");
                // warp's filters don't see the authority, but do see that the two differ.
                let hidden = framework == Framework::WarpFilter
                    && host.is_some_and(|host| host != authority);
                let status = if allowed && !hidden { 200 } else { 403 };
                assert_eq!(
                    response.status,
                    status,
                    "{}: {authority}, Host {host:?}, {origin:?}",
                    framework.name()
                );
            }
        }
    }
}

fn with_line(request: Request, name: &str, value: Option<&str>) -> Request {
    match value {
        Some(value) => request.line(name, value),
        None => request,
    }
}
