//! Rocket: what fairings that follow `Cors` make of a request undoes nothing.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use conformance::cases;
use conformance_client::raw::{self, Request, Response};
use conformance_servers::rocket_app;
use conformance_servers::serve::{App, Lifetime, Server};
use cors_core::adapter::PolicySource;
use cors_rocket::{Cors, CorsDecision, Decision, RequestView};
use rocket::fairing::AdHoc;
use rocket::http::uri::Origin;
use rocket::http::{CookieJar, Header, Method};
use rocket::{Build, Rocket, State, delete, get, options, routes};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_credentials = true
reject_disallowed_origins = true
"#;

/// An app whose fairings change a request as its header lines say: attached after `Cors`, and by a
/// fairing that is.
const APPS: [App; 2] = [
    App::new("attached", attached),
    App::new("in a stage", staged),
];

fn attached(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let app = |config| app(rocket::custom(config).attach(Cors::new(policy)));
    rocket_app::run(|config| app(config).attach(changes()), address, lifetime)
}

fn staged(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let stage = || {
        AdHoc::on_ignite("stage", |rocket| {
            Box::pin(async { rocket.attach(changes()) })
        })
    };
    let app = |config| app(rocket::custom(config).attach(Cors::new(policy)));
    rocket_app::run(|config| app(config).attach(stage()), address, lifetime)
}

/// The number of handler calls.
#[derive(Default)]
struct Calls(AtomicU32);

impl Calls {
    fn count(&self) -> String {
        format!("call {}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn app(rocket: Rocket<Build>) -> Rocket<Build> {
    #[get("/calls")]
    fn calls(calls: &State<Calls>) -> String {
        calls.0.load(Ordering::Relaxed).to_string()
    }

    #[get("/tasks")]
    fn read(calls: &State<Calls>, cookies: &CookieJar<'_>) -> String {
        cookies.add(("session", "1"));
        calls.count()
    }

    #[delete("/<_..>")]
    fn remove(calls: &State<Calls>) -> String {
        calls.count()
    }

    #[options("/<_..>")]
    fn ask(calls: &State<Calls>) -> String {
        calls.count()
    }

    rocket
        .manage(Calls::default())
        .mount("/", routes![calls, read, remove, ask])
}

fn changes() -> AdHoc {
    AdHoc::on_request("changes", |request, _| {
        let text = |name| request.headers().get_one(name).map(str::to_owned);
        let [method, origin, target] = ["x-method", "x-origin", "x-target"].map(text);
        if let Some(method) = method.and_then(|method| method.parse::<Method>().ok()) {
            request.set_method(method);
        }
        if let Some(origin) = origin {
            request.replace_header(Header::new("Origin", origin));
        }
        if let Some(target) = target.and_then(|target| Origin::parse_owned(target).ok()) {
            request.set_uri(target);
        }
        Box::pin(async {})
    })
}

fn send(server: &Server, request: &Request) -> Response {
    raw::exchange(server.address(), request).expect("the server answers")
}

fn calls(server: &Server) -> Vec<u8> {
    send(server, &Request::new("GET", "/calls")).body
}

fn preflight(origin: &str) -> Request {
    Request::new("OPTIONS", "/tasks")
        .line("Origin", origin)
        .line("Access-Control-Request-Method", "PUT")
}

#[test]
fn a_method_that_is_set_later_brings_no_route_back() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        // hyper lets the last one in, which is no URI for Rocket.
        for target in ["/tasks", "/tasks?text=x", "/", "/nowhere", "/{task}"] {
            for method in ["GET", "POST", "OPTIONS", "DELETE"] {
                for later in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
                    let request = Request::new(method, target)
                        .line("Origin", EVIL)
                        .line("X-Method", later);
                    let response = send(&server, &request);
                    let case = format!("{}: {method} {target}, then {later}", app.name);
                    assert_eq!(response.status, 403, "{case}");
                    assert_eq!(response.body, b"", "{case}");
                    let found = cases::fields_of(&response);
                    assert_eq!(found, (vec![], vec!["origin".to_owned()]), "{case}");
                }
            }
        }
        assert_eq!(calls(&server), b"0", "{}", app.name);
    }
}

#[test]
fn where_a_route_has_run_the_answer_is_given_all_the_same() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        let rejected = Request::new("GET", "/").line("Origin", EVIL);
        let response = send(&server, &rejected.line("X-Target", "/tasks"));
        assert_eq!(response.status, 403, "{}", app.name);
        assert_eq!(response.body, b"", "{}", app.name);
        assert_eq!(response.values("set-cookie").count(), 0, "{}", app.name);
        assert_eq!(cases::fields_of(&response).0, [], "{}", app.name);
        for (origin, status) in [(APP, 204), (EVIL, 403)] {
            let expected = send(&server, &preflight(origin));
            assert_eq!(expected.status, status, "{}: {origin}", app.name);
            let changed = preflight(origin).line("X-Method", "DELETE");
            let response = send(&server, &changed);
            assert_eq!(response.status, status, "{}: {origin}", app.name);
            assert_eq!(response.body, b"", "{}: {origin}", app.name);
            assert_eq!(
                cases::fields_of(&response),
                cases::fields_of(&expected),
                "{}: {origin}",
                app.name
            );
        }
    }
}

