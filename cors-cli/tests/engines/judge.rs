//! The judges: one is `cors probe`, one looks at what a page gets.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use conformance_client::raw;
use cors_core::adapter::RequestHead as _;
use cors_core::browser::{Browser, Credentials, Request, Response, SentRequest};
use cors_core::probe;
use cors_core::{Policy, PolicyMap};
use serde_json::Value;

/// The routes of the app, as far as they matter here.
const ROUTES: [&str; 6] = [
    "/echo",
    "/only-get",
    "/boom",
    "/redirect",
    "/own-cors",
    "/vary",
];

/// Ways to spell paths of the app, and of the patterns.
pub(crate) const SPELLINGS: [&str; 21] = [
    "/echo",
    "/own-cors",
    "/",
    "//",
    "///",
    "/nowhere",
    "/%65cho",
    "//echo",
    "/echo/",
    "/echo;x",
    "/echo%3Bx",
    "/echo%2Fx",
    "/%2565cho",
    "/echo%5Cx",
    "/x%2F..%2Fecho",
    "/own-cors;x",
    "/own-cors%3bx",
    "/own-cors%2f",
    "/own%252dcors",
    "/users%2F7",
    "/users%5C7",
];

/// What `cors probe` finds.
pub(crate) struct Finding {
    pub(crate) kind: String,
    pub(crate) path: String,
    pub(crate) is_preflight: bool,
    /// All that it says.
    pub(crate) text: String,
}

/// Returns what `cors probe --policy` finds.
pub(crate) fn findings(
    policy: &str,
    policies: &PolicyMap,
    address: SocketAddr,
) -> Result<Vec<Finding>, Box<dyn Error>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(policy.as_bytes())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    command
        .args(["probe", "--format", "json", "--policy"])
        .arg(file.path());
    if let Some(host) = host(policies) {
        command.args(["--header", &format!("Host: {host}")]);
    }
    for path in ROUTES {
        command.args(["--path", path]);
    }
    // Those of the file would be left out otherwise.
    for (pattern, _) in policies.paths() {
        command.args(["--path", &probe::sample_path(pattern)]);
    }
    let output = command.arg(format!("http://{address}/")).output()?;
    let told = || {
        let stderr = String::from_utf8_lossy(&output.stderr);
        format!("{:?}: {stderr}", output.status)
    };
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| told())?;
    let findings = report["findings"].as_array().ok_or_else(told)?;
    assert_eq!(report["stopped"], Value::Null, "{report}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let finding = |finding: &Value| Finding {
        kind: text(&finding["kind"]),
        path: text(&finding["where"]["path"]),
        is_preflight: finding["where"]["method"] == "OPTIONS",
        text: format!("{finding:#}"),
    };
    Ok(findings.iter().map(finding).collect())
}

/// Returns a host that the policies list, if they list any.
pub(crate) fn host(policies: &PolicyMap) -> Option<String> {
    let all = policies.default_policy().into_iter();
    let all = all.chain(policies.paths().filter_map(|(_, policy)| policy));
    let mut listing = all.filter(|policy| !policy.config().allow_hosts.is_empty());
    probe::sample_hosts(listing.next()?).into_iter().next()
}

/// What a page gets otherwise than the policy says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Otherwise {
    pub(crate) what: String,
    pub(crate) path: String,
    pub(crate) method: String,
    /// It gets what the policy refuses.
    pub(crate) is_wider: bool,
}

