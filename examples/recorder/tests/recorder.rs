//! The recorder forwards requests and responses as they are, and records their heads.

use conformance_client::raw::{self, Connection, Request};
use conformance_servers::Framework;
use conformance_servers::serve::Server;
use example_recorder::Recorder;

#[test]
fn what_passes_is_unchanged_and_written_down() {
    let policy = "allow_origins = [\"https://app.example.com\"]";
    let server = Server::start_toml(Framework::Axum, policy).expect("the policy is valid");
    let recorder = Recorder::start(0, server.address()).expect("there is a port");
    let mut connection = Connection::open(recorder.address()).expect("it listens");
    let mut preflight = |target| {
        let request = Request::new("OPTIONS", target)
            .line("Origin", "https://app.example.com")
            .line("Access-Control-Request-Method", "POST");
        connection.exchange(&request).expect("it answers")
    };
    assert_eq!(preflight("/echo?one").status, 204);
    assert_eq!(preflight("/echo?two").status, 204);
    let post = Request::new("POST", "/echo?two")
        .line("Origin", "https://evil.example")
        .line("X-Echo", "back")
        .body("12345");
    let response = raw::exchange(recorder.address(), &post).expect("it answers");
    assert_eq!(
        String::from_utf8_lossy(&response.body),
        r#"{"method":"POST","body_length":5,"x_echo":"back","cookie":null}"#
    );

    let [preflight, actual] = &recorder.exchanges(|target| target.ends_with("two"))[..] else {
        panic!("two exchanges: {recorder:?}");
    };
    assert_eq!(
        (preflight.method.as_str(), preflight.status),
        ("OPTIONS", 204)
    );
    assert_eq!(preflight.request["access-control-request-method"], "POST");
    assert_eq!(
        preflight.response["access-control-allow-origin"],
        "https://app.example.com"
    );
    assert_eq!((actual.method.as_str(), actual.status), ("POST", 200));
    assert_eq!(actual.request["origin"], "https://evil.example");
    assert!(!actual.response.contains_key("access-control-allow-origin"));

    recorder.clear();
    assert!(recorder.exchanges(|_| true).is_empty());
}
