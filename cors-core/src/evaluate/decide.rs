//! The evaluation: one request head against one policy.

use std::num::NonZeroU16;
use std::ops::ControlFlow;

use crate::evaluate::same_origin::is_same_origin;
use crate::policy::async_predicate::Answer;
use crate::policy::predicate::Panicked;
use crate::policy::{AllowedMethods, AllowedOrigins, Compiled, Policy};
use crate::protocol::decision::{Decision, FieldSet, OriginRule, Row};
use crate::protocol::observer::{Check, Observer};
use crate::protocol::origin::{MAX_ORIGIN_BYTES, Origin, OriginError};
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{Lines, RequestField, RequestHead, RequestKind};
use crate::protocol::token;

impl Policy {
    /// Decides what the policy says to a request.
    ///
    /// Never fails, never blocks, allocates nothing. Predicates of the policy run in here, but for
    /// an asynchronous one, which is a [`question`](Self::question) of its own.
    ///
    /// Standard: [CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol).
    #[inline]
    #[must_use]
    pub fn decide(&self, request: &dyn RequestHead) -> Decision {
        self.evaluate(request, None, &mut ())
    }

    /// Decides as [`decide`](Self::decide) does, with what an asynchronous predicate has said
    /// about the origin. Nothing is asked again.
    ///
    /// `answer` must come from the [`question`](Self::question) that this policy had about this
    /// request.
    #[must_use]
    pub fn decide_with(&self, request: &dyn RequestHead, answer: Answer) -> Decision {
        self.evaluate(request, Some(answer), &mut ())
    }

    /// Whether pages of this origin may read answers; the bare question, for use outside a
    /// middleware: a WebSocket handshake, a message handler.
    ///
    /// `origin` is the value of one `Origin` header, untouched. Predicates are asked as in a GET
    /// request for `/` without a host and the headers that they declare; an asynchronous one is
    /// not asked, so what hangs on it is not allowed.
    ///
    /// ```
    /// use cors_core::Policy;
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
    /// assert!(policy.allows_origin("https://app.example.com"));
    /// assert!(!policy.allows_origin("https://app.example.com.evil.net"));
    /// assert!(!policy.allows_origin("null"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.decide(&OriginAlone(origin)).is_allowed()
    }

    /// The one evaluation behind [`decide`](Self::decide) and [`explain`](Self::explain).
    #[inline]
    pub(crate) fn evaluate(
        &self,
        request: &dyn RequestHead,
        answer: Option<Answer>,
        observer: &mut impl Observer,
    ) -> Decision {
        let policy = self.compiled();
        match request.lines(RequestField::Origin) {
            Lines::Absent => policy.not_cors(),
            origin => policy.cors(origin, request, answer, observer),
        }
    }
}

impl Compiled {
    /// Out of line, so that what is no CORS request costs a look for its `Origin` and no more.
    #[inline(never)]
    fn cors(
        &self,
        origin: Lines<'_>,
        request: &dyn RequestHead,
        answer: Option<Answer>,
        observer: &mut impl Observer,
    ) -> Decision {
        let verdict = match answer {
            Some(Answer(verdict)) => verdict,
            None => self.judge_origin(origin, request, observer),
        };
        let method = match request.method() {
            "OPTIONS" => request.lines(RequestField::AccessControlRequestMethod),
            _ => Lines::Absent,
        };
        match method {
            Lines::Absent => self.actual(verdict, origin, request),
            Lines::One(_) | Lines::Several => self.preflight(verdict, method, request, observer),
        }
    }

    #[inline]
    fn not_cors(&self) -> Decision {
        // An answer that everybody gets alike goes to everybody, so that caches may share it
        // (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
        let fields = if self.answers_any() {
            self.actual_fields
        } else {
            FieldSet::default()
        };
        Decision {
            kind: RequestKind::NotCors,
            verdict: None,
            status: None,
            fields,
        }
    }

    #[inline]
    fn actual(
        &self,
        verdict: Result<OriginRule, Refusal>,
        origin: Lines<'_>,
        request: &dyn RequestHead,
    ) -> Decision {
        let rejected =
            self.reject_disallowed_origins && verdict.is_err() && !is_same_origin(request, origin);
        Decision {
            kind: RequestKind::Actual,
            verdict: Some(verdict),
            status: if rejected { NonZeroU16::new(403) } else { None },
            fields: if verdict.is_ok() {
                self.actual_fields
            } else {
                FieldSet::default()
            },
        }
    }

    fn preflight(
        &self,
        origin: Result<OriginRule, Refusal>,
        method: Lines<'_>,
        request: &dyn RequestHead,
        observer: &mut impl Observer,
    ) -> Decision {
        let verdict = origin.and_then(|rule| {
            self.judge_method(method, observer)?;
            self.headers.check(request, observer)?;
            Ok(rule)
        });
        let (status, fields) = match verdict {
            Ok(_) => (self.preflight_status, self.preflight_answer(request)),
            Err(_) => (self.preflight_refusal_status, FieldSet::default()),
        };
        let status = if self.preflight_passthrough {
            None
        } else {
            NonZeroU16::new(status)
        };
        Decision {
            kind: RequestKind::Preflight,
            verdict: Some(verdict),
            status,
            fields,
        }
    }

