//! Views of requests and responses of the `http` crate, version 1: what axum, warp, hyper, tonic
//! and every tower stack speak.

use std::ops::ControlFlow;

use ::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ::http::{Request, Response, StatusCode};

use crate::decision::Decision;
use crate::policy::Policy;
use crate::request::{RequestField, RequestHead};
use crate::response::{ResponseField, ResponseHead};
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

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        let lines = match field {
            RequestField::Origin => self.headers().get_all(header::ORIGIN),
            RequestField::AccessControlRequestMethod => self
                .headers()
                .get_all(header::ACCESS_CONTROL_REQUEST_METHOD),
            RequestField::AccessControlRequestHeaders => self
                .headers()
                .get_all(header::ACCESS_CONTROL_REQUEST_HEADERS),
            RequestField::AccessControlRequestPrivateNetwork => {
                self.headers().get_all(&REQUEST_PRIVATE_NETWORK)
            }
            RequestField::Host => match self.uri().authority() {
                Some(authority) => {
                    // One value: there is nothing to break off.
                    let _ = visit(authority.as_str().as_bytes());
                    return;
                }
                None => self.headers().get_all(header::HOST),
            },
            RequestField::SecFetchSite => self.headers().get_all(&SEC_FETCH_SITE),
            RequestField::Declared(name) => self.headers().get_all(name),
        };
        for line in lines {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }
}

/// A policy together with its texts as header values: what an adapter holds.
#[derive(Debug)]
pub struct Snapshot {
    policy: Policy,
    values: ValueTable<HeaderValue>,
}

impl Snapshot {
    /// Renders the policy's texts once.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let values = ValueTable::render(&policy, HeaderValue::from_static, |text| {
            let value = HeaderValue::from_str(text)
                .expect("a policy's texts are tokens, digits, commas and spaces");
            // The first clone of a parsed value allocates, every later one only counts.
            value.clone()
        });
        Self { policy, values }
    }

    /// What the policy says to a request.
    #[must_use]
    pub fn decide<B>(&self, request: &Request<B>) -> Decision {
        self.policy.decide(request)
    }

    /// The whole answer, where the decision has a [status](Decision::status) and the app is not
    /// to be called.
    #[must_use]
    pub fn answer<B: Default>(
        &self,
        decision: Decision,
        request: &HeaderMap,
    ) -> Option<Response<B>> {
        let status = StatusCode::from_u16(decision.status()?)
            .expect("a policy's statuses are between 200 and 499");
        let mut response = Response::new(B::default());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.reserve(decision.fields().count() + VARY_LINES);
        self.apply(decision, Echoes::of(decision, request), headers);
        Some(response)
    }

    /// Brings the headers of the app's response in line with the decision.
    pub fn apply(&self, decision: Decision, echoes: Echoes, headers: &mut HeaderMap) {
        let mut response = Answer {
            values: &self.values,
            echoes,
            headers,
        };
        self.policy.apply(decision, &mut response);
    }
}

/// An answer of our own has its Vary in one line.
const VARY_LINES: usize = 1;

/// The lines of a request that a decision sends back, kept for when the request is gone.
#[derive(Clone, Debug, Default)]
pub struct Echoes {
    origin: Option<HeaderValue>,
    method: Option<HeaderValue>,
    headers: Vec<HeaderValue>,
}

impl Echoes {
    /// Keeps what the decision needs of the request's headers, and nothing else.
    #[must_use]
    pub fn of(decision: Decision, request: &HeaderMap) -> Self {
        let mut echoes = Self::default();
        for field in decision.echoes() {
            match field {
                RequestField::Origin => echoes.origin = request.get(header::ORIGIN).cloned(),
                RequestField::AccessControlRequestMethod => {
                    echoes.method = request.get(header::ACCESS_CONTROL_REQUEST_METHOD).cloned();
                }
                RequestField::AccessControlRequestHeaders => {
                    let lines = request.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
                    echoes.headers.extend(lines.iter().cloned());
                }
                RequestField::AccessControlRequestPrivateNetwork
                | RequestField::Host
                | RequestField::SecFetchSite
                | RequestField::Declared(_) => {}
            }
        }
        echoes
    }

    fn take(&mut self, field: RequestField<'_>) -> impl Iterator<Item = HeaderValue> {
        let (one, several) = match field {
            RequestField::Origin => (self.origin.take(), Vec::new()),
            RequestField::AccessControlRequestMethod => (self.method.take(), Vec::new()),
            RequestField::AccessControlRequestHeaders => (None, std::mem::take(&mut self.headers)),
            RequestField::AccessControlRequestPrivateNetwork
            | RequestField::Host
            | RequestField::SecFetchSite
            | RequestField::Declared(_) => (None, Vec::new()),
        };
        one.into_iter().chain(several)
    }
}

/// A response's headers, with what their values are made of.
struct Answer<'a> {
    values: &'a ValueTable<HeaderValue>,
    echoes: Echoes,
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
        let Some(echoed) = value.echoed() else {
            if let Some(value) = self.values.get(value) {
                self.headers.insert(name(field), value.clone());
            }
            return;
        };
        let mut lines = self.echoes.take(echoed);
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
