//! A policy over actix-web's own requests and responses.

use std::ops::ControlFlow;
use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpResponse};
use cors_core::{
    Answer, Decision, Policy, Question, RequestField, RequestKind, ServeOptions, ValueTable,
};

use crate::head::{Head, lines};
use crate::reply::Reply;

/// A policy together with its texts as header values.
#[derive(Debug)]
pub(crate) struct Snapshot {
    policy: Policy,
    values: ValueTable<HeaderValue>,
}

/// In the extensions of a response: a route's own middleware has decided, whoever stands around it.
#[derive(Clone, Copy)]
struct Decided;

impl Snapshot {
    pub(crate) fn new(policy: &Policy) -> Self {
        let values = ValueTable::render(policy, HeaderValue::from_static, |text| {
            let value = HeaderValue::from_str(text)
                .expect("a policy's texts are tokens, digits, commas and spaces");
            // The first clone of a parsed value allocates, every later one only counts.
            value.clone()
        });
        Self {
            policy: policy.clone(),
            values,
        }
    }

    /// What the policy says to a request.
    #[inline]
    pub(crate) fn judge(self: Rc<Self>, options: ServeOptions, request: &ServiceRequest) -> Judged {
        let head = Head::of(request);
        let decision = self.policy.decide(&head);
        Judged::new(self, options, decision, &head)
    }
}

/// What a policy says to a request, and what its response is still to get.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    snapshot: Rc<Snapshot>,
    options: ServeOptions,
    decision: Decision,
    /// The origin, if the answer repeats it.
    origin: Option<HeaderValue>,
    /// The lines of a preflight that its answer repeats, if the app makes that.
    preflight: Option<Box<HeaderMap>>,
}

impl Judged {
    fn new(
        snapshot: Rc<Snapshot>,
        options: ServeOptions,
        decision: Decision,
        head: &Head<'_>,
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

    #[inline]
    pub(crate) fn question(&self, request: &ServiceRequest) -> Option<Question> {
        let policy = &self.snapshot.policy;
        policy.question(self.decision, &Head::of(request))
    }

    pub(crate) fn answered(self, request: &ServiceRequest, answer: Answer) -> Self {
        let head = Head::of(request);
        let decision = self.snapshot.policy.decide_with(&head, answer);
        Self::new(self.snapshot, self.options, decision, &head)
    }

    /// Breaks with the whole answer where the app is not to be called. Otherwise the request is
    /// made ready for it.
    #[inline]
    pub(crate) fn answer(mut self, request: &ServiceRequest) -> ControlFlow<HttpResponse, Self> {
        if self.options.record_decisions {
            request.extensions_mut().insert(self.decision);
        }
        if let Some(status) = self.decision.status() {
            return ControlFlow::Break(self.answer_with(status, request.headers()));
        }
        if self.decision.kind() == RequestKind::Preflight {
            self.keep_lines(request.headers());
        }
        ControlFlow::Continue(self)
    }

    /// Keeps what the app's answer to a preflight is to repeat.
    #[cold]
    fn keep_lines(&mut self, request: &HeaderMap) {
        for field in self.decision.echoed_preflight_fields() {
            let kept = self.preflight.get_or_insert_default();
            for line in lines(request, field) {
                kept.append(HeaderName::from_static(field.name()), line.clone());
            }
        }
    }

    #[inline(never)]
    fn answer_with(&mut self, status: u16, request: &HeaderMap) -> HttpResponse {
        let status =
            StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
        let mut response = HttpResponse::new(status);
        self.set(Some(request), &mut response);
        response
    }

    /// Brings a response in line with the decision, unless a route's own policy has.
    #[inline]
    pub(crate) fn apply<B>(&mut self, response: &mut HttpResponse<B>) {
        if !response.extensions().contains::<Decided>() {
            let preflight = self.preflight.take();
            self.set(preflight.as_deref(), response);
        }
    }

    fn set<B>(&mut self, preflight: Option<&HeaderMap>, response: &mut HttpResponse<B>) {
        let mut reply = Reply {
            values: &self.snapshot.values,
            origin: &mut self.origin,
            preflight,
            headers: response.headers_mut(),
        };
        self.snapshot.policy.apply(self.decision, &mut reply);
        if self.options.for_route {
            response.extensions_mut().insert(Decided);
        }
    }
}
