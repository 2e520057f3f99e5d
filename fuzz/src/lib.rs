//! What the targets share: judges that know the contract alone, and inputs to judge.

#![forbid(unsafe_code)]

pub mod expected;
pub mod fetch;
pub mod head;
pub mod input;
pub mod item;
pub mod meant;
pub mod origin;
pub mod paths;
pub mod remedy;
