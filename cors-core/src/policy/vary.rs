//! [`Vary`]: the request fields that a response depends on.

use crate::protocol::value::Value;

/// The most tokens that a merge can tell apart. A policy with more is not built.
pub(crate) const MAX_VARY_TOKENS: usize = 32;

/// The names that a response's Vary must have.
#[derive(Debug, Default)]
pub(crate) struct Vary {
    line: Option<Value>,
    tokens: Vec<Value>,
}

impl Vary {
    /// Makes a Vary of one line with all tokens, and of the tokens.
    pub(crate) fn new(line: Value, tokens: Vec<Value>) -> Self {
        Self {
            line: (!tokens.is_empty()).then_some(line),
            tokens,
        }
    }

    /// Returns one line with all tokens, for a response that has none of them yet; `None` where the
    /// response depends on nothing.
    pub(crate) const fn line(&self) -> Option<Value> {
        self.line
    }

    pub(crate) fn tokens(&self) -> &[Value] {
        &self.tokens
    }
}
