//! The policies that several sections share, each with the fields that it adds to the response of an
//! actual request.

use conformance_client::raw::Request;
use conformance_servers::Framework;

use super::case::{Case, case};
use super::expected::Expected;
use super::words::{ACAC, ACAO, ACEH, APP, EVIL, ORIGIN};

/// Two origins, no credentials, with duplicates and spellings that building normalises.
pub(super) const LIST: &str = r#"
allow_origins = ["https://app.example.com", "https://admin.example.com"]
allow_methods = ["PUT", "put", "DELETE", "PATCH"]
allow_headers = ["Content-Type", "X-Custom-One", "content-type", "authorization"]
expose_headers = ["X-App-Hits", "X-Custom-One", "x-app-hits"]
"#;

pub(super) const LIST_METHODS: &str = "PUT, DELETE, PATCH";
pub(super) const LIST_HEADERS: &str = "content-type, x-custom-one, authorization";
pub(super) const LIST_EXPOSED: &str = "x-app-hits, x-custom-one";

/// One origin, with credentials.
pub(super) const CREDENTIALS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits"]
allow_credentials = true
max_age = 600
"#;

/// Any origin, without credentials: the same fields for everybody.
pub(super) const PUBLIC: &str = r#"
allow_origins = ["*"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits"]
"#;

/// One origin with credentials, any other without.
pub(super) const APART: &str = r#"
allow_origins = ["*"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits"]
allow_credentials_from = ["https://app.example.com"]
max_age = 600
"#;

/// One origin and nothing else.
pub(super) const BARE: &str = r#"allow_origins = ["https://app.example.com"]"#;

/// An empty file: a valid policy that allows nobody.
pub(super) const NOBODY: &str = "";

/// The fields that a policy adds to the response of an actual request, by the origin it comes from.
#[derive(Clone, Copy)]
pub(super) struct Actual {
    pub(super) name: &'static str,
    pub(super) policy: &'static str,
    pub(super) allowed: &'static [(&'static str, &'static str)],
    pub(super) refused: &'static [(&'static str, &'static str)],
    pub(super) absent: &'static [(&'static str, &'static str)],
    pub(super) vary: &'static [&'static str],
}

pub(super) const ACTUAL: [Actual; 6] = [
    Actual {
        name: "list",
        policy: LIST,
        allowed: &[(ACAO, APP), (ACEH, LIST_EXPOSED)],
        refused: &[],
        absent: &[],
        vary: ORIGIN,
    },
    Actual {
        name: "credentials",
        policy: CREDENTIALS,
        allowed: &[(ACAO, APP), (ACAC, "true"), (ACEH, "x-app-hits")],
        refused: &[],
        absent: &[],
        vary: ORIGIN,
    },
    // Nothing in the response depends on Origin, so a shared cache may reuse it for everybody.
    Actual {
        name: "public",
        policy: PUBLIC,
        allowed: &[(ACAO, "*"), (ACEH, "x-app-hits")],
        refused: &[(ACAO, "*"), (ACEH, "x-app-hits")],
        absent: &[(ACAO, "*"), (ACEH, "x-app-hits")],
        vary: &[],
    },
    // A response without an origin must not be the one of a cache for an origin with credentials.
    Actual {
        name: "apart",
        policy: APART,
        allowed: &[(ACAO, APP), (ACAC, "true"), (ACEH, "x-app-hits")],
        refused: &[(ACAO, "*"), (ACEH, "x-app-hits")],
        absent: &[],
        vary: ORIGIN,
    },
    Actual {
        name: "bare",
        policy: BARE,
        allowed: &[(ACAO, APP)],
        refused: &[],
        absent: &[],
        vary: ORIGIN,
    },
    Actual {
        name: "nobody",
        policy: NOBODY,
        allowed: &[],
        refused: &[],
        absent: &[],
        vary: ORIGIN,
    },
];

/// A request to the test app, with the response that the app gives without CORS.
pub(super) type Row = (&'static str, &'static str, Expected);

/// Returns a case for every row under every policy of [`ACTUAL`], from an allowed origin, from
/// another one, and from none.
///
/// What the app itself puts into Vary is part of the row.
pub(super) fn actual_cases(rows: &[Row]) -> Vec<Case> {
    let mut cases = Vec::new();
    for actual in ACTUAL {
        for (method, path, expected) in rows {
            for (kind, origin, cors) in [
                ("allowed", Some(APP), actual.allowed),
                ("refused", Some(EVIL), actual.refused),
                ("no", None, actual.absent),
            ] {
                let name = format!("{}: {method} {path} from {kind} origin", actual.name);
                let request = Request::new(method, path);
                let request = match origin {
                    Some(origin) => request.line("Origin", origin),
                    None => request,
                };
                let expected = expected
                    .clone()
                    .each(|expected| expected.cors(cors).vary(actual.vary));
                let expected = if *method == "PROPFIND" {
                    expected.on(Framework::Rocket, Expected::unknown_to_rocket())
                } else {
                    expected
                };
                cases.push(case(name, actual.policy, request, expected));
            }
        }
    }
    cases
}