    /// The answer to an allowed preflight: the policy's, and what the request alone can tell.
    fn preflight_answer(&self, request: &dyn RequestHead) -> FieldSet {
        let echoes_headers =
            self.credentials && self.headers.are_any() && has_requested_headers(request);
        let wants_private_network = self.private_network
            && request
                .lines(RequestField::AccessControlRequestPrivateNetwork)
                .one()
                == Some(b"true");
        self.preflight_fields
            .with_if(echoes_headers, Row::AllowRequestedHeaders)
            .with_if(wants_private_network, Row::AllowPrivateNetwork)
    }

    #[inline]
    fn judge_origin(
        &self,
        lines: Lines<'_>,
        request: &dyn RequestHead,
        observer: &mut impl Observer,
    ) -> Result<OriginRule, Refusal> {
        if let Lines::One(value) = lines {
            observer.saw(Check::Origin, value);
        }
        if self.answers_any() {
            return Ok(OriginRule::Any);
        }
        match lines {
            Lines::One(value) if value.len() > MAX_ORIGIN_BYTES => {
                Err(Refusal::MalformedOrigin(OriginError::TooLong))
            }
            Lines::One(value) => self.origins.judge(value, request),
            Lines::Absent | Lines::Several => Err(Refusal::SeveralOrigins),
        }
    }

    /// Whether everybody gets `*`: then nothing in `Origin` matters.
    const fn answers_any(&self) -> bool {
        self.origins.any && !self.credentials
    }

    fn judge_method(&self, lines: Lines<'_>, observer: &mut impl Observer) -> Result<(), Refusal> {
        let Lines::One(method) = lines else {
            return Err(Refusal::MalformedMethod);
        };
        observer.saw(Check::Method, method);
        let listed = match &self.methods {
            AllowedMethods::Listed(methods) => {
                methods.iter().any(|listed| listed.as_bytes() == method)
            }
            AllowedMethods::Any => false,
        };
        if listed || token::is_safelisted_method(method) {
            Ok(())
        } else if !token::is_token(method) {
            Err(Refusal::MalformedMethod)
        } else if token::is_forbidden_method(method) {
            Err(Refusal::ForbiddenMethod)
        } else if matches!(self.methods, AllowedMethods::Any) {
            Ok(())
        } else {
            Err(Refusal::MethodNotAllowed)
        }
    }
}

impl AllowedOrigins {
    fn judge(&self, value: &[u8], request: &dyn RequestHead) -> Result<OriginRule, Refusal> {
        // What equals an origin of the policy has passed the grammar there.
        if self.listed.contains_exact(value) {
            return Ok(OriginRule::Exact);
        }
        let origin = Origin::parse(value).map_err(Refusal::MalformedOrigin)?;
        if origin.is_opaque() {
            return match value {
                b"null" if self.null => Ok(OriginRule::Null),
                b"null" => Err(Refusal::NullOrigin),
                _ => Err(Refusal::OriginNotAllowed),
            };
        }
        if self.any {
            Ok(OriginRule::Any)
        } else if self.listed.matches_any_port(origin) {
            Ok(OriginRule::AnyPort)
        } else if self.listed.matches_subdomain(origin) {
            Ok(OriginRule::Subdomain)
        } else {
            self.judge_by_code(origin, request)
        }
    }

    /// Regular expressions and predicates, of which nobody can tell beforehand what they take.
    fn judge_by_code(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        let rule = match self.matching_regex(origin) {
            Some(rule) => rule,
            None => self.ask_predicates(origin, request)?,
        };
        if !self.insecure && origin.is_insecure() {
            return Err(Refusal::InsecureOrigin);
        }
        Ok(rule)
    }

    #[cfg(feature = "regex")]
    fn matching_regex(&self, origin: Origin<'_>) -> Option<OriginRule> {
        let index = self
            .regexes
            .iter()
            .position(|regex| regex.matches(origin.as_str().as_bytes()))?;
        Some(OriginRule::Regex(u16::try_from(index).unwrap_or(u16::MAX)))
    }

    #[cfg(not(feature = "regex"))]
    fn matching_regex(&self, _: Origin<'_>) -> Option<OriginRule> {
        None
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
            // Nothing that it could say would count.
            Some(_) if !self.insecure && origin.is_insecure() => Err(Refusal::InsecureOrigin),
            Some(_) => Err(Refusal::PredicateNotAsked),
        }
    }
}

/// Whether the preflight asks for any header at all.
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

/// A GET request that has an `Origin` and nothing else.
struct OriginAlone<'a>(&'a str);

impl RequestHead for OriginAlone<'_> {
    fn method(&self) -> &str {
        "GET"
    }

    fn path(&self) -> &str {
        "/"
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Origin {
            // There is one line only, so the visitor has nothing to break off.
            let _ = visit(self.0.as_bytes());
        }
    }
}
