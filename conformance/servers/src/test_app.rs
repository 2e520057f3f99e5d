//! What the test app has in common on every framework.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// On every response made by a handler: how many handlers were called so far.
pub const HITS: &str = "x-app-hits";

/// On every response made by a handler, to be exposed or not.
pub const CUSTOM: [(&str, &str); 2] = [("x-custom-one", "one"), ("x-custom-two", "two")];

/// The two `Set-Cookie` lines of `/login`.
pub const COOKIES: [&str; 2] = ["session=1; HttpOnly; SameSite=Lax", "theme=dark"];

/// The chunks of `/stream`.
pub const CHUNKS: [&str; 3] = ["one\n", "two\n", "three\n"];

/// Counts the calls of handlers; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Hits(Arc<AtomicU64>);

impl Hits {
    /// Counts one call, and says how many there were with it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// What `/echo` saw of the request.
#[derive(Clone, Debug, Serialize)]
pub struct Echo {
    /// The method.
    pub method: String,
    /// The length of the body in bytes.
    pub body_length: usize,
    /// The request's `X-Echo`.
    pub x_echo: Option<String>,
    /// The request's `Cookie`.
    pub cookie: Option<String>,
}
