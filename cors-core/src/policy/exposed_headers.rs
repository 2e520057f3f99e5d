//! The names of `Access-Control-Expose-Headers` that depend on the response.

use super::header_names::HeaderNames;
use super::list::List;
use crate::protocol::field::ResponseField;
use crate::protocol::token;

impl List<HeaderNames> {
    /// Returns the listed names, and those of a response's headers that a prefix covers: in lower
    /// case, each once, sorted, so that the order in which a framework keeps them does not matter.
    ///
    /// `each_name` calls its argument with the names of the response.
    pub(crate) fn listed_and_present(
        &self,
        each_name: impl FnOnce(&mut dyn FnMut(&str)),
    ) -> String {
        let mut present = Vec::new();
        each_name(&mut |name| {
            if self.exposes_by_prefix(name) {
                present.push(name.to_ascii_lowercase());
            }
        });
        present.sort_unstable();
        present.dedup();
        let listed = (!self.text.is_empty()).then_some(&*self.text);
        let present = present.iter().map(String::as_str);
        listed
            .into_iter()
            .chain(present)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn exposes_by_prefix(&self, name: &str) -> bool {
        let bytes = name.as_bytes();
        self.compiled.prefixes.of(bytes).is_some()
            && !self.compiled.contains(bytes)
            // A response that is decorated twice has its own CORS headers the second time.
            && ResponseField::from_name(name).is_none()
            && !token::is_safelisted_response_header_name(bytes)
            && !token::is_forbidden_response_header_name(bytes)
            && token::is_token(bytes)
    }
}
