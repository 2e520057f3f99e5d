//! Which origins a regular expression can match: [`Reach`], found by walks over its automaton.

use std::collections::HashSet;
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use regex_automata::util::primitives::StateID;

use super::automaton::{Automaton, Limits};

/// Which origins a regular expression can match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// It matches some origin.
    pub(super) any: bool,
    /// It matches some origin that credentials are given to: not a plain-http one beyond loopback.
    pub(super) secure: bool,
    /// An origin that it matches, and that anybody could have.
    pub(super) foreign: Option<String>,
    /// The pairs of states that were looked at, which is what finding this out has cost.
    pub(super) nodes: usize,
}

impl Reach {
    pub(super) fn of(regex: &Automaton) -> Self {
        let mut reach = Self::default();
        let Some(languages) = LANGUAGES.as_ref() else {
            return reach;
        };
        let mut has = |language: &Language| {
            let walk = Walk::new(language, regex);
            let (found, nodes) = (walk.example(), walk.nodes.len());
            reach.nodes += nodes;
            found
        };
        // What is too large to be looked at is given the benefit of the doubt.
        let any = has(&languages.any) != Example::None;
        let secure = any
            && (has(&languages.secure) != Example::None
                || has(&languages.loopback) != Example::None);
        let foreign = match has(&languages.foreign) {
            Example::Found(example) => match has(&languages.shown) {
                Example::Found(example) => Some(example),
                _ => Some(example),
            },
            Example::None | Example::TooLarge => None,
        };
        Self {
            any,
            secure,
            foreign,
            ..reach
        }
    }
}

/// Returns the states in which an expression has read a label that it does not name, and perhaps
/// names below it.
#[cfg(feature = "public-suffix")]
pub(super) fn after_strangers(regex: &Automaton) -> Vec<StateID> {
    let Some(languages) = LANGUAGES.as_ref() else {
        return Vec::new();
    };
    let labels = &languages.stranger;
    let walk = Walk::to_the_end(labels, regex);
    let nodes = walk.nodes.iter().map(|(states, ..)| states);
    let after = nodes.filter(|(_, label, _)| labels.all.accepts(*label));
    let mut states: Vec<_> = after.map(|(regex, ..)| *regex).collect();
    states.sort_unstable();
    states.dedup();
    states
}

/// The languages that expressions are held against. They are constants, so there is always one; a
/// test holds that.
static LANGUAGES: LazyLock<Option<Languages>> = LazyLock::new(Languages::new);

/// A port. The default one is left out by [`IMPOSSIBLE`].
const PORT: &str = "(?::[1-9][0-9]{0,4})?";

/// What looks like an origin, and is not what a browser sends or a policy shows to an expression.
const IMPOSSIBLE: &str = r"https://.*:443|http://.*:80|https?://(?:.*\.)?\..*|(?:file|wss?)://.*";

/// A label that nobody has named, as a whole or as a part of a longer one: a text and a number,
/// whichever the expression lets through.
const STRANGER: &str = "[a-z0-9-]*(?:notyours|90417)[a-z0-9-]*";

/// Names at any depth below what follows.
const BELOW: &str = r"https?://(?:[a-z0-9_-]+\.)*";

/// Suffixes of two labels below which sites have their names, the commonest ones. Those of one
/// label are not listed: any text is one.
const SECOND_LEVEL: &str = r"(?:ac|co|com|edu|gen|gob|gov|net|or|org)\.[a-z]{2}";

/// Top-level labels below which nobody gets a name from a registry.
const LOCAL: &str = "localhost|test|local|internal|example|invalid";

struct Languages {
    any: Language,
    secure: Language,
    loopback: Language,
    foreign: Language,
    shown: Language,
    #[cfg(feature = "public-suffix")]
    stranger: Language,
}

impl Languages {
    fn new() -> Option<Self> {
        let origins = format!(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._~-]+|\[[0-9a-f:]+\]){PORT}");
        let loopback = format!(
            r"http://(?:(?:[a-z0-9_-]+\.)*localhost|127(?:\.[0-9]{{1,3}}){{3}}|\[::1\]){PORT}"
        );
        // A name of somebody else, or the domain's own label under a top-level domain of theirs.
        let foreign = format!(
            r"{BELOW}(?:{STRANGER}\.(?:[a-z][a-z0-9-]+|{SECOND_LEVEL})|[a-z0-9-]+\.notyours){PORT}"
        );
        // Of all these, one that is best to show.
        let shown = format!(
            r"{BELOW}[a-z0-9-]*notyours[a-z0-9-]*\.(?:com|dev|net|org|{SECOND_LEVEL}){PORT}"
        );
        let local = format!(r"{IMPOSSIBLE}|.*\.(?:{LOCAL}){PORT}");
        Some(Self {
            any: Language::new(&origins, IMPOSSIBLE)?,
            secure: Language::new(&origins, &format!("{IMPOSSIBLE}|http://.*"))?,
            loopback: Language::new(&loopback, IMPOSSIBLE)?,
            foreign: Language::new(&foreign, &local)?,
            shown: Language::new(&shown, IMPOSSIBLE)?,
            #[cfg(feature = "public-suffix")]
            stranger: Language::new(&format!("{BELOW}{STRANGER}"), IMPOSSIBLE)?,
        })
    }
}

