//! What the requests of a probe are sent by, one after another.

use cors_core::browser::{Request, Response};
use indicatif::{ProgressBar, ProgressStyle};

use super::call::{Call, Role, Seen};
use super::client::{Client, SendError};
use super::fields::Fields;
use super::target::Target;
use crate::shown;

/// How many requests may wait in vain before no more such are sent: each takes as long as a response
/// may, and the whole thirty times as long. One that the server hangs up on takes no time.
const MAX_SILENT: usize = 5;

/// Sees whether there is a server that does more than to send everybody elsewhere.
pub(crate) fn reach(client: &mut Client, target: &Target) -> Result<(), String> {
    let get = Request::new("GET").map_err(|error| error.to_string())?;
    let mut elsewhere = None;
    let first = target.paths.first().cloned();
    for path in first.into_iter().chain([target.missing_path()]) {
        let response = client.send(&Call::actual(Role::WithoutOrigin, &path, None, &get));
        let response = response.map_err(|error| error.to_string())?;
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
    /// How many requests were dropped.
    pub(crate) dropped: usize,
    /// The first of them, and how.
    pub(crate) first_dropped: Option<String>,
    /// The request that got no response, and why; or why some were not sent.
    pub(crate) stopped: Option<String>,
}

/// Sends the requests, one at a time, until one gets no response that should.
pub(crate) fn send(client: &mut Client, calls: Vec<Call>) -> Sent {
    let progress = ProgressBar::new(calls.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
        progress.set_style(style);
    }
    let mut sent = Sent::default();
    let (mut silent, mut unsent) = (0, 0);
    for call in calls {
        progress.set_message(shown(&call.words()));
        progress.inc(1);
        if call.may_be_dropped() && silent == MAX_SILENT {
            unsent += 1;
            continue;
        }
        let words = |error: SendError| format!("{}: {error}", shown(&call.words()));
        match client.send(&call) {
            Ok(response) => sent.seen.push(Seen { call, response }),
            Err(error) if call.may_be_dropped() && !client.is_over() => {
                silent += usize::from(error.is_silence);
                sent.dropped += 1;
                sent.first_dropped.get_or_insert_with(|| words(error));
            }
            Err(error) => {
                sent.stopped = Some(words(error));
                break;
            }
        }
    }
    if unsent > 0 {
        // Nothing is known of them: to say that they are refused would be a guess.
        let why = format!(
            "{unsent} more requests were not sent, after {MAX_SILENT} that waited for a response \
             in vain; where a firewall drops them, let it close the connection, or probe from \
             behind it"
        );
        sent.stopped.get_or_insert(why);
    }
    progress.finish_and_clear();
    sent
}
