//! The guide `forgery` tells the truth: each request of its tables is sent to every framework, and
//! through tower-http's layer against forged requests to the same app on axum.

use std::io;
use std::net::SocketAddr;

use conformance_client::raw::{self, Request, Response};
use conformance_servers::Framework;
use conformance_servers::axum_app;
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::test_app::{HITS, Hits};
use cors_core::adapter::PolicySource;
use tower_http::csrf::CsrfLayer;

const GUIDE: &str = include_str!("../../cors-core/src/guide/forgery.md");

/// What stands above the tables.
const HONEST: &str = "What honest pages and programs send:";
const FORGED: &str = "Forgeries:";
const OTHERS: &str = "What can't be told apart, and where it comes out on the other side";

/// The only requests that pass here and not there. The guide has the reasons.
const PASS_HERE_ALONE: [&str; 3] = [
    "The same, and a proxy writes the port",
    "The same, and a proxy changes the case",
    "A POST without `Origin`",
];

/// The test app behind tower-http's layer, without a policy.
const THEIRS: App = App::new("tower-http", start_theirs);

fn start_theirs(_: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let layer = CsrfLayer::new()
        .add_trusted_origin("https://app.example")
        .map_err(io::Error::other)?;
    let app = axum_app::app().layer(layer).with_state(Hits::default());
    axum_app::run(app, address, lifetime)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passes,
    Rejects,
}

/// A row of one of the guide's tables.
struct Row {
    request: &'static str,
    method: &'static str,
    origin: Option<&'static str>,
    site: Option<&'static str>,
    host: &'static str,
    here: Outcome,
    there: Outcome,
    why: &'static str,
}

impl Row {
    fn read(line: &'static str) -> Self {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [request, method, origin, site, host, here, there, why] =
            cells.try_into().expect("a row has eight cells");
        Self {
            request,
            method,
            origin: quoted(origin),
            site: quoted(site),
            host: quoted(host).unwrap_or("shop.example"),
            here: outcome(here),
            there: outcome(there),
            why,
        }
    }

    fn is_preflight(&self) -> bool {
        self.method == "OPTIONS"
    }

    fn is_websocket(&self) -> bool {
        self.request.contains("WebSocket")
    }

    fn to_request(&self) -> Request {
        // A handshake may have no end of the body, so that its handler must not read one.
        let path = if self.is_websocket() {
            "/only-get"
        } else {
            "/echo"
        };
        let lines = [
            ("Host", Some(self.host)),
            ("Origin", self.origin),
            ("Sec-Fetch-Site", self.site),
            (
                "Access-Control-Request-Method",
                self.is_preflight().then_some("PUT"),
            ),
            ("Upgrade", self.is_websocket().then_some("websocket")),
            ("Connection", self.is_websocket().then_some("Upgrade")),
        ];
        let request = Request::new(self.method, path);
        lines
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .fold(request, |request, (name, value)| request.line(name, value))
    }
}

fn quoted(cell: &'static str) -> Option<&'static str> {
    let value = (!cell.is_empty()).then_some(cell)?;
    let text = value
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    Some(text.expect("a value stands in backticks"))
}

fn outcome(cell: &str) -> Outcome {
    let outcomes = [("passes", Outcome::Passes), ("rejects", Outcome::Rejects)];
    let outcome = outcomes.into_iter().find(|(word, _)| *word == cell);
    outcome.expect("a request passes, or is rejected").1
}

/// Returns the rows of the table below a text.
fn table(above: &str) -> Vec<Row> {
    let (_, rest) = GUIDE.split_once(above).expect("the guide has the table");
    let lines = rest
        .lines()
        .skip_while(|line| !line.starts_with("| request |"));
    let lines = lines.take_while(|line| line.starts_with('|'));
    lines.skip(2).map(Row::read).collect()
}

fn rows() -> impl Iterator<Item = Row> {
    [HONEST, FORGED, OTHERS].into_iter().flat_map(table)
}

/// Returns the guide's first policy file, which its tables are about.
fn policy() -> &'static str {
    let (_, rest) = GUIDE.split_once("```toml\n").expect("the guide has a file");
    rest.split("```").next().expect("the file ends")
}

/// Returns the requests that do not come out as the guide says.
fn differences(app: App, expected: impl Fn(&Row) -> Outcome) -> Vec<String> {
    let server = Server::start_toml(app, policy()).expect("the guide's policy is valid");
    rows()
        .filter_map(|row| {
            let response = raw::exchange(server.address(), &row.to_request());
            let response = response.expect("the server answers");
            let seen = outcome_of(&row, &response);
            (seen != Some(expected(&row)))
                .then(|| format!("{}: {}: {seen:?}, {response:?}", app.name, row.request))
        })
        .collect()
}

/// Reads the outcome off a response: a request passes if the app is called, or if the policy allows
/// a preflight. `None` for a response that shows neither outcome.
fn outcome_of(row: &Row, response: &Response) -> Option<Outcome> {
    let calls_app = response.value(HITS).is_some();
    match response.status {
        200 if calls_app => Some(Outcome::Passes),
        204 if !calls_app && row.is_preflight() => Some(Outcome::Passes),
        403 if !calls_app => Some(Outcome::Rejects),
        _ => None,
    }
}

#[test]
fn requests_come_out_on_every_framework_as_the_guide_says() {
    let differences: Vec<_> = Framework::ALL
        .into_iter()
        .flat_map(|framework| differences(framework.app(), |row| row.here))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn requests_come_out_of_tower_http_as_the_guide_says() {
    let differences = differences(THEIRS, |row| row.there);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn nothing_honest_is_rejected_and_no_forgery_passes() {
    for (above, expected) in [(HONEST, Outcome::Passes), (FORGED, Outcome::Rejects)] {
        let rows = table(above);
        assert!(rows.len() > 10, "{above}");
        for row in rows {
            assert_eq!(row.here, expected, "{}", row.request);
        }
    }
}

#[test]
fn what_tower_http_rejects_is_rejected_but_for_what_the_guide_gives_reasons_for() {
    let alone: Vec<_> = rows()
        .filter(|row| (row.here, row.there) == (Outcome::Passes, Outcome::Rejects))
        .map(|row| row.request)
        .collect();
    assert_eq!(alone, PASS_HERE_ALONE);
    for row in rows().filter(|row| row.here != row.there) {
        assert!(!row.why.is_empty(), "{}", row.request);
    }
}
