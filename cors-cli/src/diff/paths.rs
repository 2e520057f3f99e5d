//! [`Paths`]: the paths at which two files are compared.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cors_core::{Policy, PolicyMap};
use percent_encoding::percent_decode_str;

use super::names::fresh;
use super::pairs::Pair;

/// The most paths that are tried.
const MAX_PATHS: usize = 100_000;

/// The most steps from a pattern to its next segment, and along the paths that are made. Patterns
/// whose names stand beside texts can have more ways through them than anybody could go.
const MAX_STEPS: usize = 1_000_000;

/// The paths at which two files are compared: one for each way in which their patterns overlap.
///
/// A path is made of the texts of the patterns, and of a text that is in none. Two patterns that
/// win for some path win for the one that has no text but theirs: what is more specific, and goes
/// before one of them there, goes before it everywhere.
///
/// The policies come from the patterns, without a look-up: among thousands of patterns that cross
/// one takes milliseconds.
#[derive(Debug)]
pub(super) struct Paths<'p> {
    pub(super) samples: Vec<Sample<'p>>,
    /// Whether there are more than may be tried.
    pub(super) are_cut: bool,
}

/// A path that is tried.
#[derive(Debug)]
pub(super) struct Sample<'p> {
    pub(super) path: String,
    /// The pattern that wins in each of the files.
    pub(super) patterns: [Option<&'p str>; 2],
    pub(super) policies: Pair<'p>,
}

/// A pattern of one of the files.
#[derive(Debug)]
struct Pattern<'p> {
    side: usize,
    written: &'p str,
    policy: Option<&'p Policy>,
    segments: Vec<Segment<'p>>,
    /// The segments as they are written.
    texts: Vec<&'p str>,
}

/// A segment of a pattern: the more specific ones first, so that patterns which match a path are in
/// the order in which they win.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'p> {
    /// A text without escapes.
    Text(Cow<'p, [u8]>),
    Name,
    Rest,
}

/// A pattern, and how many of its segments a path has matched.
type Tail<'t, 'p> = (&'t Pattern<'p>, usize);

impl<'p> Paths<'p> {
    pub(super) fn of(sides: [&'p PolicyMap; 2]) -> Self {
        let patterns = sides.into_iter().enumerate().flat_map(|(side, policies)| {
            let patterns = policies.paths();
            patterns.map(move |(written, policy)| Pattern::read(side, written, policy))
        });
        let patterns: Vec<_> = patterns.collect();
        let segments = patterns.iter().flat_map(|pattern| &pattern.segments);
        let texts = segments.filter_map(|segment| match segment {
            Segment::Text(text) => Some(String::from_utf8_lossy(text)),
            Segment::Name | Segment::Rest => None,
        });
        let texts: Vec<_> = texts.collect();
        let mut walk = Walk {
            fresh: fresh("any", texts.iter().map(AsRef::as_ref)),
            steps: 0,
            defaults: sides.map(PolicyMap::default_policy),
            paths: Self {
                samples: Vec::new(),
                are_cut: false,
            },
        };
        let tails: Vec<Tail<'_, 'p>> = patterns.iter().map(|pattern| (pattern, 0)).collect();
        walk.below("", &tails, [None; 2]);
        walk.paths
    }
}

impl<'p> Pattern<'p> {
    fn read(side: usize, written: &'p str, policy: Option<&'p Policy>) -> Self {
        let texts = written.split('/').filter(|segment| !segment.is_empty());
        let texts: Vec<_> = texts.collect();
        let segments = texts.iter().map(|segment| match segment.as_bytes() {
            [b'{', b'*', ..] => Segment::Rest,
            [b'{', ..] => Segment::Name,
            _ => Segment::Text(percent_decode_str(segment).into()),
        });
        Self {
            side,
            written,
            policy,
            segments: segments.collect(),
            texts,
        }
    }
}

/// The winner of each side among patterns that match a path.
type Winners<'t, 'p> = [Option<&'t Pattern<'p>>; 2];

fn enter<'t, 'p>(winners: &mut Winners<'t, 'p>, pattern: &'t Pattern<'p>) {
    if let Some(winner) = winners.get_mut(pattern.side)
        && winner.is_none_or(|winner| pattern.segments < winner.segments)
    {
        *winner = Some(pattern);
    }
}

struct Walk<'p> {
    /// A segment that is in no pattern.
    fresh: String,
    steps: usize,
    /// The policies of paths that no pattern matches.
    defaults: Pair<'p>,
    paths: Paths<'p>,
}

impl<'p> Walk<'p> {
    /// Adds the path, if patterns match it, and the paths below. The rests are patterns that match
    /// everything below.
    fn below<'t>(&mut self, path: &str, tails: &[Tail<'t, 'p>], mut rests: Winners<'t, 'p>) {
        // A path is copied in blocks.
        self.steps += tails.len() + path.len() / 32;
        let mut ends = Winners::default();
        let mut by_text: BTreeMap<&[u8], (&str, Vec<Tail<'t, 'p>>)> = BTreeMap::new();
        let mut names = Vec::new();
        for (pattern, depth) in tails {
            let below = (*pattern, depth + 1);
            match pattern.segments.get(*depth) {
                Some(Segment::Text(decoded)) => {
                    let text = pattern.texts.get(*depth).copied().unwrap_or_default();
                    let entry = by_text.entry(decoded).or_insert((text, Vec::new()));
                    // The same whichever file comes first.
                    entry.0 = entry.0.min(text);
                    entry.1.push(below);
                }
                Some(Segment::Name) => names.push(below),
                Some(Segment::Rest) => enter(&mut rests, pattern),
                None => enter(&mut ends, pattern),
            }
        }
        for pattern in rests.into_iter().flatten() {
            enter(&mut ends, pattern);
        }
        self.add(if path.is_empty() { "/" } else { path }, ends);
        for (text, mut below) in by_text.into_values() {
            if self.is_spent() {
                return;
            }
            below.extend(&names);
            self.below(&format!("{path}/{text}"), &below, rests);
        }
        let fresh = format!("{path}/{}", self.fresh);
        if names.is_empty() {
            // What is further below has the same.
            self.add(&fresh, rests);
        } else if !self.is_spent() {
            self.below(&fresh, &names, rests);
        }
    }

    /// Adds a path that patterns match, if any do.
    fn add(&mut self, path: &str, winners: Winners<'_, 'p>) {
        if winners.iter().all(Option::is_none) {
            return;
        }
        if self.paths.samples.len() < MAX_PATHS {
            let mut patterns = winners.map(|winner| winner.map(|pattern| pattern.written));
            if let [Some(old), Some(new)] = winners
                && old.segments == new.segments
            {
                // They differ in names alone.
                patterns = [Some(old.written.min(new.written)); 2];
            }
            let [old, new] = winners;
            let [old_default, new_default] = self.defaults;
            self.paths.samples.push(Sample {
                path: path.to_owned(),
                patterns,
                policies: [
                    old.map_or(old_default, |pattern| pattern.policy),
                    new.map_or(new_default, |pattern| pattern.policy),
                ],
            });
        } else {
            self.paths.are_cut = true;
        }
    }

    fn is_spent(&mut self) -> bool {
        self.paths.are_cut |= self.steps > MAX_STEPS;
        self.paths.are_cut
    }
}
