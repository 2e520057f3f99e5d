//! [`Automaton`]: a regular expression, compiled to a deterministic automaton.

use std::fmt;

use regex_automata::dfa::dense::{self, DFA};
use regex_automata::dfa::{Automaton as _, StartKind};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::policy::problem::ProblemKind;

/// The memory that an automaton may take, and what bounds the time to make it.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The bytes of the automaton.
    pub(super) automaton_bytes: usize,
    /// The bytes that it takes while it is compiled.
    pub(super) scratch_bytes: usize,
}

/// An automaton that matches a text as a whole or not at all: one step per byte, no allocation and
/// no backtracking, whatever the text is.
pub(super) struct Automaton(DFA<Vec<u32>>);

impl Automaton {
    /// Compiles an expression. Returns also the bytes that the attempt counts for, of the bound
    /// that all expressions have together.
    pub(super) fn new(pattern: &str, limits: Limits) -> (Result<Self, ProblemKind>, usize) {
        let nfa = match nfa(pattern, limits, false) {
            Ok(nfa) => nfa,
            Err(error) if error.size_limit().is_some() => {
                return (Err(ProblemKind::RegexTooLarge), limits.automaton_bytes);
            }
            Err(error) => return (Err(ProblemKind::RegexInvalid(reason(&*error))), 0),
        };
        match dfa(&nfa, limits) {
            Ok(dfa) => {
                let bytes = cost(&nfa, dfa.memory_usage());
                (Ok(Self(dfa)), bytes)
            }
            Err(error) if error.is_size_limit_exceeded() => (
                Err(ProblemKind::RegexTooLarge),
                cost(&nfa, limits.automaton_bytes),
            ),
            Err(error) => (
                Err(ProblemKind::RegexInvalid(reason(&*error))),
                cost(&nfa, 0),
            ),
        }
    }

    /// Compiles an expression to an automaton that reads texts from their end, unless that is
    /// larger than it may be.
    #[cfg(feature = "public-suffix")]
    pub(super) fn backwards(pattern: &str, limits: Limits) -> Option<Self> {
        let nfa = nfa(pattern, limits, true).ok()?;
        dfa(&nfa, limits).ok().map(Self)
    }

    /// Returns the state before the first byte.
    pub(super) fn start(&self) -> Option<StateID> {
        let input = Input::new(b"").anchored(Anchored::Yes);
        self.0.start_state_forward(&input).ok()
    }

    /// Returns the state after one more byte; `None` where no text that goes on like this matches.
    pub(super) fn step(&self, state: StateID, byte: u8) -> Option<StateID> {
        let next = self.0.next_state(state, byte);
        (!self.0.is_dead_state(next) && !self.0.is_quit_state(next)).then_some(next)
    }

    /// Returns whether a text that ends in this state matches.
    pub(super) fn accepts(&self, state: StateID) -> bool {
        // Matches are reported one step late: the step past the end tells of the last byte.
        self.0.is_match_state(self.0.next_eoi_state(state))
    }

    /// Returns whether the whole text matches.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let end = self.start().and_then(|start| self.run(start, text));
        end.is_some_and(|end| self.accepts(end))
    }

    /// Returns the state after some more bytes; `None` where no text that goes on like this
    /// matches.
    pub(super) fn run(&self, state: StateID, text: &[u8]) -> Option<StateID> {
        let mut bytes = text.iter();
        bytes.try_fold(state, |state, byte| self.step(state, *byte))
    }
}

/// Returns the bytes that an expression counts for: its two automata, and what stands for the time
/// in which the second one, so large, is made of the first. Each entry of its table takes a walk
/// over states of the first one, at worst over all: that of 128 states counts as much as the entry.
fn cost(nfa: &NFA, dfa_bytes: usize) -> usize {
    const STATES_PER_ENTRY: usize = 128;
    let walks = dfa_bytes.saturating_mul(nfa.states().len()) / STATES_PER_ENTRY;
    nfa.memory_usage() + dfa_bytes + walks
}

fn nfa(pattern: &str, limits: Limits, backwards: bool) -> Result<NFA, Box<thompson::BuildError>> {
    thompson::Compiler::new()
        // An origin is ASCII, so `\w` and `\d` mean the ASCII classes, and stay small.
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            thompson::Config::new()
                .utf8(false)
                .reverse(backwards)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(limits.automaton_bytes)),
        )
        .build(pattern)
        .map_err(Box::new)
}

fn dfa(nfa: &NFA, limits: Limits) -> Result<DFA<Vec<u32>>, Box<dense::BuildError>> {
    dense::Builder::new()
        .configure(
            dense::Config::new()
                // Every match is kept, not only the leftmost-first one, so the automaton is in a
                // match at the end of the text exactly when the whole text matches.
                .match_kind(MatchKind::All)
                .start_kind(StartKind::Anchored)
                .dfa_size_limit(Some(limits.automaton_bytes))
                .determinize_size_limit(Some(limits.scratch_bytes)),
        )
        .build_from_nfa(nfa)
        .map_err(Box::new)
}

impl fmt::Debug for Automaton {
    /// Leaves out the tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Automaton").finish_non_exhaustive()
    }
}

/// Returns the innermost reason of an error, on one line, without the drawing around it.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    let last = text
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}
