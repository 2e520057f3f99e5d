//! What the requests of a probe are sent by, one after another.

use cors_core::browser::{Request, Response};
use indicatif::{ProgressBar, ProgressStyle};

use super::call::{Call, Role, Seen};
use super::client::Client;
use super::fields::Fields;
use super::target::Target;
use crate::shown;

/// How many requests may be dropped before no more such are sent.
const MAX_DROPPED: usize = 5;

/// Sees whether there is a server that does more than to send everybody elsewhere.
pub(crate) fn reach(client: &mut Client, target: &Target) -> Result<(), String> {
    let get = Request::new("GET").map_err(|error| error.to_string())?;
    let mut elsewhere = None;
    let first = target.paths.first().cloned();
    for path in first.into_iter().chain([target.missing_path()]) {
        let response = client.send(&Call::actual(Role::WithoutOrigin, &path, None, &get))?;
        match elsewhere_of(&response, target) {
            Some(location) => elsewhere = Some(location),
            None => return Ok(()),
        }
    }
    match elsewhere {
        Some(location) => Err(format!(
            "the server redirects every path elsewhere; probe that one: {}",
            shown(&location)
        )),
        None => Ok(()),
    }
}

/// Returns the server that a response redirects to, where it is another one.
fn elsewhere_of(response: &Response, target: &Target) -> Option<String> {
    if !(300..=399).contains(&response.status()) {
        return None;
    }
    let location = Fields(response).value("Location")?;
    let location = url::Url::parse(str::from_utf8(&location).ok()?).ok()?;
    let server = location.origin().ascii_serialization();
    (server != target.server).then_some(server)
}

/// What came of the requests.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) seen: Vec<Seen>,
    /// The first request that was dropped, and how.
    pub(crate) dropped: Option<String>,
    /// The request that got no response, and why.
    pub(crate) stopped: Option<String>,
}

/// Sends the requests, one at a time, until one gets no response that should.
pub(crate) fn send(client: &mut Client, calls: Vec<Call>) -> Sent {
    let progress = ProgressBar::new(calls.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
        progress.set_style(style);
    }
    let mut sent = Sent::default();
    let mut dropped = 0;
    for call in calls {
        progress.set_message(shown(&call.words()));
        // Each takes as long as a response may.
        if call.may_be_dropped() && dropped == MAX_DROPPED {
            continue;
        }
        let words = |why| format!("{}: {why}", shown(&call.words()));
        match client.send(&call) {
            Ok(response) => sent.seen.push(Seen { call, response }),
            Err(why) if call.may_be_dropped() && !client.is_over() => {
                dropped += 1;
                sent.dropped.get_or_insert_with(|| words(why));
            }
            Err(why) => {
                sent.stopped = Some(words(why));
                break;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    sent
}
