//! The model of the browser against a real one: Chromium, headless.
//!
//! Needs Chromium and its driver, so all of it is ignored unless asked for:
//! `apt-get install chromium chromium-driver`, then
//! `cargo test -p conformance --test browser -- --ignored`.

mod console;
mod expected;
mod matrix;
mod memory;
mod pages;
mod responses;
mod spellings;
