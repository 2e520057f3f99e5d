//! [`answer`]: the answers to preflights that depend on the policy and on the origin alone.

use crate::adapter::header_types::{HeaderTypes, RequestParts, ResponseParts};
use crate::adapter::marks::name_policy;
use crate::adapter::prepared_policy::Prepared;
use crate::adapter::request_view::RequestView;
use crate::adapter::writer::Writer;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{FieldValue, RequestHead as _, RequestKind};

/// What an OPTIONS request asks for.
pub(crate) enum Asked<'a, H: HeaderTypes> {
    /// It is no preflight.
    Nothing,
    /// A preflight with this answer.
    Answer(PlainAnswer<'a, H>),
    /// A preflight whose answer takes a decision.
    More,
}

/// An answer that is made of the policy and of the origin.
pub(crate) struct PlainAnswer<'a, H: HeaderTypes> {
    status: u16,
    headers: AnswerHeaders,
    /// The origin, if the answer names it.
    origin: Option<&'a H::Value>,
    prepared: &'a Prepared<H>,
    /// The prepared headers, where the header library prepares them. The origin takes the place of
    /// the first.
    map: Option<&'a H::Map>,
}

impl<H: HeaderTypes> PlainAnswer<'_, H> {
    #[inline(always)]
    pub(crate) fn make<A: ResponseParts<H>>(self, respond: fn(u16) -> A) -> A {
        let mut answer = respond(self.status);
        let headers = answer.headers_mut();
        match self.map {
            Some(map) => {
                *headers = map.clone();
                if let Some(origin) = self.origin {
                    let field = ResponseField::AccessControlAllowOrigin;
                    H::replace_first(headers, field, origin.clone());
                }
            }
            None => self.write(headers),
        }
        if cfg!(debug_assertions) {
            name_policy(&mut answer, self.prepared.policy().policy(), false);
        }
        answer
    }

    fn write(&self, answer: &mut H::Map) {
        let policy = self.prepared.policy().compiled();
        let mut writer = Writer::<H> {
            policy,
            values: self.prepared.values(),
            origin: &mut self.origin.cloned(),
            kept: None,
            headers: answer,
        };
        policy.apply(RequestKind::Preflight, self.headers, &mut writer);
    }
}

/// Answers an OPTIONS request with these headers.
#[inline(never)]
pub(crate) fn answer<'a, H: HeaderTypes>(
    prepared: &'a Prepared<H>,
    request: &'a H::Map,
) -> Asked<'a, H> {
    let mut lines = H::request_lines(request, RequestField::Origin);
    let Some(origin) = lines.next() else {
        return Asked::Nothing;
    };
    let is_only = lines.next().is_none();
    let headers = OptionsHeaders::<H>(request);
    let view = RequestView::new(&headers);
    let method = view.field(RequestField::AccessControlRequestMethod);
    if method == FieldValue::Missing {
        return Asked::Nothing;
    }
    if !prepared.plain().preflights {
        return Asked::More;
    }
    let policy = prepared.policy().compiled();
    let any_origin = policy
        .preflight_headers
        .contains(AnswerHeader::AllowAnyOrigin);
    let is_allowed = any_origin || (is_only && policy.origins.allows(H::as_bytes(origin)));
    let is_bare = !is_allowed
        || match policy.judge_requested(method, &view) {
            Ok(()) => false,
            Err(failure) if !failure.only_lists => true,
            Err(failure) if failure.refusal != Refusal::MethodNotAllowed => false,
            // Without a list of methods, the safelisted ones are named.
            Err(_)
                if policy
                    .preflight_headers
                    .contains(AnswerHeader::AllowMethods) =>
            {
                false
            }
            Err(_) => return Asked::More,
        };
    let switches = &policy.switches;
    let (status, headers) = if is_bare {
        (switches.preflight_refusal_status, AnswerHeaders::default())
    } else {
        (switches.preflight_status, policy.preflight_headers)
    };
    let map = prepared.answers().map(|answers| {
        if is_bare {
            &answers.bare_preflight
        } else {
            &answers.preflight
        }
    });
    Asked::Answer(PlainAnswer {
        status,
        headers,
        origin: (!is_bare && !any_origin).then_some(origin),
        prepared,
        map,
    })
}

/// All that a preflight's answer depends on.
struct OptionsHeaders<'a, H: HeaderTypes>(&'a H::Map);

impl<H: HeaderTypes> RequestParts<H> for OptionsHeaders<'_, H> {
    fn method(&self) -> &str {
        "OPTIONS"
    }

    fn path(&self) -> &str {
        ""
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn headers(&self) -> &H::Map {
        self.0
    }
}
