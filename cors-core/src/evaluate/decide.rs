//! The evaluation: one request head against one policy.

use std::num::NonZeroU16;
use std::ops::ControlFlow;

use super::same_origin::is_same_origin;
use crate::policy::predicate::Panicked;
use crate::policy::{AllowedOrigins, Compiled};
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision, OriginRule};
use crate::protocol::field::RequestField;
use crate::protocol::origin::Origin;
use crate::protocol::origin_error::OriginError;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{FieldValue, RequestHead, RequestKind};
use crate::protocol::token;

impl Compiled {
    /// Evaluates a request. Every decision and every explanation comes from here.
    ///
    /// `failed` gets the method or the header name that failed its check. It stays as it is where
    /// nothing failed or the origin did, and where there was not one value to check.
    ///
    /// An asynchronous predicate is not asked. Where the decision depends on it, and only there,
    /// the refusal is [`PredicateNotAsked`](Refusal::PredicateNotAsked).
    #[inline]
    pub(crate) fn evaluate<'a>(
        &self,
        request: &'a dyn RequestHead,
        failed: &mut Option<&'a [u8]>,
    ) -> Decision {
        match request.field(RequestField::Origin) {
            FieldValue::Missing => self.not_cors(),
            origin => self.cors(origin, request, failed),
        }
    }

    /// Decides on a CORS request. Kept out of line, so that the common path, a request that is not
    /// a CORS request, stays small.
    #[inline(never)]
    fn cors<'a>(
        &self,
        origin: FieldValue<'a>,
        request: &'a dyn RequestHead,
        failed: &mut Option<&'a [u8]>,
    ) -> Decision {
        let verdict = self.judge_origin(origin, request);
        let method = match request.method() {
            "OPTIONS" => request.field(RequestField::AccessControlRequestMethod),
            _ => FieldValue::Missing,
        };
        match method {
            FieldValue::Missing if request.is_method_overridden() => {
                self.overridden(verdict, request, failed)
            }
            FieldValue::Missing => self.actual(verdict, request),
            FieldValue::Single(_) | FieldValue::Multiple => {
                let verdict = self.judge_preflight(verdict, method, request, failed);
                self.preflight(verdict, request)
            }
        }
    }

    /// Judges what a preflight asks for, unless its origin is refused already. A predicate that is
    /// still to be asked could not help a preflight that fails here.
    #[inline]
    fn judge_preflight<'a>(
        &self,
        verdict: Result<OriginRule, Refusal>,
        method: FieldValue<'a>,
        request: &'a dyn RequestHead,
        failed: &mut Option<&'a [u8]>,
    ) -> Result<OriginRule, Refusal> {
        if !matches!(verdict, Ok(_) | Err(Refusal::PredicateNotAsked)) {
            return verdict;
        }
        if let Err(refusal) = self.judge_method(method) {
            *failed = method.single();
            return Err(refusal);
        }
        if let Err((refusal, name)) = self.headers.check(request) {
            *failed = name;
            return Err(refusal);
        }
        verdict
    }

    #[inline]
    fn not_cors(&self) -> Decision {
        // A response that is the same for everybody goes to everybody, so that caches may share it
        // (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
        let headers = if self.answers_any() {
            self.actual_headers
        } else {
            AnswerHeaders::default()
        };
        Decision {
            kind: RequestKind::NotCors,
            verdict: None,
            status: None,
            headers,
        }
    }

    #[inline]
    pub(crate) fn actual(
        &self,
        verdict: Result<OriginRule, Refusal>,
        request: &dyn RequestHead,
    ) -> Decision {
        let rejected =
            self.switches.reject_disallowed_origins && verdict.is_err() && !is_same_origin(request);
        Decision {
            kind: RequestKind::Actual,
            verdict: Some(verdict),
            status: if rejected { NonZeroU16::new(403) } else { None },
            headers: if verdict.is_ok() {
                self.actual_headers
            } else {
                AnswerHeaders::default()
            },
        }
    }

    #[inline]
    pub(crate) fn preflight(
        &self,
        verdict: Result<OriginRule, Refusal>,
        request: &dyn RequestHead,
    ) -> Decision {
        let (status, headers) = match verdict {
            Ok(_) => (
                self.switches.preflight_status,
                self.headers_of_preflight(request),
            ),
            Err(_) => (
                self.switches.preflight_refusal_status,
                AnswerHeaders::default(),
            ),
        };
        let status = if self.switches.preflight_passthrough {
            None
        } else {
            NonZeroU16::new(status)
        };
        Decision {
            kind: RequestKind::Preflight,
            verdict: Some(verdict),
            status,
            headers,
        }
    }

    /// Returns the headers of an allowed preflight: those of the policy, and those that depend on
    /// the request.
    fn headers_of_preflight(&self, request: &dyn RequestHead) -> AnswerHeaders {
        let echoes_headers = self.switches.allow_credentials
            && self.headers.are_any()
            && has_requested_headers(request);
        let wants_private_network = self.switches.allow_private_network
            && request
                .field(RequestField::AccessControlRequestPrivateNetwork)
                .single()
                == Some(b"true");
        self.preflight_headers
            .with_if(echoes_headers, AnswerHeader::AllowRequestedHeaders)
            .with_if(wants_private_network, AnswerHeader::AllowPrivateNetwork)
    }

    #[inline]
    fn judge_origin(
        &self,
        origin: FieldValue<'_>,
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        if self.answers_any() {
            return Ok(OriginRule::Any);
        }
        if let Some(refusal) = self.refuses_all {
            return Err(refusal);
        }
        match origin {
            FieldValue::Single(value) if value.len() > Origin::MAX_BYTES => {
                Err(Refusal::MalformedOrigin(OriginError::TooLong))
            }
            FieldValue::Single(value) => self.origins.judge(value, request),
            FieldValue::Missing | FieldValue::Multiple => Err(Refusal::SeveralOrigins),
        }
    }

    /// Returns whether everybody gets `*`, so that nothing in `Origin` matters.
    const fn answers_any(&self) -> bool {
        self.origins.any && !self.switches.allow_credentials
    }

    pub(super) fn judge_method(&self, method: FieldValue<'_>) -> Result<(), Refusal> {
        let FieldValue::Single(method) = method else {
            return Err(Refusal::MalformedMethod);
        };
        if self.methods.compiled.contains(method) || token::is_safelisted_method(method) {
            Ok(())
        } else if !token::is_token(method) {
            Err(Refusal::MalformedMethod)
        } else if token::is_forbidden_method(method) {
            Err(Refusal::ForbiddenMethod)
        } else if self.methods.any {
            Ok(())
        } else {
            Err(Refusal::MethodNotAllowed)
        }
    }
}

