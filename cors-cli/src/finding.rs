//! [`Finding`]: what is said about a place in a file.

use std::fmt;
use std::ops::Range;

/// What is said about a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// A name that stays the same for all findings of a kind.
    pub(crate) kind: String,
    /// The place in the words of a policy file, such as `paths[0].allow_origins[1]`; empty for a text
    /// that can't be read as one.
    pub(crate) place: String,
    /// The bytes of the file that it is about; `None` where it has none.
    pub(crate) span: Option<Range<usize>>,
    pub(crate) why: String,
    /// What to write instead; empty where the reason says it.
    pub(crate) remedy: String,
}

/// How much a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// The file can't be built.
    Problem,
    /// The file can be built, and may not say what is meant.
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.why)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}
