//! The contract floor as a tower service over `http` 1.
//!
//! The policy is a type, so that nothing is looked up that is known when it is compiled.

mod origins;

use std::fmt::Debug;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

pub use self::origins::Origins;
use self::origins::{Any, AnyWithCredentials, Listed, One, OneRepeated, Subdomains};
use super::tower::exchange;
use crate::case::Case;
use crate::contender::Contender;
use crate::contract::{self, Asked};
use crate::floor;
use crate::scenario::{self, APP, Rules, Scenario};

/// What is made of the floor of a scenario: its type depends on the scenario's rules.
pub trait WithContract {
    type Made;

    fn with<O: Origins>(self, contract: Contract<O>) -> Self::Made;
}

/// Makes something with the floor of a scenario, whose texts are static or made at run time.
pub fn with<W: WithContract>(rules: &Rules, contender: Contender, make: W) -> W::Made {
    let is_run_time = contender == Contender::RunTimeContract;
    let text: Text = if is_run_time {
        counted
    } else {
        HeaderValue::from_static
    };
    match &rules.origins {
        scenario::Origins::Listed(origins) if origins.len() > 1 => {
            let origins = origins.iter().map(|origin| origin.as_bytes().into());
            make.with(Contract::new(Listed(origins.collect()), text))
        }
        scenario::Origins::Listed(_) if is_run_time => make.with(Contract::new(OneRepeated, text)),
        scenario::Origins::Listed(_) => make.with(Contract::new(One, text)),
        scenario::Origins::Any => make.with(Contract::new(Any, text)),
        scenario::Origins::AnyWithCredentials => make.with(Contract::new(AnyWithCredentials, text)),
        scenario::Origins::Subdomains => make.with(Contract::new(Subdomains, text)),
    }
}

/// Returns the case of a service with the floor around it.
pub fn around<A, S, B>(contender: Contender, service: S, scenario: &Scenario) -> Box<dyn Case>
where
    A: Default + 'static,
    S: Service<Request<A>, Response = Response<B>> + 'static,
    S::Error: Debug,
    B: Default + 'static,
{
    let around = Around(service, scenario, PhantomData);
    with(&scenario.rules, contender, around)
}

struct Around<'a, A, S>(S, &'a Scenario, PhantomData<fn() -> A>);

impl<A, S, B> WithContract for Around<'_, A, S>
where
    A: Default + 'static,
    S: Service<Request<A>, Response = Response<B>> + 'static,
    S::Error: Debug,
    B: Default + 'static,
{
    type Made = Box<dyn Case>;

    fn with<O: Origins>(self, contract: Contract<O>) -> Box<dyn Case> {
        exchange(contract.layer(self.0), self.1)
    }
}

pub struct Contract<O>(Arc<Finished<O>>);

struct Finished<O> {
    origins: O,
    /// The headers of a preflight whose origin is allowed, and of one that gets a bare answer.
    answer: HeaderMap,
    bare: HeaderMap,
}

/// How a policy comes to have its texts.
type Text = fn(&'static str) -> HeaderValue;

/// Counts references, as a policy does that was built at run time.
fn counted(text: &'static str) -> HeaderValue {
    let value = HeaderValue::from_str(text).expect("it is visible ASCII");
    // The first clone allocates the count.
    value.clone()
}

impl<O: Origins> Contract<O> {
    fn new(origins: O, text: Text) -> Self {
        let mut bare = HeaderMap::with_capacity(1);
        let vary = if O::VARIES {
            floor::PREFLIGHT_VARY
        } else {
            "access-control-request-method, access-control-request-headers"
        };
        bare.insert(header::VARY, HeaderValue::from_static(vary));
        let mut answer = HeaderMap::with_capacity(6);
        let origin = HeaderValue::from_static(O::ANYBODY.unwrap_or(APP));
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if O::CREDENTIALS {
            answer.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, floor::ALLOW_METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, floor::ALLOW_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, floor::MAX_AGE),
        ] {
            answer.insert(name, text(value));
        }
        answer.extend(bare.clone());
        Self(Arc::new(Finished {
            origins,
            answer,
            bare,
        }))
    }
}

