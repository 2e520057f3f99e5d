//! [`Added`]: what an exchange of the plain way adds to a response.

use crate::protocol::decision::AnswerHeaders;

/// What is added to a response.
#[derive(Clone, Copy)]
pub(super) struct Added {
    pub(super) headers: AnswerHeaders,
    /// `Origin`, to Vary.
    pub(super) varies: bool,
}
