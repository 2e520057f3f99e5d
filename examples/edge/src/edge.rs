//! [`Edge`]: the service that proxies ask.

use std::convert::Infallible;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use cors_axum::{CorsLayer, PolicyMap};
use tower::ServiceExt as _;

use crate::hosts::{self, Hosts};

/// Answers a proxy that sends it each request without its body: the method, the target and the
/// `Host` that the client sent, and the fields that a policy reads.
///
/// 200 means that the app is to be called, and its response to get this response's headers. Every
/// other status is the client's answer, headers and all. Nothing that names another host, path or
/// method (`X-Forwarded-Host`, `X-Original-URI`) is read, so no client has a say in it.
#[derive(Clone)]
pub(crate) struct Edge(Arc<ArcSwap<Hosts>>);

impl Edge {
    pub(crate) fn new(hosts: Hosts) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(hosts)))
    }

    /// Replaces the policies of all hosts at once, and returns a line about it. A request that is
    /// under way keeps its own.
    pub(crate) fn replace(&self, hosts: Hosts) -> String {
        let hosts = Arc::new(hosts);
        let old = self.0.swap(Arc::clone(&hosts));
        hosts.in_place_of(&old)
    }

    pub(crate) fn service(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }
}

async fn answer(State(edge): State<Edge>, request: Request) -> Response {
    let host = hosts::host(&request);
    let app = edge.0.load().app(host.as_deref()).cloned();
    let Some(app) = app else {
        // As a policy rejects a host that it does not list.
        let no_store = [(header::CACHE_CONTROL, "no-store")];
        return (StatusCode::FORBIDDEN, no_store).into_response();
    };
    let Ok::<_, Infallible>(mut response) = app.oneshot(request).await;
    // An answer to a preflight may have the status 200, by setting, which would call the app.
    if response.status() == StatusCode::OK && !response.headers().contains_key(CALL_THE_APP) {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

/// Stands for the app of a host: its headers are those that the policies give to any response.
pub(crate) fn stand_in(policies: PolicyMap) -> Router {
    Router::new()
        .fallback(async || [(CALL_THE_APP, "@app")])
        .layer(CorsLayer::new(policies))
}

/// Where nginx goes to on from an OPTIONS request that is no preflight.
const CALL_THE_APP: &str = "x-accel-redirect";
