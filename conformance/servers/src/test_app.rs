//! What the test app has in common on every framework.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// The header of every handler's response that counts the handler calls so far.
pub const HITS: &str = "x-app-hits";

/// More headers of every handler's response, for policies to expose or not.
pub const CUSTOM: [(&str, &str); 2] = [("x-custom-one", "one"), ("x-custom-two", "two")];

/// The two `Set-Cookie` lines of `/login`.
pub const COOKIES: [&str; 2] = ["session=1; HttpOnly; SameSite=Lax", "theme=dark"];

/// The chunks of `/stream`.
pub const CHUNKS: [&str; 3] = ["one\n", "two\n", "three\n"];

/// Counts the calls of handlers; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Hits(Arc<AtomicU64>);

impl Hits {
    /// Counts one call and returns how many there are now.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// What `/echo` tells about the request.
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
