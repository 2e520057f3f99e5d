//! Section 3: a preflight of an allowed origin that is refused. Where a list of the policy lacks the
//! method or a header, the answer has the policy; otherwise it is bare.

use super::case::{Case, case};
use super::expected::Expected;
use super::request::preflight_request;
use super::words::{ACAC, ACAH, ACAM, ACAO, ACAPN, ACMA, ACRPN, APP, EVIL, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for listed_methods in [true, false] {
        for listed_headers in [true, false] {
            for credentials in [true, false] {
                for passthrough in [true, false] {
                    // The headers are the same with and without; two of the four kinds show it.
                    if passthrough && listed_methods != listed_headers {
                        continue;
                    }
                    let shape = Shape {
                        listed_methods,
                        listed_headers,
                        credentials,
                        passthrough,
                    };
                    cases.extend(cases_of(shape));
                }
            }
        }
    }
    cases
}

/// What a policy of these cases allows beside [`APP`]: PUT or any method, x-a or any header.
#[derive(Clone, Copy, Debug)]
struct Shape {
    listed_methods: bool,
    listed_headers: bool,
    credentials: bool,
    passthrough: bool,
}

/// A method, or a list of headers, that a preflight asks for.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    /// It is listed, and `*` covers it.
    Listed,
    /// It is not listed, and `*` covers it.
    Unlisted,
    /// It is not listed, and `*` covers it only without credentials.
    Wildcard,
    /// It is not listed, and `*` covers it only with credentials.
    Authorization,
    /// No browser sends it.
    Hopeless,
}

const METHODS: [(&str, Asked); 5] = [
    ("PUT", Asked::Listed),
    ("DELETE", Asked::Unlisted),
    ("*", Asked::Wildcard),
    ("TRACE", Asked::Hopeless),
    ("P T", Asked::Hopeless),
];

const HEADERS: [(&str, Asked); 8] = [
    ("", Asked::Listed),
    ("x-b", Asked::Unlisted),
    ("x-a,x-b", Asked::Unlisted),
    ("*", Asked::Wildcard),
    ("authorization", Asked::Authorization),
    ("x-b,authorization", Asked::Authorization),
    ("x b", Asked::Hopeless),
    ("x-b,x b", Asked::Hopeless),
];

/// The standing of a method, or of a list of headers, under a policy.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Passes,
    /// A list lacks it.
    Unlisted,
    /// It fails, and a list in the answer would not tell why.
    Fails,
}

impl Asked {
    fn standing(self, listed: bool, credentials: bool) -> Standing {
        match (self, listed) {
            (Self::Hopeless, _) => Standing::Fails,
            (Self::Listed, _) | (Self::Unlisted, false) => Standing::Passes,
            (_, true) => Standing::Unlisted,
            (Self::Wildcard, false) if credentials => Standing::Fails,
            (Self::Authorization, false) if !credentials => Standing::Fails,
            (Self::Wildcard | Self::Authorization, false) => Standing::Passes,
        }
    }
}

fn cases_of(shape: Shape) -> Vec<Case> {
    let policy = policy(shape);
    let of = |listed| if listed { "listed" } else { "any" };
    let name = format!(
        "refusals: {} methods, {} headers, credentials {}, passthrough {}",
        of(shape.listed_methods),
        of(shape.listed_headers),
        shape.credentials,
        shape.passthrough
    );
    let mut cases = Vec::new();
    for (method, asked_method) in METHODS {
        for (headers, asked_headers) in HEADERS {
            let request = preflight_request("/echo", APP, method)
                .line("Access-Control-Request-Headers", headers)
                .line("Access-Control-Request-Private-Network", "true");
            let standings = [
                asked_method.standing(shape.listed_methods, shape.credentials),
                asked_headers.standing(shape.listed_headers, shape.credentials),
            ];
            let expected = if standings.contains(&Standing::Fails) {
                bare(shape)
            } else {
                let fields = fields(shape, method, headers);
                let allowed = standings == [Standing::Passes; 2];
                let network = allowed.then_some((ACAPN, "true"));
                with_policy(shape).cors(&fields).cors(network.as_slice())
            };
            cases.push(case(
                format!("{name}: `{method}` and `{headers}`"),
                policy,
                request,
                expected.vary(PREFLIGHT).vary(ACRPN),
            ));
        }
    }
    let several = preflight_request("/echo", APP, "DELETE");
    cases.extend([
        case(
            format!("{name}: two methods"),
            policy,
            several.line("Access-Control-Request-Method", "DELETE"),
            bare(shape).vary(PREFLIGHT).vary(ACRPN),
        ),
        case(
            format!("{name}: another origin"),
            policy,
            preflight_request("/echo", EVIL, "DELETE"),
            bare(shape).vary(PREFLIGHT).vary(ACRPN),
        ),
        case(
            format!("{name}: more headers than a browser needs"),
            policy,
            preflight_request("/echo", APP, "DELETE")
                .line("Access-Control-Request-Headers", vec!["x-b"; 500].join(",")),
            bare(shape).vary(PREFLIGHT).vary(ACRPN),
        ),
    ]);
    cases
}

/// The fields of an allowed preflight, but for the one of private networks.
fn fields<'a>(shape: Shape, method: &'a str, headers: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![(ACAO, APP), (ACMA, "60")];
    fields.extend(shape.credentials.then_some((ACAC, "true")));
    fields.push(match (shape.listed_methods, shape.credentials) {
        (true, _) => (ACAM, "PUT"),
        (false, true) => (ACAM, method),
        (false, false) => (ACAM, "*"),
    });
    match (shape.listed_headers, shape.credentials) {
        (true, _) => fields.push((ACAH, "x-a")),
        (false, true) if headers.is_empty() => {}
        (false, true) => fields.push((ACAH, headers)),
        (false, false) => fields.push((ACAH, "*")),
    }
    fields
}

fn bare(shape: Shape) -> Expected {
    if shape.passthrough {
        Expected::from_handler(200)
    } else {
        Expected::answer(400)
    }
}

fn with_policy(shape: Shape) -> Expected {
    if shape.passthrough {
        Expected::from_handler(200)
    } else {
        Expected::answer(202)
    }
}

fn policy(shape: Shape) -> &'static str {
    let of = |listed, item: &'static str| if listed { item } else { "*" };
    let text = format!(
        r#"
        allow_origins = ["https://app.example.com"]
        allow_methods = ["{}"]
        allow_headers = ["{}"]
        allow_credentials = {}
        max_age = 60
        allow_private_network = true
        preflight_status = 202
        preflight_refusal_status = 400
        preflight_passthrough = {}
        "#,
        of(shape.listed_methods, "PUT"),
        of(shape.listed_headers, "x-a"),
        shape.credentials,
        shape.passthrough
    );
    // Every case has its policy for as long as the program runs.
    String::leak(text)
}
