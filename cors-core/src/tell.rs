//! What is told about decisions, beyond the listener of an adapter.

#[cfg(feature = "tracing")]
pub(crate) mod log;
#[cfg(feature = "tracing")]
mod memory;
