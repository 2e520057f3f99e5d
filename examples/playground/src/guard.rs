//! Who may call the page servers: a browser on this machine, under their own names, and for the
//! control endpoints no page but their own.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::state::State;

/// Rejects a request under the name of another host that resolves to this machine (DNS rebinding).
pub(crate) async fn own_names(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let host = one(request.headers(), header::HOST.as_str());
    if peer.ip().is_loopback() && host.is_some_and(|host| state.is_own_host(host)) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// Rejects requests of other pages to the control endpoints. It stands inside of [`own_names`].
pub(crate) async fn own_page(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if may_control(request.method(), request.headers(), state.page()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn may_control(method: &Method, headers: &HeaderMap, page: &str) -> bool {
    // Browsers send it, and no page can forge it.
    let fetched_by_others = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none");
    if fetched_by_others {
        return false;
    }
    let origin = one(headers, header::ORIGIN.as_str());
    match *method {
        Method::GET => !headers.contains_key(header::ORIGIN) || origin == Some(page),
        // The content type is one that no form can send.
        Method::POST => origin == Some(page) && is_json(headers),
        _ => false,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    one(headers, header::CONTENT_TYPE.as_str()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}

/// Returns the value of the only line of a name.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        _ => None,
    }
}
