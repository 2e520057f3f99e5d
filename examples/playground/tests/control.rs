//! The control endpoints, over real sockets: what they do for the page, and for nobody else.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use conformance_client::raw::{self, Connection, Request, Response};
use playground::{Options, Playground};
use serde_json::{Value, json};

fn start() -> Playground {
    Playground::start(&Options::default()).expect("there are ports")
}

fn page(playground: &Playground) -> String {
    format!("http://{}", host(playground))
}

fn host(playground: &Playground) -> String {
    format!("localhost:{}", playground.address().port())
}

fn get(playground: &Playground, target: &str) -> Request {
    Request::new("GET", target).line("Host", host(playground))
}

/// Returns a POST as the page itself sends it.
fn post(playground: &Playground, target: &str, body: &Value) -> Request {
    Request::new("POST", target)
        .line("Host", host(playground))
        .line("Origin", page(playground))
        .line("Content-Type", "application/json")
        .line("Sec-Fetch-Site", "same-origin")
        .body(body.to_string())
}

fn send(address: SocketAddr, request: &Request) -> Response {
    raw::exchange(address, request).expect("it answers")
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("it is JSON")
}

fn policy(text: &str) -> Value {
    json!({ "text": text })
}

fn header<'a>(response: &'a Response, name: &'a str) -> &'a str {
    let value = response.value(name).unwrap_or_default();
    std::str::from_utf8(value).expect("it is text")
}

/// Returns the Access-Control-Allow-Origin of a server's response to an origin.
fn allowed(server: SocketAddr, origin: &str) -> String {
    let request = Request::new("GET", "/echo").line("Origin", origin);
    header(&send(server, &request), "access-control-allow-origin").to_owned()
}

#[test]
fn a_policy_is_applied_on_every_server_at_once() {
    let playground = start();
    let text = "allow_origins = [\"https://new.example\"]\n";
    let answer = send(
        playground.address(),
        &post(&playground, "/api/policy", &policy(text)),
    );
    assert_eq!(json_of(&answer)["applied"], true);
    for (name, server) in playground.servers() {
        assert_eq!(
            allowed(server, "https://new.example"),
            "https://new.example",
            "{name}"
        );
    }
    let state = json_of(&send(playground.address(), &get(&playground, "/api/state")));
    assert_eq!(state["policy"], text);
}

#[test]
fn what_cannot_be_built_replaces_nothing_and_is_shown_at_its_place() {
    let playground = start();
    let own = page(&playground);
    let before = json_of(&send(playground.address(), &get(&playground, "/api/state")));
    for (text, place, line) in [
        (
            "max_age = 1\nallow_origins = [\"*\", \"x\"]\n",
            "allow_origins[1]",
            2,
        ),
        ("[[paths]]\npath = \"x\"\n", "paths[0].path", 2),
    ] {
        let request = post(&playground, "/api/policy", &policy(text));
        let answer = send(playground.address(), &request);
        assert_eq!(answer.status, 422, "{text}");
        let answer = json_of(&answer);
        assert_eq!(answer["applied"], false, "{text}");
        assert_eq!(answer["problems"][0]["place"], place, "{text}");
        assert_eq!(answer["problems"][0]["line"], line, "{text}");
    }
    let text = "allow_methods = []\nallow_orgins = []\n";
    let request = post(&playground, "/api/policy", &policy(text));
    let answer = json_of(&send(playground.address(), &request));
    assert_eq!(answer["unreadable"]["line"], 2);
    assert_eq!(answer["unreadable"]["column"], 1);
    assert_eq!(answer["unreadable"]["key"], "allow_orgins");

    let after = json_of(&send(playground.address(), &get(&playground, "/api/state")));
    assert_eq!(after["policy"], before["policy"]);
    for (name, server) in playground.servers() {
        assert_eq!(allowed(server, &own), own, "{name}");
    }
}

#[test]
fn a_form_becomes_text_and_a_text_a_form() {
    let playground = start();
    let form = json!({ "allow_origins": ["https://a.example"], "max_age": 90_000 });
    let body = json!({ "text": "# Mine.\n", "form": form });
    let request = post(&playground, "/api/convert", &body);
    let converted = json_of(&send(playground.address(), &request));
    let text = "# Mine.\n\nallow_origins = [\"https://a.example\"]\nmax_age = 90000\n";
    assert_eq!(converted["text"], text);
    assert_eq!(converted["problems"][0]["setting"], "max_age");
    assert_eq!(converted["problems"][0]["line"], 4);

    let request = post(&playground, "/api/convert", &json!({ "text": text }));
    let converted = json_of(&send(playground.address(), &request));
    assert_eq!(converted["form"]["max_age"], 90_000);

    let body = json!({ "text": "", "form": { "max_age": "soon" } });
    let converted = json_of(&send(
        playground.address(),
        &post(&playground, "/api/convert", &body),
    ));
    assert_eq!(converted["problems"][0]["setting"], "max_age");
}

#[test]
fn dropping_it_ends_everything() {
    let playground = start();
    let servers = playground.servers().map(|(_, server)| server);
    let mut addresses: Vec<SocketAddr> = servers.collect();
    addresses.extend([playground.address(), playground.other_address()]);
    drop(playground);
    let deadline = Instant::now() + Duration::from_secs(10);
    for address in addresses {
        while Connection::open(address).is_ok() {
            assert!(Instant::now() < deadline, "{address} still listens");
            thread::yield_now();
        }
    }
}

