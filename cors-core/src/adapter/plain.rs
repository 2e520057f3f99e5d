//! [`Plain`]: an exchange of the plain way, which most requests go.
//!
//! What is kept of a request is what `Access-Control-Allow-Origin` will say. Where a policy decides
//! by `Origin` alone, and nobody asks for the decision, there is none. The responses are those of
//! [`Decided`](super::decided::Decided), with which a test compares them.

mod added;
mod answer;
mod writer;

use std::ops::Deref;

use self::added::Added;
pub(super) use self::answer::{Asked, answer};
use super::header_types::{HeaderTypes, ResponseParts};
use super::marks::{InnerPolicyApplied, name_policy};
use super::prepared_policy::Prepared;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::request::RequestKind;

/// An exchange of the plain way.
pub(super) struct Plain<H: HeaderTypes, P> {
    /// The origin, if the response names it.
    origin: Option<H::Value>,
    /// Nothing where no policy covers the path, so that the response stays as it is.
    added: Option<Added>,
    /// Is there where the response names a text of the policy: all threads count the pointers.
    prepared: Option<P>,
}

/// Begins an exchange; `None` where a decision is needed.
#[inline(always)]
pub(super) fn begin<H, P>(prepared: &P, request: &H::Map) -> Option<Plain<H, P>>
where
    H: HeaderTypes,
    P: Deref<Target = Prepared<H>> + Clone,
{
    let ways = prepared.plain();
    if !ways.requests {
        return None;
    }
    let headers = ways.headers;
    if headers.contains(AnswerHeader::AllowAnyOrigin) {
        return Some(Plain::new(prepared, None, headers));
    }
    let origin = only_origin::<H>(request).filter(|origin| {
        let policy = prepared.policy().compiled();
        policy.origins.allows(H::as_bytes(origin))
    });
    Some(match origin {
        Some(origin) => Plain::new(prepared, Some(origin.clone()), headers),
        None => Plain::new(prepared, None, AnswerHeaders::default()),
    })
}

/// Returns the value of `Origin`, if there is one line of it.
#[inline]
fn only_origin<H: HeaderTypes>(request: &H::Map) -> Option<&H::Value> {
    let mut lines = H::request_lines(request, RequestField::Origin);
    match (lines.next(), lines.next()) {
        (Some(line), None) => Some(line),
        _ => None,
    }
}

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>> + Clone> Plain<H, P> {
    /// Makes the exchange of a decision by which the app is called; `None` where it takes more.
    pub(super) fn of(prepared: &P, decision: Decision, origin: Option<&H::Value>) -> Option<Self> {
        let headers = decision.headers;
        let is_plain = prepared.plain().responses
            && decision.status().is_none()
            && decision.kind() != RequestKind::Preflight;
        let origin = origin.filter(|_| headers.contains(AnswerHeader::AllowOrigin));
        is_plain.then(|| Self::new(prepared, origin.cloned(), headers))
    }

    #[inline(always)]
    fn new(prepared: &P, origin: Option<H::Value>, headers: AnswerHeaders) -> Self {
        // In a debug build, also for an adapter outside that looks for mistakes.
        let is_kept = headers.contains(AnswerHeader::ExposeHeaders) || cfg!(debug_assertions);
        Self {
            origin,
            added: Some(Added {
                headers,
                varies: prepared.plain().varies,
            }),
            prepared: is_kept.then(|| prepared.clone()),
        }
    }
}

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Plain<H, P> {
    /// Writes the headers of the app's response, unless an inner adapter has applied its policy.
    #[inline]
    pub(super) fn finish(&mut self, response: &mut impl ResponseParts<H>) {
        let Some(added) = self.added else {
            return;
        };
        let inner: Option<InnerPolicyApplied> = response.extension();
        if inner.is_some() {
            return;
        }
        let headers = response.headers_mut();
        let has_own = H::names(headers).any(|name| ResponseField::from_name(name).is_some());
        let prepared = self.prepared.as_deref();
        if has_own {
            writer::replace(headers, added, &mut self.origin, prepared);
        } else {
            writer::append(headers, added, &mut self.origin, prepared);
        }
        if cfg!(debug_assertions)
            && let Some(prepared) = prepared
        {
            name_policy(response, prepared.policy().policy(), false);
        }
    }
}

impl<H: HeaderTypes, P> Plain<H, P> {
    /// Makes the exchange of a path without a policy.
    pub(super) const fn uncovered() -> Self {
        Self {
            origin: None,
            added: None,
            prepared: None,
        }
    }

    pub(super) const fn is_uncovered(&self) -> bool {
        self.added.is_none()
    }
}

// Written by hand, since the derive would ask for a marker type that is `Clone`.
impl<H: HeaderTypes, P: Clone> Clone for Plain<H, P> {
    fn clone(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            added: self.added,
            prepared: self.prepared.clone(),
        }
    }
}
