//! An adapter of a part of an app, and a path below the part that no route has.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use cors_core::{Policy, PolicyErrors};
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use tower::ServiceExt as _;

const APP: &str = "https://app.example.com";

/// Whether a response has the policy's origin: of a route, and of a path without one.
const EXPECTED: [(&str, u16, bool); 2] = [("/api/notes", 200, true), ("/api/absent", 404, false)];

fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder().allow_origins([APP]).build()
}

#[tokio::test]
async fn a_path_without_a_route_is_not_of_a_nested_router_of_axum() -> Result<(), PolicyErrors> {
    let notes = axum::routing::get(async || "notes");
    let api = Router::new()
        .route("/notes", notes)
        .layer(cors_axum::CorsLayer::new(policy()?));
    let app = Router::new().nest("/api", api);
    for (path, status, has_origin) in EXPECTED {
        let request = Request::get(path).header("origin", APP);
        let request = request.body(Body::empty()).expect("the request is valid");
        let Ok(response) = app.clone().oneshot(request).await;
        assert_eq!(response.status(), status, "{path}");
        let origin = response.headers().get("access-control-allow-origin");
        assert_eq!(origin.is_some(), has_origin, "{path}");
    }
    Ok(())
}

#[rocket::get("/notes")]
fn notes() -> &'static str {
    "notes"
}

#[rocket::async_test]
async fn a_path_without_a_route_is_not_of_a_mount_of_rocket() -> Result<(), PolicyErrors> {
    let mount = cors_rocket::Cors::mount(policy()?, "/api", rocket::routes![notes]);
    let rocket = rocket::build().attach(mount);
    let client = Client::untracked(rocket).await.expect("Rocket ignites");
    for (path, status, has_origin) in EXPECTED {
        let request = client.get(path).header(Header::new("origin", APP));
        let response = request.dispatch().await;
        assert_eq!(response.status(), Status::new(status), "{path}");
        let origin = response.headers().get_one("access-control-allow-origin");
        assert_eq!(origin.is_some(), has_origin, "{path}");
    }
    Ok(())
}
