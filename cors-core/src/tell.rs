//! What is told about decisions, beyond the listeners of an adapter.

#[cfg(feature = "metrics")]
pub(crate) mod counters;
#[cfg(feature = "tracing")]
pub(crate) mod log;
#[cfg(feature = "tracing")]
mod memory;
#[cfg(feature = "metrics")]
mod shadow_counters;
