//! What clients send that are no pages: those that may use the server, and requests as attacks make
//! them, byte by byte.

mod raw;
mod support;

use serde_json::{Value, json};

use crate::raw::{Request, Response};
use crate::support::{SECRET, Server, add_note};

fn send(server: &Server, request: &Request) -> Response {
    request.send(server.address).expect("it answers")
}

fn post(message: &Value) -> Request {
    Request::new("POST", "/mcp")
        .line("Content-Type", "application/json")
        .line("Accept", "application/json, text/event-stream")
        .body(message.to_string())
}

fn initialize() -> Request {
    post(&json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "a program", "version": "1" },
        },
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_sends_no_origin_and_uses_the_server() {
    let server = Server::example().await;
    let port = server.address.port();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let host = format!("{host}:{port}");
        let response = send(&server, &initialize().line("Host", &host));
        assert_eq!(response.status, 200, "{host}");
        let session = response
            .value("mcp-session-id")
            .expect("there is a session");
        let call = |method: &str, params: &Value| {
            let message = json!({ "jsonrpc": "2.0", "id": 2, "method": method, "params": params });
            let request = post(&message)
                .line("Host", &host)
                .line("Mcp-Session-Id", session)
                .line("MCP-Protocol-Version", "2025-11-25");
            send(&server, &request).body
        };
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let request = post(&initialized).line("Mcp-Session-Id", session);
        assert_eq!(send(&server, &request).status, 202, "{host}");
        assert!(
            call("tools/list", &json!({})).contains("list_notes"),
            "{host}"
        );
        let listed = call("tools/call", &json!({ "name": "list_notes" }));
        assert!(listed.contains(SECRET), "{host}: {listed}");
    }
}

/// Attacks, as browsers send them but for the last. Each is a way to add a note or to read them.
fn attacks(port: u16) -> Vec<(&'static str, Request)> {
    let own = format!("127.0.0.1:{port}");
    let call = |host: &str, content_type: &str| {
        Request::new("POST", "/mcp")
            .line("Host", host)
            .line("Content-Type", content_type)
            .line("Accept", "application/json, text/event-stream")
            .body(add_note("of an attack"))
    };
    let read = |host: &str| Request::new("GET", "/").line("Host", host);
    let rebound = format!("evil.example:{port}");
    vec![
        (
            "a call from a re-bound name",
            call(&rebound, "application/json")
                .line("Origin", format!("http://{rebound}"))
                .line("Sec-Fetch-Site", "same-origin"),
        ),
        (
            "a call from a re-bound name, from a browser that sends no Sec-Fetch-Site",
            call(&rebound, "application/json").line("Origin", format!("http://{rebound}")),
        ),
        (
            // Browsers send no Origin with it.
            "a look from a re-bound name",
            read(&rebound).line("Sec-Fetch-Site", "same-origin"),
        ),
        (
            "a look from a re-bound name that begins like an own one",
            read(&format!("localhost.evil.example:{port}")),
        ),
        (
            // Where Linux and macOS connect to the own machine.
            "a call to 0.0.0.0",
            call(&format!("0.0.0.0:{port}"), "text/plain")
                .line("Origin", "https://evil.example")
                .line("Sec-Fetch-Site", "cross-site"),
        ),
        (
            "a form of another site",
            call(&own, "text/plain")
                .line("Origin", "https://evil.example")
                .line("Sec-Fetch-Site", "cross-site"),
        ),
        (
            "a frame in a sandbox",
            call(&own, "text/plain")
                .line("Origin", "null")
                .line("Sec-Fetch-Site", "cross-site"),
        ),
        (
            "a site whose name begins like an own one",
            call(&own, "text/plain").line("Origin", "http://localhost.evil.example:3000"),
        ),
        (
            "a target that names another host than Host",
            Request::new("GET", &format!("http://{rebound}/")).line("Host", &own),
        ),
    ]
}

