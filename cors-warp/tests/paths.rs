//! Which path a wrapped filter has: the whole one, in a branch too, or none.

use std::convert::Infallible;

use cors_warp::{Cors, Policy, PolicyMap};
use http::{Request, StatusCode};
use tower::ServiceExt as _;
use warp::{Filter, Rejection};

const ORIGIN: &str = "https://app.example.com";

async fn refuse(_: Rejection) -> Result<StatusCode, Infallible> {
    Ok(StatusCode::NOT_FOUND)
}

/// The policies: nobody is allowed but at one path.
fn only_at(path: &str) -> PolicyMap {
    let nobody = Policy::builder().reject_disallowed_origins(true);
    let somebody = Policy::builder().allow_origins([ORIGIN]);
    let map = PolicyMap::builder()
        .default_policy(nobody.build().expect("the policy is valid"))
        .path(path, somebody.build().expect("the policy is valid"));
    map.build().expect("the map is valid")
}

/// Sends a request from the origin, and returns the status.
async fn status(policies: &PolicyMap, target: &str) -> StatusCode {
    let cors = Cors::new(policies.clone());
    let route = || warp::path::end().map(|| "hello").recover(refuse);
    let app = warp::path("status")
        .and(cors.wrap(route()))
        .or(cors.wrap(route()));
    let request = Request::get(target).header("origin", ORIGIN);
    let request = request.body(String::new()).expect("the request is valid");
    let Ok(response) = warp::service(app).oneshot(request).await;
    response.status()
}

#[tokio::test]
async fn a_branch_has_the_whole_path_where_nothing_of_it_is_left() {
    for (path, target) in [
        ("/", "/"),
        ("/", "/?query"),
        ("/", "http://b.example"),
        ("/status", "/status"),
        ("/status", "/status/"),
        ("/status", "http://b.example/status"),
    ] {
        let allowed = status(&only_at(path), target).await;
        assert_eq!(allowed, StatusCode::OK, "{target}");
        let refused = status(&only_at("/elsewhere"), target).await;
        assert_eq!(refused, StatusCode::FORBIDDEN, "{target}");
    }
}

#[tokio::test]
async fn a_target_without_a_path_has_the_default_policy_whatever_came_before() {
    let policies = only_at("/status");
    for (target, expected) in [
        ("/status", StatusCode::OK),
        ("b.example:80", StatusCode::FORBIDDEN),
        ("/status", StatusCode::OK),
        ("b.example", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(status(&policies, target).await, expected, "{target}");
    }
}
