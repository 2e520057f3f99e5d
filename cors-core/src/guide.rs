//! Pages on one subject each.

#[doc = include_str!("guide/several_policies.md")]
pub mod several_policies {}

#[doc = include_str!("guide/origins_from_a_database.md")]
pub mod origins_from_a_database {}

#[doc = include_str!("guide/what_is_told.md")]
pub mod what_is_told {}

#[doc = include_str!("guide/browser_messages.md")]
pub mod browser_messages {}

#[doc = include_str!("guide/local_servers.md")]
pub mod local_servers {}

#[doc = include_str!("guide/forgery.md")]
pub mod forgery {}

#[doc = include_str!("guide/edge.md")]
pub mod edge {}

#[doc = include_str!("guide/from_python.md")]
pub mod from_python {}

#[doc = include_str!("guide/from_rust.md")]
pub mod from_rust {}

#[doc = include_str!("guide/writing_an_adapter.md")]
#[doc = concat!("```ignore\n", include_str!("guide/writing_an_adapter/adapter.rs"), "```\n")]
#[doc = include_str!("guide/writing_an_adapter/explained.md")]
pub mod writing_an_adapter {}
