//! [`Shadow`]: policies that decide about nothing, and are compared with those that do.

use std::borrow::Cow;
use std::sync::Arc;

use super::prepared::PreparedPolicies;
use super::source::PolicySource;
use crate::evaluate::apply::WriteHeaders;
use crate::evaluate::same_origin::is_same_origin;
use crate::policy::Policy;
use crate::policy::allowed_headers::without_empty_elements;
use crate::policy::installed::InstalledPolicy;
use crate::policy::map::PolicyMap;
use crate::protocol::decision::Decision;
use crate::protocol::field::ResponseField;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{RequestHead, RequestKind};
use crate::protocol::value::Value;

/// Policies in the shadow of those of an adapter: no response depends on them, and each
/// [`DecisionEvent`](super::DecisionEvent) says what they would have decided.
///
/// They take the place of the [shadow of the adapter's own map](PolicyMap::shadow). They are asked
/// where somebody listens, on the thread of the request: their predicates too, but no asynchronous
/// one.
#[derive(Clone, Debug)]
pub struct Shadow(Arc<PreparedPolicies<InstalledPolicy>>);

impl Shadow {
    /// Puts policies into the shadow.
    pub fn new(source: impl Into<PolicySource>) -> Self {
        let policies = PreparedPolicies::new(source, InstalledPolicy::clone);
        Self(Arc::new(policies))
    }

    /// Returns the policies.
    #[cfg(feature = "tracing")]
    pub(super) fn source(&self) -> PolicySource {
        self.0.source()
    }
}

/// What would be different about the response to a request, if the policy in the shadow were in the
/// place of the one that has decided.
///
/// A path without a policy counts as one whose policy allows nobody. Header fields are compared as
/// they would be on a response of the app that has no CORS header and no Vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Difference {
    /// A CORS request would be allowed, and is not; or a request without `Origin`, or of the
    /// server's own page, would not be rejected for its host, and is.
    WouldAllow,
    /// The other way round.
    WouldRefuse,
    /// The verdict would be the same, the status or the header fields not.
    OtherHeaders,
}

impl Difference {
    /// Returns a word for a counter's label or a field of a log: the name of the variant in snake
    /// case. It stays the same from one version to the next.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WouldAllow => "would_allow",
            Self::WouldRefuse => "would_refuse",
            Self::OtherHeaders => "other_headers",
        }
    }
}

/// What the policies in the shadow decide on a request.
pub(super) enum Shadowed {
    /// The policy of the path is the very one that decides, so it is not asked a second time.
    Same,
    /// `None` where the path has no policy.
    Other(Option<(Policy, Decision)>),
}

/// What an event says of the shadow.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShadowOutcome {
    pub(super) decision: Option<Decision>,
    pub(super) difference: Option<Difference>,
}

impl Shadowed {
    /// Asks the policies in the shadow, those of `shadow` or else those of the map; `None` where
    /// there are none.
    #[inline]
    pub(super) fn of(
        shadow: Option<&Shadow>,
        map: &PolicyMap,
        deciding: Option<&Policy>,
        request: &dyn RequestHead,
    ) -> Option<Self> {
        if shadow.is_none() && map.shadow().is_none() {
            return None;
        }
        Some(Self::ask(shadow, map, deciding, request))
    }

    #[inline(never)]
    fn ask(
        shadow: Option<&Shadow>,
        map: &PolicyMap,
        deciding: Option<&Policy>,
        request: &dyn RequestHead,
    ) -> Self {
        let policy = match shadow {
            Some(Shadow(policies)) => policies.get(request).map(|found| found.policy().clone()),
            None => map
                .shadow()
                .and_then(|map| map.policy_for(request).cloned()),
        };
        match (policy, deciding) {
            (Some(policy), Some(deciding)) if policy.is_same(deciding) => Self::Same,
            (policy, _) => Self::Other(policy.map(|policy| {
                let decision = policy.decide(request);
                (policy, decision)
            })),
        }
    }

    /// Compares with the decision that counts. `policy` has made it; there is none where the path
    /// has none.
    pub(super) fn against(
        &self,
        policy: Option<&Policy>,
        decision: Decision,
        request: &dyn RequestHead,
    ) -> ShadowOutcome {
        let shadow = match self {
            Self::Same => {
                return ShadowOutcome {
                    decision: Some(decision),
                    difference: None,
                };
            }
            Self::Other(shadow) => shadow.as_ref(),
        };
        let shadow = shadow.map(|(policy, decision)| (policy, *decision));
        let deciding = policy.map(|policy| (policy, decision));
        ShadowOutcome {
            decision: shadow.map(|(_, decision)| decision),
            difference: difference(deciding, shadow, request),
        }
    }
}

