//! [`ValueTable`]: a policy's header values, in a header library's own type.

use crate::policy::texts::RenderedTexts;
use crate::protocol::value::{StaticText, Value};

/// Every value that a policy's decisions can refer to, made once.
///
/// It belongs to one policy, whose texts have these indices. [`Prepared`](super::Prepared) keeps
/// the two together.
#[derive(Debug)]
pub(super) struct ValueTable<V> {
    statics: [V; StaticText::ALL.len()],
    texts: Vec<V>,
}

impl<V> ValueTable<V> {
    pub(super) fn render(
        texts: &RenderedTexts,
        from_static: impl FnMut(&'static str) -> V,
        from_ascii: impl FnMut(&str) -> V,
    ) -> Self {
        Self {
            statics: StaticText::ALL.map(StaticText::as_str).map(from_static),
            texts: texts.iter().map(from_ascii).collect(),
        }
    }

    /// Returns the rendered value; `None` for the request's own lines.
    #[inline]
    pub(super) fn get(&self, value: Value) -> Option<&V> {
        match value {
            Value::Static(text) => self.statics.get(text as usize),
            Value::Policy(text) => self.texts.get(text.index()),
            Value::Echo(_) => None,
        }
    }
}