impl AllowedOrigins {
    fn judge(&self, value: &[u8], request: &dyn RequestHead) -> Result<OriginRule, Refusal> {
        // An origin that equals one of the policy's is well-formed, since that one has passed the
        // grammar.
        let listed = &self.listed.compiled;
        if listed.contains_exact(value) {
            return Ok(OriginRule::Exact);
        }
        let origin = Origin::parse(value).map_err(Refusal::MalformedOrigin)?;
        if origin.is_null_or_file() {
            return match value {
                b"null" if self.null => Ok(OriginRule::Null),
                b"null" => Err(Refusal::NullOrigin),
                _ => Err(Refusal::OriginNotAllowed),
            };
        }
        if self.any {
            Ok(OriginRule::Any)
        } else if listed.matches_any_port(origin) {
            Ok(OriginRule::AnyPort)
        } else if listed.matches_subdomain(origin) {
            Ok(OriginRule::Subdomain)
        } else {
            self.judge_by_code(origin, request)
        }
    }

    /// Asks regular expressions and predicates. What they match is not known before a request, so
    /// the check for plain http is made here.
    fn judge_by_code(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        let rule = match self.regexes.compiled.matching(origin) {
            Some(index) => OriginRule::Regex(index),
            None => self.ask_predicates(origin, request)?,
        };
        if !self.insecure && origin.is_insecure() {
            return Err(Refusal::InsecureOrigin);
        }
        Ok(rule)
    }

    fn ask_predicates(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        for (index, predicate) in (0..).zip(&self.predicates) {
            match predicate.allows(origin, request) {
                Ok(true) => return Ok(OriginRule::Predicate(index)),
                Ok(false) => {}
                Err(Panicked) => return Err(Refusal::PredicatePanicked),
            }
        }
        match &self.async_predicate {
            None => Err(Refusal::OriginNotAllowed),
            // Its result would not count.
            Some(_) if !self.insecure && origin.is_insecure() => Err(Refusal::InsecureOrigin),
            Some(_) => Err(Refusal::PredicateNotAsked),
        }
    }
}

/// Returns whether the preflight asks for any header at all.
fn has_requested_headers(request: &dyn RequestHead) -> bool {
    let mut found = false;
    request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
        found = line.iter().copied().any(token::is_token_byte);
        if found {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    found
}
