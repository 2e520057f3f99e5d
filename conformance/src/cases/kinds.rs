//! Section 1: which kind of request it is, and section 3's row for it.

use conformance_client::raw::Request;
use conformance_servers::Framework;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{LIST, LIST_EXPOSED, LIST_HEADERS, LIST_METHODS, PUBLIC};
use super::request::{get, preflight_request};
use super::words::{ACAH, ACAM, ACAO, ACEH, APP, EVIL, ORIGIN, PREFLIGHT, PREFLIGHT_OF_ANY_ORIGIN};

pub(super) fn cases() -> Vec<Case> {
    let options = || Request::new("OPTIONS", "/echo");
    let mut cases = vec![
        case("no Origin is not CORS", LIST, get("/echo"), not_cors()),
        case(
            "Origin makes an actual request",
            LIST,
            get("/echo").line("Origin", APP),
            actual(),
        ),
        case(
            "each listed origin is answered by its own name",
            LIST,
            get("/echo").line("Origin", "https://admin.example.com"),
            Expected::from_handler(200)
                .cors(&[(ACAO, "https://admin.example.com"), (ACEH, LIST_EXPOSED)])
                .vary(ORIGIN),
        ),
        case(
            "OPTIONS with Origin and a requested method is a preflight",
            LIST,
            preflight_request("/echo", APP, "PUT"),
            allowed_preflight(),
        ),
        case(
            "field names are case-insensitive",
            LIST,
            options()
                .line("oRIGIN", APP)
                .line("ACCESS-CONTROL-REQUEST-METHOD", "PUT")
                .line("access-control-request-headers", "content-type"),
            allowed_preflight(),
        ),
        case(
            "a bare OPTIONS is not CORS and reaches the app",
            LIST,
            options(),
            not_cors(),
        ),
        case(
            "OPTIONS without a requested method is actual and reaches the app",
            LIST,
            options().line("Origin", APP),
            actual(),
        ),
        case(
            "OPTIONS without a requested method from a refused origin reaches the app",
            LIST,
            options().line("Origin", EVIL),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "OPTIONS with requested headers alone is actual",
            LIST,
            options()
                .line("Origin", APP)
                .line("Access-Control-Request-Headers", "content-type"),
            actual(),
        ),
        case(
            "OPTIONS with a requested method and no Origin is not CORS",
            LIST,
            options().line("Access-Control-Request-Method", "PUT"),
            not_cors(),
        ),
        case(
            "OPTIONS with a requested method and no Origin is not CORS for any origin either",
            PUBLIC,
            options().line("Access-Control-Request-Method", "PUT"),
            Expected::from_handler(200).cors(&[(ACAO, "*"), (ACEH, "x-app-hits")]),
        ),
        case(
            "options in lower case is another method",
            LIST,
            Request::new("options", "/echo")
                .line("Origin", APP)
                .line("Access-Control-Request-Method", "PUT"),
            actual().on(Framework::Rocket, Expected::unknown_to_rocket()),
        ),
        case(
            "a preflight has no ACEH and no ACAC of its own accord",
            PUBLIC,
            preflight_request("/echo", APP, "PUT"),
            Expected::answer(204)
                .cors(&[(ACAO, "*"), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
        case(
            "OPTIONS * with a preflight's lines is a preflight",
            LIST,
            preflight_request("*", APP, "PUT"),
            allowed_preflight(),
        ),
    ];
    for method in ["GET", "HEAD", "POST", "PUT", "TRACE"] {
        cases.push(case(
            format!("{method} with a preflight's lines is actual"),
            LIST,
            Request::new(method, "/echo")
                .line("Origin", APP)
                .line("Access-Control-Request-Method", "PUT")
                .line("Access-Control-Request-Headers", "content-type"),
            actual(),
        ));
    }
    for (what, methods) in [
        ("an empty", &[&b""[..]][..]),
        ("a comma in the", &[b"PUT, DELETE"]),
        ("a space in the", &[b"PU T"]),
        ("a non-ASCII", &[b"P\xc3\x9cT"]),
        ("a quoted", &[b"\"PUT\""]),
        ("a repeated", &[b"PUT", b"PUT"]),
        ("a contradictory", &[b"PUT", b"DELETE"]),
        ("a partly empty", &[b"", b"PUT"]),
    ] {
        let request = methods
            .iter()
            .fold(options().line("Origin", APP), |request, method| {
                request.line("Access-Control-Request-Method", method)
            });
        cases.push(case(
            format!("{what} requested method is a refused preflight"),
            LIST,
            request,
            Expected::answer(403).vary(PREFLIGHT),
        ));
    }
    for (what, origins) in [
        ("the same Origin twice", &[APP, APP][..]),
        ("two allowed Origins", &[APP, "https://admin.example.com"]),
        ("an allowed Origin before another", &[APP, EVIL]),
        ("an allowed Origin after another", &[EVIL, APP]),
        ("an allowed Origin before an empty one", &[APP, ""]),
        ("an allowed Origin after an empty one", &["", APP]),
        ("an empty Origin", &[""]),
        (
            "a list of one Origin twice",
            &["https://app.example.com,https://app.example.com"],
        ),
    ] {
        let with = |request: Request| {
            origins
                .iter()
                .fold(request, |request, origin| request.line("Origin", origin))
        };
        let asks = || options().line("Access-Control-Request-Method", "PUT");
        cases.extend([
            case(
                format!("{what} is not allowed"),
                LIST,
                with(get("/echo")),
                Expected::from_handler(200).vary(ORIGIN),
            ),
            case(
                format!("{what} is not allowed in a preflight"),
                LIST,
                with(asks()),
                Expected::answer(403).vary(PREFLIGHT),
            ),
            case(
                format!("{what} does not matter to any origin"),
                PUBLIC,
                with(get("/echo")),
                Expected::from_handler(200).cors(&[(ACAO, "*"), (ACEH, "x-app-hits")]),
            ),
            case(
                format!("{what} does not matter to any origin's preflight"),
                PUBLIC,
                with(asks()),
                Expected::answer(204)
                    .cors(&[(ACAO, "*"), (ACAM, "PUT"), (ACAH, "content-type")])
                    .vary(PREFLIGHT_OF_ANY_ORIGIN),
            ),
        ]);
    }
    cases
}

fn not_cors() -> Expected {
    Expected::from_handler(200).vary(ORIGIN)
}

fn actual() -> Expected {
    Expected::from_handler(200)
        .cors(&[(ACAO, APP), (ACEH, LIST_EXPOSED)])
        .vary(ORIGIN)
}

fn allowed_preflight() -> Expected {
    Expected::answer(204)
        .cors(&[(ACAO, APP), (ACAM, LIST_METHODS), (ACAH, LIST_HEADERS)])
        .vary(PREFLIGHT)
}
