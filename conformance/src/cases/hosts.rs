//! Section 7: a request for a host that is not among `allow_hosts` is rejected, whatever its kind.

use conformance_client::raw::Request;
use conformance_servers::Framework;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{LIST_EXPOSED, Row};
use super::request::{get, preflight_request};
use super::words::{ACAC, ACAH, ACAM, ACAO, ACEH, APP, EVIL, ORIGIN, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(kinds());
    cases.extend(rows());
    cases.extend(spellings());
    cases.extend(no_single_host());
    cases.extend(targets());
    cases.extend(by_path());
    cases
}

/// A host of the policies, and one whose name its owner has re-bound to the server's address.
const OWN: &str = "api.example.com";
const REBOUND: &str = "evil.example.net:8080";

/// The client's own `Host` is 127.0.0.1 with some port, by which handlers' calls are counted.
const HOSTS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits", "x-custom-one"]
preflight_refusal_status = 204
allow_hosts = [
    "127.0.0.1",
    "api.example.com",
    "old.example.com:8443",
    "shop.example.com:443",
    "*.apps.example.com",
    "[::1]",
]
"#;

/// Whatever else the policy allows, or leaves to the app.
const OPEN: &str = r#"
allow_origins = ["*"]
allow_methods = ["*"]
allow_headers = ["*"]
preflight_passthrough = true
keep_app_headers = true
allow_hosts = ["127.0.0.1", "api.example.com"]
"#;

const REJECTING: &str = r#"
allow_origins = ["https://app.example.com"]
reject_disallowed_origins = true
allow_hosts = ["127.0.0.1", "api.example.com"]
"#;

const ANY_HOST: &str = r#"
allow_origins = ["https://app.example.com"]
allow_hosts = ["api.example.com", "*"]
"#;

