//! [`AdapterOptions`]: what an adapter sets beside the policies.

use super::event::Listeners;
use super::shadow::Shadow;
use super::source::PolicySource;
use super::stack::Mistakes;

/// Options that an adapter sets when it applies decisions.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AdapterOptions {
    /// Marks the responses, so that outer adapters leave their headers alone: for the adapter of a
    /// route inside of another adapter.
    pub for_route: bool,
    /// Puts each [`Decision`](crate::Decision) into the extensions, for handlers and logs.
    pub record_decisions: bool,
    /// Are told about each request that has a policy.
    pub listeners: Listeners,
    /// The policies that the listeners are told about beside those that decide. To set them, call
    /// [`put_shadow`](Self::put_shadow), so that a `Log` tells them.
    pub shadow: Option<Shadow>,
    /// Are told about mistakes in the stack.
    pub mistakes: Mistakes,
}

impl AdapterOptions {
    /// Returns whether nobody asks for the decision.
    #[inline]
    pub(super) const fn are_plain(&self) -> bool {
        self.listeners.is_empty() & self.leave_no_marks()
    }

    /// Returns whether nobody asks for the decision once it is told.
    #[inline]
    pub(super) const fn leave_no_marks(&self) -> bool {
        !(self.for_route | self.record_decisions) & self.mistakes.is_empty()
    }

    /// Puts policies into the shadow of those that decide, in place of those that are there.
    pub fn put_shadow(&mut self, source: impl Into<PolicySource>) {
        let shadow = Shadow::new(source);
        #[cfg(feature = "tracing")]
        self.listeners.tell_shadow(&shadow.source());
        self.shadow = Some(shadow);
    }

    /// Calls `listener` with the policies in the shadow: those that are there, and those that are
    /// put there from here on.
    #[cfg(feature = "tracing")]
    pub(crate) fn on_shadow(&mut self, listener: impl Fn(&PolicySource) + Send + Sync + 'static) {
        if let Some(shadow) = &self.shadow {
            listener(&shadow.source());
        }
        self.listeners.add_of_shadows(listener);
    }
}
