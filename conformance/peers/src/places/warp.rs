//! warp: around a filter, and around `warp::service`.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use cors_warp::{Cors, CorsLayer};
use http_body_util::Full;
use tower_layer::Layer;
use warp::filters::cors::Builder;
use warp::{Filter, Reply};

use super::contract_tower;
use super::floor_tower::Floor;
use super::tower::exchange;
use crate::case::Case;
use crate::contender::Contender;
use crate::policy::policy;
use crate::scenario::{HEADERS, MAX_AGE, METHODS, Origins, Rules, Scenario};

fn app() -> impl Filter<Extract = (impl Reply,), Error = Infallible> + Clone + Send + Sync {
    warp::any().map(|| "hello")
}

pub fn filter(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    match contender {
        Contender::Ours => {
            let cors = Cors::new(policy(&scenario.rules));
            Some(exchange::<Full<Bytes>, _, _>(
                warp::service(cors.wrap(app())),
                scenario,
            ))
        }
        // A floor for filters would be one around the service: nothing obliges it to be a filter.
        _ => service(contender, scenario),
    }
}

pub fn service(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    let rules = &scenario.rules;
    let service = warp::service(app());
    let case = match contender {
        Contender::Bare => exchange::<Full<Bytes>, _, _>(service, scenario),
        Contender::Floor => {
            exchange::<Full<Bytes>, _, _>(Floor::new(rules).layer(service), scenario)
        }
        Contender::Contract | Contender::RunTimeContract => {
            contract_tower::around::<Full<Bytes>, _, _>(contender, service, scenario)
        }
        Contender::Ours => {
            exchange::<Full<Bytes>, _, _>(CorsLayer::new(policy(rules)).layer(service), scenario)
        }
        Contender::Peer => {
            let filter = app().with(warp_cors(rules)?.build());
            exchange::<Full<Bytes>, _, _>(warp::service(filter), scenario)
        }
    };
    Some(case)
}

/// Serves the filter until the process ends.
pub async fn serve(contender: Contender, rules: &Rules, address: SocketAddr) {
    match contender {
        Contender::Ours => {
            let app = Cors::new(policy(rules)).wrap(app());
            warp::serve(app).run(address).await;
        }
        Contender::Peer => {
            let cors = warp_cors(rules).expect("it lists origins");
            warp::serve(app().with(cors.build())).run(address).await;
        }
        _ => warp::serve(app()).run(address).await,
    }
}

/// Returns `warp::cors`, which sends no Vary at all; `None` for subdomains, which it does not know.
fn warp_cors(rules: &Rules) -> Option<Builder> {
    let cors = warp::cors();
    let cors = match &rules.origins {
        Origins::Listed(origins) => cors.allow_origins(origins.iter().map(String::as_str)),
        // By name, as it does for any origin.
        Origins::Any => cors.allow_any_origin(),
        Origins::AnyWithCredentials => cors.allow_any_origin().allow_credentials(true),
        Origins::Subdomains => return None,
    };
    let cors = if rules.preflights {
        cors.allow_methods(METHODS)
            .allow_headers(HEADERS)
            .max_age(MAX_AGE)
    } else {
        // Without one it refuses every request.
        cors.allow_methods(["GET"])
    };
    Some(cors)
}