/// The answer to a request for a host that is not allowed. Its Vary is that of the policy's other
/// responses to such a request: caches go by the last one of a URL.
fn rejected_with(vary: &[&'static str]) -> Expected {
    Expected::answer(403)
        .vary(vary)
        .lines("cache-control", &["no-store"])
}

fn rejected() -> Expected {
    rejected_with(ORIGIN)
}

/// The app's response to a request without an origin, or from one that is not allowed.
fn bare() -> Expected {
    Expected::from_handler(200)
        .vary(ORIGIN)
        .lines("cache-control", &[])
}

/// Returns a request of each kind, once for a host of the policy and once for another one.
fn kinds() -> Vec<Case> {
    let exposed = &[(ACAO, APP), (ACEH, LIST_EXPOSED)];
    let listed = &[(ACAO, APP), (ACAM, "PUT"), (ACAH, "content-type")];
    let own_page = |site: Option<&str>| {
        let request = Request::new("POST", "/echo");
        let request = request.line("Origin", format!("http://{REBOUND}"));
        match site {
            Some(site) => request.line("Sec-Fetch-Site", site),
            None => request,
        }
    };
    let no_origin = |method| Request::new(method, "/echo");
    let any = || Expected::from_handler(200).cors(&[(ACAO, "*")]);
    let requests: Vec<(&'static str, &'static str, Request, Expected)> = vec![
        ("no origin", HOSTS, no_origin("GET"), bare()),
        ("no origin, HEAD", HOSTS, no_origin("HEAD"), bare()),
        ("no origin, PUT", HOSTS, no_origin("PUT"), bare()),
        ("no origin, OPTIONS", HOSTS, no_origin("OPTIONS"), bare()),
        (
            "a preflight without an origin",
            HOSTS,
            no_origin("OPTIONS").line("Access-Control-Request-Method", "PUT"),
            bare(),
        ),
        (
            "an allowed origin",
            HOSTS,
            get("/echo").line("Origin", APP),
            bare().cors(exposed),
        ),
        (
            "OPTIONS that is no preflight",
            HOSTS,
            no_origin("OPTIONS").line("Origin", APP),
            bare().cors(exposed),
        ),
        (
            "an origin that is not allowed",
            HOSTS,
            get("/echo").line("Origin", EVIL),
            bare(),
        ),
        (
            "two origins",
            HOSTS,
            get("/echo").line("Origin", APP).line("Origin", APP),
            bare(),
        ),
        ("a page of the host", HOSTS, own_page(None), bare()),
        (
            "a page that the browser calls the server's own",
            REJECTING,
            own_page(Some("same-origin")),
            bare(),
        ),
        (
            "an allowed preflight",
            HOSTS,
            preflight_request("/echo", APP, "PUT"),
            Expected::answer(204).cors(listed).vary(PREFLIGHT),
        ),
        (
            "a preflight that a list refuses",
            HOSTS,
            preflight_request("/echo", APP, "DELETE"),
            Expected::answer(204).cors(listed).vary(PREFLIGHT),
        ),
        (
            "a refused preflight, with a status of its own",
            HOSTS,
            preflight_request("/echo", EVIL, "PUT"),
            Expected::answer(204).vary(PREFLIGHT),
        ),
        ("any origin, none", OPEN, get("/echo"), any()),
        (
            "any origin, some",
            OPEN,
            get("/echo").line("Origin", EVIL),
            any(),
        ),
        (
            "a preflight that is passed through",
            OPEN,
            preflight_request("/echo", EVIL, "DELETE"),
            Expected::from_handler(200)
                .cors(&[(ACAO, "*"), (ACAM, "*"), (ACAH, "*")])
                .vary(&PREFLIGHT[1..]),
        ),
        (
            "the app's own headers",
            OPEN,
            get("/own-cors").line("Origin", EVIL),
            any().cors(&[(ACAC, "true")]),
        ),
    ];
    let mut cases = Vec::new();
    for (what, policy, request, served) in requests {
        let vary = served.vary_names().to_vec();
        for (host, expected) in [(OWN, served), (REBOUND, rejected_with(&vary))] {
            cases.push(case(
                format!("hosts: {what}, for {host}"),
                policy,
                request.clone().line("Host", host),
                expected,
            ));
        }
    }
    cases.push(case(
        "hosts: a body is not waited for",
        HOSTS,
        Request::new("POST", "/echo")
            .line("Host", REBOUND)
            .body("12345"),
        rejected().leaves_body_unread(),
    ));
    cases.push(case(
        "hosts: `*` is any host, with others beside it",
        ANY_HOST,
        get("/echo").line("Host", REBOUND).line("Origin", APP),
        bare().cors(&[(ACAO, APP)]),
    ));
    cases
}

/// Returns cases for what the app would respond with.
fn rows() -> Vec<Case> {
    let rows: [Row; 10] = [
        ("GET", "/", rejected()),
        ("GET", "/boom", rejected()),
        ("GET", "/panic", rejected()),
        ("GET", "/guarded", rejected()),
        ("GET", "/own-cors", rejected()),
        ("GET", "/vary", rejected()),
        ("GET", "/stream", rejected()),
        ("GET", "/nowhere", rejected()),
        ("POST", "/only-get", rejected()),
        ("DELETE", "/echo", rejected()),
    ];
    let mut cases = Vec::new();
    for (method, path, expected) in rows {
        cases.push(case(
            format!("hosts: {method} {path} does not reach the app"),
            HOSTS,
            Request::new(method, path).line("Host", REBOUND),
            expected,
        ));
    }
    cases
}

/// Returns cases for values of `Host`. No browser sends most of those that are rejected.
fn spellings() -> Vec<Case> {
    let allowed = [
        "API.Example.COM",
        "api.example.com.",
        "api.example.com:8080",
        "API.example.com.:65535",
        "old.example.com:8443",
        "shop.example.com",
        "shop.example.com:443",
        "x.apps.example.com",
        "x.Y.apps.example.com.:1",
        "127.0.0.1",
        "[::1]",
        "[::1]:8080",
    ];
    let foreign = [
        "evil.example.net",
        "localhost",
        "example.com",
        "api.example.com.evil.net",
        "evilapi.example.com",
        "apps.example.com",
        "old.example.com",
        "old.example.com:443",
        "old.example.com:8444",
        "shop.example.com:80",
        "127.0.0.2",
        "[::2]",
        "xn--pi-yia.example.com",
    ];
    let malformed = [
        "",
        ".",
        ":",
        ":80",
        "api.example.com..",
        "..apps.example.com",
        "x..apps.example.com",
        "api.example.com:0",
        "api.example.com:080",
        "api.example.com:65536",
        "api.example.com:99999999999999999999",
        "api.example.com:-1",
        "api.example.com:+1",
        "api.example.com:8080:8080",
        "api.example.com:a",
        "me@api.example.com",
        "me:password@api.example.com",
        "http://api.example.com",
        "api.example.com/",
        "api.example.com/echo",
        "evil.example.net/.apps.example.com",
        "evil.example.net#.apps.example.com",
        "evil.example.net?.apps.example.com",
        "evil.example.net\\.apps.example.com",
        "api%2eexample%2ecom",
        "api.example.com,evil.example.net",
        "api.example.com evil.example.net",
        "\u{fc}.apps.example.com",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "::1",
        "[::1",
        "[::1%25lo]",
        "[::1%lo]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
    ];
    let mut cases = Vec::new();
    let mut push = |what: String, host: &[u8], expected: Expected| {
        cases.push(case(
            format!("hosts: Host {what}"),
            HOSTS,
            get("/echo").line("Host", host),
            expected,
        ));
    };
    for host in allowed {
        push(host.to_owned(), host.as_bytes(), bare());
    }
    for host in foreign {
        push(host.to_owned(), host.as_bytes(), rejected());
    }
    for host in malformed {
        let expected = rejected().or_rejected_by_framework();
        push(format!("`{host}`"), host.as_bytes(), expected);
    }
    // Rocket drops such a line, so that there is no host.
    for (what, host) in [
        ("that is not text", b"\xff.apps.example.com".to_vec()),
        (
            "with a control character",
            b"x\x01.apps.example.com".to_vec(),
        ),
        ("64 KiB of a label", b"a".repeat(LARGE)),
        ("64 KiB of labels", b".apps.example.com".repeat(LARGE / 17)),
        (
            "64 KiB of a port",
            [b"api.example.com:", &b"1".repeat(LARGE)[..]].concat(),
        ),
        ("64 KiB of brackets", b"[".repeat(LARGE)),
        ("64 KiB of colons", b":".repeat(LARGE)),
        (
            "64 KiB of dots",
            [b"api.example.com", &b".".repeat(LARGE)[..]].concat(),
        ),
    ] {
        push(
            what.to_owned(),
            &host,
            rejected().or_rejected_by_framework(),
        );
    }
    cases
}

const LARGE: usize = 65_536;

/// Returns cases without a `Host`, or with several.
fn no_single_host() -> Vec<Case> {
    let several = |hosts: &[&str]| {
        hosts
            .iter()
            .fold(get("/echo"), |request, host| request.line("Host", host))
    };
    let mut cases = Vec::new();
    for (what, request) in [
        ("no Host", get("/echo").without_host()),
        ("one Host twice", several(&[OWN, OWN])),
        ("another Host first", several(&[REBOUND, OWN])),
        ("another Host last", several(&[OWN, REBOUND])),
        ("an empty Host beside one", several(&[OWN, ""])),
    ] {
        for (origin, request) in [
            ("without an origin", request.clone()),
            ("from an allowed origin", request.line("Origin", APP)),
        ] {
            // HTTP/2 has one authority.
            cases.push(case(
                format!("hosts: {what}, {origin}"),
                HOSTS,
                request,
                rejected().or_rejected_by_framework(),
            ));
        }
    }
    cases
}

/// Returns cases with an absolute target, which says which host is meant, whatever Host says
/// (RFC 9112, 3.2.2).
fn targets() -> Vec<Case> {
    [
        ("http://api.example.com/echo", OWN, bare()),
        (
            "http://API.example.com./echo",
            OWN,
            bare().on(Framework::WarpFilter, rejected()),
        ),
        (
            "http://api.example.com/echo",
            REBOUND,
            // Rocket reads Host alone. warp's filters don't see the target, but do see that the two
            // differ.
            bare()
                .on(Framework::Rocket, rejected())
                .on(Framework::WarpFilter, rejected()),
        ),
        (
            "http://evil.example.net/echo",
            OWN,
            rejected().on(Framework::Rocket, bare()),
        ),
        ("http://evil.example.net/echo", REBOUND, rejected()),
    ]
    .map(|(target, host, expected)| {
        case(
            format!("hosts: the target {target} at Host {host}"),
            HOSTS,
            get(target).line("Host", host),
            expected,
        )
    })
    .into()
}

const PATHS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_hosts = ["127.0.0.1", "api.example.com"]

[[paths]]
path = "/login"
allow_hosts = ["127.0.0.1", "admin.example.com"]

[[paths]]
path = "/vary"
allow_origins = ["*"]

[[paths]]
path = "/boom"
allow_hosts = ["*"]

[[paths]]
path = "/redirect"
allow_hosts = []

[[paths]]
path = "/own-cors"
enabled = false
"#;

/// Returns cases in which the host depends on the path.
fn by_path() -> Vec<Case> {
    const ADMIN: &str = "admin.example.com";
    const BOTH: &str = "127.0.0.1";
    let handler = |status| Expected::from_handler(status).vary(ORIGIN);
    // Whether a route is reached is the router's business.
    let anyone = || Expected::from_anyone().vary(ORIGIN);
    let own_cors = Expected::from_handler(200).cors(&[(ACAO, "*"), (ACAC, "true")]);
    let public = Expected::from_handler(200)
        .cors(&[(ACAO, "*")])
        .vary(&["accept-encoding"]);
    [
        ("/echo", OWN, handler(200)),
        ("/echo", ADMIN, rejected()),
        ("/login", ADMIN, handler(200)),
        ("/login", OWN, rejected()),
        ("/vary", OWN, public),
        ("/vary", ADMIN, rejected_with(&[])),
        ("/boom", REBOUND, handler(500)),
        ("/redirect", REBOUND, handler(302)),
        // A path that is disabled is not checked.
        ("/own-cors", REBOUND, own_cors),
        // The same path.
        ("//login", ADMIN, anyone()),
        ("//login", OWN, rejected()),
        ("/logi%6e", ADMIN, anyone()),
        ("/logi%6e", OWN, rejected()),
        // One that may be read as either.
        ("/x/..%2flogin", BOTH, anyone()),
        ("/x/..%2flogin", ADMIN, rejected()),
        ("/x/..%2flogin", OWN, rejected()),
        ("/login;x", BOTH, anyone()),
        ("/login;x", ADMIN, rejected()),
        ("/login;x", OWN, rejected()),
        ("/boom/../login", ADMIN, rejected()),
        ("/boom%2f..%2flogin", OWN, rejected()),
        ("/own-cors/../login", OWN, rejected()),
    ]
    .map(|(path, host, expected)| {
        case(
            format!("hosts: GET {path} for {host}"),
            PATHS,
            get(path).line("Host", host),
            expected,
        )
    })
    .into()
}
