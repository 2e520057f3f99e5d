//! [`ShadowCounters`]: where policies in the shadow would answer otherwise, for `count_decisions`.

use metrics::{Counter, Unit, counter, describe_counter};

use crate::adapter::Difference;
use crate::protocol::request::RequestKind;

/// The handles of all counters, so that a request looks none up.
pub(super) struct ShadowCounters {
    /// Neither shadow nor policy can allow it or refuse it.
    not_cors_other_headers: Counter,
    preflight: CounterByDifference,
    actual: CounterByDifference,
}

struct CounterByDifference {
    would_allow: Counter,
    would_refuse: Counter,
    other_headers: Counter,
}

impl ShadowCounters {
    #[cold]
    pub(super) fn register() -> Self {
        describe_counter!(
            NAME,
            Unit::Count,
            "Requests whose response the CORS policy in the shadow would change."
        );
        Self {
            not_cors_other_headers: register("not_cors", Difference::OtherHeaders),
            preflight: CounterByDifference::register("preflight"),
            actual: CounterByDifference::register("actual"),
        }
    }

    pub(super) const fn of(&self, kind: RequestKind, difference: Difference) -> &Counter {
        match kind {
            RequestKind::NotCors => &self.not_cors_other_headers,
            RequestKind::Preflight => self.preflight.of(difference),
            RequestKind::Actual => self.actual.of(difference),
        }
    }
}

impl CounterByDifference {
    fn register(kind: &'static str) -> Self {
        Self {
            would_allow: register(kind, Difference::WouldAllow),
            would_refuse: register(kind, Difference::WouldRefuse),
            other_headers: register(kind, Difference::OtherHeaders),
        }
    }

    const fn of(&self, difference: Difference) -> &Counter {
        match difference {
            Difference::WouldAllow => &self.would_allow,
            Difference::WouldRefuse => &self.would_refuse,
            Difference::OtherHeaders => &self.other_headers,
        }
    }
}

fn register(kind: &'static str, difference: Difference) -> Counter {
    counter!(
        NAME,
        "cors.request.kind" => kind,
        "cors.shadow.difference" => difference.code()
    )
}

const NAME: &str = "cors.server.shadow_differences";
