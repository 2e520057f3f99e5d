//! [`Phrase`]: what pages may do, in words.

use std::collections::BTreeMap;

use super::access::Access;
use super::grants::{Grant, Granted, Grants, Mode};
use super::names::SAFELISTED;

/// What some pages may do on one side alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Line {
    pub(super) who: Vec<String>,
    pub(super) may: Vec<Phrase>,
}

/// A verb, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Phrase {
    pub(super) verb: String,
    pub(super) names: Vec<String>,
    pub(super) with: &'static str,
}

impl Phrase {
    pub(super) fn plain(verb: impl Into<String>) -> Self {
        Self {
            verb: verb.into(),
            names: Vec::new(),
            with: "",
        }
    }
}

/// Returns what pages that get so far may do on the second side and not on the first.
pub(super) fn more(
    [(less_grants, less), (more_grants, more)]: [(&Grants<'_>, Access); 2],
) -> Vec<Phrase> {
    let [less_granted, more_granted] = [less_grants.at(less), more_grants.at(more)];
    let granted: Granted<'_> = more_granted.difference(&less_granted).copied().collect();
    let mut phrases = Vec::new();
    if less == Access::Rejected && more == Access::Sends {
        phrases.push(Phrase::plain("reach the app"));
    }
    // What is said for names that no list has has blanks.
    let is_any = |words: &str| words.contains(' ');
    let mut by_verb: BTreeMap<(Mode, &str, &'static str), Vec<String>> = BTreeMap::new();
    for (mode, grant) in &granted {
        // Who may do it with credentials may do it without.
        if *mode == Mode::Without && granted.contains(&(Mode::WithCredentials, *grant)) {
            continue;
        }
        let (verb, name) = match grant {
            Grant::Read => ("read responses", None),
            Grant::Send(method) => ("send", Some(*method)),
            Grant::Set(name) if is_any(name) => ("set", Some(*name)),
            Grant::Set(name) => ("set the header", Some(*name)),
            Grant::See(name) if is_any(name) => ("read", Some(*name)),
            Grant::See(name) => ("read the header", Some(*name)),
        };
        let is_set_anyway = matches!(grant, Grant::Set(name) if SAFELISTED.contains(name));
        let with = match (mode, is_set_anyway) {
            (Mode::WithCredentials, false) => " with credentials",
            (Mode::Without, false) => " without credentials",
            (Mode::WithCredentials, true) => " to values that are not safelisted, with credentials",
            (Mode::Without, true) => " to values that are not safelisted, without credentials",
        };
        let names = by_verb.entry((*mode, verb, with)).or_default();
        names.extend(name.map(str::to_owned));
    }
    let by_verb = by_verb.into_iter();
    phrases.extend(by_verb.map(|((_, verb, with), names)| Phrase {
        verb: verb.to_owned(),
        names,
        with,
    }));
    phrases
}
