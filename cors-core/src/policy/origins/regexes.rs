//! [`OriginRegexes`]: the compiled `allow_origin_regexes`.

#[cfg(feature = "regex")]
use std::collections::HashMap;
#[cfg(feature = "regex")]
use std::sync::Arc;

#[cfg(feature = "regex")]
use super::regex::OriginRegex;
#[cfg(feature = "regex")]
use crate::policy::hazard::Hazard;
#[cfg(feature = "regex")]
use crate::policy::problem::ProblemKind;
use crate::protocol::origin::Origin;

/// Regular expressions, each once, with its position among the items. There are none without the
/// feature `regex`.
#[derive(Debug, Default)]
pub(crate) struct OriginRegexes {
    #[cfg(feature = "regex")]
    regexes: Vec<(u16, Arc<OriginRegex>)>,
}

#[cfg(feature = "regex")]
impl OriginRegexes {
    pub(crate) fn push(&mut self, index: usize, regex: Arc<OriginRegex>) {
        let mut earlier = self.regexes.iter();
        if !earlier.any(|(_, earlier)| Arc::ptr_eq(earlier, &regex)) {
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            self.regexes.push((index, regex));
        }
    }

    /// Returns the position of the first item that matches the origin.
    pub(crate) fn matching(&self, origin: Origin<'_>) -> Option<u16> {
        let mut regexes = self.regexes.iter();
        let found = regexes.find(|(_, regex)| regex.matches(origin.as_str().as_bytes()));
        found.map(|(index, _)| *index)
    }
}

#[cfg(not(feature = "regex"))]
impl OriginRegexes {
    pub(crate) fn matching(&self, _: Origin<'_>) -> Option<u16> {
        None
    }
}

/// What all different expressions of one file may count for together, in bytes. That is a bound of
/// the memory that they take, and of the time to compile them: a quarter of a second or so. It has
/// room for some hundred expressions over host names.
#[cfg(feature = "regex")]
const MAX_TOTAL_BYTES: usize = 4 << 20;

/// What an expression counts for at least.
#[cfg(feature = "regex")]
const MIN_BYTES: usize = 1 << 10;

/// Compiles the regular expressions of one file, each once, as long as they are within the bound of
/// all.
#[cfg(feature = "regex")]
#[derive(Debug, Default)]
pub(crate) struct RegexCompiler {
    known: HashMap<String, CompiledRegex>,
    used_bytes: usize,
}

/// Compiles nothing.
#[cfg(not(feature = "regex"))]
#[derive(Debug, Default)]
pub(crate) struct RegexCompiler;

/// What came of an expression, to be shared by the lists that have it.
#[cfg(feature = "regex")]
#[derive(Clone, Debug)]
pub(crate) struct CompiledRegex {
    pub(crate) regex: Result<Arc<OriginRegex>, ProblemKind>,
    /// What is wrong with it beside credentials.
    pub(crate) hazards: Vec<Hazard>,
}

#[cfg(feature = "regex")]
impl RegexCompiler {
    pub(crate) fn compile(&mut self, pattern: &str) -> CompiledRegex {
        if let Some(known) = self.known.get(pattern) {
            return known.clone();
        }
        if self.used_bytes >= MAX_TOTAL_BYTES {
            return CompiledRegex {
                regex: Err(ProblemKind::RegexesTooLarge),
                hazards: Vec::new(),
            };
        }
        let judged = OriginRegex::judge(pattern);
        self.used_bytes += judged.cost.max(MIN_BYTES);
        let compiled = CompiledRegex {
            regex: judged.regex.map(Arc::new),
            hazards: judged.hazards,
        };
        self.known.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}
