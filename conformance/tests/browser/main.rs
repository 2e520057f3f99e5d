//! The model of the browser against real ones: Chromium and Firefox, headless, over http and https.
//!
//! Needs the browsers, so all of it is ignored unless asked for:
//! `apt-get install chromium chromium-driver firefox-esr`, then
//! `cargo test -p conformance --test browser -- --ignored`, with `firefox` at its end for Firefox
//! alone, or `--skip firefox` for Chromium alone.

mod api;
mod console;
mod expected;
mod ledger;
mod matrix;
mod memory;
mod pages;
mod responses;
mod spellings;
mod tls;