/// The texts that one expression matches and another one does not.
struct Language {
    all: Automaton,
    except: Automaton,
}

impl Language {
    fn new(all: &str, except: &str) -> Option<Self> {
        const LIMITS: Limits = Limits {
            automaton_bytes: 1 << 20,
            scratch_bytes: 1 << 20,
        };
        Some(Self {
            all: Automaton::new(all, LIMITS).0.ok()?,
            except: Automaton::new(except, LIMITS).0.ok()?,
        })
    }
}

/// A text of a language that an expression matches.
#[derive(Debug, PartialEq, Eq)]
enum Example {
    Found(String),
    None,
    TooLarge,
}

/// The states of an expression and of a language after a text: those of the expression, of what the
/// language has, and of what it has not, unless nothing that goes on like this is left out.
type States = (StateID, StateID, Option<StateID>);

/// A walk over an expression and a language at once, from state to state, the shortest texts first.
struct Walk<'a> {
    language: &'a Language,
    regex: &'a Automaton,
    /// What is reached, from which node, by which byte.
    nodes: Vec<(States, usize, u8)>,
    is_whole: bool,
    /// The first node that both match.
    end: Option<usize>,
}

impl<'a> Walk<'a> {
    /// The most pairs of states of one walk. Expressions over host names have some hundred.
    const MAX_NODES: usize = 1 << 14;

    /// Walks until a text is found, or everything is seen.
    fn new(language: &'a Language, regex: &'a Automaton) -> Self {
        let mut walk = Self::beside(language, regex);
        walk.run(true);
        walk
    }

    /// Walks until everything is seen.
    #[cfg(feature = "public-suffix")]
    fn to_the_end(language: &'a Language, regex: &'a Automaton) -> Self {
        let mut walk = Self::beside(language, regex);
        walk.run(false);
        walk
    }

    fn beside(language: &'a Language, regex: &'a Automaton) -> Self {
        Self {
            language,
            regex,
            nodes: Vec::new(),
            is_whole: false,
            end: None,
        }
    }

    fn run(&mut self, stops_at_first: bool) {
        let Language { all, except } = self.language;
        let (Some(start), Some(all_start)) = (self.regex.start(), all.start()) else {
            return;
        };
        let start = (start, all_start, except.start());
        let mut seen: HashSet<States, RandomState> = HashSet::default();
        seen.insert(start);
        self.nodes.push((start, 0, 0));
        let mut current = 0;
        while let Some(&(states, ..)) = self.nodes.get(current) {
            if stops_at_first && self.accepts(states) {
                self.end = Some(current);
                return;
            }
            let mut last = None;
            for byte in (b'+'..=b'~').filter(|byte| is_origin_byte(*byte)) {
                let Some(next) = self.step(states, byte) else {
                    continue;
                };
                // Most bytes lead to where the one before led.
                let is_repeated = last.replace(next) == Some(next);
                if !is_repeated && seen.insert(next) {
                    if self.nodes.len() == Self::MAX_NODES {
                        return;
                    }
                    self.nodes.push((next, current, byte));
                }
            }
            current += 1;
        }
        self.is_whole = true;
    }

    fn step(&self, (regex, all, except): States, byte: u8) -> Option<States> {
        let all = self.language.all.step(all, byte)?;
        let regex = self.regex.step(regex, byte)?;
        let except = except.and_then(|except| self.language.except.step(except, byte));
        Some((regex, all, except))
    }

    fn accepts(&self, (regex, all, except): States) -> bool {
        let Language {
            all: has,
            except: lacks,
        } = self.language;
        self.regex.accepts(regex)
            && has.accepts(all)
            && !except.is_some_and(|except| lacks.accepts(except))
    }

    fn example(&self) -> Example {
        match self.end {
            Some(end) => Example::Found(self.text(end)),
            None if self.is_whole => Example::None,
            None => Example::TooLarge,
        }
    }

    /// Returns the text that leads to a node.
    fn text(&self, mut node: usize) -> String {
        let mut bytes = Vec::new();
        while node > 0 {
            let Some(&(_, from, byte)) = self.nodes.get(node) else {
                break;
            };
            bytes.push(char::from(byte));
            node = from;
        }
        bytes.into_iter().rev().collect()
    }
}

const fn is_origin_byte(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'[' | b']'
    )
}
