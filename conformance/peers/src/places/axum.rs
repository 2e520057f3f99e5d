//! axum: `Router::layer`, and around the whole router.

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use cors_axum::CorsLayer;
use tower_layer::Layer;

use super::contract_tower::{self, Contract, Origins, WithContract};
use super::floor_tower::Floor;
use super::tower::{exchange, tower_http};
use crate::case::Case;
use crate::contender::Contender;
use crate::policy::policy;
use crate::scenario::{Rules, Scenario};

fn app() -> Router {
    Router::new().route("/", any(async || "hello"))
}

pub fn layered(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    Some(exchange::<Body, _, _>(
        router(contender, &scenario.rules),
        scenario,
    ))
}

/// Returns the router with its state, without which every request would build the routes anew.
pub fn router(contender: Contender, rules: &Rules) -> Router {
    let router = match contender {
        Contender::Bare => app(),
        Contender::Floor => app().layer(Floor::new(rules)),
        Contender::Contract | Contender::RunTimeContract => {
            contract_tower::with(rules, contender, Layered)
        }
        Contender::Ours => app().layer(CorsLayer::new(policy(rules))),
        Contender::Peer => app().layer(tower_http(rules)),
    };
    router.with_state(())
}

struct Layered;

impl WithContract for Layered {
    type Made = Router;

    fn with<O: Origins>(self, contract: Contract<O>) -> Router {
        app().layer(contract)
    }
}

pub fn around(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    let rules = &scenario.rules;
    let app = router(Contender::Bare, rules);
    let case = match contender {
        Contender::Bare => exchange::<Body, _, _>(app, scenario),
        Contender::Floor => exchange::<Body, _, _>(Floor::new(rules).layer(app), scenario),
        Contender::Contract | Contender::RunTimeContract => {
            contract_tower::around::<Body, _, _>(contender, app, scenario)
        }
        Contender::Ours => {
            exchange::<Body, _, _>(CorsLayer::new(policy(rules)).layer(app), scenario)
        }
        Contender::Peer => exchange::<Body, _, _>(tower_http(rules).layer(app), scenario),
    };
    Some(case)
}
