//! The comparison of two policies, within a [`Budget`].

use std::collections::{BTreeMap, BTreeSet};

use cors_core::{Policy, PolicyConfig, PolicyErrors};

use super::access::Side;
use super::grants::Grants;
use super::hosts;
use super::names::Names;
use super::pages::Pages;
use super::pairs::Pair;
use super::phrases::{Line, Phrase, more};
use super::readings::Merged;
use super::settings::Settings;

/// The most origins, hosts, methods and headers that are tried, all pairs of policies together:
/// what takes a second.
const MAX_TRIED: usize = 200_000;

/// The most items of lists that are looked at, all pairs of policies together.
const MAX_ITEMS: usize = 1_000_000;

/// What changes at some paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Change {
    pub(super) wider: Vec<Line>,
    pub(super) narrower: Vec<Line>,
    /// Settings that are no permission, or none that could be tried.
    pub(super) settings: Vec<String>,
}

/// What may still be tried.
#[derive(Debug)]
pub(super) struct Budget {
    tries: usize,
    items: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            tries: MAX_TRIED,
            items: MAX_ITEMS,
        }
    }
}

impl Budget {
    const fn is_spent(&self) -> bool {
        self.items == 0 || self.tries == 0
    }
}

/// What was found out about a pair of policies.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) change: Change,
    /// Why it may not be all.
    pub(super) left_out: Option<LeftOut>,
}

/// Why something was not tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeftOut {
    TooMuch,
    NoOrigin,
}

impl Compared {
    fn left_out(why: LeftOut) -> Self {
        Self {
            change: Change::default(),
            left_out: Some(why),
        }
    }
}

/// Compares a policy with one that refuses every page. Whether that rejects does not matter: what
/// one of its readings rejects is rejected, and each of them is compared by itself.
pub(super) fn compare_with_nobody(merged: &Merged<'_>, budget: &mut Budget) -> Compared {
    if budget.is_spent() {
        return Compared::left_out(LeftOut::TooMuch);
    }
    // The policy itself, since its regular expressions are compiled already.
    let granting = Side::lenient(merged.policy);
    let Some(Ok(refusing)) = granting.config.clone().map(refusing) else {
        return Compared::left_out(LeftOut::NoOrigin);
    };
    let refusing = Side::of(Some(&refusing));
    let sides = match merged.side {
        0 => [granting, refusing],
        _ => [refusing, granting],
    };
    let mut compared = compare_sides(&sides, budget);
    // What the refusing one has else is nobody's.
    compared.change.settings.clear();
    match merged.side {
        0 => compared.change.wider.clear(),
        _ => compared.change.narrower.clear(),
    }
    compared
}

/// Makes the same policy for nobody: its hosts alone are left, and what depends on the app.
fn refusing(mut config: PolicyConfig) -> Result<Policy, PolicyErrors> {
    for list in [
        &mut config.allow_origins,
        &mut config.allow_origin_regexes,
        &mut config.allow_credentials_from,
        &mut config.allow_methods,
        &mut config.allow_headers,
        &mut config.expose_headers,
    ] {
        list.clear();
    }
    config.allow_null_origin = false;
    config.allow_private_network = false;
    config.keep_app_headers = false;
    config.preflight_passthrough = false;
    config.reject_disallowed_origins = false;
    config.build()
}

pub(super) fn compare(policies: Pair<'_>, budget: &mut Budget) -> Compared {
    if budget.is_spent() {
        return Compared::left_out(LeftOut::TooMuch);
    }
    compare_sides(&policies.map(Side::of), budget)
}

fn compare_sides(sides: &[Side<'_>; 2], budget: &mut Budget) -> Compared {
    let mut compared = Compared::default();
    let items = sides.iter().map(Side::items).sum();
    budget.items = budget.items.saturating_sub(items);
    let [old, new] = sides.each_ref().map(|side| side.config.as_ref());
    if old == new {
        return compared;
    }
    let settings = Settings::between(old, new);
    let names = Names::of(sides);
    let pages = Pages::of(sides, budget.tries);
    let hosts = hosts::of(sides);
    let tried = pages.tried + names.len() + hosts.len();
    budget.tries = budget.tries.saturating_sub(tried);
    let grants = [old, new].map(|config| Grants::of(config, &names));
    let [Some(before), Some(after)] = grants else {
        return Compared::left_out(LeftOut::NoOrigin);
    };
    if pages.are_cut {
        compared.left_out = Some(LeftOut::TooMuch);
    } else if pages.have_none {
        compared.left_out = Some(LeftOut::NoOrigin);
    }

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
