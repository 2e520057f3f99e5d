//! The origins that a policy lists.

pub(crate) mod pattern;
#[cfg(feature = "regex")]
pub(crate) mod regex;
pub(crate) mod regexes;
pub(crate) mod set;
