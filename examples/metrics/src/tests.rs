//! A scrape over a socket, and the dashboard against it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::LazyLock;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A process has one recorder.
static SCRAPES: LazyLock<PrometheusHandle> =
    LazyLock::new(|| install_recorder().expect("no other recorder is installed"));

struct Running {
    app: SocketAddr,
    metrics: SocketAddr,
}

/// Starts both servers on free ports, until the test's runtime ends.
async fn start() -> Result<Running> {
    let scrapes = SCRAPES.clone();
    let app = app(policy()?, narrower()?);
    let public = listen("127.0.0.1:0").await?;
    let internal = listen("127.0.0.1:0").await?;
    let running = Running {
        app: public.local_addr()?,
        metrics: internal.local_addr()?,
    };
    tokio::spawn(serve(public, app, internal, scrapes));
    Ok(running)
}

/// Sends one request, and returns the whole response.
async fn send(address: SocketAddr, method: &str, path: &str, lines: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response)
}

/// A line of a scrape: a metric, its labels, its value.
struct Sample {
    metric: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

async fn scrape(running: &Running) -> Result<Vec<Sample>> {
    let response = send(running.metrics, "GET", "/metrics", "").await?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or("no response")?;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(
        head.contains("content-type: text/plain; version=0.0.4"),
        "{head}"
    );
    let lines = body.lines().filter(|line| line.contains('{'));
    lines.map(|line| sample(line).ok_or(line.into())).collect()
}

fn sample(line: &str) -> Option<Sample> {
    let (metric, rest) = line.split_once('{')?;
    let (labels, value) = rest.split_once("} ")?;
    Some(Sample {
        metric: metric.to_owned(),
        labels: matchers(labels).into_iter().collect(),
        value: value.parse().ok()?,
    })
}

/// Returns names and values of `name="value",..`, however they are compared.
fn matchers(text: &str) -> Vec<(String, String)> {
    let pairs = text.split("\",").filter_map(|pair| pair.split_once('"'));
    let pairs = pairs.map(|(name, value)| {
        let name = name.trim().trim_end_matches(['=', '~', '!']);
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    });
    pairs.collect()
}

fn labels(kind: &str, verdict: &str, reason: &str) -> BTreeMap<String, String> {
    [
        ("cors_request_kind", kind),
        ("cors_verdict", verdict),
        ("cors_refusal_reason", reason),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

#[tokio::test]
async fn a_scrape_has_each_decision_under_its_labels_and_what_the_dashboard_asks_for() -> Result<()>
{
    let running = start().await?;
    let none = scrape(&running).await?;
    assert!(none.len() > 1 && none.iter().all(|sample| sample.value == 0.0));

    let page = "Origin: https://app.example.com\r\n";
    let evil = "Origin: https://evil.example\r\n";
    let asks = "Access-Control-Request-Method: PUT\r\n";
    let own = format!("Origin: http://{}\r\n", running.app);
    for (method, lines) in [
        ("GET", String::new()),
        ("GET", page.to_owned()),
        ("GET", page.to_owned()),
        ("GET", evil.to_owned()),
        ("POST", own),
        ("OPTIONS", format!("{page}{asks}")),
        ("OPTIONS", format!("{evil}{asks}")),
    ] {
        send(running.app, method, "/", &lines).await?;
    }

    let mut counted = scrape(&running).await?;
    // The counters of a shadow are there from the first request on.
    check_dashboard(&counted)?;
    counted.retain(|sample| sample.value > 0.0);
    for sample in &counted {
        assert_eq!(sample.metric, "cors_server_decisions_total");
    }
    let counted: BTreeMap<_, _> = counted
        .into_iter()
        .map(|sample| (sample.labels, sample.value))
        .collect();
    let expected = [
        (labels("not_cors", "none", "none"), 1.0),
        (labels("actual", "allowed", "none"), 2.0),
        (labels("actual", "refused", "origin_not_allowed"), 1.0),
        (labels("actual", "same_origin", "none"), 1.0),
        (labels("preflight", "allowed", "none"), 1.0),
        (labels("preflight", "refused", "origin_not_allowed"), 1.0),
    ];
    assert_eq!(counted, BTreeMap::from(expected));
    Ok(())
}

/// Returns every query of a dashboard, of its panels and of its variables.
fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(query) if matches!(name.as_str(), "expr" | "definition") => {
                        found.push(query.clone());
                    }
                    value => queries(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a query names.
#[derive(Default)]
struct Named {
    metrics: BTreeSet<String>,
    labels: BTreeSet<String>,
    /// Each label with a value that it is compared with.
    values: Vec<(String, String)>,
}

/// Reads a query in PromQL, so far as a dashboard has it: a name before `(` is a function's, what
/// stands in `(..)` after `by` are labels, so is what follows the first comma of `label_values`,
/// and a word before `by` is an aggregation.
fn read(query: &str, named: &mut Named) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = query;
    while let Some(start) = rest.find(|c: char| is_name(c) || c == '{' || c == '[' || c == '$') {
        let (first, after) = rest[start..].split_at(1);
        rest = match first {
            "{" => {
                let (selectors, after) = after.split_once('}').expect("`{` is closed");
                named.values.extend(matchers(selectors));
                after
            }
            "[" => after.split_once(']').expect("`[` is closed").1,
            "$" => after.trim_start_matches(is_name),
            _ => {
                let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
                let word = &rest[start..=start + end];
                let after = &after[end..];
                match (word, after.trim_start().strip_prefix('(')) {
                    ("by" | "label_values", Some(inside)) => {
                        let (inside, after) = inside.split_once(')').expect("`(` is closed");
                        let mut items = inside.split(',').map(|item| item.trim().to_owned());
                        if word == "label_values" {
                            named.metrics.extend(items.next());
                        }
                        named.labels.extend(items);
                        after
                    }
                    (_, Some(inside)) => inside,
                    (word, None) => {
                        let is_aggregation = after.trim_start().starts_with("by");
                        if !is_aggregation && word.parse::<f64>().is_err() {
                            named.metrics.insert(word.to_owned());
                        }
                        after
                    }
                }
            }
        };
    }
}

/// Checks that what the dashboard asks for is in a scrape.
fn check_dashboard(samples: &[Sample]) -> Result<()> {
    let dashboard: Value = serde_json::from_str(include_str!("../dashboard.json"))?;
    let mut found = Vec::new();
    queries(&dashboard, &mut found);
    let panels = dashboard["panels"].as_array().ok_or("no panels")?;
    assert!(panels.len() > 1 && found.len() > panels.len());

    for query in found {
        let mut named = Named::default();
        read(&query, &mut named);
        assert!(!named.metrics.is_empty(), "{query}");
        let has = |holds: &dyn Fn(&Sample) -> bool| samples.iter().any(holds);
        for metric in named.metrics {
            assert!(has(&|sample| sample.metric == metric), "{query}: {metric}");
        }
        // Prometheus itself adds the job.
        named.labels.remove("job");
        named.values.retain(|(label, _)| label != "job");
        for label in named.labels {
            assert!(
                has(&|sample| sample.labels.contains_key(&label)),
                "{query}: {label}"
            );
        }
        for (label, values) in named.values {
            for value in values.split('|') {
                assert!(
                    has(&|sample| sample.labels.get(&label).is_some_and(|of| of == value)),
                    "{query}: {label}: {value}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn a_query_is_read() {
    let mut named = Named::default();
    read(
        r#"f(sum by (a, b) (rate(x_total{job=~"$job", c!="d", e=~"f|g"}[$__range])) / 2, 1)"#,
        &mut named,
    );
    read("label_values(y_total, job)", &mut named);
    assert!(named.metrics.iter().eq(["x_total", "y_total"]));
    assert!(named.labels.iter().eq(["a", "b", "job"]));
    let values = [("job", "$job"), ("c", "d"), ("e", "f|g")];
    let values = values.map(|(label, value)| (label.to_owned(), value.to_owned()));
    assert_eq!(named.values, values);
}