/// Has pages send requests, and compares what they get with what they get where the core itself
/// stands in front of the app.
pub(crate) fn pages(
    policies: &PolicyMap,
    added: &[&str],
    engine: SocketAddr,
    app: SocketAddr,
) -> Result<(usize, Vec<Otherwise>), Box<dyn Error>> {
    let mut otherwise = Vec::new();
    let mut count = 0;
    let mut paths: Vec<_> = SPELLINGS.map(str::to_owned).into();
    paths.extend(
        policies
            .paths()
            .map(|(pattern, _)| probe::sample_path(pattern)),
    );
    let all = policies.default_policy().into_iter();
    let all: Vec<&Policy> = all
        .chain(policies.paths().filter_map(|(_, policy)| policy))
        .collect();
    let mut origins: Vec<String> = added.iter().map(|origin| (*origin).to_owned()).collect();
    origins.extend(all.iter().flat_map(|policy| probe::sample_origins(policy)));
    origins.sort();
    origins.dedup();
    let host = host(policies).unwrap_or_else(|| "api.example".to_owned());
    // Whether an origin is allowed depends on no spelling: some of each policy are enough there.
    let mut some = BTreeSet::new();
    for policy in &all {
        let samples = probe::sample_origins(policy).into_iter();
        let (allowed, refused): (Vec<_>, Vec<_>) =
            samples.partition(|page| policy.allows_origin(page));
        some.extend(
            [allowed, refused]
                .into_iter()
                .flat_map(|list| list.into_iter().take(2)),
        );
    }
    for (index, path) in paths.iter().enumerate() {
        let url = format!("https://{host}{path}");
        let origins: Vec<_> = if index < 2 {
            origins.iter().collect()
        } else {
            some.iter().collect()
        };
        for page in origins {
            for request in requests(&all)? {
                count += 1;
                let got = read(page, &url, &request, |sent| exchange(engine, sent));
                let expected = read(page, &url, &request, |sent| {
                    let from_app = |sent: &SentRequest| exchange(app, sent);
                    match policies.policy(sent.path()) {
                        Some(policy) => sent.respond(policy, from_app),
                        None => from_app(sent),
                    }
                });
                if got != expected {
                    otherwise.push(Otherwise {
                        what: format!(
                            "{} {path} from {page} {:?} {:?}: {got:?}, not {expected:?}",
                            request.method(),
                            request.headers(),
                            request.credentials_mode()
                        ),
                        path: path.clone(),
                        method: request.method().to_owned(),
                        is_wider: got.iter().any(|name| !expected.contains(name)),
                    });
                }
            }
        }
    }
    Ok((count, otherwise))
}

/// Returns the requests that scripts may send, with and without credentials.
fn requests(policies: &[&Policy]) -> Result<Vec<Request>, Box<dyn Error>> {
    let mut requests = vec![
        Request::new("GET")?,
        Request::new("PUT")?,
        Request::new("PATCH")?,
        // A preflight that asks for nothing unusual, and one without a list of methods.
        Request::new("POST")?.upload_listener(true),
        Request::new("DELETE")?.stream_body(true),
        Request::new("POST")?.header("content-type", "application/json")?,
        Request::new("GET")?.header("authorization", "Bearer x")?,
        Request::new("GET")?.header("x-unlisted", "1")?,
        // A name that `*` has to be told from.
        Request::new("*")?,
        Request::new("GET")?.header("*", "1")?,
        Request::new("GET")?
            .header("x-a", "1")?
            .header("authorization", "Bearer x")?,
    ];
    for policy in policies {
        let config = policy.config();
        for name in config.allow_headers.iter().filter(|name| *name != "*") {
            requests.push(Request::new("GET")?.header(&name.replace('*', "x"), "1")?);
        }
        for method in config.allow_methods.iter().filter(|method| *method != "*") {
            requests.push(Request::new(method)?);
        }
    }
    let with = requests.clone().into_iter();
    let with = with.map(|request| request.credentials(Credentials::Include));
    Ok(requests.into_iter().chain(with).collect())
}

/// Returns what a script gets: that it reads the response, and which of the app's own headers. Also
/// whether each response on the way names the origin, whatever the model makes of it: browsers read
/// a `*` more widely than the standard.
fn read(
    page: &str,
    url: &str,
    request: &Request,
    mut send: impl FnMut(&SentRequest) -> Response,
) -> Vec<String> {
    let mut got = Vec::new();
    let outcome = Browser::new().fetch(Duration::ZERO, page, url, request, |sent| {
        let response = send(sent);
        let origin = response.headers().get("access-control-allow-origin");
        if origin.is_some() {
            got.push(format!("permission for {}", sent.method()));
        }
        response
    });
    if let Ok(response) = outcome {
        got.push("the response".to_owned());
        let names = response.headers().iter();
        let names = names.map(|(name, _)| name.to_ascii_lowercase());
        got.extend(names.filter(|name| name.starts_with("x-custom-")));
    }
    got
}

fn exchange(address: SocketAddr, sent: &SentRequest) -> Response {
    let mut raw = raw::Request::new(sent.method(), sent.path());
    raw = raw.line("Host", sent.authority().unwrap_or_default());
    for (name, value) in sent.headers().iter() {
        raw = raw.line(name, value);
    }
    let got = raw::exchange(address, &raw).expect("the server responds");
    let mut response = Response::new(got.status);
    response.headers_mut().extend(got.lines);
    response
}
