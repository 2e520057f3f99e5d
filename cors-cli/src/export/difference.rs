//! [`Difference`]: what a program can't be told of a policy.

use crate::finding::{Finding, Level};
use crate::place::{Place, Places};
use crate::shown;

/// A setting that would not hold in the program that a policy is exported for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) place: Place,
    pub(super) effect: Effect,
    /// What the program does instead.
    pub(super) what: String,
}

/// What comes of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Somebody may do what the policy refuses.
    Wider,
    /// Somebody may not do what the policy allows.
    Narrower,
    /// Permissions stay; something else that is written does not hold.
    Other,
}

impl Effect {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Other => "other",
        }
    }
}

impl Difference {
    /// Returns a line for a comment.
    pub(super) fn line(&self) -> String {
        shown(&format!(
            "{}: {}: {}",
            self.effect.name(),
            self.place,
            self.what
        ))
    }

    /// Returns the same as a problem of the file.
    pub(super) fn finding(&self, places: &Places<'_>) -> Finding {
        Finding {
            level: Level::Problem,
            kind: format!("Not-exported-{}", self.effect.name()),
            place: self.place.to_string(),
            span: places.span(self.place),
            why: shown(&self.what),
            remedy: "change the setting, or write --lossy to export all the same".to_owned(),
        }
    }
}
