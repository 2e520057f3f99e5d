//! A service with each peer, the same with this library, and what that changes on the wire: the
//! guide's page `from_rust_services`.

mod differences;
mod page;
#[cfg(test)]
mod rejections;
mod requests;

mod tower_http {
    pub mod after;
    pub mod before;
}
mod actix_cors {
    pub mod after;
    pub mod before;
}
mod rocket_cors {
    pub mod after;
    pub mod before;
}
mod warp_cors {
    pub mod after;
    pub mod before;
}

use actix_web::App;
use actix_web::test::init_service;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::Full;

use crate::case::{Seen, now};
use crate::places::{actix, rocket, tower};
use crate::scenario::Scenario;

/// A peer, and what it takes to leave it.
struct Migration {
    peer: &'static str,
    title: &'static str,
    before: &'static str,
    after: &'static str,
    /// The responses before and after.
    responses: fn(&Scenario) -> [Seen; 2],
}

const MIGRATIONS: [Migration; 4] = [
    Migration {
        peer: "tower-http",
        title: "tower-http, in axum",
        before: include_str!("migrations/tower_http/before.rs"),
        after: include_str!("migrations/tower_http/after.rs"),
        responses: of_axum,
    },
    Migration {
        peer: "actix-cors",
        title: "actix-cors",
        before: include_str!("migrations/actix_cors/before.rs"),
        after: include_str!("migrations/actix_cors/after.rs"),
        responses: of_actix,
    },
    Migration {
        peer: "rocket_cors",
        title: "rocket_cors",
        before: include_str!("migrations/rocket_cors/before.rs"),
        after: include_str!("migrations/rocket_cors/after.rs"),
        responses: of_rocket,
    },
    Migration {
        peer: "warp::cors",
        title: "`warp::cors`",
        before: include_str!("migrations/warp_cors/before.rs"),
        after: include_str!("migrations/warp_cors/after.rs"),
        responses: of_warp,
    },
];

/// Prints the page, as it has to be.
pub fn print() {
    print!("{}", page::page());
}

const VALID: &str = "the policy is valid";

fn of_axum(scenario: &Scenario) -> [Seen; 2] {
    let after = tower_http::after::app().expect(VALID);
    [tower_http::before::app(), after]
        .map(|app| tower::exchange::<Body, _, _>(app, scenario).response())
}

fn of_actix(scenario: &Scenario) -> [Seen; 2] {
    let before = App::new()
        .wrap(actix_cors::before::cors())
        .configure(actix_cors::before::routes);
    let after = App::new()
        .wrap(actix_cors::after::cors().expect(VALID))
        .configure(actix_cors::after::routes);
    [
        actix::exchange(now(init_service(before)), scenario).response(),
        actix::exchange(now(init_service(after)), scenario).response(),
    ]
}

fn of_rocket(scenario: &Scenario) -> [Seen; 2] {
    let before = rocket_cors::before::app().expect("rocket_cors takes its options");
    let after = rocket_cors::after::app().expect(VALID);
    [before, after].map(|app| {
        let quiet = app.configure(rocket::quiet());
        rocket::exchange(quiet, scenario).response()
    })
}

fn of_warp(scenario: &Scenario) -> [Seen; 2] {
    let before = warp::service(warp_cors::before::app());
    let after = warp::service(warp_cors::after::app().expect(VALID));
    [
        tower::exchange::<Full<Bytes>, _, _>(before, scenario).response(),
        tower::exchange::<Full<Bytes>, _, _>(after, scenario).response(),
    ]
}
