//! actix-web's `App::wrap`, in process.

use std::hint::black_box;

use actix_cors::Cors as Peer;
use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, web};
use cors_actix::{Cors, Policy};

use crate::measure::Contender;
use crate::scenario::{HEADERS, MAX_AGE, METHODS, Scenario};

pub(crate) fn run(contender: Contender, scenario: Scenario, requests: usize) -> Vec<String> {
    let here = || web::to(async || HttpResponse::Ok().body("hello"));
    System::new().block_on(async {
        match contender {
            Contender::Bare | Contender::Floor => {
                let app = init_service(App::new().route("/", here())).await;
                send(app, scenario, requests).await
            }
            Contender::Ours => {
                let app = App::new().route("/", here()).wrap(ours(scenario));
                send(init_service(app).await, scenario, requests).await
            }
            Contender::Peer => {
                let app = App::new().route("/", here()).wrap(peer(scenario));
                send(init_service(app).await, scenario, requests).await
            }
        }
    })
}

fn ours(scenario: Scenario) -> Cors {
    let policy = Policy::builder()
        .allow_origins(scenario.origins())
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .max_age(std::time::Duration::from_secs(MAX_AGE))
        .build();
    Cors::new(policy.expect("the policy is valid"))
}

fn peer(scenario: Scenario) -> Peer {
    let cors = Peer::default()
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .max_age(600)
        .block_on_origin_mismatch(false);
    if scenario.has_pattern() {
        return cors.allowed_origin_fn(|origin, _| {
            let origin = origin.as_bytes();
            origin.starts_with(b"https://") && origin.ends_with(b".sub.example.com")
        });
    }
    let origins = scenario.origins();
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

async fn send<S, B>(app: S, scenario: Scenario, requests: usize) -> Vec<String>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let lines = scenario.lines();
    let mut last = Vec::new();
    for number in 0..requests {
        let method = if scenario.is_preflight() {
            "OPTIONS"
        } else {
            "GET"
        };
        let method = method.parse().expect("it is a method");
        let mut request = TestRequest::default().method(method);
        for (name, value) in &lines {
            request = request.insert_header((name.as_str(), value.as_bytes()));
        }
        let response = black_box(app.call(black_box(request.to_request())).await);
        if number + 1 == requests
            && let Ok(response) = response
        {
            let lines = response.headers().iter();
            last = lines
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
                .collect();
        }
    }
    last
}
