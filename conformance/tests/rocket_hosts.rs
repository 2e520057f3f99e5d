//! Rocket: the hosts of an app's policy, and those of a mount's.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use conformance::cases;
use conformance_client::raw::{self, Request};
use conformance_servers::rocket_app;
use conformance_servers::serve::{App, Lifetime, Server};
use cors_core::adapter::PolicySource;
use cors_rocket::{Cors, Policy};
use rocket::{State, get, routes};

const APP: &str = "https://app.example.com";
const OWN: &str = "api.example.com";
const REBOUND: &str = "evil.example.net:8080";

/// The number of handler calls.
#[derive(Default)]
struct Calls(AtomicU32);

#[get("/")]
fn others(calls: &State<Calls>) -> String {
    calls.0.fetch_add(1, Ordering::Relaxed).to_string()
}

#[get("/mounted")]
fn mounted(calls: &State<Calls>) -> String {
    calls.0.fetch_add(1, Ordering::Relaxed).to_string()
}

/// Whatever the host.
fn open() -> io::Result<Policy> {
    let policy = Policy::builder().allow_origins([APP]);
    policy.build().map_err(io::Error::other)
}

fn run(
    app: PolicySource,
    mount: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let mount = Cors::mount(mount, "/", routes![mounted]);
    let app = |config| {
        rocket::custom(config)
            .manage(Calls::default())
            .mount("/", routes![others])
            .attach(mount)
            .attach(Cors::new(app))
    };
    rocket_app::run(app, address, lifetime)
}

/// The policy is the app's.
const OF_APP: App = App {
    name: "app",
    start: |policy, address, lifetime| run(policy, open()?.into(), address, lifetime),
};

/// The policy is the mount's.
const OF_MOUNT: App = App {
    name: "mount",
    start: |policy, address, lifetime| run(open()?.into(), policy, address, lifetime),
};

/// Requests to a path, each with the status that it has where the host is right.
fn requests(path: &str) -> [(Request, u16); 5] {
    let new = |method| Request::new(method, path);
    let preflight = new("OPTIONS")
        .line("Origin", APP)
        .line("Access-Control-Request-Method", "GET");
    [
        (new("GET"), 200),
        (new("HEAD"), 200),
        (new("GET").line("Origin", APP), 200),
        (new("OPTIONS"), 404),
        (preflight, 204),
    ]
}

/// Asserts the responses of a path for a host: as if there were no list, or a rejection.
fn assert_responds(server: &Server, path: &str, host: &str, is_rejected: bool) {
    for (request, status) in requests(path) {
        let request = request.line("Host", host);
        let response = raw::exchange(server.address(), &request).expect("the server answers");
        let case = format!("{request:?}: {response:?}");
        if is_rejected {
            assert_eq!(response.status, 403, "{case}");
            assert_eq!(response.body, b"", "{case}");
            let no_store = Some(&b"no-store"[..]);
            assert_eq!(response.value("cache-control"), no_store, "{case}");
            assert_eq!(cases::fields_of(&response).0, [], "{case}");
        } else {
            assert_eq!(response.status, status, "{case}");
        }
    }
}

const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_hosts = ["api.example.com"]
"#;

const PASSING: &str = r#"
allow_origins = ["https://app.example.com"]
allow_hosts = ["api.example.com"]
preflight_passthrough = true
"#;

#[test]
fn the_app_s_policy_rejects_for_its_mounts_too() {
    for policy in [POLICY, PASSING] {
        let server = Server::start_toml(OF_APP, policy).expect("the policy is valid");
        for path in ["/mounted", "/", "/nowhere"] {
            assert_responds(&server, path, REBOUND, true);
        }
        let response = raw::exchange(
            server.address(),
            &Request::new("GET", "/mounted").line("Host", OWN),
        );
        let calls = response.expect("the server answers").body;
        assert_eq!(calls, b"0", "no handler was called before");
    }
    let server = Server::start_toml(OF_APP, POLICY).expect("the policy is valid");
    for path in ["/mounted", "/"] {
        assert_responds(&server, path, OWN, false);
    }
}

#[test]
fn a_mount_s_policy_rejects_for_its_routes_alone() {
    for policy in [POLICY, PASSING] {
        let server = Server::start_toml(OF_MOUNT, policy).expect("the policy is valid");
        assert_responds(&server, "/mounted", REBOUND, true);
        let get = Request::new("GET", "/").line("Host", OWN);
        let response = raw::exchange(server.address(), &get);
        let calls = response.expect("the server answers").body;
        assert_eq!(calls, b"0", "no handler was called before");
    }
    let server = Server::start_toml(OF_MOUNT, POLICY).expect("the policy is valid");
    assert_responds(&server, "/mounted", OWN, false);
    assert_responds(&server, "/", REBOUND, false);
}