/// Returns whether the attack had what it was after.
fn succeeds(server: &Server, request: &Request) -> (bool, u16) {
    let before = server.notes.text();
    let response = send(server, request);
    let success = server.notes.text() != before || response.body.contains(SECRET);
    (success, response.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_naive_server_does_for_an_attack_is_rejected_under_the_policy() {
    let naive = Server::naive().await;
    let guarded = Server::guarded().await;
    let example = Server::example().await;
    for (attack, request) in attacks(naive.address.port()) {
        assert_eq!(succeeds(&naive, &request), (true, 200), "{attack}");
    }
    for server in [guarded, example] {
        for (attack, request) in attacks(server.address.port()) {
            assert_eq!(succeeds(&server, &request), (false, 403), "{attack}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_host_is_rejected_under_the_policy() {
    let status = |server: &Server| {
        let request = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        let response = raw::exchange(server.address, request).expect("it answers and closes");
        (response.body.contains(SECRET), response.status)
    };
    let naive = Server::naive().await;
    assert_eq!(status(&naive), (true, 200));
    let guarded = Server::guarded().await;
    assert_eq!(status(&guarded), (false, 403));
}

#[tokio::test(flavor = "multi_thread")]
async fn rmcp_alone_looks_at_the_hosts_of_its_own_path_and_at_no_origin() {
    let server = Server::rmcp_alone().await;
    let rebound = format!("evil.example:{}", server.address.port());
    let response = send(&server, &initialize().line("Host", &rebound));
    assert_eq!(response.status, 403);
    let response = send(&server, &Request::new("GET", "/").line("Host", &rebound));
    assert_eq!((response.status, &*response.body), (200, SECRET));
    let foreign = initialize().line("Origin", "https://evil.example");
    assert_eq!(send(&server, &foreign).status, 200);
    // So it is no preflight that it answers: no page of another port is a client.
    assert_eq!(send(&server, &Request::new("OPTIONS", "/mcp")).status, 405);

    let example = Server::example().await;
    assert_eq!(send(&example, &foreign).status, 403);
}

/// The transport's page of each revision of the specification has the headers.
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_this_machine_may_send_what_each_revision_asks_for() {
    let server = Server::example().await;
    for (method, names) in [
        // 2026-07-28.
        (
            "POST",
            "content-type,mcp-method,mcp-name,mcp-protocol-version",
        ),
        // 2025-03-26 to 2025-11-25.
        ("POST", "content-type,mcp-protocol-version,mcp-session-id"),
        ("GET", "last-event-id,mcp-protocol-version,mcp-session-id"),
        ("DELETE", "mcp-protocol-version,mcp-session-id"),
        // With a token.
        ("POST", "authorization,content-type,mcp-protocol-version"),
    ] {
        for origin in [
            "http://localhost:6274",
            "http://[::1]:8080",
            "http://127.0.0.1",
        ] {
            let preflight = Request::new("OPTIONS", "/mcp")
                .line("Origin", origin)
                .line("Access-Control-Request-Method", method)
                .line("Access-Control-Request-Headers", names);
            let response = send(&server, &preflight);
            assert_eq!(response.status, 204, "{method} {names}");
            let allowed = response.value("access-control-allow-origin");
            assert_eq!(allowed, Some(origin));
            let methods = list(&response, "access-control-allow-methods");
            assert!(methods.contains(&method.to_owned()), "{methods:?}");
            let headers = list(&response, "access-control-allow-headers");
            for name in names.split(',') {
                assert!(headers.contains(&name.to_owned()), "{name}: {headers:?}");
            }
        }
    }
    let preflight = Request::new("OPTIONS", "/mcp")
        .line("Origin", "https://evil.example")
        .line("Access-Control-Request-Method", "POST")
        .line("Access-Control-Request-Headers", "content-type");
    assert_eq!(send(&server, &preflight).status, 403);
}

fn list(response: &Response, name: &str) -> Vec<String> {
    let value = response.value(name).unwrap_or_default();
    value.split(", ").map(str::to_owned).collect()
}
