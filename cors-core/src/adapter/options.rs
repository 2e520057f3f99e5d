//! [`AdapterOptions`]: what an adapter sets beside the policies.

use super::event::Listeners;
use super::shadow::Shadow;
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
    /// The policies that the listeners are told about beside those that decide.
    pub shadow: Option<Shadow>,
    /// Are told about mistakes in the stack.
    pub mistakes: Mistakes,
}
