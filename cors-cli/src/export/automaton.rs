//! [`Automaton`]: a regular expression, to be looked through.

use regex_automata::dfa::dense::{self, DFA};
use regex_automata::dfa::{Automaton as _, StartKind};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

/// The most bytes of an automaton. A policy's own bound is smaller.
const MAX_BYTES: usize = 1 << 20;

/// An expression that matches a text as a whole, or not at all.
pub(super) struct Automaton(DFA<Vec<u32>>);

impl Automaton {
    /// Compiles an expression; `None` where that takes more than it may.
    pub(super) fn of(written: &str) -> Option<Self> {
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(MAX_BYTES))
            .determinize_size_limit(Some(MAX_BYTES));
        let mut builder = dense::Builder::new();
        let builder = builder
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false));
        builder.build(written).ok().map(Self)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let end = self.after(text);
        end.is_some_and(|end| self.0.is_match_state(self.0.next_eoi_state(end)))
    }

    /// Returns whether a text that goes on after these bytes can match.
    pub(super) fn can_begin_with(&self, text: &str) -> bool {
        self.after(text)
            .is_some_and(|state| !self.0.is_dead_state(state))
    }

    fn after(&self, text: &str) -> Option<StateID> {
        let input = Input::new(b"").anchored(Anchored::Yes);
        let start = self.0.start_state_forward(&input).ok()?;
        let step = |state, byte| self.0.next_state(state, byte);
        Some(text.bytes().fold(start, step))
    }
}

/// Returns what tells whether a text matches as a whole.
#[cfg(test)]
pub(super) fn matcher(expression: &str) -> impl Fn(&str) -> bool + use<> {
    let automaton = Automaton::of(expression).expect("the expression is right");
    move |text| automaton.matches(text)
}
