//! [`Vary`]: the request fields that a response depends on.

use std::borrow::Cow;

use crate::protocol::value::{StaticText, Value};

/// The most tokens that a merge can tell apart. A policy with more is not built.
pub(crate) const MAX_VARY_TOKENS: usize = 32;

/// The names that a response's Vary must have.
#[derive(Debug, Default)]
pub(crate) struct Vary {
    line: Option<Value>,
    tokens: Cow<'static, [Value]>,
}

impl Vary {
    /// Makes a Vary of one line with all tokens, and of the tokens.
    pub(crate) fn new(line: Value, tokens: Vec<Value>) -> Self {
        Self {
            line: (!tokens.is_empty()).then_some(line),
            tokens: tokens.into(),
        }
    }

    /// The response depends on nothing.
    pub(crate) const NOTHING: Self = Self {
        line: None,
        tokens: Cow::Borrowed(&[]),
    };

    /// The response depends on the origin alone.
    pub(crate) const ORIGIN: Self = Self {
        line: Some(Value::Static(StaticText::Origin)),
        tokens: Cow::Borrowed(&[Value::Static(StaticText::Origin)]),
    };

    /// Returns one line with all tokens, for a response that has none of them yet; `None` where the
    /// response depends on nothing.
    pub(crate) const fn line(&self) -> Option<Value> {
        self.line
    }

    /// Returns whether the response depends on nothing but the origin.
    pub(crate) fn is_of_origin_at_most(&self) -> bool {
        self.tokens.is_empty() || self.tokens == Self::ORIGIN.tokens
    }

    pub(crate) fn tokens(&self) -> &[Value] {
        &self.tokens
    }
}
