//! A policy over actix-web's own requests and responses.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::slice;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpResponse};
use cors_core::{
    Answer, Decision, Lines, Policy, Question, RequestField, RequestHead, RequestKind,
    ResponseField, ResponseHead, ServeOptions, Value, ValueTable,
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

    /// What the policy says to a request.
    #[inline]
    pub(crate) fn judge(
        self: Arc<Self>,
        options: ServeOptions,
        request: &ServiceRequest,
    ) -> Judged {
        let head = Head::of(request);
        let decision = self.policy.decide(&head);
        Judged::new(self, options, decision, &head)
    }
}

/// What a policy says to a request, and what its response is still to get.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    snapshot: Arc<Snapshot>,
    options: ServeOptions,
    decision: Decision,
    /// The origin, if the answer repeats it.
    origin: Option<HeaderValue>,
    /// The lines of a preflight that its answer repeats, if the app makes that.
    preflight: Option<Box<HeaderMap>>,
}

impl Judged {
    fn new(
        snapshot: Arc<Snapshot>,
        options: ServeOptions,
        decision: Decision,
        head: &Head<'_>,
    ) -> Self {
        let origin = if decision.echoes(RequestField::Origin) {
            head.origin.get().cloned()
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

    /// The whole answer, where the app is not to be called. Otherwise the request is made ready
    /// for it.
    #[inline]
    pub(crate) fn answer(&mut self, request: &ServiceRequest) -> Option<HttpResponse> {
        if self.options.record_decisions {
            request.extensions_mut().insert(self.decision);
        }
        if let Some(status) = self.decision.status() {
            return Some(self.answer_with(status, request.headers()));
        }
        if self.decision.kind() == RequestKind::Preflight {
            self.keep_lines(request.headers());
        }
        None
    }

    /// Keeps what the app's answer to a preflight is to repeat.
    fn keep_lines(&mut self, request: &HeaderMap) {
        let fields = [
            RequestField::AccessControlRequestMethod,
            RequestField::AccessControlRequestHeaders,
        ];
        if fields.into_iter().any(|field| self.decision.echoes(field)) {
            self.preflight = Some(Box::new(preflight_lines(request)));
        }
    }

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

/// What a preflight's answer may repeat besides the origin.
fn preflight_lines(request: &HeaderMap) -> HeaderMap {
    [
        header::ACCESS_CONTROL_REQUEST_METHOD,
        header::ACCESS_CONTROL_REQUEST_HEADERS,
    ]
    .into_iter()
    .flat_map(|name| {
        let lines = request.get_all(&name).cloned();
        lines.map(move |line| (name.clone(), line))
    })
    .collect()
}

/// A request's head, which keeps the origin at hand once it was looked up.
pub(crate) struct Head<'r> {
    request: &'r ServiceRequest,
    origin: Cell<Option<&'r HeaderValue>>,
}

impl<'r> Head<'r> {
    pub(crate) const fn of(request: &'r ServiceRequest) -> Self {
        Self {
            request,
            origin: Cell::new(None),
        }
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn path(&self) -> &str {
        self.request.uri().path()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Host
            && let Some(authority) = self.request.uri().authority()
        {
            // One value: there is nothing to break off.
            let _ = visit(authority.as_str().as_bytes());
            return;
        }
        for line in lines(self.request.headers(), field) {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }

    #[inline]
    fn lines(&self, field: RequestField<'_>) -> Lines<'_> {
        if field == RequestField::Host
            && let Some(authority) = self.request.uri().authority()
        {
            return Lines::One(authority.as_str().as_bytes());
        }
        let values = lines(self.request.headers(), field).inspect(|value| {
            if field == RequestField::Origin {
                self.origin.set(Some(value));
            }
        });
        Lines::count(values.map(HeaderValue::as_bytes))
    }
}

#[inline]
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
struct Reply<'a> {
    values: &'a ValueTable<HeaderValue>,
    origin: &'a mut Option<HeaderValue>,
    /// The preflight's lines.
    preflight: Option<&'a HeaderMap>,
    headers: &'a mut HeaderMap,
}

impl ResponseHead for Reply<'_> {
    #[inline]
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        for name in self.headers.keys() {
            visit(name.as_str());
        }
    }

    #[inline]
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in self.headers.get_all(name(field)) {
            visit(line.as_bytes());
        }
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            self.headers.insert(name(field), value.clone());
        } else if field == ResponseField::AccessControlAllowOrigin {
            if let Some(origin) = self.origin.take() {
                self.headers.insert(name(field), origin);
            }
        } else if let Some((preflight, echoed)) = self.preflight.zip(value.echoed()) {
            self.headers.remove(name(field));
            for line in lines(preflight, echoed) {
                self.headers.append(name(field), line.clone());
            }
        }
    }

    #[inline]
    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            self.headers.append(name(field), value.clone());
        }
    }

    #[inline]
    fn remove(&mut self, field: ResponseField) {
        self.headers.remove(name(field));
    }
}

#[inline]
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
