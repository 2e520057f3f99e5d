//! [`Vary`]: the request fields on which an answer depends.

use crate::protocol::value::Value;

/// The most tokens that a merge tells apart. Building a policy holds it to that.
pub(crate) const MAX_VARY_TOKENS: usize = 32;

/// The names that a response's Vary must have.
#[derive(Debug, Default)]
pub(crate) struct Vary {
    line: Option<Value>,
    tokens: Vec<Value>,
}

impl Vary {
    /// `line` has all the tokens.
    pub(crate) fn new(line: Value, tokens: Vec<Value>) -> Self {
        Self {
            line: (!tokens.is_empty()).then_some(line),
            tokens,
        }
    }

    /// Returns all tokens in one line, for a response that has none of them yet; `None` where the
    /// answer depends on nothing.
    pub(crate) const fn line(&self) -> Option<Value> {
        self.line
    }

    pub(crate) fn tokens(&self) -> &[Value] {
        &self.tokens
    }
}
