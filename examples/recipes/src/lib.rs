//! What a protocol or a library of browsers needs of a policy. Each file is a recipe to copy: the
//! lists of its policy, an app under it, and a test in which a page needs every item of the lists.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod connect;
pub mod plain_hyper;
pub mod query;
pub mod reverse_proxy;
pub mod signed_in;
pub mod sse;
pub mod telemetry;
pub mod uploads;
