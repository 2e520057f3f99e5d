//! A small model of the browser's half of the protocol, for testing a policy without a browser.
//!
//! It follows the [Fetch standard](https://fetch.spec.whatwg.org/) step by step and shares no
//! policy logic with the rest of this crate, so one half of the protocol checks the other.
//!
//! - [`Request`] is what a script hands to `fetch()`; [`Request::preflight`] says whether the
//!   browser asks first, with which lines, and [why](PreflightReason).
//! - [`preflight_check`] and [`cors_check`] check a server's responses, with typed reasons.
//! - [`exposed_header_names`] lists what a script may read of a response.
//! - [`PreflightCache`] remembers what preflights granted, so that the browser need not ask again.
//! - [`Browser`] composes them all: one call is one cross-origin `fetch()`.
//!
//! ```
//! use cors_core::browser::{Browser, Request, Response};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut browser = Browser::new();
//! let request = Request::new("PUT")?.header("X-Draft", "1")?;
//! let mut sent = Vec::new();
//! let readable = browser.fetch(
//!     Duration::ZERO,
//!     "https://app.example.com",
//!     "https://api.example.net/notes/1",
//!     &request,
//!     |request| {
//!         sent.push(request.method().to_owned());
//!         let mut response = Response::new(200);
//!         let headers = response.headers_mut();
//!         headers.append("Access-Control-Allow-Origin", "*");
//!         if request.is_preflight() {
//!             headers.append("Access-Control-Allow-Methods", "PUT");
//!             headers.append("Access-Control-Allow-Headers", "x-draft");
//!         }
//!         response
//!     },
//! )?;
//! assert_eq!(sent, ["OPTIONS", "PUT"]);
//! assert_eq!(readable.status(), 200);
//! # Ok(())
//! # }
//! ```
//!
//! # What is left out
//!
//! Every request counts as cross-origin and in CORS mode. Redirects are not followed. Service
//! workers, mixed content, Private Network Access and its successor, cookies, bodies, and the
//! headers that a browser adds by itself (`User-Agent`, `Sec-Fetch-Site`, …) are absent.
//!
//! # Where browsers differ from the standard
//!
//! - The standard never lets `*` in `Access-Control-Allow-Headers` cover `Authorization`, and
//!   neither does this model. Today's engines all do
//!   ([whatwg/fetch 1919](https://github.com/whatwg/fetch/issues/1919)); a server should list the
//!   name. Tested by `chromium_judges_every_response_as_the_model_does_but_where_listed`, and by
//!   the same of Firefox.
//! - The standard leaves a limit on `Access-Control-Max-Age` to the browser: Chromium keeps the
//!   response to a preflight for 7,200 s at most, Firefox for 86,400 s, Safari for 600 s. This
//!   model has no limit until [`PreflightCache::with_max_age_cap`] sets one. No test waits for two
//!   hours, and neither browser starts under a clock that is put forward (libfaketime).
//! - Chromium takes a negative `Access-Control-Max-Age` for 0 and remembers nothing. By the
//!   standard it is unreadable, which means 5 seconds. Tested by
//!   `chromium_remembers_preflights_as_the_model_does`.
//! - Chromium remembers only the last response of a URL; the standard adds each one to those
//!   before. Tested by `chromium_remembers_the_last_response_of_a_url_alone`.
//! - Chromium sends a preflight, whatever it remembers, before every request that bypasses the HTTP
//!   cache: with `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since` or
//!   `If-Range`, and with the cache modes `no-cache`, `no-store` and `reload`. Tested by
//!   `chromium_asks_before_every_request_that_bypasses_the_http_cache`.
//! - Chromium sends a preflight for an upload listener only where there is a body to upload. By the
//!   XMLHttpRequest standard the listener alone is a reason. Tested by
//!   `chromium_does_not_ask_for_an_upload_listener_without_a_body`.
//! - Firefox remembers the names that a response lists, and not what `*` allows. With an
//!   `Access-Control-Max-Age` that is unreadable it remembers nothing. It asks before requests that
//!   bypass the HTTP cache as Chromium does, but for the cache mode `no-cache`. Tested by the
//!   `firefox_` tests of `memory.rs`.
//!
//! The tests are in `conformance/tests/browser`, with thousands of other calls in which Chromium
//! 156 and Firefox 153 did what this model says:
//! `cargo test -p conformance --test browser -- --ignored`.

mod blank;
mod cache;
mod check;
mod exposed;
mod fetch;
mod forbidden;
mod headers;
mod preflight;
mod preflight_check;
mod reason;
mod request;
mod safelist;

pub use cache::PreflightCache;
pub use check::{CorsCheckError, cors_check};
pub use exposed::exposed_header_names;
pub use fetch::{Browser, FilteredResponse, NetworkError, Response, SentRequest};
pub use headers::HeaderList;
pub use preflight::Preflight;
pub use preflight_check::{
    PreflightCheckError, PreflightGrant, preflight_check, preflight_max_age,
};
pub use reason::PreflightReason;
pub use request::{Credentials, Request, RequestError};
