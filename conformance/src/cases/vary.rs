//! Section 3: an existing Vary is kept and merged, no name twice, `*` left alone.

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{LIST, LIST_HEADERS, LIST_METHODS, Row, actual_cases};
use super::request::preflight_request;
use super::words::{ACAH, ACAM, ACAO, APP, EVIL, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = actual_cases(&rows());
    for (path, _) in PATHS {
        cases.extend([
            case(
                format!("the app's Vary is not on a preflight's answer at {path}"),
                LIST,
                preflight_request(path, APP, "PUT"),
                Expected::answer(204)
                    .cors(&[(ACAO, APP), (ACAM, LIST_METHODS), (ACAH, LIST_HEADERS)])
                    .vary(PREFLIGHT),
            ),
            case(
                format!("a refused preflight has a preflight's Vary at {path}"),
                LIST,
                preflight_request(path, EVIL, "PUT"),
                Expected::answer(403).vary(PREFLIGHT),
            ),
        ]);
    }
    cases
}

fn rows() -> Vec<Row> {
    PATHS
        .iter()
        .map(|(path, names)| ("GET", *path, Expected::from_handler(200).vary(names)))
        .collect()
}

/// The paths of the test app with a Vary of their own.
pub(super) const PATHS: [(&str, &[&str]); 4] = [
    ("/vary", &["accept-encoding"]),
    ("/vary-two", &["cookie", "accept-encoding"]),
    ("/vary-origin", &["origin"]),
    ("/vary-star", &["*"]),
];
