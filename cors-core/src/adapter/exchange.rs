//! Views of requests and responses of the `http` crate, version 1: what axum, warp, hyper, tonic
//! and every tower stack speak.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::http::header::{HeaderMap, HeaderName, HeaderValue};
use ::http::{Request, Response, StatusCode};

use super::http1::Reply;
use super::request_view::{Head, lines};
use crate::adapter::prepared::{PolicySource, ServeOptions, Served};
use crate::evaluate::apply::ResponseHead as _;
use crate::policy::Policy;
use crate::policy::async_predicate::{Answer, Question};
use crate::protocol::decision::{Decision, FieldSet};
use crate::protocol::request::{RequestField, RequestKind};
use crate::protocol::value::ValueTable;

/// A policy together with its texts as header values: what an adapter makes of each policy.
#[derive(Debug)]
pub struct Snapshot {
    policy: Policy,
    values: ValueTable<HeaderValue>,
    answers: OwnAnswers,
}

/// The headers of the answers that a policy gives itself, but for what depends on the request.
#[derive(Debug)]
struct OwnAnswers {
    allowed_preflight: HeaderMap,
    refused_preflight: HeaderMap,
    rejected: HeaderMap,
}

/// In the extensions of a response: a route's own adapter has decided, whoever stands around it.
#[derive(Clone, Copy)]
struct Decided;

impl Snapshot {
    /// Everything that an adapter serves.
    pub fn serve(source: impl Into<PolicySource>) -> Served<Arc<Self>> {
        Served::new(source, |policy| Arc::new(Self::new(policy)))
    }

    /// Renders the policy's texts once.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let values = ValueTable::render(policy, HeaderValue::from_static, |text| {
            let value = HeaderValue::from_str(text)
                .expect("a policy's texts are tokens, digits, commas and spaces");
            // The first clone of a parsed value allocates, every later one only counts.
            value.clone()
        });
        Self {
            answers: OwnAnswers::new(policy, &values),
            policy: policy.clone(),
            values,
        }
    }

    /// What the policy says to a request.
    #[inline]
    #[must_use]
    pub fn judge<A>(self: Arc<Self>, options: ServeOptions, request: &Request<A>) -> Judged {
        let head = Head::of(request);
        let decision = self.policy.decide(&head);
        Judged::new(self, options, decision, &head)
    }
}

impl OwnAnswers {
    fn new(policy: &Policy, values: &ValueTable<HeaderValue>) -> Self {
        let finish = |kind, fields| {
            let decision = Decision {
                kind,
                verdict: None,
                status: None,
                fields,
            };
            let mut headers = HeaderMap::with_capacity(decision.fields().count() + VARY_LINES);
            let mut reply = Reply {
                values,
                // Keeps the place that each request's origin takes.
                origin: &mut Some(HeaderValue::from_static("")),
                preflight: None,
                headers: &mut headers,
            };
            policy.apply(decision, &mut reply);
            headers
        };
        let allowed = policy.compiled().preflight_fields;
        Self {
            allowed_preflight: finish(RequestKind::Preflight, allowed),
            refused_preflight: finish(RequestKind::Preflight, FieldSet::default()),
            rejected: finish(RequestKind::Actual, FieldSet::default()),
        }
    }

    fn of(&self, decision: Decision) -> &HeaderMap {
        if decision.kind() != RequestKind::Preflight {
            &self.rejected
        } else if decision.is_allowed() {
            &self.allowed_preflight
        } else {
            &self.refused_preflight
        }
    }
}

/// What a policy says to a request, and what its response is still to get.
#[derive(Debug)]
pub struct Judged {
    snapshot: Arc<Snapshot>,
    options: ServeOptions,
    decision: Decision,
    /// The origin, if the answer repeats it.
    origin: Option<HeaderValue>,
    /// The lines of a preflight that its answer repeats, if the app makes that.
    preflight: Option<Box<HeaderMap>>,
}

impl Judged {
    #[inline]
    fn new<A>(
        snapshot: Arc<Snapshot>,
        options: ServeOptions,
        decision: Decision,
        head: &Head<'_, A>,
    ) -> Self {
        let origin = if decision.echoes(RequestField::Origin) {
            head.origin().cloned()
        } else {
            None
        };
        Self {
            snapshot,
            options,
            decision,
            origin,
            preflight: None,
        }
    }

    /// What is left to ask, see [`Policy::question`].
    #[inline]
    #[must_use]
    pub fn question<A>(&self, request: &Request<A>) -> Option<Question> {
        self.snapshot.policy.question(self.decision, request)
    }

    /// What the policy says with the answer to that, see [`Policy::decide_with`].
    #[must_use]
    pub fn answered<A>(self, request: &Request<A>, answer: Answer) -> Self {
        let head = Head::of(request);
        let decision = self.snapshot.policy.decide_with(&head, answer);
        Self::new(self.snapshot, self.options, decision, &head)
    }

    /// Breaks with the whole answer where the decision has a [status](Decision::status). Otherwise
    /// the app is to be called, which the request is made ready for.
    #[inline]
    pub fn answer<A, B: Default>(
        mut self,
        request: &mut Request<A>,
    ) -> ControlFlow<Response<B>, Self> {
        if let Some(status) = self.decision.status() {
            return ControlFlow::Break(self.answer_with(status, request.headers()));
        }
        if self.options.record_decisions || self.decision.kind() == RequestKind::Preflight {
            self.make_ready(request);
        }
        ControlFlow::Continue(self)
    }

    #[cold]
    fn make_ready<A>(&mut self, request: &mut Request<A>) {
        if self.options.record_decisions {
            request.extensions_mut().insert(self.decision);
        }
        // What the app's answer to a preflight is to repeat.
        for field in self.decision.echoed_preflight_fields() {
            let kept = self.preflight.get_or_insert_default();
            for line in lines(request.headers(), field) {
                kept.append(HeaderName::from_static(field.name()), line.clone());
            }
        }
    }

    #[inline(never)]
    fn answer_with<B: Default>(&mut self, status: u16, request: &HeaderMap) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() =
            StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
        *response.headers_mut() = self.snapshot.answers.of(self.decision).clone();
        let mut reply = Reply {
            values: &self.snapshot.values,
            origin: &mut self.origin,
            preflight: Some(request),
            headers: response.headers_mut(),
        };
        for (field, value) in self.decision.fields_of_the_request() {
            reply.set(field, value);
        }
        self.mark(&mut response);
        response
    }

    /// Brings the headers of the app's response in line with the decision, unless a route's own
    /// policy has.
    #[inline]
    pub fn apply<B>(&mut self, response: &mut Response<B>) {
        if response.extensions().get::<Decided>().is_some() {
            return;
        }
        let mut reply = Reply {
            values: &self.snapshot.values,
            origin: &mut self.origin,
            preflight: self.preflight.as_deref(),
            headers: response.headers_mut(),
        };
        self.snapshot.policy.apply(self.decision, &mut reply);
        self.mark(response);
    }

    #[inline]
    fn mark<B>(&self, response: &mut Response<B>) {
        if self.options.for_route {
            response.extensions_mut().insert(Decided);
        }
        if self.options.record_decisions {
            response.extensions_mut().insert(self.decision);
        }
    }
}

/// An answer of our own has its Vary in one line.
const VARY_LINES: usize = 1;