#[test]
fn an_origin_that_is_set_later_is_not_echoed() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        let request = |origin, later| {
            Request::new("GET", "/tasks")
                .line("Origin", origin)
                .line("X-Origin", later)
        };
        let acao = "access-control-allow-origin";
        let response = send(&server, &request(APP, EVIL));
        assert_eq!(response.status, 200, "{}", app.name);
        assert_eq!(response.value(acao), Some(APP.as_bytes()), "{}", app.name);
        let response = send(&server, &preflight(APP).line("X-Origin", EVIL));
        assert_eq!(response.value(acao), Some(APP.as_bytes()), "{}", app.name);
        for request in [request(EVIL, APP), preflight(EVIL).line("X-Origin", APP)] {
            let response = send(&server, &request);
            assert_eq!(response.status, 403, "{}", app.name);
            assert_eq!(response.value(acao), None, "{}", app.name);
        }
    }
}

#[test]
fn a_client_can_t_mark_its_request() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        for origin in [None, Some(APP)] {
            let request = Request::new("GET", "/tasks?cors-rejected");
            let request = match origin {
                Some(origin) => request.line("Origin", origin),
                None => request,
            };
            assert_eq!(send(&server, &request).status, 200, "{}", app.name);
        }
        let nowhere = Request::new("GET", "/nowhere?cors-rejected");
        assert_eq!(send(&server, &nowhere).status, 404, "{}", app.name);
    }
}

fn form(body: &str) -> Request {
    Request::new("POST", "/tasks")
        .line("Content-Type", "application/x-www-form-urlencoded")
        .line("Origin", APP)
        .body(body)
}

/// The app mounts its routes under the policy, and has no other.
fn mounted(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    #[get("/calls")]
    fn calls(calls: &State<Calls>) -> String {
        calls.0.load(Ordering::Relaxed).to_string()
    }

    #[delete("/tasks")]
    fn remove(calls: &State<Calls>) -> String {
        calls.count()
    }

    #[rocket::put("/tasks", data = "<form>")]
    fn replace(form: String) -> String {
        form
    }

    let app = |config| {
        rocket::custom(config)
            .manage(Calls::default())
            .mount("/", routes![calls])
            .attach(Cors::mount(policy, "/", routes![remove, replace]))
    };
    rocket_app::run(app, address, lifetime)
}

#[test]
fn the_method_of_a_form_meets_the_policy_of_a_mount() {
    let app = App::new("mounted", mounted);
    let server = Server::start_toml(app, POLICY).expect("the policy is valid");
    let response = send(&server, &form("_method=delete"));
    assert_eq!(response.status, 403);
    assert_eq!(response.body, b"");
    assert_eq!(cases::fields_of(&response).0, []);
    assert_eq!(calls(&server), b"0");
    let body = format!("_method=put&text={}", "x".repeat(2_000));
    let response = send(&server, &form(&body));
    assert_eq!(response.status, 200);
    assert_eq!(response.body, body.as_bytes());
    let own = form("_method=delete").line("Sec-Fetch-Site", "same-origin");
    assert_eq!(send(&server, &own).status, 200);
    assert_eq!(calls(&server), b"1");
}

/// The response tells what fairings after `Cors` read.
fn told(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let logged = cors_rocket::Policy::builder()
        .allow_origins([APP])
        .build()
        .map_err(io::Error::other)?;
    let explains = AdHoc::on_response("explains", move |request, response| {
        let explanation = logged.explain(&RequestView::new(request)).to_string();
        response.set_raw_header("x-explained", explanation);
        let refusal = CorsDecision::of(request).decision();
        let refusal = refusal.and_then(Decision::refusal);
        response.set_raw_header("x-refusal", format!("{refusal:?}"));
        response.set_raw_header(
            "x-request",
            format!("{} {}", request.method(), request.uri()),
        );
        Box::pin(async {})
    });
    let app = |config| app(rocket::custom(config).attach(Cors::new(policy)));
    rocket_app::run(|config| app(config).attach(explains), address, lifetime)
}

#[test]
fn a_log_tells_why_the_method_of_a_form_is_refused() {
    let app = App::new("told", told);
    let server = Server::start_toml(app, POLICY).expect("the policy is valid");
    let response = send(&server, &form("_method=delete"));
    for (name, text) in [
        (
            "x-explained",
            "actual request refused: the policy does not allow the method \"DELETE\" (it lists \
             none). To allow it, add \"DELETE\" to allow_methods.",
        ),
        ("x-refusal", "Some(MethodNotAllowed)"),
        ("x-request", "DELETE /tasks?cors-rejected"),
    ] {
        let value = response.value(name).map(String::from_utf8_lossy);
        assert_eq!(value.as_deref(), Some(text), "{name}");
    }
}
