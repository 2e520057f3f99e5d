//! [`Changes`]: what differs between two files, by path.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cors_core::PolicyMap;

use super::access::{Access, Side};
use super::grants::{Grant, Granted, Grants, Mode};
use super::hosts;
use super::names::Names;
use super::pages::Pages;
use super::pairs::{Pair, Pairs};
use super::same::Same;
use super::settings::Settings;

/// The most origins, hosts, methods and headers that are tried, all pairs of policies together:
/// what takes a second.
const MAX_TRIED: usize = 200_000;

/// The most items of lists that are looked at, all pairs of policies together.
const MAX_ITEMS: usize = 1_000_000;

/// What differs between two files.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The words for paths, with what changes there.
    pub(super) by_paths: Vec<(Vec<String>, Change)>,
    /// The words for paths at which not all was tried.
    pub(super) left_out: Vec<String>,
    /// Whether the shadows differ.
    pub(super) in_shadow: bool,
}

/// What changes at some paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Change {
    pub(super) wider: Vec<Line>,
    pub(super) narrower: Vec<Line>,
    /// Settings that are no permission, or none that could be tried.
    pub(super) settings: Vec<String>,
}

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
    fn plain(verb: impl Into<String>) -> Self {
        Self {
            verb: verb.into(),
            names: Vec::new(),
            with: "",
        }
    }
}

/// What may still be tried.
struct Budget {
    tries: usize,
    items: usize,
}

impl Changes {
    pub(super) fn between(sides: [&PolicyMap; 2]) -> Self {
        let mut changes = Self::default();
        let [old, new] = sides.map(PolicyMap::config);
        if old == new {
            return changes;
        }
        let [old, new] = sides.map(|side| side.shadow().map(PolicyMap::config));
        changes.in_shadow = old != new;
        let mut budget = Budget {
            tries: MAX_TRIED,
            items: MAX_ITEMS,
        };
        let pairs = Pairs::of(sides);
        if pairs.are_cut {
            let words = "paths at which patterns overlap in yet other ways";
            changes.left_out.push(words.to_owned());
        }
        let mut known: HashMap<Change, usize> = HashMap::new();
        let same = Same::of(sides);
        for (policies, paths) in pairs.with_paths {
            if same.has(policies) {
                continue;
            }
            let compared = compare(policies, &mut budget);
            if !compared.is_all {
                changes.left_out.extend(paths.iter().cloned());
            }
            if compared.change == Change::default() {
                continue;
            }
            let index = *known.entry(compared.change.clone()).or_insert_with(|| {
                changes.by_paths.push((Vec::new(), compared.change));
                changes.by_paths.len() - 1
            });
            if let Some((known, _)) = changes.by_paths.get_mut(index) {
                known.extend(paths);
            }
        }
        changes
    }

    /// Returns whether something may be allowed that was not.
    pub(super) fn widens(&self) -> bool {
        let mut changes = self.by_paths.iter();
        !self.left_out.is_empty() || changes.any(|(_, change)| !change.wider.is_empty())
    }
}

/// What was found out about a pair of policies.
#[derive(Default)]
struct Compared {
    change: Change,
    is_all: bool,
}

fn compare(policies: Pair<'_>, budget: &mut Budget) -> Compared {
    let mut compared = Compared::default();
    if budget.items == 0 || budget.tries == 0 {
        return compared;
    }
    let sides = policies.map(Side::of);
    let items = sides.iter().map(Side::items).sum();
    budget.items = budget.items.saturating_sub(items);
    let [old, new] = sides.each_ref().map(|side| side.config.as_ref());
    if old == new {
        compared.is_all = true;
        return compared;
    }
    let settings = Settings::between(old, new);
    let names = Names::of(&sides);
    let pages = Pages::of(&sides, budget.tries);
    let hosts = hosts::of(&sides);
    let tried = pages.tried + names.len() + hosts.len();
    budget.tries = budget.tries.saturating_sub(tried);
    let grants = [old, new].map(|config| Grants::of(config, &names));
    let [Some(before), Some(after)] = grants else {
        return compared;
    };
    compared.is_all = !pages.are_cut;

    let mut wider: BTreeMap<Vec<Phrase>, BTreeSet<String>> = BTreeMap::new();
    let mut narrower = wider.clone();
    for (moved, who) in pages.moves {
        let [from, to] = moved.gain;
        add(
            &mut wider,
            more([(&before, from), (&after, to)]),
            who.clone(),
        );
        let [from, to] = moved.loss;
        add(&mut narrower, more([(&after, to), (&before, from)]), who);
    }
    for (host, words) in hosts {
        let reach = vec![Phrase::plain("reach the app")];
        match sides.each_ref().map(|side| side.lets_in(&host)) {
            [false, true] => add(&mut wider, reach, [words].into()),
            [true, false] => add(&mut narrower, reach, [words].into()),
            [false, false] | [true, true] => {}
        }
    }
    for (lines, mays) in [
        (&mut wider, settings.wider),
        (&mut narrower, settings.narrower),
    ] {
        for may in mays {
            let who = "pages that are allowed".to_owned();
            add(lines, vec![Phrase::plain(may)], [who].into());
        }
    }
    compared.change = Change {
        wider: lines(wider),
        narrower: lines(narrower),
        settings: settings.changed,
    };
    compared
}

fn add(
    lines: &mut BTreeMap<Vec<Phrase>, BTreeSet<String>>,
    may: Vec<Phrase>,
    who: BTreeSet<String>,
) {
    if !may.is_empty() {
        lines.entry(may).or_default().extend(who);
    }
}

fn lines(by_phrases: BTreeMap<Vec<Phrase>, BTreeSet<String>>) -> Vec<Line> {
    let lines = by_phrases.into_iter();
    let lines = lines.map(|(may, who)| Line {
        who: who.into_iter().collect(),
        may,
    });
    lines.collect()
}

/// Returns what pages that get so far may do on the second side and not on the first.
fn more([(less_grants, less), (more_grants, more)]: [(&Grants<'_>, Access); 2]) -> Vec<Phrase> {
    let [less_granted, more_granted] = [less_grants.at(less), more_grants.at(more)];
    let granted: Granted<'_> = more_granted.difference(&less_granted).copied().collect();
    let mut phrases = Vec::new();
    if less == Access::Rejected && more == Access::Sends {
        phrases.push(Phrase::plain("reach the app"));
    }
    // No name has a blank.
    let is_any = |words: &str| words.contains(' ');
    let mut by_verb: BTreeMap<(Mode, &str), Vec<String>> = BTreeMap::new();
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
        let names = by_verb.entry((*mode, verb)).or_default();
        names.extend(name.map(str::to_owned));
    }
    phrases.extend(by_verb.into_iter().map(|((mode, verb), names)| Phrase {
        verb: verb.to_owned(),
        names,
        with: match mode {
            Mode::WithCredentials => " with credentials",
            Mode::Without => " without credentials",
        },
    }));
    phrases
}