impl<O: Origins> Finished<O> {
    /// Answers a preflight; `None` where it is none.
    #[inline(never)]
    fn answer<B: Default>(&self, request: &HeaderMap) -> Option<Response<B>> {
        let origin = match lines(request, header::ORIGIN) {
            Lines::None => return None,
            Lines::One(origin) => self.origins.allow(origin),
            Lines::Several => O::ANYBODY.map(HeaderValue::from_static),
        };
        let method = match lines(request, header::ACCESS_CONTROL_REQUEST_METHOD) {
            Lines::None => return None,
            Lines::One(method) => contract::method(method.as_bytes()),
            Lines::Several => Asked::Malformed,
        };
        let asked = || {
            let lines = request.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
            contract::headers(|| lines.iter().map(HeaderValue::as_bytes))
        };
        let mut response = Response::new(B::default());
        match origin {
            Some(origin) if method != Asked::Malformed && asked() != Asked::Malformed => {
                *response.status_mut() = StatusCode::NO_CONTENT;
                *response.headers_mut() = self.answer.clone();
                if O::ANYBODY.is_none()
                    && let Some(place) = response.headers_mut().values_mut().next()
                {
                    *place = origin;
                }
            }
            _ => {
                *response.status_mut() = StatusCode::FORBIDDEN;
                *response.headers_mut() = self.bare.clone();
            }
        }
        Some(response)
    }
}

/// The lines of a field, so far as they matter.
enum Lines<'a> {
    None,
    One(&'a HeaderValue),
    Several,
}

#[inline]
fn lines(headers: &HeaderMap, name: HeaderName) -> Lines<'_> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Lines::None,
        (Some(line), None) => Lines::One(line),
        (Some(_), Some(_)) => Lines::Several,
    }
}

/// A response extension: a layer of the route has decided.
#[derive(Clone, Copy)]
pub struct Decided;

#[inline]
fn finish<O: Origins, B>(response: &mut Response<B>, origin: Option<HeaderValue>) {
    if response.extensions().get::<Decided>().is_some() {
        return;
    }
    let headers = response.headers_mut();
    let (mut has_own, mut has_vary) = (false, false);
    for name in headers.keys() {
        match name.as_str().as_bytes() {
            b"vary" => has_vary = true,
            [b'a', b'c', b'c', b'e', b's', b's', b'-', ..] => has_own = true,
            _ => {}
        }
    }
    if has_own {
        remove_own(headers);
    }
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if O::CREDENTIALS {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
    }
    if O::VARIES && !(has_vary && names_origin(headers)) {
        headers.append(header::VARY, HeaderValue::from_static(floor::VARY));
    }
}

#[cold]
fn remove_own(headers: &mut HeaderMap) {
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderName::from_static("access-control-allow-private-network"),
    ] {
        headers.remove(name);
    }
}

#[cold]
fn names_origin(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::VARY).iter();
    let mut elements = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    elements.any(|element| {
        let element = element.trim_ascii();
        element == b"*" || element.eq_ignore_ascii_case(b"origin")
    })
}

impl<S, O> Layer<S> for Contract<O> {
    type Service = ContractService<S, O>;

    fn layer(&self, inner: S) -> ContractService<S, O> {
        ContractService {
            inner,
            contract: Self(Arc::clone(&self.0)),
        }
    }
}

impl<O> Clone for Contract<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

pub struct ContractService<S, O> {
    inner: S,
    contract: Contract<O>,
}

impl<S: Clone, O> Clone for ContractService<S, O> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            contract: self.contract.clone(),
        }
    }
}

impl<S, O, A, B> Service<Request<A>> for ContractService<S, O>
where
    S: Service<Request<A>, Response = Response<B>>,
    O: Origins,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ContractFuture<S::Future, B, O>;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, request: Request<A>) -> Self::Future {
        let finished = &*self.contract.0;
        if *request.method() == Method::OPTIONS
            && let Some(response) = finished.answer(request.headers())
        {
            let response = Some(response);
            return ContractFuture::Answer { response };
        }
        let origin = match O::ANYBODY {
            Some(anybody) => Some(HeaderValue::from_static(anybody)),
            None => match lines(request.headers(), header::ORIGIN) {
                Lines::One(origin) => finished.origins.allow(origin),
                Lines::None | Lines::Several => None,
            },
        };
        ContractFuture::Call {
            future: self.inner.call(request),
            origin,
            origins: PhantomData,
        }
    }
}

pin_project! {
    #[project = ContractProjection]
    pub enum ContractFuture<F, B, O> {
        Answer { response: Option<Response<B>> },
        Call {
            #[pin]
            future: F,
            origin: Option<HeaderValue>,
            origins: PhantomData<fn() -> O>,
        },
    }
}

impl<F, B, E, O> Future for ContractFuture<F, B, O>
where
    F: Future<Output = Result<Response<B>, E>>,
    O: Origins,
{
    type Output = Result<Response<B>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            ContractProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect("polled once")))
            }
            ContractProjection::Call { future, origin, .. } => {
                let mut polled = future.poll(context);
                if let Poll::Ready(Ok(response)) = &mut polled {
                    finish::<O, B>(response, origin.take());
                }
                polled
            }
        }
    }
}
