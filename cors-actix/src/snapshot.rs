//! A policy over actix-web's own requests and responses.

use std::ops::ControlFlow;
use std::slice;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpResponse};
use cors_core::{
    Decision, Echoes, Policy, Question, RequestField, RequestHead, ResponseField, ResponseHead,
    ServeOptions, Value, ValueTable,
};

static REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
static ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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

    pub(crate) fn decide(&self, request: &ServiceRequest) -> Decision {
        self.policy.decide(&Head(request))
    }

    pub(crate) fn question(
        &self,
        decision: Decision,
        request: &ServiceRequest,
    ) -> Option<Question> {
        self.policy.question(decision, &Head(request))
    }

    pub(crate) fn decide_with(
        &self,
        request: &ServiceRequest,
        answer: cors_core::Answer,
    ) -> Decision {
        self.policy.decide_with(&Head(request), answer)
    }

    /// Breaks with the whole answer, or continues where the app is to be called.
    pub(crate) fn proceed(
        self: Arc<Self>,
        decision: Decision,
        options: ServeOptions,
        request: &ServiceRequest,
    ) -> ControlFlow<HttpResponse, Pending> {
        if options.record_decisions {
            request.extensions_mut().insert(decision);
        }
        let echoes = Echoes::of(decision, |field| lines(request.headers(), field).cloned());
        let pending = Pending {
            snapshot: self,
            decision,
            echoes,
            options,
        };
        let Some(status) = decision.status() else {
            return ControlFlow::Continue(pending);
        };
        let status =
            StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
        let mut response = HttpResponse::new(status);
        pending.apply(&mut response);
        ControlFlow::Break(response)
    }
}

/// What the response to a request is still to get.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    snapshot: Arc<Snapshot>,
    decision: Decision,
    echoes: Echoes<HeaderValue>,
    options: ServeOptions,
}

impl Pending {
    /// Brings a response in line with the decision, unless a route's own policy has.
    pub(crate) fn apply<B>(self, response: &mut HttpResponse<B>) {
        if response.extensions().contains::<Decided>() {
            return;
        }
        let mut answer = Answer {
            values: &self.snapshot.values,
            echoes: self.echoes,
            headers: response.headers_mut(),
        };
        self.snapshot.policy.apply(self.decision, &mut answer);
        if self.options.for_route {
            response.extensions_mut().insert(Decided);
        }
    }
}

pub(crate) struct Head<'r>(pub(crate) &'r ServiceRequest);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn path(&self) -> &str {
        self.0.uri().path()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Host
            && let Some(authority) = self.0.uri().authority()
        {
            // One value: there is nothing to break off.
            let _ = visit(authority.as_str().as_bytes());
            return;
        }
        for line in lines(self.0.headers(), field) {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }
}

fn lines<'a>(headers: &'a HeaderMap, field: RequestField<'_>) -> slice::Iter<'a, HeaderValue> {
    match field {
        RequestField::Origin => headers.get_all(header::ORIGIN),
        RequestField::AccessControlRequestMethod => {
            headers.get_all(header::ACCESS_CONTROL_REQUEST_METHOD)
        }
        RequestField::AccessControlRequestHeaders => {
            headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS)
        }
        RequestField::AccessControlRequestPrivateNetwork => {
            headers.get_all(&REQUEST_PRIVATE_NETWORK)
        }
        RequestField::Host => headers.get_all(header::HOST),
        RequestField::SecFetchSite => headers.get_all(&SEC_FETCH_SITE),
        _ => headers.get_all(field.name()),
    }
}

/// A response's headers, with what their values are made of.
struct Answer<'a> {
    values: &'a ValueTable<HeaderValue>,
    echoes: Echoes<HeaderValue>,
    headers: &'a mut HeaderMap,
}

impl ResponseHead for Answer<'_> {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        for name in self.headers.keys() {
            visit(name.as_str());
        }
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in self.headers.get_all(name(field)) {
            visit(line.as_bytes());
        }
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            self.headers.insert(name(field), value.clone());
            return;
        }
        let mut lines = self.echoes.take(value);
        if let Some(first) = lines.next() {
            self.headers.insert(name(field), first);
        }
        for line in lines {
            self.headers.append(name(field), line);
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            self.headers.append(name(field), value.clone());
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.headers.remove(name(field));
    }
}

fn name(field: ResponseField) -> HeaderName {
    match field {
        ResponseField::AccessControlAllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseField::AccessControlAllowCredentials => header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ResponseField::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseField::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseField::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseField::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK.clone(),
        ResponseField::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseField::Vary => header::VARY,
        _ => HeaderName::from_static(field.name()),
    }
}
