//! The origins that a policy lists.

#[cfg(feature = "regex")]
mod automaton;
mod cidr;
mod corrected;
pub(crate) mod few_subdomains;
pub(crate) mod network;
pub(crate) mod pattern;
pub(crate) mod ports;
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
mod written;
pub(super) mod written_lists;
mod written_regex;
