//! [`Predicates`]: those of a policy, and their checks.

use std::collections::HashSet;

use super::async_predicate::AsyncPredicate;
use super::names::check_header_name;
use super::predicate::Predicate;
use super::problem::{ProblemKind, Problems};
use super::setting::{Setting, SettingLocation};
use super::vary::MAX_VARY_TOKENS;

/// The room that the four names of the protocol leave for declared headers.
const MAX_DECLARED_HEADERS: usize = MAX_VARY_TOKENS - 4;

/// The predicates of a policy.
#[derive(Debug, Default)]
pub(crate) struct Predicates {
    pub(crate) sync: Vec<Predicate>,
    /// A policy can have one at most.
    pub(crate) asynchronous: Vec<AsyncPredicate>,
}

/// Checks the predicates, and returns the headers that they read together, in lower case and
/// without repeats.
pub(super) fn check_predicates(
    predicates: &mut Predicates,
    problems: &mut Problems,
) -> Vec<String> {
    if predicates.asynchronous.len() > 1 {
        let location = Setting::AllowOriginIfAsync.into();
        let count = predicates.asynchronous.len().to_string();
        problems.add(location, &count, ProblemKind::SeveralAsyncPredicates);
    }
    if predicates
        .asynchronous
        .iter()
        .any(|predicate| !predicate.has_timeout())
    {
        let location = Setting::AllowOriginIfAsync.into();
        problems.add(
            location,
            "no timeout",
            ProblemKind::AsyncPredicateHasNoTimeout,
        );
    }
    let mut declared = Vec::new();
    for (index, predicate) in predicates.sync.iter_mut().enumerate() {
        let location = SettingLocation::at(Setting::AllowOriginIf, index);
        let names = check_reads(location, predicate.declared(), problems);
        declared.extend(names.iter().cloned());
        predicate.set_declared(names);
    }
    for predicate in &mut predicates.asynchronous {
        let location = Setting::AllowOriginIfAsync.into();
        let names = check_reads(location, predicate.declared(), problems);
        declared.extend(names.iter().cloned());
        predicate.set_declared(names);
    }
    let mut declared = distinct(declared);
    // `Origin` is in every Vary already.
    declared.retain(|name| name != "origin");
    if declared.len() > MAX_DECLARED_HEADERS {
        let location = Setting::AllowOriginIf.into();
        problems.add(
            location,
            &declared.join(", "),
            ProblemKind::TooManyDeclaredHeaders,
        );
        declared.truncate(MAX_DECLARED_HEADERS);
    }
    declared
}

/// Checks the names that a predicate reads, and returns them in lower case and without repeats.
fn check_reads(
    location: SettingLocation,
    reads: &[String],
    problems: &mut Problems,
) -> Vec<String> {
    let mut names = Vec::new();
    for name in reads {
        match check_header_name(name) {
            Ok(name) => names.push(name),
            Err(reason) => problems.add(location, name, reason(Vec::new())),
        }
    }
    distinct(names)
}

/// Removes repeats, and keeps the order.
fn distinct(mut names: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}
