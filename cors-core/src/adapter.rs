//! What the authors of adapters need.

pub(crate) mod browser;
#[cfg(feature = "http")]
pub mod exchange;
#[cfg(feature = "http")]
mod http1;
pub(crate) mod prepared;
#[cfg(feature = "http")]
mod request_view;
