//! Over HTTP/2 the authority of the target names the host, whatever a Host line says beside it
//! (RFC 9113, 8.3.1). No browser sends both.

use conformance_client::http2::Connection;
use conformance_client::raw::Request;
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
            let request = match host {
                Some(host) => request.line("Host", host),
                None => request,
            };
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
