//! The judgement of what came back, where no policy says what is right.
//!
//! Each judge is a function of the requests and the responses alone.

mod allowed;
mod caches;
mod strangers;
mod values;

use std::collections::BTreeSet;

use super::call::{Role, Seen};
use super::fields::{AllowOrigin, Fields};
use super::kind::Kind;
use super::pages::Pages;

/// What is wrong, and the response that shows it.
pub(crate) type Found<'a> = (Kind, &'a Seen);

/// What was seen of one path.
#[derive(Debug)]
struct Place<'a> {
    seen: Vec<&'a Seen>,
}

/// Returns what is wrong, each kind once a path: what follows from another finding is none of its
/// own.
pub(crate) fn judge<'a>(seen: &'a [Seen], pages: &Pages, uses_tokens: bool) -> Vec<Found<'a>> {
    let evidence = Evidence::of(seen);
    let mut all = Vec::new();
    for place in places(seen) {
        let mut found = caches::differing(&place);
        if found.is_empty() {
            let cached = caches::cached(&place);
            let is_cached = cached.iter().any(|(kind, _)| *kind == Kind::Cached);
            let allowed = allowed::judge(&place, pages, &evidence, uses_tokens);
            // What a cache gives says nothing about the server.
            found.extend(allowed.into_iter().filter(|(_, seen)| {
                let is_preflight = seen.call.is_preflight();
                !is_cached || is_preflight
            }));
            if cached.is_empty() {
                found.extend(caches::vary_lacking(&place));
            }
            found.extend(cached);
            found.extend(strangers::judge(&place, pages));
            found.extend(values::judge(&place, &pages.first));
        }
        let mut known = BTreeSet::new();
        found.retain(|(kind, _)| known.insert(*kind));
        all.extend(found);
    }
    all
}

/// Returns what a policy does not tell, and the paths whose responses to requests, or all of whose
/// responses, say nothing about their policy.
pub(crate) fn judge_beside_policy(seen: &[Seen]) -> Vec<Found<'_>> {
    let mut all = Vec::new();
    for place in places(seen) {
        let mut found = caches::differing(&place);
        if found.is_empty() {
            found = caches::cached(&place);
            // The policy's own probe finds it.
            found.retain(|(kind, _)| *kind == Kind::Cached);
            found.extend(strangers::hostile(&place));
        }
        let mut known = BTreeSet::new();
        found.retain(|(kind, _)| known.insert(*kind));
        all.extend(found);
    }
    all
}

fn places(seen: &[Seen]) -> Vec<Place<'_>> {
    let mut paths: Vec<&str> = Vec::new();
    for seen in seen {
        if !paths.contains(&&*seen.call.place) {
            paths.push(&seen.call.place);
        }
    }
    let places = paths.into_iter().map(|path| Place {
        seen: seen.iter().filter(|seen| seen.call.place == path).collect(),
    });
    places.collect()
}

impl<'a> Place<'a> {
    /// Returns what was seen in a role.
    fn in_role(&self, role: Role) -> impl Iterator<Item = &'a Seen> {
        let seen = self.seen.iter().copied();
        seen.filter(move |seen| seen.call.role == role)
    }

    /// Returns the first response to the first page.
    fn page(&self) -> Option<&'a Seen> {
        self.in_role(Role::Page).next()
    }
}

/// Which origins a server allows anywhere.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// By some response.
    anywhere: BTreeSet<String>,
    /// By a response that is none to a preflight.
    actual: BTreeSet<String>,
    /// Those for which there is something in `Access-Control-Allow-Origin`.
    answered: BTreeSet<String>,
}

impl Evidence {
    fn of(seen: &[Seen]) -> Self {
        let mut evidence = Self {
            anywhere: BTreeSet::new(),
            actual: BTreeSet::new(),
            answered: BTreeSet::new(),
        };
        for seen in seen {
            let Some(page) = &seen.call.page else {
                continue;
            };
            let allowed = Fields(&seen.response).allow_origin();
            if allowed != AllowOrigin::Absent {
                evidence.answered.insert(page.clone());
            }
            if allowed.allows(page) {
                evidence.anywhere.insert(page.clone());
                if !seen.call.is_preflight() {
                    evidence.actual.insert(page.clone());
                }
            }
        }
        evidence
    }
}
