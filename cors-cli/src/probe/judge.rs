//! The judgement of what came back, where no policy says what is right.
//!
//! Each judge is a function of the requests and the responses alone.

mod allowed;
mod caches;
mod failures;
mod strangers;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Role, Seen};
use super::fields::{AllowOrigin, Fields};
use super::kind::Kind;
use super::pages::Pages;
use crate::finding::Level;

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
    let places = places(seen);
    let mut found = differing(&places);
    if !found.is_empty() {
        // Whoever is allowed once is allowed as often as one tries.
        let any = places
            .iter()
            .map(|place| strangers::any_origin(place, pages));
        let any = any
            .flatten()
            .filter(|(kind, _)| kind.level() == Level::Problem);
        found.extend(any);
        return found;
    }
    let evidence = Evidence::of(seen);
    for (index, place) in places.iter().enumerate() {
        let cached = caches::cached(place);
        let allowed = allowed::judge(place, pages, &evidence, uses_tokens);
        let mut of_place: Vec<_> = allowed
            .into_iter()
            .filter(|(_, seen)| {
                let is_preflight = seen.call.is_preflight();
                // Where a page gets the headers nowhere, the first path says all there is to say.
                let is_told = index > 0 && !evidence.is_read_by(seen);
                // What a cache gives says nothing about the server.
                is_preflight || (cached.is_empty() && !is_told)
            })
            .collect();
        if cached.is_empty() {
            of_place.extend(caches::vary_lacking(place));
        }
        of_place.extend(cached);
        of_place.extend(strangers::judge(place, pages));
        of_place.extend(failures::judge(place));
        of_place.extend(values::judge(place, &pages.first));
        found.extend(once_each(of_place));
    }
    found
}

/// Returns what the probe of a policy does not find.
pub(crate) fn judge_beside_policy(seen: &[Seen]) -> Vec<Found<'_>> {
    let mut places = places(seen);
    // Those that a policy's probe alone looks at.
    places.retain(|place| place.page().is_some());
    let mut found = differing(&places);
    if !found.is_empty() {
        return found;
    }
    for place in places {
        let mut of_place = caches::cached(&place);
        of_place.extend(allowed::refused_without_headers(&place));
        of_place.extend(failures::judge(&place));
        found.extend(once_each(of_place));
    }
    found
}

/// Returns responses that differ from those before to the same request: where there are any,
/// little else can be judged.
fn differing<'a>(places: &[Place<'a>]) -> Vec<Found<'a>> {
    let found = places
        .iter()
        .map(|place| once_each(caches::differing(place)));
    found.flatten().collect()
}

fn once_each(mut found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    let mut known = BTreeSet::new();
    found.retain(|(kind, _)| known.insert(*kind));
    found
}

/// Returns what was seen of each path, in the order of the requests.
fn places(seen: &[Seen]) -> Vec<Place<'_>> {
    let mut numbers = BTreeMap::new();
    let mut places: Vec<Place<'_>> = Vec::new();
    for seen in seen {
        let number = *numbers.entry(&*seen.call.place).or_insert(places.len());
        match places.get_mut(number) {
            Some(place) => place.seen.push(seen),
            None => places.push(Place { seen: vec![seen] }),
        }
    }
    places
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
    /// Returns whether the page of a request reads any response.
    fn is_read_by(&self, seen: &Seen) -> bool {
        let page = seen.call.page.as_ref();
        page.is_some_and(|page| self.actual.contains(page))
    }

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
