//! [`count_decisions`]: a listener that counts, with the crate `metrics`.

use std::sync::OnceLock;

use metrics::{Counter, Unit, counter, describe_counter};

use super::shadow_counters::ShadowCounters;
use crate::adapter::DecisionEvent;
use crate::protocol::origin_error::OriginError;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RequestKind;

/// Makes a listener for `on_decision` that counts every decision, with the crate [`metrics`]:
/// whatever recorder the app installs exports the counters.
///
/// There is one counter of decisions, `cors.server.decisions`, in the style of OpenTelemetry. Prometheus's
/// exporter writes `_` for each dot, and `_total` behind it where it is told to use recommended
/// names. Its labels have these words and no others, so nothing in them is chosen by a client:
///
/// | `cors.request.kind` | `cors.verdict` | `cors.refusal.reason` |
/// | --- | --- | --- |
/// | `not_cors` | `none` | `none` |
/// | `preflight` | `allowed` | `none` |
/// | `preflight` | `refused` | [`Refusal::code`] |
/// | `actual` | `allowed` | `none` |
/// | `actual` | `refused` | [`Refusal::code`] |
/// | `actual` | `rejected` | [`Refusal::code`] |
/// | `actual` | `same_origin` | `none` |
///
/// A refused actual request reaches the app, and no page can read the response; a rejected one does
/// not reach it. `same_origin` are the requests of the server's own pages that the policy does not
/// list: nothing is refused.
///
/// A path without a policy is not counted.
///
/// Where there is a [shadow](crate::adapter::Shadow), `cors.server.shadow_differences` counts the requests that
/// it would answer otherwise, except for those of the server's own pages. It is there from the first
/// decision beside a shadow on:
///
/// | `cors.request.kind` | `cors.shadow.difference` |
/// | --- | --- |
/// | `preflight`, `actual` | [`Difference::code`](crate::Difference::code) |
/// | `not_cors` | `other_headers` |
///
/// Install the recorder before this is called. Then every counter is there from the start, with 0,
/// so that an alert sees the first refusal. At the latest it has to be there when the first request
/// comes: what is counted before goes nowhere, and so does all that comes after.
///
/// A decision then costs an increment, without a look-up and without an allocation. Counters of an
/// adapter that an exporter forgets while they are idle do not come back, so leave counters out of
/// an `idle_timeout`.
///
/// ```
/// use cors_core::adapter::Listeners;
/// use cors_core::count_decisions;
///
/// let mut listeners = Listeners::default(); // of an adapter, whose `on_decision` adds to them
/// listeners.add(count_decisions());
/// # assert!(!listeners.is_empty());
/// ```
pub fn count_decisions() -> impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static {
    // An exporter has every counter from here on. They are registered once more with the first
    // decision, since a counter of the time before the recorder stays deaf, and apps build their
    // routers early.
    Counters::register();
    let counters = OnceLock::new();
    // Only an app with a shadow has these.
    let differences = OnceLock::new();
    move |event: &DecisionEvent<'_>| {
        if event.policy().is_some() {
            let counters = counters.get_or_init(Counters::register);
            counters.of(event).increment(1);
        }
        if event.has_shadow() {
            let differences = differences.get_or_init(ShadowCounters::register);
            if let Some(difference) = event.difference_to_tell() {
                let kind = event.decision().kind();
                differences.of(kind, difference).increment(1);
            }
        }
    }
}

/// The handles of all counters, so that a request looks none up.
struct Counters {
    not_cors: Counter,
    /// For their hosts, as preflights can be.
    not_cors_rejected: Counter,
    preflight_rejected: Counter,
    preflight_allowed: Counter,
    preflight_refused: CounterByReason,
    actual_allowed: Counter,
    actual_refused: CounterByReason,
    actual_rejected: CounterByReason,
    actual_same_origin: Counter,
}

