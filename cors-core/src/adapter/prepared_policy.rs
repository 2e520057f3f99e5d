//! [`Prepared`]: what the engine makes of a policy ahead of requests.

use std::fmt;

use super::header_types::HeaderTypes;
use super::plain_ways::PlainWays;
use super::value_table::ValueTable;
use super::writer::Writer;
use crate::policy::Judging;
use crate::policy::installed::InstalledPolicy;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::request::RequestKind;

/// A policy with its header values and the headers of its answers, in the types of one header
/// library. An adapter makes it ahead of requests.
pub struct Prepared<H: HeaderTypes> {
    policy: InstalledPolicy,
    values: ValueTable<H::Value>,
    plain: PlainWays,
    answers: Option<PreparedAnswers<H::Map>>,
}

/// The headers of a policy's answers, except for those that depend on the request.
pub(super) struct PreparedAnswers<M> {
    /// Of an allowed preflight, and of one that the policy's lists refuse.
    pub(super) preflight: M,
    /// Of a preflight that is refused for anything else.
    pub(super) bare_preflight: M,
    rejected: M,
    /// Of an allowed preflight from an origin that has credentials where others have none.
    with_credentials: Option<M>,
    /// The headers that set an answer apart from `preflight`.
    set_apart: AnswerHeaders,
}

impl<H: HeaderTypes> Prepared<H> {
    /// Renders the policy's texts, and the headers of its answers except for those that depend on
    /// the request.
    #[must_use]
    pub fn new(policy: &InstalledPolicy) -> Self {
        Self::beside(policy, None)
    }

    /// Does the same, and shares the values of the texts that the policy shares with another one.
    pub(super) fn beside(policy: &InstalledPolicy, other: Option<&Self>) -> Self {
        let compiled = policy.compiled();
        let other = other.map(|other| (&other.policy.compiled().texts, &other.values));
        let values = ValueTable::render(&compiled.texts, other, H::from_static, H::from_ascii);
        let answer = |kind, headers: AnswerHeaders| {
            let mut map = H::with_capacity(headers.iter().count() + VARY_LINES);
            let mut writer = Writer::<H> {
                policy: compiled,
                values: &values,
                // Keeps the place that each request's origin takes.
                origin: &mut Some(H::from_static("")),
                kept: None,
                headers: &mut map,
            };
            compiled.apply(kind, headers, &mut writer);
            map
        };
        let with_credentials = match &compiled.judging {
            Judging::Apart(with_credentials) => Some(with_credentials.preflight_headers),
            Judging::Any | Judging::None(_) | Judging::Each => None,
        };
        Self {
            answers: H::PREPARES_ANSWERS.then(|| PreparedAnswers {
                preflight: answer(RequestKind::Preflight, compiled.preflight_headers),
                bare_preflight: answer(RequestKind::Preflight, AnswerHeaders::default()),
                rejected: answer(RequestKind::Actual, AnswerHeaders::REJECTION),
                with_credentials: with_credentials
                    .map(|headers| answer(RequestKind::Preflight, headers)),
                set_apart: AnswerHeaders::REJECTION
                    .with_if(with_credentials.is_some(), AnswerHeader::AllowCredentials),
            }),
            plain: PlainWays::of(compiled),
            policy: policy.clone(),
            values,
        }
    }

    pub(super) const fn policy(&self) -> &InstalledPolicy {
        &self.policy
    }

    pub(super) const fn values(&self) -> &ValueTable<H::Value> {
        &self.values
    }

    pub(super) const fn plain(&self) -> PlainWays {
        self.plain
    }

    /// Returns the prepared headers of all answers, where the header library prepares them.
    pub(super) const fn answers(&self) -> Option<&PreparedAnswers<H::Map>> {
        self.answers.as_ref()
    }

    /// Returns the prepared headers of an answer, where the header library prepares them.
    pub(super) fn answer(&self, decision: Decision) -> Option<&H::Map> {
        self.answers.as_ref()?.of(decision)
    }
}

impl<M> PreparedAnswers<M> {
    fn of(&self, decision: Decision) -> Option<&M> {
        Some(if decision.kind != RequestKind::Preflight {
            &self.rejected
        } else if decision.headers == AnswerHeaders::default() {
            &self.bare_preflight
        } else if decision.headers.and(self.set_apart) == AnswerHeaders::default() {
            &self.preflight
        } else {
            return self.of_few(decision);
        })
    }

    #[inline(never)]
    fn of_few(&self, decision: Decision) -> Option<&M> {
        if decision.headers == AnswerHeaders::REJECTION {
            // For its host, which is too rare to be prepared for.
            return None;
        }
        self.with_credentials.as_ref()
    }
}

impl<H: HeaderTypes> fmt::Debug for Prepared<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.policy).finish()
    }
}

/// An answer has its Vary in one line.
const VARY_LINES: usize = 1;
