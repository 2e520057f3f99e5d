//! [`ValueTable`]: a policy's header values, in a header library's own type.

use std::sync::Arc;

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
    /// Renders a policy's texts. Those that it shares with another policy, whose table is given,
    /// are shared here too.
    pub(super) fn render(
        texts: &RenderedTexts,
        other: Option<(&RenderedTexts, &Self)>,
        from_static: impl FnMut(&'static str) -> V,
        from_ascii: impl Fn(&str) -> V,
    ) -> Self
    where
        V: Clone,
    {
        let shared = |index: usize, text: &Arc<str>| {
            let (texts, table) = other?;
            let is_shared = texts
                .iter()
                .nth(index)
                .is_some_and(|other| Arc::ptr_eq(other, text));
            is_shared.then(|| table.texts.get(index).cloned())?
        };
        let render = |(index, text): (usize, &Arc<str>)| {
            shared(index, text).unwrap_or_else(|| from_ascii(text))
        };
        Self {
            statics: StaticText::ALL.map(StaticText::as_str).map(from_static),
            texts: texts.iter().enumerate().map(render).collect(),
        }
    }

    /// Returns the rendered value; `None` for what depends on the request or on the response.
    #[inline]
    pub(super) fn get(&self, value: Value) -> Option<&V> {
        match value {
            Value::Static(text) => self.statics.get(text as usize),
            Value::Policy(text) => self.texts.get(text.index()),
            Value::Echo(_) | Value::ListedAndAsked | Value::ListedAndPresent => None,
        }
    }
}
