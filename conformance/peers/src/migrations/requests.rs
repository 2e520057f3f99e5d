//! The requests that are sent to both services.

use crate::scenario::{APP, HOST, Origins, Rules, Scenario};

const FOREIGN: &str = "https://foreign.example.net";
/// The origin of [`HOST`].
const OWN: &str = "https://api.example.org";

/// Returns what the table calls each request, and the request.
pub fn requests() -> Vec<(&'static str, Scenario)> {
    let allowed = ("origin", APP);
    let foreign = ("origin", FOREIGN);
    let own = [
        ("host", HOST),
        ("origin", OWN),
        ("sec-fetch-site", "same-origin"),
    ];
    let for_method = |method| ("access-control-request-method", method);
    let for_headers = |names| ("access-control-request-headers", names);
    vec![
        ("GET without `Origin`", request("GET", &[])),
        ("GET, allowed origin", request("GET", &[allowed])),
        ("GET, another origin", request("GET", &[foreign])),
        ("GET, `null`", request("GET", &[("origin", "null")])),
        (
            "GET, two `Origin` lines",
            request("GET", &[allowed, foreign]),
        ),
        (
            "GET of a missing path, allowed origin",
            Scenario {
                path: "/missing",
                ..request("GET", &[allowed])
            },
        ),
        (
            "POST, which no route takes, allowed origin",
            request("POST", &[allowed]),
        ),
        ("POST, another origin", request("POST", &[foreign])),
        ("POST, the service's own origin", request("POST", &own)),
        ("PUT, another origin", request("PUT", &[foreign])),
        (
            "preflight for PUT with `content-type`",
            request(
                "OPTIONS",
                &[allowed, for_method("PUT"), for_headers("content-type")],
            ),
        ),
        (
            "preflight for HEAD with `authorization`",
            request(
                "OPTIONS",
                &[allowed, for_method("HEAD"), for_headers("authorization")],
            ),
        ),
        (
            "preflight for DELETE, which is not listed",
            request("OPTIONS", &[allowed, for_method("DELETE")]),
        ),
        (
            "preflight with `x-other`, which is not listed",
            request(
                "OPTIONS",
                &[allowed, for_method("PUT"), for_headers("x-other")],
            ),
        ),
        (
            "preflight, another origin",
            request("OPTIONS", &[foreign, for_method("PUT")]),
        ),
        (
            "OPTIONS without `Origin`",
            request("OPTIONS", &[for_method("PUT")]),
        ),
        (
            "OPTIONS, an origin, nothing requested",
            request("OPTIONS", &[allowed]),
        ),
    ]
}

fn request(method: &'static str, headers: &[(&'static str, &str)]) -> Scenario {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Scenario {
        name: "migration",
        method,
        path: "/",
        headers: headers.collect(),
        // Those of the services are written in them.
        rules: Rules {
            origins: Origins::Any,
            preflights: false,
            hosts: false,
        },
        allow_origin: None,
    }
}
