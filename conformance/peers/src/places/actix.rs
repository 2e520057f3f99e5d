//! actix-web: `App::wrap`.

use std::fmt::Debug;
use std::task::{Context, Waker};

use actix_cors::Cors as Peer;
use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use cors_actix::Cors;

use super::floor_actix::Floor;
use crate::case::{Case, Exchange, Seen, now};
use crate::contender::Contender;
use crate::policy::policy;
use crate::scenario::{DOMAIN, HEADERS, MAX_AGE, METHODS, Origins, Rules, Scenario};

pub fn case(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    let app = || App::new().route("/", web::to(async || "hello"));
    let rules = &scenario.rules;
    let case = match contender {
        Contender::Bare => exchange(now(init_service(app())), scenario),
        Contender::Floor => exchange(now(init_service(app().wrap(Floor::new(rules)))), scenario),
        Contender::Contract | Contender::RunTimeContract => return None,
        Contender::Ours => {
            let cors = Cors::new(policy(rules));
            exchange(now(init_service(app().wrap(cors))), scenario)
        }
        Contender::Peer => {
            let cors = actix_cors(rules);
            exchange(now(init_service(app().wrap(cors))), scenario)
        }
    };
    Some(case)
}

pub fn exchange<S, B>(service: S, scenario: &Scenario) -> Box<dyn Case>
where
    S: Service<Request, Response = ServiceResponse<B>> + 'static,
    S::Error: Debug,
    B: MessageBody + 'static,
{
    let method = scenario.method.parse().expect("it is a method");
    let method: actix_web::http::Method = method;
    let headers: Vec<_> = scenario
        .headers
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("it is visible ASCII");
            (*name, value)
        })
        .collect();
    let path = scenario.path;
    let make = move || {
        let request = TestRequest::with_uri(path).method(method.clone());
        headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.append_header((*name, value.clone()))
            })
            .to_request()
    };
    let call = move |request| {
        let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
        assert!(ready.is_ready(), "nothing is ever busy");
        now(service.call(request)).expect("no app fails")
    };
    Box::new(Exchange::new(make, call, read))
}

fn read<B>(response: &ServiceResponse<B>) -> Seen {
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

pub fn actix_cors(rules: &Rules) -> Peer {
    // Without this it answers what it does not allow with 400, which the others leave to the app.
    let cors = Peer::default().block_on_origin_mismatch(false);
    let cors = match &rules.origins {
        Origins::Listed(origins) => origins
            .iter()
            .fold(cors, |cors, origin| cors.allowed_origin(origin)),
        Origins::Any => cors.allow_any_origin().send_wildcard(),
        Origins::AnyWithCredentials => cors.allow_any_origin().supports_credentials(),
        Origins::Subdomains => cors.allowed_origin_fn(|origin, _| {
            let origin = origin.as_bytes();
            let host = origin
                .strip_prefix(b"https://")
                .and_then(|rest| rest.strip_suffix(DOMAIN.as_bytes()));
            host.is_some_and(|host| host.ends_with(b"."))
        }),
    };
    if !rules.preflights {
        return cors;
    }
    let seconds = usize::try_from(MAX_AGE).expect("it is small");
    cors.allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .max_age(seconds)
}
