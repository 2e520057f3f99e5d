//! A bare tower service.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use cors_axum::{CorsLayer, DecisionEvent, Policy, RequestKind, SharedPolicy};
use http::header::{self, HeaderValue};
use http::{HeaderMap, HeaderName, Method, Request, Response, Uri};
use http_body_util::Full;
use tower_http::cors as peer;
use tower_layer::Layer;
use tower_service::Service;

use super::contract_tower;
use super::floor_tower::Floor;
use crate::case::{Case, Exchange, Seen, now};
use crate::contender::Contender;
use crate::policy::policy;
use crate::scenario::{DOMAIN, HEADERS, MAX_AGE, METHODS, Origins, Rules, Scenario};

pub fn case(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    let rules = &scenario.rules;
    let case: Box<dyn Case> = match contender {
        Contender::Bare => exchange(App, scenario),
        Contender::Floor => exchange(Floor::new(rules).layer(App), scenario),
        Contender::Contract | Contender::RunTimeContract => {
            contract_tower::around::<Full<Bytes>, _, _>(contender, App, scenario)
        }
        Contender::Ours => exchange(CorsLayer::new(policy(rules)).layer(App), scenario),
        Contender::Peer => exchange(tower_http(rules).layer(App), scenario),
    };
    Some(case)
}

/// Returns a case with a listener that does nothing, which no other contender has.
pub fn listening(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    with_listener(contender, scenario, |_| ())
}

/// Returns a case with a listener that counts, which no other contender has.
pub fn counting(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    let counters: [[AtomicU64; 2]; 3] = Default::default();
    with_listener(contender, scenario, move |event| {
        let of_kind = match event.decision().kind() {
            RequestKind::Preflight => &counters[0],
            RequestKind::Actual => &counters[1],
            _ => &counters[2],
        };
        let refused = event.decision().refusal().is_some() && !event.is_same_origin();
        of_kind[usize::from(refused)].fetch_add(1, Ordering::Relaxed);
    })
}

/// Returns a case whose policy can be replaced, which no other contender has.
pub fn shared(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    ours_alone(contender, scenario, |policy| {
        CorsLayer::new(SharedPolicy::new(policy))
    })
}

fn with_listener(
    contender: Contender,
    scenario: &Scenario,
    listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
) -> Option<Box<dyn Case>> {
    ours_alone(contender, scenario, |policy| {
        CorsLayer::new(policy).on_decision(listener)
    })
}

fn ours_alone(
    contender: Contender,
    scenario: &Scenario,
    layer: impl FnOnce(Policy) -> CorsLayer,
) -> Option<Box<dyn Case>> {
    match contender {
        Contender::Bare => case(contender, scenario),
        Contender::Ours => {
            let layer = layer(policy(&scenario.rules));
            Some(exchange(layer.layer(App), scenario))
        }
        Contender::Floor | Contender::Contract | Contender::RunTimeContract | Contender::Peer => {
            None
        }
    }
}

/// The app.
#[derive(Clone)]
pub struct App;

impl Service<Request<Full<Bytes>>> for App {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        let mut response = Response::new(Full::new(Bytes::from_static(b"hello")));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        ready(Ok(response))
    }
}

/// Returns a case for a tower service.
pub fn exchange<A, S, B>(mut service: S, scenario: &Scenario) -> Box<dyn Case>
where
    S: Service<Request<A>, Response = Response<B>> + 'static,
    S::Error: Debug,
    A: Default + 'static,
    B: 'static,
{
    let method: Method = scenario.method.parse().expect("it is a method");
    let uri = Uri::from_static(scenario.path);
    // Values of a real request share the buffer that they were read into; here each is a
    // buffer of its own, shared once it was cloned.
    let headers: HeaderMap = scenario
        .headers
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("it is visible ASCII");
            (HeaderName::from_static(name), value)
        })
        .collect();
    let make = move || {
        let mut request = Request::new(A::default());
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers.clone();
        request
    };
    let call = move |request| {
        let ready = service.poll_ready(&mut Context::from_waker(std::task::Waker::noop()));
        assert!(ready.is_ready(), "nothing is ever busy");
        now(service.call(request)).expect("no app fails")
    };
    Box::new(Exchange::new(make, call, read))
}

fn read<B>(response: &Response<B>) -> Seen {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Seen {
        status: response.status().as_u16(),
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
    }
}

/// Returns tower-http's layer, which checks neither the method nor the headers that a preflight
/// asks for.
pub fn tower_http(rules: &Rules) -> peer::CorsLayer {
    let layer = peer::CorsLayer::new();
    let layer = match &rules.origins {
        Origins::Listed(origins) => layer.allow_origin(peer::AllowOrigin::list(
            origins.iter().filter_map(|origin| origin.parse().ok()),
        )),
        Origins::Any => layer.allow_origin(peer::Any),
        Origins::AnyWithCredentials => layer
            .allow_origin(peer::AllowOrigin::mirror_request())
            .allow_credentials(true),
        Origins::Subdomains => layer.allow_origin(peer::AllowOrigin::predicate(|origin, _| {
            let origin = origin.as_bytes();
            let host = origin
                .strip_prefix(b"https://")
                .and_then(|rest| rest.strip_suffix(DOMAIN.as_bytes()));
            host.is_some_and(|host| host.ends_with(b"."))
        })),
    };
    if !rules.preflights {
        return layer;
    }
    layer
        .allow_methods(METHODS.map(|method| method.parse().expect("a token")))
        .allow_headers(HEADERS.map(HeaderName::from_static))
        .max_age(Duration::from_secs(MAX_AGE.into()))
}
