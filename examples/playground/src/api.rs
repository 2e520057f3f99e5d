//! The control endpoints.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, Query, State as Shared};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::Call;
use crate::draft::{self, Conversion};
use crate::faults::Faults;
use crate::state::State;
use crate::{app, exchanges, files, guard, presets, settings};

/// Returns the routes of a page server.
pub(crate) fn router(state: &Arc<State>) -> Router {
    let control = Router::new()
        .route("/api/state", get(show))
        .route("/api/policy", post(apply))
        .route("/api/convert", post(convert))
        .route("/api/predict", post(predict))
        .route("/api/exchanges", get(exchanged))
        .layer(middleware::from_fn_with_state(
            Arc::clone(state),
            guard::own_page,
        ))
        .layer(middleware::map_response(private));
    files::router()
        .merge(control)
        .layer(middleware::from_fn_with_state(
            Arc::clone(state),
            guard::own_names,
        ))
        .with_state(Arc::clone(state))
}

/// Keeps a response out of every cache and out of other pages.
async fn private(mut response: Response) -> Response {
    files::harden(response.headers_mut());
    response
}

async fn show(Shared(state): Shared<Arc<State>>) -> impl IntoResponse {
    let servers: Vec<_> = state
        .targets()
        .urls()
        .map(|(name, url)| json!({ "name": name, "url": url }))
        .collect();
    let paths = app::PATHS.map(|(path, answer)| json!({ "path": path, "answer": answer }));
    Json(json!({
        "page": state.page(),
        "servers": servers,
        "origins": state.origins(),
        "paths": paths,
        "presets": presets::all(state.page()),
        "settings": settings::GROUPS,
        "policy": state.text(),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

/// Applies a text, or returns its faults and leaves everything as it is.
async fn apply(Shared(state): Shared<Arc<State>>, Json(new): Json<Text>) -> Response {
    match draft::check(&new.text) {
        Ok(policies) => {
            state.replace(new.text, policies);
            Json(json!({ "applied": true, "problems": [], "unreadable": null })).into_response()
        }
        Err(faults) => {
            let refused = Refused {
                applied: false,
                faults,
            };
            (StatusCode::UNPROCESSABLE_ENTITY, Json(refused)).into_response()
        }
    }
}

#[derive(Debug, Serialize)]
struct Refused {
    applied: bool,
    #[serde(flatten)]
    faults: Faults,
}

async fn convert(Json(conversion): Json<Conversion>) -> impl IntoResponse {
    Json(conversion.convert())
}

async fn predict(Shared(state): Shared<Arc<State>>, Json(call): Json<Call>) -> impl IntoResponse {
    let policies = state.policies();
    Json(call.predict(&policies, state.targets()))
}

#[derive(Debug, Deserialize)]
struct Which {
    call: String,
}

async fn exchanged(
    Shared(state): Shared<Arc<State>>,
    Query(which): Query<Which>,
) -> impl IntoResponse {
    Json(exchanges::of_call(&which.call, state.targets()))
}
