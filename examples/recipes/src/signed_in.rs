//! A page that signs its user in, with a cookie: login, session, and no forgery.
//!
//! The page is at `app.example.com`, the API at `api.example.com`: one site, so `SameSite=Lax` lets
//! the cookie pass. (From another site it takes `SameSite=None`, and a browser that still sends
//! such cookies.) Each `fetch` has `credentials: "include"`, the one that signs in too.
//!
//! `reject_disallowed_origins` is what stops forgery: a form of another site comes with the user's
//! cookie and needs no preflight, and is rejected before it reaches the app. A token in a header
//! would be a second lock on the same door. GET must change nothing: it has no `Origin`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use cookie::{Cookie, SameSite};
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use serde::Deserialize;

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["DELETE"])
        .allow_headers(["content-type"])
        .allow_credentials(true)
        .reject_disallowed_origins(true)
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app: `/session` is to sign in, to ask who is, and to sign out.
pub fn app(policy: Policy) -> Router {
    Router::new()
        .route("/session", get(who).post(sign_in).delete(sign_out))
        .route("/posts", post(publish))
        .with_state(Sessions::default())
        .layer(CorsLayer::new(policy))
}

/// Who is signed in, by the value of the cookie.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<HashMap<String, String>>>);

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn user(&self, headers: &HeaderMap) -> Result<String, StatusCode> {
        let id = session(headers).ok_or(StatusCode::UNAUTHORIZED)?;
        self.lock()
            .get(&id)
            .cloned()
            .ok_or(StatusCode::UNAUTHORIZED)
    }
}

#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

async fn sign_in(
    State(sessions): State<Sessions>,
    Json(login): Json<Login>,
) -> Result<[(HeaderName, String); 1], StatusCode> {
    // Where the users and the hashes of their passwords are looked up.
    if login.password != "tea" {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let id = format!("{:032x}", u128::from_be_bytes(id));
    sessions.lock().insert(id.clone(), login.user);
    Ok(set_cookie(id, None))
}

async fn who(State(sessions): State<Sessions>, headers: HeaderMap) -> Result<String, StatusCode> {
    sessions.user(&headers)
}

async fn publish(
    State(sessions): State<Sessions>,
    headers: HeaderMap,
    text: String,
) -> Result<(StatusCode, String), StatusCode> {
    let user = sessions.user(&headers)?;
    Ok((StatusCode::CREATED, format!("{user}: {text}")))
}

async fn sign_out(
    State(sessions): State<Sessions>,
    headers: HeaderMap,
) -> [(HeaderName, String); 1] {
    if let Some(id) = session(&headers) {
        sessions.lock().remove(&id);
    }
    set_cookie(String::new(), Some(cookie::time::Duration::ZERO))
}

/// A name that begins so is taken by browsers from the host itself alone, over https.
const COOKIE: &str = "__Host-session";

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut cookies = cookies
        .filter_map(|line| line.to_str().ok())
        .flat_map(Cookie::split_parse)
        .flatten();
    let session = cookies.find(|cookie| cookie.name() == COOKIE)?;
    Some(session.value().to_owned())
}

fn set_cookie(id: String, age: Option<cookie::time::Duration>) -> [(HeaderName, String); 1] {
    let mut cookie = Cookie::build((COOKIE, id))
        .http_only(true)
        .path("/")
        .same_site(SameSite::Lax)
        .secure(true)
        .build();
    cookie.set_max_age(age);
    [(header::SET_COOKIE, cookie.to_string())]
}

#[cfg(test)]
mod tests;
