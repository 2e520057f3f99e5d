//! [`answer`]: the answers to preflights that are prepared but for the origin.

use crate::adapter::header_types::{HeaderTypes, RequestParts, ResponseParts};
use crate::adapter::marks::name_policy;
use crate::adapter::prepared_policy::Prepared;
use crate::adapter::request_view::RequestView;
use crate::protocol::decision::AnswerHeader;
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{FieldValue, RequestHead as _};

/// What an OPTIONS request asks for.
pub(crate) enum Asked<'a, H: HeaderTypes> {
    /// It is no preflight.
    Nothing,
    /// A preflight with this answer.
    Answer(PreparedAnswer<'a, H>),
    /// An answer that is not prepared.
    More,
}

/// An answer whose headers are prepared, but for the origin.
pub(crate) struct PreparedAnswer<'a, H: HeaderTypes> {
    status: u16,
    headers: &'a H::Map,
    /// What stands in the place of the first header.
    origin: Option<&'a H::Value>,
    prepared: &'a Prepared<H>,
}

impl<H: HeaderTypes> PreparedAnswer<'_, H> {
    #[inline(always)]
    pub(crate) fn make<A: ResponseParts<H>>(self, respond: fn(u16) -> A) -> A {
        let mut answer = respond(self.status);
        let headers = answer.headers_mut();
        *headers = self.headers.clone();
        if let Some(origin) = self.origin {
            let field = ResponseField::AccessControlAllowOrigin;
            H::replace_first(headers, field, origin.clone());
        }
        if cfg!(debug_assertions) {
            name_policy(&mut answer, self.prepared.policy().policy(), false);
        }
        answer
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
    let Some(answers) = prepared.answers().filter(|_| prepared.plain().preflights) else {
        return Asked::More;
    };
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
        (switches.preflight_refusal_status, &answers.bare_preflight)
    } else {
        (switches.preflight_status, &answers.preflight)
    };
    Asked::Answer(PreparedAnswer {
        status,
        headers,
        origin: (!is_bare && !any_origin).then_some(origin),
        prepared,
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
