//! The origins that a policy lists.

#[cfg(feature = "regex")]
mod automaton;
pub(crate) mod pattern;
#[cfg(feature = "regex")]
pub(crate) mod regex;
#[cfg(feature = "regex")]
mod regex_reach;
#[cfg(all(feature = "public-suffix", feature = "regex"))]
mod regex_suffix;
#[cfg(feature = "regex")]
mod regex_text;
pub(crate) mod regexes;
pub(super) mod remedy;
pub(crate) mod set;
mod written_regex;