/// Returns the difference between the policy of a path and the one in the shadow.
fn difference(
    deciding: Option<(&Policy, Decision)>,
    shadow: Option<(&Policy, Decision)>,
    request: &dyn RequestHead,
) -> Option<Difference> {
    if let Some((_, decision)) = shadow
        && decision.refusal() == Some(Refusal::PredicateNotAsked)
    {
        // What it would decide is not known.
        return None;
    }
    let (_, decision) = deciding.or(shadow)?;
    let is_foreign = |side: Option<(&Policy, Decision)>| {
        side.is_some_and(|(_, decision)| decision.refusal() == Some(Refusal::HostNotAllowed))
    };
    let is_about_host = is_foreign(deciding) != is_foreign(shadow);
    let is_own_page = is_about_host && is_same_origin(request);
    let passes = |side| passes(side, decision.kind(), is_own_page && !is_foreign(side));
    match (passes(deciding), passes(shadow)) {
        (false, true) => Some(Difference::WouldAllow),
        (true, false) => Some(Difference::WouldRefuse),
        _ => (!is_same_response(deciding, shadow, request)).then_some(Difference::OtherHeaders),
    }
}

/// Returns whether a CORS request is allowed, or whether another one reaches the app. One of the
/// server's own pages needs no permission, but the right host.
fn passes(side: Option<(&Policy, Decision)>, kind: RequestKind, is_own_page: bool) -> bool {
    let decision = side.map(|(_, decision)| decision);
    match kind {
        RequestKind::NotCors => !decision.is_some_and(Decision::is_rejected),
        RequestKind::Actual if is_own_page => true,
        RequestKind::Preflight | RequestKind::Actual => decision.is_some_and(Decision::is_allowed),
    }
}

fn is_same_response(
    one: Option<(&Policy, Decision)>,
    other: Option<(&Policy, Decision)>,
    request: &dyn RequestHead,
) -> bool {
    let status = |side: Option<(&Policy, Decision)>| side.and_then(|(_, side)| side.status());
    let fields = ResponseFields::of(one).0.into_iter();
    let mut fields = fields.zip(ResponseFields::of(other).0);
    status(one) == status(other)
        && fields.all(|values| match values {
            (None, None) => true,
            (Some(Value::Echo(one)), Some(Value::Echo(other))) => one == other,
            (Some(Value::ListedAndPresent), Some(Value::ListedAndPresent)) => {
                exposes_same(one, other)
            }
            // As bytes, since one policy may list what the other echoes.
            (Some(value), Some(another)) => {
                bytes(one, value, request) == bytes(other, another, request)
            }
            (Some(_), None) | (None, Some(_)) => false,
        })
}

/// Returns whether two policies expose the same names of any response.
fn exposes_same(one: Option<(&Policy, Decision)>, other: Option<(&Policy, Decision)>) -> bool {
    let exposed = |side: Option<(&'_ Policy, Decision)>| {
        side.map(|(policy, _)| Arc::clone(&policy.compiled().exposed))
    };
    let (Some(one), Some(other)) = (exposed(one), exposed(other)) else {
        return false;
    };
    one.text == other.text && one.compiled.prefixes == other.compiled.prefixes
}

/// Returns the line that a value stands for; `None` for several lines of the request, and for what
/// depends on the response.
fn bytes<'a>(
    side: Option<(&'a Policy, Decision)>,
    value: Value,
    request: &'a dyn RequestHead,
) -> Option<Cow<'a, [u8]>> {
    match value {
        Value::Echo(field) => {
            let line = request.field(field).single()?;
            Some(match without_empty_elements(line) {
                Some(names) => names.into_bytes().into(),
                None => line.into(),
            })
        }
        Value::ListedAndAsked => {
            let (policy, _) = side?;
            let names = policy.compiled().headers.listed_and_asked(request);
            Some(names.into_bytes().into())
        }
        // The response is not there yet.
        Value::ListedAndPresent => None,
        Value::Static(_) | Value::Policy(_) => {
            let (policy, _) = side?;
            let text = policy.compiled().text(value);
            text.map(|text| text.as_bytes().into())
        }
    }
}

/// The header fields that a policy puts on a response without any, by symbol.
#[derive(Default)]
struct ResponseFields([Option<Value>; ResponseField::ALL.len()]);

impl ResponseFields {
    fn of(side: Option<(&Policy, Decision)>) -> Self {
        let mut fields = Self::default();
        if let Some((policy, Decision { kind, headers, .. })) = side {
            policy.compiled().apply(kind, headers, &mut fields);
        }
        fields
    }
}

impl WriteHeaders for ResponseFields {
    /// They are empty to begin with, so nothing is compared with their lines.
    fn text(&self, _: Value) -> Option<&str> {
        None
    }

    fn each_name(&self, _: &mut dyn FnMut(&str)) {}

    fn each_line(&self, _: ResponseField, _: &mut dyn FnMut(&[u8])) {}

    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = Some(value);
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        // There was no line before, so there is one now.
        self.set(field, value);
    }

    fn remove(&mut self, _: ResponseField) {}
}