#[test]
fn control_is_for_the_page_alone() {
    let playground = start();
    let own = page(&playground);
    let port = playground.address().port();
    let new = policy("allow_origins = [\"*\"]\n");
    let body = new.to_string();
    let plain = |host: &str| Request::new("POST", "/api/policy").line("Host", host);
    let host = host(&playground);
    let json = |request: Request| request.line("Content-Type", "application/json");
    for (case, request) in [
        ("no origin", json(plain(&host))),
        (
            "another origin",
            json(plain(&host)).line("Origin", "https://evil.example"),
        ),
        (
            "the other page",
            json(plain(&host)).line("Origin", format!("http://127.0.0.1:{port}")),
        ),
        (
            "an opaque origin",
            json(plain(&host)).line("Origin", "null"),
        ),
        (
            "two origins",
            json(plain(&host)).line("Origin", &own).line("Origin", &own),
        ),
        (
            "what a form sends",
            plain(&host)
                .line("Origin", &own)
                .line("Content-Type", "text/plain"),
        ),
        ("no content type", plain(&host).line("Origin", &own)),
        (
            "a rebound name",
            json(plain(&format!("evil.example:{port}"))).line("Origin", &own),
        ),
        (
            "another port",
            json(plain("localhost:1")).line("Origin", &own),
        ),
        ("no port", json(plain("localhost")).line("Origin", &own)),
        (
            "two hosts",
            json(plain(&host))
                .line("Host", "evil.example")
                .line("Origin", &own),
        ),
        (
            "another site",
            json(plain(&host))
                .line("Origin", &own)
                .line("Sec-Fetch-Site", "cross-site"),
        ),
    ] {
        let status = send(playground.address(), &request.body(&body)).status;
        // hyper itself refuses two Hosts.
        assert!(matches!(status, 400 | 403), "{case}: {status}");
    }
    for method in ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"] {
        let request = Request::new(method, "/api/policy")
            .line("Host", &host)
            .line("Origin", &own)
            .line("Content-Type", "application/json");
        assert_eq!(send(playground.address(), &request).status, 403, "{method}");
    }
    for (name, server) in playground.servers() {
        assert_eq!(allowed(server, "https://evil.example"), "", "{name}");
    }
}

#[test]
fn what_is_read_is_read_under_own_names_and_by_no_other_page() {
    let playground = start();
    let port = playground.address().port();
    let read = |host: &str| Request::new("GET", "/api/state").line("Host", host);
    let own = host(&playground);
    for (case, request, status) in [
        ("the page", read(&own), 200),
        ("by its address", read(&format!("127.0.0.1:{port}")), 200),
        ("a rebound name", read("evil.example"), 403),
        (
            "another page",
            read(&own).line("Origin", "https://evil.example"),
            403,
        ),
        (
            "a script of another site",
            read(&own).line("Sec-Fetch-Site", "cross-site"),
            403,
        ),
        (
            "the frame on the other port",
            read(&own).line("Sec-Fetch-Site", "same-site"),
            403,
        ),
    ] {
        let answer = send(playground.address(), &request);
        assert_eq!(answer.status, status, "{case}");
        for (name, _) in &answer.lines {
            assert!(!name.starts_with("access-control-"), "{case}: {name}");
        }
    }
    for target in ["/", "/frame.html", "/main.js", "/api/exchanges?call=1"] {
        let rebound = Request::new("GET", target).line("Host", "evil.example");
        assert_eq!(send(playground.address(), &rebound).status, 403, "{target}");
    }
}

#[test]
fn the_page_is_framed_by_nobody_and_the_frame_by_the_page() {
    let playground = start();
    let own = page(&playground);
    let answer = send(playground.address(), &get(&playground, "/"));
    let policy = header(&answer, "content-security-policy");
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(directive), "{directive}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&answer, "x-frame-options"), "DENY");

    let other = format!("localhost:{}", playground.other_address().port());
    let frame = Request::new("GET", "/frame.html").line("Host", &other);
    let answer = send(playground.other_address(), &frame);
    assert_eq!(answer.status, 200);
    let policy = header(&answer, "content-security-policy");
    assert!(
        policy.contains(&format!("frame-ancestors {own};")),
        "{policy}"
    );
    assert!(
        policy.contains(&format!("script-src http://{other}/frame.js;")),
        "{policy}"
    );

    // The page has one name.
    let request = Request::new("GET", "/").line("Host", &other);
    let answer = send(playground.other_address(), &request);
    assert_eq!(answer.status, 307);
    assert_eq!(header(&answer, "location"), playground.page());
}

#[test]
fn everything_the_page_names_is_there_and_nothing_is_loaded_from_elsewhere() {
    let playground = start();
    let answer = send(playground.address(), &get(&playground, "/"));
    let text = String::from_utf8(answer.body).expect("it is text");
    assert!(!text.contains("https://") && !text.contains("http://"));
    let mut found = 0;
    for name in ["href=\"/", "src=\"/"]
        .iter()
        .flat_map(|start| text.split(start).skip(1))
    {
        let path = name.split('"').next().expect("it ends");
        let file = send(playground.address(), &get(&playground, &format!("/{path}")));
        assert_eq!(file.status, 200, "/{path}");
        let script = String::from_utf8(file.body).expect("it is text");
        assert!(!script.contains("innerHTML"), "/{path}");
        found += 1;
    }
    assert!(found >= 4, "{found}");
}
