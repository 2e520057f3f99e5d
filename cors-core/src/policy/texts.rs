//! [`RenderedTexts`]: the header values of a policy.

use std::sync::Arc;

use crate::protocol::value::PolicyText;

/// A policy's header values, all visible ASCII, rendered when the policy is built. Policies share
/// those of the lists that they inherit.
#[derive(Debug, Default)]
pub(crate) struct RenderedTexts(Vec<Arc<str>>);

impl RenderedTexts {
    pub(crate) fn set(&mut self, text: PolicyText, value: impl Into<Arc<str>>) {
        let index = text.index();
        if self.0.len() <= index {
            self.0.resize(index + 1, Arc::default());
        }
        if let Some(slot) = self.0.get_mut(index) {
            *slot = value.into();
        }
    }

    /// Returns a text. It is empty where the policy has none, and no decision refers to it then.
    pub(crate) fn get(&self, text: PolicyText) -> &str {
        self.0.get(text.index()).map_or("", |text| text)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter()
    }
}
