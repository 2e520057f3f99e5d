//! [`Pages`]: how far the pages of every origin get under two policies.

use std::collections::{BTreeMap, BTreeSet};

use cors_core::PolicyConfig;

use super::access::{Access, Side};
use super::items::Items;

/// How far some pages get before and afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    /// At least so far before, and at most so far afterwards.
    pub(super) gain: [Access; 2],
    /// At most so far before, and at least so far afterwards.
    pub(super) loss: [Access; 2],
}

impl Move {
    const fn of(old: Access, new: Access) -> Self {
        let both = [old, new];
        Self {
            gain: both,
            loss: both,
        }
    }
}

/// The pages of every origin, by how far they get.
#[derive(Debug)]
pub(super) struct Pages {
    /// The words for the pages.
    pub(super) moves: BTreeMap<Move, BTreeSet<String>>,
    /// How many origins were tried.
    pub(super) tried: usize,
    /// Whether there are more than may be tried.
    pub(super) are_cut: bool,
    /// Whether no origin can be made of an item.
    pub(super) have_none: bool,
}

impl Pages {
    /// Tries both policies, with as many origins at most.
    pub(super) fn of(sides: &[Side<'_>; 2], most: usize) -> Self {
        let lists = sides.iter().flat_map(|side| {
            let lists = [
                side.list(|config| &config.allow_origins),
                side.list(|config| &config.allow_credentials_from),
            ];
            lists.into_iter().flatten()
        });
        let items = Items::of(lists, most);
        let mut pages = Self {
            moves: BTreeMap::new(),
            tried: items.len,
            are_cut: items.are_cut,
            have_none: items.have_none,
        };
        pages.add_items(sides, &items);
        pages.add_others(sides, &items.fresh);
        pages.add_regexes(sides, &format!("https://{}.example", items.fresh));
        pages
    }

    fn add(&mut self, moved: Move, who: String) {
        self.moves.entry(moved).or_default().insert(who);
    }

    fn add_items(&mut self, sides: &[Side<'_>; 2], items: &Items) {
        for (item, origins) in &items.origins {
            let mut moves: BTreeMap<Move, &str> = BTreeMap::new();
            for origin in origins {
                let [old, new] = sides.each_ref().map(|side| {
                    let (high, by_regex) = side.access(origin);
                    // A regular expression may be for this one, and for no other one of the item.
                    let low = if by_regex && item != origin {
                        side.access_of_others(origin)
                    } else {
                        high
                    };
                    (low, high)
                });
                let moved = Move {
                    gain: [old.0, new.1],
                    loss: [old.1, new.0],
                };
                moves.entry(moved).or_insert(origin);
            }
            let is_one = moves.len() == 1;
            for (moved, origin) in moves {
                let who = if is_one || item == origin {
                    item.clone()
                } else {
                    format!("{item} (such as {origin})")
                };
                self.add(moved, who);
            }
        }
    }

    /// Adds the pages that no item is for.
    fn add_others(&mut self, sides: &[Side<'_>; 2], fresh: &str) {
        // Whoever is listed may get less than all others, or not lose what they do.
        let others = if is_any_page(sides) {
            "any page"
        } else {
            "any page that is not listed"
        };
        for (origin, who) in [
            (format!("https://{fresh}.example"), others),
            (format!("https://{fresh}.example:8444"), others),
            (format!("http://{fresh}.example"), others),
            (format!("{fresh}://{fresh}"), others),
            ("null".to_owned(), "pages of the origin null"),
            ("file://".to_owned(), "pages of the origin file://"),
        ] {
            let [old, new] = sides.each_ref().map(|side| {
                if who == others {
                    side.access_of_others(&origin)
                } else {
                    side.access(&origin).0
                }
            });
            self.add(Move::of(old, new), who.to_owned());
        }
    }

    /// Adds the pages of regular expressions, which name no origin that could be tried.
    fn add_regexes(&mut self, sides: &[Side<'_>; 2], other: &str) {
        let regexes = |side: &Side<'_>| -> BTreeSet<String> {
            let regexes = side.list(|config| &config.allow_origin_regexes);
            regexes.iter().cloned().collect()
        };
        let lists = sides.each_ref().map(regexes);
        for regex in lists.iter().flatten().collect::<BTreeSet<_>>() {
            let floors = sides.each_ref().map(|side| side.access_of_others(other));
            let mut accesses = floors;
            for ((access, side), list) in accesses.iter_mut().zip(sides).zip(&lists) {
                if list.contains(regex) {
                    *access = (*access).max(access_by_regex(side));
                }
            }
            let [old, new] = accesses;
            self.add(
                Move::of(old, new),
                format!("pages whose origin matches {regex}"),
            );
            let [before, after] = sides.each_ref().map(strictness);
            let is_plain = may_match_plain_http(regex);
            if is_plain && lists.iter().all(|list| list.contains(regex)) && before != after {
                let [floor_before, floor_after] = floors;
                let moved = if after < before {
                    Move::of(floor_before, new)
                } else {
                    Move::of(old, floor_after)
                };
                self.add(
                    moved,
                    format!("plain-http pages whose origin matches {regex}"),
                );
            }
        }
    }
}

/// Returns whether the policies list `*` and no page.
fn is_any_page(sides: &[Side<'_>; 2]) -> bool {
    let mut lists = sides.iter().flat_map(|side| {
        let lists = [
            side.list(|config| &config.allow_origins),
            side.list(|config| &config.allow_credentials_from),
        ];
        let regexes = side.list(|config| &config.allow_origin_regexes);
        let regexes = regexes.iter().map(|_| false);
        lists
            .into_iter()
            .flatten()
            .map(|item| item == "*")
            .chain(regexes)
    });
    lists
        .next()
        .is_some_and(|is_any| is_any && lists.all(|is_any| is_any))
}

fn access_by_regex(side: &Side<'_>) -> Access {
    match &side.config {
        Some(config) if config.allow_credentials => Access::ReadsWithCredentials,
        Some(_) | None => Access::Reads,
    }
}

/// Returns how many plain-http pages regular expressions don't count for.
fn strictness(side: &Side<'_>) -> u8 {
    let of = |config: &PolicyConfig| {
        let is_lax = config.dangerously_allow_insecure_origins_with_credentials;
        if !config.allow_credentials || is_lax {
            0
        } else if config.dangerously_allow_private_networks_with_credentials {
            1
        } else {
            2
        }
    };
    side.config.as_ref().map_or(0, of)
}

fn may_match_plain_http(regex: &str) -> bool {
    let regex = regex.strip_prefix('^').unwrap_or(regex);
    !regex.starts_with("https://") || regex.contains('|')
}
