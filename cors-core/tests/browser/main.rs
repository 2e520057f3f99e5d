//! Tests the browser model against the Fetch standard, and against the cases that
//! web-platform-tests put to browsers.
//!
//! Each module tests the file of the same name in `src/browser`, except for `cache_twin` and
//! `growth`; `support` holds what they share.

mod cache;
mod cache_twin;
mod check;
mod exposed;
mod fetch;
mod forbidden;
mod growth;
mod preflight;
mod preflight_check;
mod reason;
mod request;
mod safelist;
mod support;
