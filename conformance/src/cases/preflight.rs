//! Section 3's rows for preflights, and section 4 but for the reading of the requested headers.

use conformance_client::raw::Request;
use conformance_servers::test_app::COOKIES;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{BARE, CREDENTIALS, LIST, LIST_HEADERS, LIST_METHODS, NOBODY, PUBLIC};
use super::request::{preflight_for_headers, preflight_request};
use super::vary;
use super::words::{
    ACAC, ACAH, ACAM, ACAO, ACAPN, ACEH, ACMA, ACRPN, APP, EVIL, ORIGIN, PREFLIGHT,
    PREFLIGHT_OF_ANY_ORIGIN,
};

pub(super) fn cases() -> Vec<Case> {
    [
        answers(),
        paths(),
        methods(),
        any_method(),
        headers(),
        max_age(),
        statuses(),
        private_network(),
        passthrough(),
        passthrough_keeps_vary(),
    ]
    .concat()
}

/// Returns cases for the whole answer, policy by policy.
fn answers() -> Vec<Case> {
    vec![
        case(
            "preflight: the whole lists, not only what was asked for",
            LIST,
            preflight_for_headers(["content-type"]),
            allowed_by_list(),
        ),
        case(
            "preflight: the whole lists for a method that needs none",
            LIST,
            preflight_request("/echo", APP, "GET"),
            allowed_by_list(),
        ),
        case(
            "preflight: with credentials and max-age",
            CREDENTIALS,
            preflight_for_headers(["content-type"]),
            Expected::answer(204)
                .cors(&[
                    (ACAO, APP),
                    (ACAC, "true"),
                    (ACAM, "PUT"),
                    (ACAH, "content-type"),
                    (ACMA, "600"),
                ])
                .vary(PREFLIGHT),
        ),
        case(
            "preflight: any origin",
            PUBLIC,
            preflight_request("/echo", EVIL, "PUT"),
            Expected::answer(204)
                .cors(&[(ACAO, "*"), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
        case(
            "preflight: any origin, another method",
            PUBLIC,
            preflight_request("/echo", EVIL, "DELETE"),
            Expected::answer(204)
                .cors(&[(ACAO, "*"), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
        case(
            "preflight: any origin, another header",
            PUBLIC,
            preflight_for_headers(["x-other"]),
            Expected::answer(204)
                .cors(&[(ACAO, "*"), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
        case(
            "preflight: another origin",
            LIST,
            preflight_request("/echo", EVIL, "PUT"),
            refused(),
        ),
        case(
            "preflight: another origin with credentials and max-age",
            CREDENTIALS,
            preflight_request("/echo", EVIL, "PUT"),
            refused(),
        ),
        case(
            "preflight: nobody is allowed",
            NOBODY,
            preflight_request("/echo", APP, "GET"),
            refused(),
        ),
        case(
            "preflight: a body does not matter",
            LIST,
            preflight_request("/echo", APP, "PUT").body("12345"),
            allowed_by_list().leaves_body_unread(),
        ),
        case(
            "preflight: cookies do not matter",
            LIST,
            preflight_request("/echo", APP, "PUT").line("Cookie", "a=b"),
            allowed_by_list(),
        ),
        // A browser sends such a preflight for an upload listener or a streamed body.
        case(
            "preflight: an upload listener passes where nothing is listed",
            BARE,
            preflight_request("/echo", APP, "POST"),
            allowed_by_bare(),
        ),
        case(
            "preflight: an empty list of headers passes where nothing is listed",
            BARE,
            preflight_for_headers_of("POST", [""]),
            allowed_by_bare(),
        ),
    ]
}

/// Preflights are answered at every path alike, whatever the app would do there.
fn paths() -> Vec<Case> {
    [
        "/echo",
        "/only-get",
        "/boom",
        "/panic",
        "/guarded",
        "/redirect",
        "/login",
        "/own-cors",
        "/stream",
        "/nowhere",
        "/",
        "/echo?query",
        "/%2e%2e/echo",
        "//echo",
    ]
    .into_iter()
    .flat_map(|path| {
        [
            case(
                format!("preflight to {path} from an allowed origin"),
                LIST,
                preflight_request(path, APP, "PUT"),
                allowed_by_list(),
            ),
            case(
                format!("preflight to {path} from a refused origin"),
                LIST,
                preflight_request(path, EVIL, "PUT"),
                refused(),
            ),
            case(
                format!("preflight to {path} for a refused method"),
                LIST,
                preflight_request(path, APP, "PROPFIND"),
                allowed_by_list(),
            ),
        ]
    })
    .collect()
}

fn methods() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in ["GET", "HEAD", "POST"] {
        cases.push(case(
            format!("methods: {method} is safelisted, listed or not"),
            BARE,
            preflight_request("/echo", APP, method),
            allowed_by_bare(),
        ));
    }
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"] {
        cases.push(case(
            format!("methods: {method} is allowed"),
            LIST,
            preflight_request("/echo", APP, method),
            allowed_by_list(),
        ));
    }
    // The browser gets the list, and finds for itself that the method is not in it.
    for method in [
        "patch", "Patch", "put", "Put", "delete", "get", "Get", "head", "post", "OPTIONS",
        "PROPFIND", "PURGE", "PUTT", "PU", "*", "null",
    ] {
        cases.push(case(
            format!("methods: {method} is refused by the list"),
            LIST,
            preflight_request("/echo", APP, method),
            allowed_by_list(),
        ));
    }
    for method in [
        "CONNECT", "TRACE", "TRACK", "PUT,", ",PUT", "PUT;", "PUT/1", "P\u{dc}T",
    ] {
        cases.push(case(
            format!("methods: {method} is refused"),
            LIST,
            preflight_request("/echo", APP, method),
            refused(),
        ));
    }
    cases.push(case(
        "methods: PUT is refused where none is listed",
        BARE,
        preflight_request("/echo", APP, "PUT"),
        put_refused_by_bare(204),
    ));
    cases.push(case(
        "methods: a method of one's own is allowed as it is written",
        r#"
        allow_origins = ["https://app.example.com"]
        allow_methods = ["PROPFIND", "get", "x-Method", "options"]
        "#,
        preflight_request("/echo", APP, "x-Method"),
        Expected::answer(204)
            .cors(&[(ACAO, APP), (ACAM, "PROPFIND, GET, x-Method, OPTIONS")])
            .vary(PREFLIGHT),
    ));
    cases
}

fn any_method() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in [
        "GET", "POST", "PUT", "PATCH", "patch", "put", "PROPFIND", "x-Method", "OPTIONS",
    ] {
        cases.extend([
            case(
                format!("any method: {method} without credentials"),
                ANY_METHOD,
                preflight_request("/echo", APP, method),
                Expected::answer(204)
                    .cors(&[(ACAO, APP), (ACAM, "*")])
                    .vary(PREFLIGHT),
            ),
            case(
                format!("any method: {method} with credentials"),
                ANY_METHOD_WITH_CREDENTIALS,
                preflight_request("/echo", APP, method),
                Expected::answer(204)
                    .cors(&[(ACAO, APP), (ACAC, "true"), (ACAM, method)])
                    .vary(PREFLIGHT),
            ),
        ]);
    }
    cases.extend([
        case(
            "any method: `*` itself without credentials",
            ANY_METHOD,
            preflight_request("/echo", APP, "*"),
            Expected::answer(204)
                .cors(&[(ACAO, APP), (ACAM, "*")])
                .vary(PREFLIGHT),
        ),
        case(
            "any method: `*` itself is not echoed",
            ANY_METHOD_WITH_CREDENTIALS,
            preflight_request("/echo", APP, "*"),
            refused(),
        ),
    ]);
    for method in [
        "CONNECT", "connect", "TRACE", "trace", "Trace", "TRACK", "track", "tRaCk", "", "PUT,GET",
        "PU T", "PUT\tGET", "P\u{dc}T", "(PUT)", "\"PUT\"", "PUT:", "a/b", "a@b", "{PUT}",
    ] {
        for (name, policy) in [
            ("without", ANY_METHOD),
            ("with", ANY_METHOD_WITH_CREDENTIALS),
        ] {
            cases.push(case(
                format!(
                    "any method: `{}` is refused {name} credentials",
                    method.escape_debug()
                ),
                policy,
                preflight_request("/echo", APP, method),
                refused(),
            ));
        }
    }
    cases
}

fn headers() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in [
        "content-type",
        "x-custom-one",
        "authorization",
        "Content-Type",
        "X-CUSTOM-ONE",
    ] {
        cases.push(case(
            format!("headers: {name} is allowed"),
            LIST,
            preflight_for_headers([name]),
            allowed_by_list(),
        ));
    }
    // A browser lists a safelisted name only where the value is not safelisted.
    for name in [
        "accept",
        "accept-language",
        "content-language",
        "range",
        "x-custom-two",
        "x-custom",
        "x-custom-one-more",
        "*",
        "cookie",
        "origin",
    ] {
        cases.push(case(
            format!("headers: {name} is refused where it is not listed"),
            LIST,
            preflight_for_headers([name]),
            allowed_by_list(),
        ));
    }
    for name in ["content-type", "authorization", "x-anything"] {
        cases.push(case(
            format!("headers: {name} is refused where none is listed"),
            BARE,
            preflight_for_headers_of("POST", [name]),
            allowed_by_bare(),
        ));
    }
    let any = |allowed: &str| {
        Expected::answer(204)
            .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, allowed)])
            .vary(PREFLIGHT)
    };
    for lines in [
        &[][..],
        &["x-anything"],
        &["content-type,x-anything"],
        &["x-a", "x-b"],
        &["Accept"],
        &["authorization-not"],
    ] {
        cases.push(case(
            format!("any header: {lines:?} without credentials"),
            ANY_HEADER,
            preflight_for_headers(lines),
            any("*"),
        ));
    }
    for line in [
        "authorization",
        "Authorization",
        "AUTHORIZATION",
        "x-a,authorization",
    ] {
        cases.extend([
            case(
                format!("any header: `*` does not cover {line}"),
                ANY_HEADER,
                preflight_for_headers([line]),
                refused(),
            ),
            case(
                format!("any header: {line} is allowed by name"),
                ANY_HEADER_AND_AUTHORIZATION,
                preflight_for_headers([line]),
                any("*, authorization"),
            ),
        ]);
    }
    cases.push(case(
        "any header: `*` covers the others beside authorization",
        ANY_HEADER_AND_AUTHORIZATION,
        preflight_for_headers(["x-anything"]),
        any("*, authorization"),
    ));
    cases
}

fn max_age() -> Vec<Case> {
    [
        (r#"allow_origins = ["https://app.example.com"]"#, None),
        (
            r#"
            allow_origins = ["https://app.example.com"]
            max_age = 0
            "#,
            Some("0"),
        ),
        (
            r#"
            allow_origins = ["https://app.example.com"]
            max_age = 1
            "#,
            Some("1"),
        ),
        (
            r#"
            allow_origins = ["https://app.example.com"]
            max_age = 86400
            "#,
            Some("86400"),
        ),
    ]
    .into_iter()
    .flat_map(|(policy, max_age)| {
        let mut cors = vec![(ACAO, APP)];
        cors.extend(max_age.map(|max_age| (ACMA, max_age)));
        let name = max_age.unwrap_or("not said");
        [
            case(
                format!("max-age {name} on an allowed preflight"),
                policy,
                preflight_request("/echo", APP, "GET"),
                Expected::answer(204).cors(&cors).vary(PREFLIGHT),
            ),
            case(
                format!("max-age {name} not for a refused origin"),
                policy,
                preflight_request("/echo", EVIL, "GET"),
                refused(),
            ),
            case(
                format!("max-age {name} for a refused header"),
                policy,
                preflight_for_headers_of("GET", ["x-a"]),
                Expected::answer(204).cors(&cors).vary(PREFLIGHT),
            ),
            case(
                format!("max-age {name} not on an actual response"),
                policy,
                Request::new("PUT", "/echo").line("Origin", APP),
                Expected::from_handler(200)
                    .cors(&[(ACAO, APP)])
                    .vary(ORIGIN),
            ),
        ]
    })
    .collect()
}

fn statuses() -> Vec<Case> {
    [
        (
            r#"
            allow_origins = ["https://app.example.com"]
            preflight_status = 200
            preflight_refusal_status = 200
            "#,
            200,
            200,
        ),
        (
            r#"
            allow_origins = ["https://app.example.com"]
            preflight_status = 299
            preflight_refusal_status = 204
            "#,
            299,
            204,
        ),
        (
            r#"
            allow_origins = ["https://app.example.com"]
            preflight_refusal_status = 400
            "#,
            204,
            400,
        ),
        (
            r#"
            allow_origins = ["https://app.example.com"]
            preflight_status = 202
            preflight_refusal_status = 499
            "#,
            202,
            499,
        ),
    ]
    .into_iter()
    .flat_map(|(policy, allowed, refused)| {
        let name = format!("statuses {allowed} and {refused}");
        let refused = Expected::answer(refused).vary(PREFLIGHT);
        [
            case(
                format!("{name}: allowed"),
                policy,
                preflight_request("/echo", APP, "GET"),
                Expected::answer(allowed)
                    .cors(&[(ACAO, APP)])
                    .vary(PREFLIGHT),
            ),
            case(
                format!("{name}: refused origin"),
                policy,
                preflight_request("/echo", EVIL, "GET"),
                refused.clone(),
            ),
            case(
                format!("{name}: refused method"),
                policy,
                preflight_request("/echo", APP, "PUT"),
                put_refused_by_bare(allowed),
            ),
            case(
                format!("{name}: refused header"),
                policy,
                preflight_for_headers_of("GET", ["x-a"]),
                Expected::answer(allowed)
                    .cors(&[(ACAO, APP)])
                    .vary(PREFLIGHT),
            ),
            case(
                format!("{name}: no browser asks so"),
                policy,
                preflight_for_headers_of("GET", ["x a"]),
                refused,
            ),
            case(
                format!("{name}: the app's own on an actual response"),
                policy,
                Request::new("GET", "/boom").line("Origin", EVIL),
                Expected::from_handler(500).vary(ORIGIN),
            ),
        ]
    })
    .collect()
}

fn private_network() -> Vec<Case> {
    let asks = |origin, lines: &[&str]| {
        lines.iter().fold(
            preflight_request("/echo", origin, "GET"),
            |request, line| request.line("Access-Control-Request-Private-Network", line),
        )
    };
    let mut cases = Vec::new();
    for lines in [&["true"][..], &["\t true \t"]] {
        cases.push(case(
            format!("private network: allowed to a page that asks with {lines:?}"),
            PRIVATE_NETWORK,
            asks(APP, lines),
            Expected::answer(204)
                .cors(&[(ACAO, APP), (ACAPN, "true")])
                .vary(PREFLIGHT)
                .vary(ACRPN),
        ));
    }
    for lines in [
        &[][..],
        &[""],
        &["True"],
        &["TRUE"],
        &["1"],
        &["false"],
        &["?1"],
        &["true,true"],
        &["true", "true"],
        &["true", "false"],
        &["tru"],
        &["truee"],
    ] {
        cases.push(case(
            format!("private network: {lines:?} does not ask"),
            PRIVATE_NETWORK,
            asks(APP, lines),
            Expected::answer(204)
                .cors(&[(ACAO, APP)])
                .vary(PREFLIGHT)
                .vary(ACRPN),
        ));
    }
    cases.extend([
        case(
            "private network: any origin",
            r#"
            allow_origins = ["*"]
            allow_private_network = true
            "#,
            asks(APP, &["true"]),
            Expected::answer(204)
                .cors(&[(ACAO, "*"), (ACAPN, "true")])
                .vary(PREFLIGHT_OF_ANY_ORIGIN)
                .vary(ACRPN),
        ),
        case(
            "private network: not for a refused origin",
            PRIVATE_NETWORK,
            asks(EVIL, &["true"]),
            refused().vary(ACRPN),
        ),
        case(
            "private network: not for a refused header",
            PRIVATE_NETWORK,
            asks(APP, &["true"]).line("Access-Control-Request-Headers", "x-a"),
            allowed_by_bare().vary(ACRPN),
        ),
        case(
            "private network: never on an actual response",
            PRIVATE_NETWORK,
            Request::new("GET", "/echo")
                .line("Origin", APP)
                .line("Access-Control-Request-Private-Network", "true"),
            Expected::from_handler(200)
                .cors(&[(ACAO, APP)])
                .vary(ORIGIN),
        ),
        case(
            "private network: never where it is not CORS",
            PRIVATE_NETWORK,
            Request::new("OPTIONS", "/echo").line("Access-Control-Request-Private-Network", "true"),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "private network: off by default",
            BARE,
            asks(APP, &["true"]),
            allowed_by_bare(),
        ),
        case(
            "private network: off by default, a refused preflight too",
            BARE,
            asks(EVIL, &["true"]),
            refused(),
        ),
    ]);
    cases
}

/// Returns cases for the app's status and body, with the fields that an answer would have had.
fn passthrough() -> Vec<Case> {
    let echoed = r#"{"method":"OPTIONS","body_length":0,"x_echo":null,"cookie":null}"#;
    let mut cases = Vec::new();
    for (path, expected) in [
        ("/echo", Expected::from_handler(200).text(echoed)),
        ("/only-get", Expected::method_not_allowed()),
        ("/boom", Expected::from_handler(500)),
        ("/panic", Expected::from_panic()),
        ("/guarded", Expected::from_framework(401)),
        (
            "/redirect",
            Expected::from_handler(302).lines("location", &["/echo"]),
        ),
        (
            "/login",
            Expected::from_handler(200).lines("set-cookie", &COOKIES),
        ),
        ("/own-cors", Expected::from_handler(200)),
        ("/nowhere", Expected::from_framework(404)),
    ] {
        cases.extend([
            case(
                format!("passthrough: allowed at {path}"),
                PASSTHROUGH,
                preflight_request(path, APP, "PUT"),
                expected
                    .clone()
                    .each(|expected| expected.cors(&PASSED).vary(PREFLIGHT)),
            ),
            case(
                format!("passthrough: refused origin at {path}"),
                PASSTHROUGH,
                preflight_request(path, EVIL, "PUT"),
                expected.clone().each(|expected| expected.vary(PREFLIGHT)),
            ),
            case(
                format!("passthrough: refused method at {path}"),
                PASSTHROUGH,
                preflight_request(path, APP, "DELETE"),
                expected
                    .clone()
                    .each(|expected| expected.cors(&PASSED).vary(PREFLIGHT)),
            ),
            case(
                format!("passthrough: no browser asks so at {path}"),
                PASSTHROUGH,
                preflight_request(path, APP, "TRACE"),
                expected.each(|expected| expected.vary(PREFLIGHT)),
            ),
        ]);
    }
    cases.extend([
        case(
            "passthrough: refused header",
            PASSTHROUGH,
            preflight_for_headers(["x-other"]),
            Expected::from_handler(200).cors(&PASSED).vary(PREFLIGHT),
        ),
        case(
            "passthrough: actual requests are as ever",
            PASSTHROUGH,
            Request::new("OPTIONS", "/echo").line("Origin", APP),
            Expected::from_handler(200)
                .cors(&[(ACAO, APP), (ACAC, "true"), (ACEH, "x-app-hits")])
                .vary(ORIGIN),
        ),
        // The app has the request by then, and each line is still repeated as it came.
        case(
            "passthrough: what was asked for is repeated",
            r#"
            allow_origins = ["https://app.example.com"]
            allow_methods = ["*"]
            allow_headers = ["*"]
            allow_credentials = true
            preflight_passthrough = true
            "#,
            ["X-A", "x-b, x-c"].into_iter().fold(
                preflight_request("/own-cors", APP, "patch"),
                |request, line| request.line("Access-Control-Request-Headers", line),
            ),
            Expected::from_handler(200)
                .cors(&[
                    (ACAO, APP),
                    (ACAC, "true"),
                    (ACAM, "patch"),
                    (ACAH, "X-A,x-b, x-c"),
                ])
                .vary(PREFLIGHT),
        ),
        case(
            "passthrough: any origin",
            r#"
            allow_origins = ["*"]
            preflight_passthrough = true
            "#,
            preflight_request("/own-cors", EVIL, "GET"),
            Expected::from_handler(200)
                .cors(&[(ACAO, "*")])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
    ]);
    cases
}

fn passthrough_keeps_vary() -> Vec<Case> {
    let mut cases = Vec::new();
    for (path, own) in vary::PATHS {
        let merged = Expected::from_handler(200).vary(own).vary(PREFLIGHT);
        cases.extend([
            case(
                format!("passthrough: Vary is merged at {path}"),
                PASSTHROUGH,
                preflight_request(path, APP, "PUT"),
                merged.clone().cors(&PASSED),
            ),
            case(
                format!("passthrough: Vary is merged at {path} for a refused origin"),
                PASSTHROUGH,
                preflight_request(path, EVIL, "PUT"),
                merged,
            ),
        ]);
    }
    cases
}

/// Returns what [`preflight_for_headers`] returns, for another method.
fn preflight_for_headers_of<const LINES: usize>(method: &str, lines: [&str; LINES]) -> Request {
    lines
        .into_iter()
        .fold(preflight_request("/echo", APP, method), |request, line| {
            request.line("Access-Control-Request-Headers", line)
        })
}

fn allowed_by_list() -> Expected {
    Expected::answer(204)
        .cors(&[(ACAO, APP), (ACAM, LIST_METHODS), (ACAH, LIST_HEADERS)])
        .vary(PREFLIGHT)
}

fn allowed_by_bare() -> Expected {
    Expected::answer(204).cors(&[(ACAO, APP)]).vary(PREFLIGHT)
}

/// Where a response has no list of methods, and a page streams its body, a browser takes the
/// requested method for allowed. So there is one, of the methods that are always allowed.
fn put_refused_by_bare(status: u16) -> Expected {
    Expected::answer(status)
        .cors(&[(ACAO, APP), (ACAM, "GET, HEAD, POST")])
        .vary(PREFLIGHT)
}

fn refused() -> Expected {
    Expected::answer(403).vary(PREFLIGHT)
}

const ANY_METHOD: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["*"]
"#;

const ANY_METHOD_WITH_CREDENTIALS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["*"]
allow_credentials = true
"#;

const ANY_HEADER: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["*"]
"#;

const ANY_HEADER_AND_AUTHORIZATION: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["*", "Authorization"]
"#;

const PRIVATE_NETWORK: &str = r#"
allow_origins = ["https://app.example.com"]
allow_private_network = true
"#;

const PASSTHROUGH: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits"]
allow_credentials = true
max_age = 60
preflight_passthrough = true
"#;

/// The fields that [`PASSTHROUGH`] adds to the response of an allowed preflight.
const PASSED: [(&str, &str); 5] = [
    (ACAO, APP),
    (ACAC, "true"),
    (ACAM, "PUT"),
    (ACAH, "content-type"),
    (ACMA, "60"),
];
