//! The words of the protocol. Nothing in here imports anything else of the crate.

pub(crate) mod decision;
pub(crate) mod escape;
pub(crate) mod host;
pub(crate) mod observer;
pub(crate) mod origin;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod token;
pub(crate) mod value;
