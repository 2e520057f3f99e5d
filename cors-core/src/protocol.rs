//! The words of the protocol: nouns of the Fetch standard, one file each.
//!
//! No file in here imports anything from the rest of the crate.

pub(crate) mod decision;
pub(crate) mod escape;
pub(crate) mod field;
pub(crate) mod host;
pub(crate) mod origin;
pub(crate) mod origin_error;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod token;
pub(crate) mod value;
