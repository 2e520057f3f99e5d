//! [`RenderedTexts`]: the header values of a policy.

use crate::protocol::value::PolicyText;

/// A policy's header values, all visible ASCII, rendered when the policy is built.
#[derive(Debug, Default)]
pub(crate) struct RenderedTexts(Vec<String>);

impl RenderedTexts {
    pub(crate) fn set(&mut self, text: PolicyText, value: String) {
        let index = text.index();
        if self.0.len() <= index {
            self.0.resize(index + 1, String::new());
        }
        if let Some(slot) = self.0.get_mut(index) {
            *slot = value;
        }
    }

    /// Returns a text. It is empty where the policy has none, and no decision refers to it then.
    pub(crate) fn get(&self, text: PolicyText) -> &str {
        self.0.get(text.index()).map_or("", String::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
