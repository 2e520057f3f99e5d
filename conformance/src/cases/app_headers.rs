//! Section 3: CORS headers that the app put on its own response.

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{LIST_EXPOSED, Row, actual_cases};
use super::request::{get, preflight_request};
use super::words::{ACAC, ACAH, ACAM, ACAO, ACEH, APP, EVIL, ORIGIN, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    // Replaced or removed, so that the expected fields are the policy's alone.
    let rows: [Row; 2] = [
        ("GET", "/own-cors", Expected::from_handler(200)),
        ("OPTIONS", "/own-cors", Expected::from_handler(200)),
    ];
    let mut cases = actual_cases(&rows);
    let kept = [(ACAO, "*"), (ACAC, "true")];
    for (what, origin) in [
        ("allowed", Some(APP)),
        ("refused", Some(EVIL)),
        ("malformed", Some("https://app.example.com/")),
        ("no", None),
    ] {
        let own = origin.map_or(get("/own-cors"), |origin| {
            get("/own-cors").line("Origin", origin)
        });
        cases.extend([
            case(
                format!("kept: the app's own fields alone for {what} origin"),
                KEEP,
                own.clone(),
                Expected::from_handler(200).cors(&kept).vary(ORIGIN),
            ),
            case(
                format!("kept: the app's own fields alone for {what} origin under any origin"),
                KEEP_PUBLIC,
                own,
                Expected::from_handler(200).cors(&kept),
            ),
        ]);
    }
    cases.extend([
        case(
            "kept: ours where the app sets none",
            KEEP,
            get("/echo").line("Origin", APP),
            Expected::from_handler(200)
                .cors(&[(ACAO, APP), (ACEH, LIST_EXPOSED)])
                .vary(ORIGIN),
        ),
        case(
            "kept: none where the app sets none and the origin is refused",
            KEEP,
            get("/echo").line("Origin", EVIL),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "kept: none where the app sets none and there is no origin",
            KEEP,
            get("/echo"),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "kept: any origin's where the app sets none",
            KEEP_PUBLIC,
            get("/echo"),
            Expected::from_handler(200).cors(&[(ACAO, "*"), (ACEH, "x-app-hits")]),
        ),
        case(
            "kept: a preflight is answered without the app",
            KEEP,
            preflight_request("/own-cors", APP, "PUT"),
            Expected::answer(204)
                .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT),
        ),
        case(
            "kept: a refused preflight has nothing of the app",
            KEEP,
            preflight_request("/own-cors", EVIL, "PUT"),
            Expected::answer(403).vary(PREFLIGHT),
        ),
        case(
            "kept: the app's own fields alone on a preflight that is passed through",
            KEEP_PASSTHROUGH,
            preflight_request("/own-cors", APP, "PUT"),
            Expected::from_handler(200).cors(&kept).vary(PREFLIGHT),
        ),
        case(
            "kept: the app's own fields alone on a refused preflight that is passed through",
            KEEP_PASSTHROUGH,
            preflight_request("/own-cors", EVIL, "PUT"),
            Expected::from_handler(200).cors(&kept).vary(PREFLIGHT),
        ),
        case(
            "kept: ours on a preflight that is passed through, where the app sets none",
            KEEP_PASSTHROUGH,
            preflight_request("/echo", APP, "PUT"),
            Expected::from_handler(200)
                .cors(&[(ACAO, APP), (ACAM, "PUT")])
                .vary(PREFLIGHT),
        ),
    ]);
    cases
}

const KEEP: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits", "x-custom-one"]
keep_app_headers = true
"#;

const KEEP_PUBLIC: &str = r#"
allow_origins = ["*"]
expose_headers = ["x-app-hits"]
keep_app_headers = true
"#;

const KEEP_PASSTHROUGH: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
keep_app_headers = true
preflight_passthrough = true
"#;
