//! Section 3: an existing Vary is kept and merged, no name twice, `*` left alone.

use super::policies::{LIST, LIST_HEADERS, LIST_METHODS, Row, actual_cases};
use super::{ACAH, ACAM, ACAO, APP, Answer, Case, EVIL, PREFLIGHT, case, preflight};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = actual_cases(&rows());
    for (path, _) in PATHS {
        cases.extend([
            case(
                format!("the app's Vary is not on a preflight's answer at {path}"),
                LIST,
                preflight(path, APP, "PUT"),
                Answer::cors_alone(204)
                    .cors(&[(ACAO, APP), (ACAM, LIST_METHODS), (ACAH, LIST_HEADERS)])
                    .vary(PREFLIGHT),
            ),
            case(
                format!("a refused preflight has a preflight's Vary at {path}"),
                LIST,
                preflight(path, EVIL, "PUT"),
                Answer::cors_alone(403).vary(PREFLIGHT),
            ),
        ]);
    }
    cases
}

fn rows() -> Vec<Row> {
    PATHS
        .iter()
        .map(|(path, names)| ("GET", *path, Answer::app(200).vary(names)))
        .collect()
}

/// The paths of the test app with a Vary of their own.
pub(super) const PATHS: [(&str, &[&str]); 4] = [
    ("/vary", &["accept-encoding"]),
    ("/vary-two", &["cookie", "accept-encoding"]),
    ("/vary-origin", &["origin"]),
    ("/vary-star", &["*"]),
];
