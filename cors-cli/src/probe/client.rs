//! [`Client`]: sends requests to one server, at a polite pace and within bounds.

use std::error::Error;
use std::fmt;
use std::io;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cors_core::browser::Response;
use ureq::Agent;
use ureq::http::Request;
use ureq::tls::{RootCerts, TlsConfig};

use super::call::{Call, Role};
use super::own_lines::OwnLines;
use super::target::Target;
use crate::shown;

/// The time between two requests: twenty a second are no load for a server that is in use.
const PACE: Duration = Duration::from_millis(50);

/// The most bytes of a response's head. Servers send a few hundred, and proxies refuse more than
/// 64 KiB.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// How many times the time for one request the whole run may take.
const RUN_TIMEOUTS: u32 = 30;

/// The least time for a request to a server on the same machine.
const LEAST: Duration = Duration::from_micros(100);

/// Sends requests to one server.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    server: String,
    own_lines: OwnLines,
    timeout: Duration,
    pace: Duration,
    until: Instant,
    next: Instant,
    /// A number that no other run has.
    run: u128,
    /// How many requests were sent.
    pub(crate) sent: usize,
}

impl Client {
    pub(crate) fn new(
        target: &Target,
        own_lines: OwnLines,
        timeout: Duration,
        is_insecure: bool,
    ) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .disable_verification(is_insecure)
            .build();
        let config = Agent::config_builder()
            .user_agent(concat!("cors-cli/", env!("CARGO_PKG_VERSION")))
            .accept("*/*")
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(MAX_HEAD_BYTES)
            .timeout_global(Some(timeout))
            // A connection that is used once can't be closed by the server in between.
            .max_idle_connections(0)
            .tls_config(tls)
            .build();
        let now = Instant::now();
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            agent: config.into(),
            server: target.server.clone(),
            own_lines,
            timeout,
            // The user's own machine needs no manners.
            pace: if target.is_local {
                Duration::ZERO
            } else {
                PACE
            },
            until: now + timeout * RUN_TIMEOUTS,
            next: now,
            run: since.map_or(0, |since| since.as_nanos()),
            sent: 0,
        }
    }

    /// Refuses a number of requests that can't be sent within the time for the whole run.
    pub(crate) fn takes(&self, count: usize) -> Result<(), String> {
        let whole = self.timeout * RUN_TIMEOUTS;
        let least = self.pace.max(LEAST);
        if least.checked_mul(u32::try_from(count).unwrap_or(u32::MAX)) < Some(whole) {
            return Ok(());
        }
        Err(format!(
            "{count} requests would take longer than {}; name fewer paths, with --path, or a \
             longer --timeout",
            seconds(whole)
        ))
    }

    /// Returns whether the time for the whole run is over.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Sends a request. The body of the response is left where it is.
    pub(crate) fn send(&mut self, call: &Call) -> Result<Response, SendError> {
        let now = Instant::now();
        if now >= self.until {
            return Err(SendError::from(format!(
                "the whole took longer than {}; name fewer paths, or a longer --timeout",
                seconds(self.timeout * RUN_TIMEOUTS)
            )));
        }
        thread::sleep(self.next.saturating_duration_since(now));
        self.next = Instant::now() + self.pace;
        self.sent += 1;
        let mut request = Request::builder().method(call.method.as_str()).uri(format!(
            "{}{}{}",
            self.server,
            call.path,
            self.fresh(call)
        ));
        let own_lines = self.own_lines.iter().filter(|_| call.has_own_lines);
        for (name, value) in call.lines.iter().map(|(name, value)| (&**name, &**value)) {
            request = request.header(name, value);
        }
        for (name, value) in own_lines {
            request = request.header(name, value);
        }
        if let Some(host) = call.host.as_deref().or(self.own_lines.host()) {
            request = request.header("Host", host);
        }
        let sent = if call.body_bytes > 0 {
            // A server that refuses it by its length need not read it.
            let request = request.header("Expect", "100-continue");
            let request = request.body(vec![b'x'; call.body_bytes]);
            request.map(|request| self.agent.run(request))
        } else {
            request.body(()).map(|request| self.agent.run(request))
        };
        let received = sent.map_err(|error| format!("the request can't be made: {error}"))?;
        let received = received.map_err(|error| SendError {
            is_silence: matches!(error, ureq::Error::Timeout(_)),
            sentence: self.sentence(&error),
        })?;
        let mut response = Response::new(received.status().as_u16());
        let lines = received.headers().iter();
        response
            .headers_mut()
            .extend(lines.map(|(name, value)| (name.as_str(), value.as_bytes())));
        Ok(response)
    }

    /// Returns what makes a URL one that no cache knows from another run.
    fn fresh(&self, call: &Call) -> String {
        match call.role {
            Role::Fresh(..) => format!("-{}", self.run),
            _ => String::new(),
        }
    }

    fn sentence(&self, error: &ureq::Error) -> String {
        match error {
            ureq::Error::Timeout(_) => {
                format!("no response came within {}", seconds(self.timeout))
            }
            ureq::Error::HostNotFound => "nobody knows the name of the host".to_owned(),
            ureq::Error::ConnectionFailed => "no connection came about".to_owned(),
            ureq::Error::LargeResponseHeader(..) => format!(
                "the headers of the response are longer than {} KiB",
                MAX_HEAD_BYTES / 1024
            ),
            ureq::Error::Protocol(error) => {
                format!("the response is not HTTP as it should be: {}", brief(error))
            }
            ureq::Error::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => {
                    "the server closed the connection without a response".to_owned()
                }
                io::ErrorKind::InvalidData => tls_fails(error),
                // The standard library has no kind for it.
                _ if error.to_string().contains("lookup address") => {
                    "nobody knows the name of the host".to_owned()
                }
                _ => format!("the connection failed: {}", brief(error)),
            },
            ureq::Error::Rustls(error) => tls_fails(error),
            error => format!("the request failed: {}", brief(error)),
        }
    }
}

/// Why a request got no response; `Display` is a sentence.
#[derive(Debug)]
pub(crate) struct SendError {
    sentence: String,
    /// Whether the server said nothing for as long as a response may take.
    pub(crate) is_silence: bool,
}

impl From<String> for SendError {
    fn from(sentence: String) -> Self {
        Self {
            sentence,
            is_silence: false,
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

fn tls_fails(error: &dyn Error) -> String {
    let words = brief(error);
    let remedy = if words.contains("UnknownIssuer") {
        "; nobody that this machine trusts has signed it: --insecure takes it all the same"
    } else {
        ""
    };
    format!("TLS fails: {words}{remedy}")
}

fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

/// Returns the beginning of an error's words, which may be the server's.
fn brief(error: &dyn Error) -> String {
    let words: String = error.to_string().chars().take(300).collect();
    shown(&words)
}
