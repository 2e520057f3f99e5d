//! Views of requests and responses of the `http` crate, version 1: what axum, warp, hyper, tonic
//! and every tower stack speak.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::http::header::{self, GetAll, HeaderMap, HeaderName, HeaderValue};
use ::http::{Request, Response, StatusCode};

use crate::decision::Decision;
use crate::echoes::Echoes;
use crate::policy::Policy;
use crate::request::{RequestField, RequestHead};
use crate::response::{ResponseField, ResponseHead};
use crate::source::{PolicySource, ServeOptions, Served};
use crate::values::{Value, ValueTable};

static REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
static ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl<B> RequestHead for Request<B> {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn path(&self) -> &str {
        self.uri().path()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Host
            && let Some(authority) = self.uri().authority()
        {
            // One value: there is nothing to break off.
            let _ = visit(authority.as_str().as_bytes());
            return;
        }
        for line in lines(self.headers(), field) {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }
}

fn lines<'a>(headers: &'a HeaderMap, field: RequestField<'_>) -> GetAll<'a, HeaderValue> {
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
        RequestField::Declared(name) => headers.get_all(name),
    }
}

/// A policy together with its texts as header values: what an adapter makes of each policy.
#[derive(Debug)]
pub struct Snapshot {
    policy: Policy,
    values: ValueTable<HeaderValue>,
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
            policy: policy.clone(),
            values,
        }
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Goes by a decision of the policy: breaks with the whole answer where the decision has a
    /// [status](Decision::status), and continues where the app is to be called.
    pub fn proceed<A, B: Default>(
        self: Arc<Self>,
        decision: Decision,
        options: ServeOptions,
        request: &mut Request<A>,
    ) -> ControlFlow<Response<B>, Pending> {
        let echoes = Echoes::of(decision, |field| {
            lines(request.headers(), field).into_iter().cloned()
        });
        let pending = Pending {
            snapshot: self,
            decision,
            echoes,
            options,
        };
        let Some(status) = decision.status() else {
            if options.record_decisions {
                request.extensions_mut().insert(decision);
            }
            return ControlFlow::Continue(pending);
        };
        let mut response = Response::new(B::default());
        *response.status_mut() =
            StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
        let lines = decision.fields().count() + VARY_LINES;
        response.headers_mut().reserve(lines);
        pending.apply(&mut response);
        ControlFlow::Break(response)
    }
}

/// What the response to a request is still to get.
#[derive(Debug)]
pub struct Pending {
    snapshot: Arc<Snapshot>,
    decision: Decision,
    echoes: Echoes<HeaderValue>,
    options: ServeOptions,
}

impl Pending {
    /// Brings the headers of the app's response in line with the decision, unless a route's own
    /// policy has.
    pub fn apply<B>(self, response: &mut Response<B>) {
        if response.extensions().get::<Decided>().is_some() {
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
        if self.options.record_decisions {
            response.extensions_mut().insert(self.decision);
        }
    }
}

/// An answer of our own has its Vary in one line.
const VARY_LINES: usize = 1;

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
    }
}
