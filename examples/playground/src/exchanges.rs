//! The exchanges of the servers, as the page shows them.

use axum::http::HeaderMap;
use example_recorder::Exchange;
use serde::Serialize;

use crate::app;
use crate::targets::{Target, Targets};

/// The exchanges of one call on one server.
#[derive(Debug, Serialize)]
pub(crate) struct OfServer {
    server: &'static str,
    exchanges: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    method: String,
    target: String,
    preflight: bool,
    request: Vec<(String, String)>,
    status: u16,
    response: Vec<(String, String)>,
}

/// Returns the exchanges of the call with this number, which its URLs carry.
pub(crate) fn of_call(call: &str, targets: &Targets) -> Vec<OfServer> {
    let of = |target: &Target| OfServer {
        server: target.framework.name(),
        exchanges: of_target(call, &target.recorder.exchanges(|_| true)),
    };
    targets.all().iter().map(of).collect()
}

/// Returns the exchanges of the call on one server. A redirect drops the query, so the next
/// exchange at its location belongs to it.
fn of_target(call: &str, exchanges: &[Exchange]) -> Vec<Shown> {
    let query = format!("call={call}");
    let mut shown = Vec::new();
    let mut redirected = false;
    for exchange in exchanges {
        let (_, of_exchange) = exchange.target.split_once('?').unwrap_or_default();
        let is_ours = of_exchange.split('&').any(|pair| pair == query);
        if is_ours {
            redirected = exchange.status == app::REDIRECT.0;
        } else if !(redirected && exchange.target == app::REDIRECT.1) {
            redirected = false;
            continue;
        }
        shown.push(Shown::from(exchange));
    }
    shown
}

impl From<&Exchange> for Shown {
    fn from(exchange: &Exchange) -> Self {
        Self {
            method: exchange.method.clone(),
            target: exchange.target.clone(),
            preflight: exchange.method == "OPTIONS"
                && exchange
                    .request
                    .contains_key("access-control-request-method"),
            request: lines(&exchange.request),
            status: exchange.status,
            response: lines(&exchange.response),
        }
    }
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
        .collect()
}