impl Counters {
    #[cold]
    fn register() -> Self {
        describe_counter!(
            NAME,
            Unit::Count,
            "Requests that a CORS policy has decided on."
        );
        Self {
            not_cors: register(NOT_CORS, NONE, NONE),
            not_cors_rejected: register(NOT_CORS, REJECTED, Refusal::HostNotAllowed.code()),
            preflight_rejected: register(PREFLIGHT, REJECTED, Refusal::HostNotAllowed.code()),
            preflight_allowed: register(PREFLIGHT, ALLOWED, NONE),
            preflight_refused: CounterByReason::register(PREFLIGHT, REFUSED),
            actual_allowed: register(ACTUAL, ALLOWED, NONE),
            actual_refused: CounterByReason::register(ACTUAL, REFUSED),
            actual_rejected: CounterByReason::register(ACTUAL, REJECTED),
            actual_same_origin: register(ACTUAL, SAME_ORIGIN, NONE),
        }
    }

    fn of(&self, event: &DecisionEvent<'_>) -> &Counter {
        let decision = event.decision();
        match (decision.kind(), decision.refusal()) {
            (RequestKind::NotCors, None) => &self.not_cors,
            (RequestKind::NotCors, Some(_)) => &self.not_cors_rejected,
            (RequestKind::Preflight, Some(Refusal::HostNotAllowed)) => &self.preflight_rejected,
            (RequestKind::Preflight, None) => &self.preflight_allowed,
            (RequestKind::Preflight, Some(refusal)) => self.preflight_refused.of(refusal),
            (RequestKind::Actual, None) => &self.actual_allowed,
            (RequestKind::Actual, Some(refusal)) if decision.is_rejected() => {
                self.actual_rejected.of(refusal)
            }
            (RequestKind::Actual, Some(_)) if event.is_same_origin() => &self.actual_same_origin,
            (RequestKind::Actual, Some(refusal)) => self.actual_refused.of(refusal),
        }
    }
}

fn register(kind: &'static str, verdict: &'static str, reason: &'static str) -> Counter {
    counter!(
        NAME,
        "cors.request.kind" => kind,
        "cors.verdict" => verdict,
        "cors.refusal.reason" => reason
    )
}

/// Defines [`CounterByReason`]: a field for each refusal. The compiler tells which one is missing.
macro_rules! counter_by_reason {
    ($($field:ident: $variant:ident $(($value:expr))?,)*) => {
        /// The counters of a kind and a verdict, one for each reason.
        struct CounterByReason {
            $($field: Counter,)*
        }

        impl CounterByReason {
            fn register(kind: &'static str, verdict: &'static str) -> Self {
                Self {
                    $($field: register(kind, verdict, Refusal::$variant$(($value))?.code()),)*
                }
            }

            const fn of(&self, refusal: Refusal) -> &Counter {
                match refusal {
                    $(Refusal::$variant { .. } => &self.$field,)*
                }
            }
        }
    };
}

counter_by_reason! {
    host_not_allowed: HostNotAllowed,
    ambiguous_path: AmbiguousPath,
    several_origins: SeveralOrigins,
    malformed_origin: MalformedOrigin(OriginError::Scheme),
    null_origin: NullOrigin,
    origin_not_allowed: OriginNotAllowed,
    insecure_origin: InsecureOrigin,
    predicate_panicked: PredicatePanicked,
    predicate_failed: PredicateFailed,
    predicate_timed_out: PredicateTimedOut,
    predicate_not_asked: PredicateNotAsked,
    malformed_method: MalformedMethod,
    forbidden_method: ForbiddenMethod,
    method_not_allowed: MethodNotAllowed,
    malformed_header_name: MalformedHeaderName,
    header_not_allowed: HeaderNotAllowed,
    header_list_too_long: HeaderListTooLong,
}

const NAME: &str = "cors.server.decisions";

const NOT_CORS: &str = "not_cors";
const PREFLIGHT: &str = "preflight";
const ACTUAL: &str = "actual";

const ALLOWED: &str = "allowed";
const REFUSED: &str = "refused";
const REJECTED: &str = "rejected";
const SAME_ORIGIN: &str = "same_origin";

/// The verdict on a request that is not a CORS request, and the reason where nothing is refused.
const NONE: &str = "none";
