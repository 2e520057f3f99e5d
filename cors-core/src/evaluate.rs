//! From a policy and a request to a decision, and from a decision to header fields or words.

pub(crate) mod apply;
pub(crate) mod decide;
pub(crate) mod explain;
pub(crate) mod same_origin;
