//! Servers with one mistake each, as frameworks and proxies in the field have it.

pub(crate) mod corpus;
pub(crate) mod cors;
mod cut_short;
mod harmless;
pub(crate) mod origins;
mod policies;
pub(crate) mod preflights;
mod replicas;
mod screenshots;
pub(crate) mod server;
pub(crate) mod statuses;
pub(crate) mod surroundings;
mod tls;
mod told;
mod unreachable;
pub(crate) mod values;
