//! [`Difference`]: what a program can't be told of a policy.

use std::collections::BTreeSet;

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

    /// Returns the kind of a finding about it.
    const fn kind(self) -> &'static str {
        match self {
            Self::Wider => "ExportWider",
            Self::Narrower => "ExportNarrower",
            Self::Other => "ExportOther",
        }
    }
}

/// Differences, each once.
#[derive(Debug, Default)]
pub(super) struct Differences {
    list: Vec<Difference>,
    known: BTreeSet<String>,
}

impl Differences {
    pub(super) fn add(&mut self, difference: Difference) {
        if self.known.insert(difference.line()) {
            self.list.push(difference);
        }
    }

    /// Adds those about places that nothing is said of.
    pub(super) fn add_elsewhere(&mut self, others: Self) {
        let place = |difference: &Difference| difference.place.to_string();
        let places: BTreeSet<_> = self.list.iter().map(place).collect();
        for other in others.list {
            if !places.contains(&place(&other)) {
                self.add(other);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Difference> {
        self.list.iter()
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
            kind: self.effect.kind().to_owned(),
            place: self.place.to_string(),
            span: places.span(self.place),
            why: shown(&self.what),
            remedy: "change the setting, or write --lossy to export all the same".to_owned(),
        }
    }
}
