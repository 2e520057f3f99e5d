//! [`ResponseHead`]: the header fields of a response, as the core writes them.

use super::field::ResponseField;

/// The header fields of a response, which the core writes one by one: the low level of an adapter.
///
/// An adapter implements it for a framework whose values may be borrowed, or whose header map is
/// guarded. For any other framework, [`HeaderTypes`](crate::adapter::HeaderTypes) needs less code.
/// [`BoundDecision::apply`](crate::adapter::BoundDecision::apply) calls it.
///
/// `'p` is the lifetime of the policy's texts. More methods may be added in a minor version; they
/// will have defaults.
pub trait ResponseHead<'p> {
    /// Calls `visit` with the name of every field, in any case, repeated or not.
    fn each_name(&self, visit: &mut dyn FnMut(&str));

    /// Calls `visit` with the value of each line of `field`, in order.
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8]));

    /// Replaces every line of `field`.
    fn set(&mut self, field: ResponseField, value: &'p str);

    /// Replaces every line of `field` by a text that was made for this response.
    fn set_owned(&mut self, field: ResponseField, value: String);

    /// Adds a line of `field`.
    fn append(&mut self, field: ResponseField, value: &'p str);

    /// Removes every line of `field`.
    fn remove(&mut self, field: ResponseField);
}
