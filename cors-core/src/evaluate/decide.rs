//! The evaluation: one request head against one policy.

use std::num::NonZeroU16;
use std::ops::ControlFlow;

use super::same_origin::is_same_origin;
use crate::policy::allowed_headers::EchoedHeaders;
use crate::policy::{Compiled, Judging};
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision, OriginRule};
use crate::protocol::field::RequestField;
use crate::protocol::origin::Origin;
use crate::protocol::origin_error::OriginError;
use crate::protocol::refusal::{Failure, Refusal, RequestPart};
use crate::protocol::request::{FieldValue, RequestHead, RequestKind};
use crate::protocol::token;

impl Compiled {
    /// Evaluates a request. Every decision and every explanation comes from here.
    ///
    /// `failure` gets the failure of a preflight whose origin does not fail, and stays as it is
    /// where there is none.
    ///
    /// An asynchronous predicate is not asked. Where the decision depends on it, and only there,
    /// the refusal is [`PredicateNotAsked`](Refusal::PredicateNotAsked), and `failure` is for what a
    /// preflight is refused if the predicate allows its origin.
    #[inline]
    pub(crate) fn evaluate<'a>(
        &self,
        request: &'a dyn RequestHead,
        failure: &mut Option<Failure<'a>>,
    ) -> Decision {
        if !self.allows_host(request) {
            return Decision::foreign_host(kind_of(request));
        }
        match request.field(RequestField::Origin) {
            FieldValue::Missing => self.not_cors(),
            origin => self.cors(origin, request, failure),
        }
    }

    /// Decides on a CORS request. Kept out of line, so that the common path, a request that is not
    /// a CORS request, stays small.
    #[inline(never)]
    fn cors<'a>(
        &self,
        origin: FieldValue<'a>,
        request: &'a dyn RequestHead,
        failure: &mut Option<Failure<'a>>,
    ) -> Decision {
        let (policy, verdict) = self.judge_origin(origin, request);
        let method = match request.method() {
            "OPTIONS" => request.field(RequestField::AccessControlRequestMethod),
            _ => FieldValue::Missing,
        };
        match method {
            FieldValue::Missing if request.is_method_overridden() => {
                policy.overridden(verdict, request, failure)
            }
            FieldValue::Missing => policy.actual(verdict, request),
            FieldValue::Single(_) | FieldValue::Multiple => {
                policy.preflight(verdict, method, request, failure)
            }
        }
    }

    /// Decides on a preflight, whose origin has been judged.
    #[inline]
    fn preflight<'a>(
        &self,
        verdict: Result<OriginRule, Refusal>,
        method: FieldValue<'a>,
        request: &'a dyn RequestHead,
        failure: &mut Option<Failure<'a>>,
    ) -> Decision {
        let bare = |refusal| self.decide_preflight(Err(refusal), AnswerHeaders::default());
        if let Err(refusal) = verdict
            && refusal != Refusal::PredicateNotAsked
        {
            return bare(refusal);
        }
        let requested = self.judge_requested(method, request);
        *failure = requested.err();
        match (requested, verdict) {
            // A predicate that is still to be asked could not help.
            (Err(found), _) if !found.only_lists || self.app_may_add() => bare(found.refusal),
            (_, Err(not_asked)) => bare(not_asked),
            (Err(found), Ok(_)) => self.preflight_of_allowed_origin(Err(found.refusal), request),
            (Ok(()), Ok(_)) => self.preflight_of_allowed_origin(verdict, request),
        }
    }

    /// Decides on a preflight whose origin is allowed, and which no more than a list refuses.
    #[inline]
    pub(super) fn preflight_of_allowed_origin(
        &self,
        verdict: Result<OriginRule, Refusal>,
        request: &dyn RequestHead,
    ) -> Decision {
        self.decide_preflight(verdict, self.headers_of_preflight(verdict, request))
    }

    /// Returns whether the app's response to a preflight keeps lists of the app's own. Beside the
    /// policy's origin they could grant what the policy refuses.
    const fn app_may_add(&self) -> bool {
        self.switches.preflight_passthrough && self.switches.keep_app_headers
    }

    /// Judges what a preflight asks for.
    #[inline]
    pub(crate) fn judge_requested<'a>(
        &self,
        method: FieldValue<'a>,
        request: &'a dyn RequestHead,
    ) -> Result<(), Failure<'a>> {
        let Err(refusal) = self.judge_method(method) else {
            return self.headers.check(request);
        };
        // What the headers are matters all the same: to a browser the policy is of use, to a client
        // that is none it is not.
        let only_lists = refusal == Refusal::MethodNotAllowed
            && !self.methods.any
            && match self.headers.check(request) {
                Ok(()) => true,
                Err(failure) => failure.only_lists,
            };
        Err(Failure {
            refusal,
            value: method.single(),
            only_lists,
        })
    }

    /// Returns the method or the header name for which a request was refused; `None` where the
    /// refusal has another reason, and where there is not one such value.
    pub(crate) fn failed_value<'a>(
        &self,
        decision: Decision,
        request: &'a dyn RequestHead,
    ) -> Option<&'a [u8]> {
        match decision.refusal()?.request_part() {
            RequestPart::Method if decision.kind == RequestKind::Preflight => request
                .field(RequestField::AccessControlRequestMethod)
                .single(),
            RequestPart::Method => Some(request.method().as_bytes()),
            RequestPart::Headers => {
                let origin = request.field(RequestField::Origin).single();
                let policy = self.policy_for(origin.unwrap_or_default());
                policy.headers.check(request).err()?.value
            }
            RequestPart::Host | RequestPart::Path | RequestPart::Origin => None,
        }
    }

    #[inline]
    pub(super) fn not_cors(&self) -> Decision {
        // A response that is the same for everybody goes to everybody, so that caches may share it
        // (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
        let headers = if matches!(self.judging, Judging::Any) {
            self.actual_headers
        } else {
            AnswerHeaders::default()
        };
        Decision {
            kind: RequestKind::NotCors,
            verdict: None,
            status: None,
            headers,
            same_origin: false,
        }
    }

    #[inline]
    pub(super) fn actual(
        &self,
        verdict: Result<OriginRule, Refusal>,
        request: &dyn RequestHead,
    ) -> Decision {
        let allowed = Decision {
            kind: RequestKind::Actual,
            verdict: Some(verdict),
            status: None,
            headers: self.actual_headers,
            same_origin: false,
        };
        if verdict.is_ok() {
            return match self.judging {
                // Handlers ask who has credentials, which own pages have.
                Judging::Apart(_) => Decision {
                    same_origin: is_same_origin(request),
                    ..allowed
                },
                Judging::Any | Judging::None(_) | Judging::Each => allowed,
            };
        }
        let refused = Decision {
            headers: AnswerHeaders::default(),
            same_origin: is_same_origin(request),
            ..allowed
        };
        if self.switches.reject_disallowed_origins && !refused.same_origin {
            refused.rejected()
        } else {
            refused
        }
    }

    /// Makes the decision on a preflight. No headers is a bare answer.
    #[inline]
    fn decide_preflight(
        &self,
        verdict: Result<OriginRule, Refusal>,
        headers: AnswerHeaders,
    ) -> Decision {
        let status = if headers == AnswerHeaders::default() {
            self.switches.preflight_refusal_status
        } else {
            self.switches.preflight_status
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
            same_origin: false,
        }
    }

    /// Returns the headers of a preflight whose origin is allowed: those of the policy, and those
    /// that depend on the request.
    fn headers_of_preflight(
        &self,
        verdict: Result<OriginRule, Refusal>,
        request: &dyn RequestHead,
    ) -> AnswerHeaders {
        let echoed = match self.headers.echoed {
            EchoedHeaders::All if has_requested_headers(request) => {
                Some(AnswerHeader::AllowRequestedHeaders)
            }
            EchoedHeaders::OfPrefixes if self.headers.first_by_prefix(request).is_some() => {
                Some(AnswerHeader::AllowAskedHeaders)
            }
            EchoedHeaders::None | EchoedHeaders::All | EchoedHeaders::OfPrefixes => None,
        };
        let wants_private_network = verdict.is_ok()
            && self.switches.allow_private_network
            && request
                .field(RequestField::AccessControlRequestPrivateNetwork)
                .single()
                == Some(b"true");
        // Where no list of methods is in the response, and a page has an upload listener or streams
        // its body, a browser takes the requested method for allowed
        // (https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, step 7.4).
        let lacks_methods = verdict == Err(Refusal::MethodNotAllowed)
            && !self.preflight_headers.contains(AnswerHeader::AllowMethods);
        let headers = self
            .preflight_headers
            .with_if(lacks_methods, AnswerHeader::AllowSafelistedMethods)
            .with_if(wants_private_network, AnswerHeader::AllowPrivateNetwork);
        match echoed {
            Some(echoed) => headers.with(echoed),
            None => headers,
        }
    }

    /// Judges an origin. Returns the policy that decides about all else, too: where some origins
    /// have credentials and others do not, it is not the same for both.
    #[inline]
    pub(super) fn judge_origin(
        &self,
        origin: FieldValue<'_>,
        request: &dyn RequestHead,
    ) -> (&Self, Result<OriginRule, Refusal>) {
        match &self.judging {
            Judging::Each => {}
            Judging::Any => return (self, Ok(OriginRule::Any)),
            Judging::None(refusal) => return (self, Err(*refusal)),
            Judging::Apart(with_credentials) => {
                let origin = origin.single().unwrap_or_default();
                if let Some(rule) = with_credentials.rule_for(origin) {
                    return (with_credentials, Ok(rule));
                }
            }
        }
        let verdict = match origin {
            FieldValue::Single(value) if value.len() > Origin::MAX_BYTES => {
                Err(Refusal::MalformedOrigin(OriginError::TooLong))
            }
            FieldValue::Single(value) => self.origins.judge(value, request),
            FieldValue::Missing | FieldValue::Multiple => Err(Refusal::SeveralOrigins),
        };
        (self, verdict)
    }

    /// Returns the policy that decides about requests of an origin, apart from whether it is
    /// allowed.
    pub(crate) fn policy_for(&self, origin: &[u8]) -> &Self {
        match &self.judging {
            Judging::Apart(with_credentials) if with_credentials.rule_for(origin).is_some() => {
                with_credentials
            }
            Judging::Any | Judging::None(_) | Judging::Each | Judging::Apart(_) => self,
        }
    }

    /// Returns the rule of the listed origins that matches this one.
    #[inline(never)]
    fn rule_for(&self, origin: &[u8]) -> Option<OriginRule> {
        if origin.len() > Origin::MAX_BYTES {
            return None;
        }
        self.origins.listed.compiled.rule_for(origin)
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
        } else if self.methods.any && (method != b"*" || !self.switches.allow_credentials) {
            // With credentials the method is echoed, and a `*` reads as more than was asked for.
            Ok(())
        } else {
            Err(Refusal::MethodNotAllowed)
        }
    }
}

/// Returns the kind of a request whose host is not allowed; that of others comes with the decision.
#[cold]
fn kind_of(request: &dyn RequestHead) -> RequestKind {
    let asks = |field| request.field(field) != FieldValue::Missing;
    if !asks(RequestField::Origin) {
        RequestKind::NotCors
    } else if request.method() == "OPTIONS" && asks(RequestField::AccessControlRequestMethod) {
        RequestKind::Preflight
    } else {
        RequestKind::Actual
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
