//! Where policies in the shadow would answer otherwise, as events of `tracing`.

use std::hash::BuildHasher;

use tracing::Level;

use super::{State, noted};
use crate::adapter::{DecisionEvent, Difference};
use crate::protocol::decision::Decision;
use crate::protocol::escape::ForeignText;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RequestKind;
use crate::tell::memory::{INTERVAL, Line, MOST_TOLD, Noted};

impl State {
    #[inline(never)]
    pub(super) fn differs(&self, event: &DecisionEvent<'_>, difference: Difference) {
        if !tracing::enabled!(target: "cors::shadow", Level::INFO) {
            return;
        }
        // What is refused for its host has no origin, as a rule.
        let subject = if event.is_about_host() {
            event.host()
        } else {
            event.origin()
        };
        let pair = (subject.map(ForeignText::as_bytes), difference.code());
        let pair = self.hasher.hash_one(pair);
        let Noted { forgotten, line } = noted(&self.differences, pair, (self.clock)());
        if forgotten > 0 {
            tracing::event!(
                target: "cors::shadow",
                Level::INFO,
                suppressed = forgotten,
                "CORS: {forgotten} more differences, which were not told one by one"
            );
        }
        match line {
            Line::One { suppressed } => tell_difference(event, difference, suppressed),
            Line::Full => tracing::event!(
                target: "cors::shadow",
                Level::INFO,
                "CORS: {MOST_TOLD} kinds of differences within {} seconds; more are only counted",
                INTERVAL.as_secs()
            ),
            Line::Suppressed => {}
        }
    }
}

fn tell_difference(event: &DecisionEvent<'_>, difference: Difference, suppressed: u64) {
    let (kind, request) = match event.decision().kind() {
        RequestKind::Preflight => ("preflight", "this preflight"),
        RequestKind::Actual => ("actual", "this actual request"),
        RequestKind::NotCors => ("not_cors", "this request without Origin"),
    };
    let would = match difference {
        Difference::WouldAllow => "allow",
        Difference::WouldRefuse => "refuse",
        Difference::OtherHeaders => "answer otherwise",
    };
    let text = |text: ForeignText<'_>| text.to_string();
    let origin = event.origin().map(text);
    let host = event.host().map(text);
    let shadow = event.shadow();
    tracing::event!(
        target: "cors::shadow",
        Level::INFO,
        kind,
        difference = difference.code(),
        reason = shadow.and_then(Decision::refusal).map(Refusal::code),
        origin = origin.as_deref(),
        method = event.method().to_string(),
        path = event.path().to_string(),
        host = host.as_deref(),
        version = event.version(),
        suppressed,
        "CORS: the policy in the shadow would {would} {request}"
    );
}
