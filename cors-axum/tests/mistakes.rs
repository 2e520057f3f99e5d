//! `route_layer`, which hides requests from a layer, is told, and `layer` is not.

use std::sync::{Arc, Mutex, PoisonError};

use axum::routing::{MethodRouter, get};
use axum::{Router, middleware};
use cors_axum::{CorsLayer, MistakeKind, Policy};

type Told = Arc<Mutex<Vec<MistakeKind>>>;

/// Returns a layer that `make` makes of a policy, and what it tells.
fn layer(
    make: impl FnOnce(Policy) -> CorsLayer,
) -> Result<(CorsLayer, Told), cors_axum::PolicyErrors> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .build()?;
    let told = Told::default();
    let kinds = Arc::clone(&told);
    let layer = make(policy).on_mistake(move |mistake| {
        let mut kinds = kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.push(mistake.kind());
    });
    Ok((layer, told))
}

/// Builds an app, as far as a server does, and returns what was told.
fn told_of(
    app: impl FnOnce(CorsLayer) -> Router,
) -> Result<Vec<MistakeKind>, cors_axum::PolicyErrors> {
    told_of_layer(CorsLayer::new, app)
}

fn told_of_layer(
    make: impl FnOnce(Policy) -> CorsLayer,
    app: impl FnOnce(CorsLayer) -> Router,
) -> Result<Vec<MistakeKind>, cors_axum::PolicyErrors> {
    let (layer, told) = layer(make)?;
    let _ = app(layer).into_make_service();
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(told.clone())
}

fn hello() -> MethodRouter {
    get(async || "hello")
}

async fn other_layer(
    request: axum::extract::Request,
    next: middleware::Next,
) -> axum::response::Response {
    next.run(request).await
}

#[test]
fn route_layer_is_told_once() -> Result<(), cors_axum::PolicyErrors> {
    let expected = [MistakeKind::RouteLayer];
    let around_routes = told_of(|cors| {
        let routes = Router::new().route("/a", hello()).route("/b", hello());
        routes.route_layer(cors)
    })?;
    assert_eq!(around_routes, expected);
    let around_methods = told_of(|cors| {
        let methods = hello().post(async || "posted").route_layer(cors);
        Router::new().route("/", methods)
    })?;
    assert_eq!(around_methods, expected);
    let awaiting = told_of(|cors| {
        let methods = hello().route_layer(cors.await_predicates());
        Router::new().route("/", methods)
    })?;
    assert_eq!(awaiting, expected);
    Ok(())
}

/// The layer of a route is meant to see its route alone.
#[test]
fn the_route_layer_of_a_route_is_right() -> Result<(), cors_axum::PolicyErrors> {
    let told = told_of_layer(CorsLayer::for_route, |cors| {
        Router::new().route("/", hello().route_layer(cors))
    })?;
    assert_eq!(told, []);
    Ok(())
}

#[test]
fn layer_is_right() -> Result<(), cors_axum::PolicyErrors> {
    let around_router = told_of(|cors| Router::new().route("/", hello()).layer(cors))?;
    assert_eq!(around_router, []);
    let around_methods = told_of(|cors| Router::new().route("/", hello().layer(cors)))?;
    assert_eq!(around_methods, []);
    Ok(())
}

/// Another layer may be given to `route_layer`, inside of this one and outside.
#[test]
fn the_route_layer_of_another_layer_is_right() -> Result<(), cors_axum::PolicyErrors> {
    let inside = told_of(|cors| {
        let other = middleware::from_fn(other_layer);
        let routes = Router::new().route("/", hello().route_layer(other.clone()));
        routes.route_layer(other).layer(cors)
    })?;
    assert_eq!(inside, []);
    let outside = told_of(|cors| {
        let other = middleware::from_fn(other_layer);
        let methods = hello().layer(cors).route_layer(other.clone());
        Router::new().route("/", methods).route_layer(other)
    })?;
    assert_eq!(outside, []);
    Ok(())
}
