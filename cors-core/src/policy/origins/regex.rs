//! Regular expressions over whole origins, compiled to automata when the policy is built.

use std::collections::HashSet;
use std::fmt;

use regex_automata::dfa::dense::{self, DFA};
use regex_automata::dfa::{Automaton as _, StartKind};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::policy::problem::ProblemKind;

/// The most bytes of one expression as it is written.
const MAX_PATTERN_BYTES: usize = 1 << 10;

/// The memory that one expression may take, in bytes. Patterns over host names take a few
/// kilobytes; nested repetitions could take gigabytes.
const MAX_AUTOMATON_BYTES: usize = 256 << 10;

/// The memory that one expression may take while it is compiled, in bytes, which is what bounds the
/// time. Patterns over host names take a tenth of it.
const MAX_SCRATCH_BYTES: usize = 64 << 10;

/// Hosts of unrelated sites. An expression that matches them all does not ask for a domain.
const UNRELATED: [&str; 4] = [
    "a.example",
    "q7.w2k9.test",
    "xn--bcher-kva.co.uk",
    "long-name-0.sub.sub.invalid",
];

/// A regular expression that matches an origin as a whole or not at all.
///
/// It is a deterministic automaton: one step per byte, no allocation and no backtracking, whatever
/// the request holds.
pub(crate) struct OriginRegex(DFA<Vec<u32>>);

impl OriginRegex {
    /// Compiles an expression. Returns also the bytes that the attempt counts for, of the bound
    /// that all expressions have together.
    pub(crate) fn new(pattern: &str) -> (Result<Self, ProblemKind>, usize) {
        if pattern.len() > MAX_PATTERN_BYTES {
            return (Err(ProblemKind::RegexTooLong), 0);
        }
        let nfa = match nfa(pattern) {
            Ok(nfa) => nfa,
            Err(error) if error.size_limit().is_some() => {
                return (Err(ProblemKind::RegexTooLarge), MAX_AUTOMATON_BYTES);
            }
            Err(error) => return (Err(ProblemKind::RegexInvalid(reason(&*error))), 0),
        };
        match dfa(&nfa) {
            Ok(dfa) => {
                let bytes = cost(&nfa, dfa.memory_usage());
                (Self(dfa).checked(), bytes)
            }
            Err(error) if error.is_size_limit_exceeded() => (
                Err(ProblemKind::RegexTooLarge),
                cost(&nfa, MAX_AUTOMATON_BYTES),
            ),
            Err(error) => (
                Err(ProblemKind::RegexInvalid(reason(&*error))),
                cost(&nfa, 0),
            ),
        }
    }

    /// Checks what the expression matches.
    fn checked(self) -> Result<Self, ProblemKind> {
        let matches_all = |scheme| {
            let mut origins = UNRELATED.iter().map(|host| format!("{scheme}://{host}"));
            origins.all(|origin| self.matches(origin.as_bytes()))
        };
        if ["https", "http"].into_iter().any(matches_all) {
            return Err(ProblemKind::RegexMatchesAnyOrigin);
        }
        if !self.matches_some_origin() {
            return Err(ProblemKind::RegexMatchesNoOrigin);
        }
        Ok(self)
    }

    /// Returns whether any text matches that has `://` in it and consists of bytes that origins
    /// have. It walks over all states of the automaton, each with how much of `://` was read on the
    /// way.
    fn matches_some_origin(&self) -> bool {
        const SEPARATOR: &[u8] = b"://";
        let automaton = &self.0;
        let input = Input::new(b"").anchored(Anchored::Yes);
        let Ok(start) = automaton.start_state_forward(&input) else {
            return false;
        };
        let mut seen = HashSet::from([(start, 0)]);
        let mut open = vec![(start, 0)];
        while let Some((state, read)) = open.pop() {
            let has_separator = read == SEPARATOR.len();
            if has_separator && automaton.is_match_state(automaton.next_eoi_state(state)) {
                return true;
            }
            let mut last = None;
            for byte in (b'!'..=b'~').filter(|byte| is_origin_byte(*byte)) {
                let next = automaton.next_state(state, byte);
                if automaton.is_dead_state(next) || automaton.is_quit_state(next) {
                    continue;
                }
                let read = match SEPARATOR.get(read) {
                    None => read,
                    Some(expected) if *expected == byte => read + 1,
                    Some(_) => usize::from(byte == b':'),
                };
                // Most bytes lead to where the one before led.
                let is_repeated = last.replace((next, read)) == Some((next, read));
                if !is_repeated && seen.insert((next, read)) {
                    open.push((next, read));
                }
            }
        }
        false
    }

    /// Returns whether the whole origin matches.
    pub(crate) fn matches(&self, origin: &[u8]) -> bool {
        let automaton = &self.0;
        let input = Input::new(origin).anchored(Anchored::Yes);
        let Ok(start) = automaton.start_state_forward(&input) else {
            return false;
        };
        let mut state = start;
        for &byte in origin {
            state = automaton.next_state(state, byte);
            if automaton.is_dead_state(state) || automaton.is_quit_state(state) {
                return false;
            }
        }
        // Matches are reported one step late: the step past the end tells of the last byte.
        automaton.is_match_state(automaton.next_eoi_state(state))
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

fn nfa(pattern: &str) -> Result<NFA, Box<thompson::BuildError>> {
    thompson::Compiler::new()
        // An origin is ASCII, so `\w` and `\d` mean the ASCII classes, and stay small.
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(MAX_AUTOMATON_BYTES)),
        )
        .build(pattern)
        .map_err(Box::new)
}

fn dfa(nfa: &NFA) -> Result<DFA<Vec<u32>>, Box<dense::BuildError>> {
    dense::Builder::new()
        .configure(
            dense::Config::new()
                // Every match is kept, not only the leftmost-first one, so the automaton is in a
                // match at the end of the text exactly when the whole text matches.
                .match_kind(MatchKind::All)
                .start_kind(StartKind::Anchored)
                .dfa_size_limit(Some(MAX_AUTOMATON_BYTES))
                .determinize_size_limit(Some(MAX_SCRATCH_BYTES)),
        )
        .build_from_nfa(nfa)
        .map_err(Box::new)
}

const fn is_origin_byte(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'_' | b':' | b'/' | b'[' | b']'
    )
}

impl fmt::Debug for OriginRegex {
    /// Leaves out the automaton's tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginRegex").finish_non_exhaustive()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, origin: &str) -> bool {
        OriginRegex::new(pattern)
            .0
            .expect(pattern)
            .matches(origin.as_bytes())
    }

    #[test]
    fn the_whole_origin_must_match() {
        let pattern = r"https://pr-\d+\.example\.com";
        assert!(matches(pattern, "https://pr-12.example.com"));
        assert!(!matches(pattern, "https://pr-12.example.com.evil.net"));
        assert!(!matches(pattern, "https://pr-12.example.com:8443"));
        assert!(!matches(pattern, "xhttps://pr-12.example.com"));
    }

    #[test]
    fn anchoring_holds_for_alternatives_flags_and_comments() {
        let shorter_first = r"https://a\.com|https://a\.com\.au";
        assert!(matches(shorter_first, "https://a.com"));
        assert!(matches(shorter_first, "https://a.com.au"));
        assert!(!matches(shorter_first, "https://a.com.aux"));
        assert!(!matches(
            r"(?m)^https://a\.com$",
            "https://a.com\nhttps://b.com"
        ));
        assert!(matches("(?x) https://a\\.com # a comment", "https://a.com"));
        assert!(matches(r"(?i)HTTPS://A\.COM", "https://a.com"));
        assert!(matches(r"https://\w+?\.a\.com", "https://xyz.a.com"));
        assert!(matches(r"https://\bfoo\b\.a\.com", "https://foo.a.com"));
    }

    #[test]
    fn what_does_not_compile_says_why_on_one_line() {
        for pattern in ["https://(", "[z-a]", r"\p{Greek}", "(?P<n>a)(?P<n>b)"] {
            let Err(ProblemKind::RegexInvalid(reason)) = OriginRegex::new(pattern).0 else {
                panic!("{pattern} was accepted or refused otherwise");
            };
            assert!(
                !reason.is_empty() && !reason.contains('\n'),
                "{pattern}: {reason}"
            );
        }
    }

    #[test]
    fn what_is_too_large_is_refused_and_counts_as_much_as_one_may_take() {
        let nested_classes = "(.*a.{20}){9}";
        for pattern in ["a{2000}{2000}", "((a{1000}){1000}){1000}", nested_classes] {
            let (result, bytes) = OriginRegex::new(pattern);
            let result = result.map(|_| ());
            assert_eq!(result, Err(ProblemKind::RegexTooLarge), "{pattern}");
            assert!(bytes >= MAX_AUTOMATON_BYTES, "{pattern}: {bytes}");
        }
        let longest = format!(
            "https://{}",
            "a".repeat(MAX_PATTERN_BYTES - "https://".len())
        );
        assert!(OriginRegex::new(&longest).0.is_ok());
        let result = OriginRegex::new(&(longest + "a")).0.map(|_| ());
        assert_eq!(result, Err(ProblemKind::RegexTooLong));
    }

    #[test]
    fn an_expression_for_no_origin_is_refused() {
        for pattern in [
            "",
            r"example\.com",
            r"//a\.com",
            r"HTTPS://A\.COM",
            r"https://a\.com\?x",
            "null",
        ] {
            let result = OriginRegex::new(pattern).0.map(|_| ());
            assert_eq!(result, Err(ProblemKind::RegexMatchesNoOrigin), "{pattern}");
        }
        for pattern in ["[a-z:]+//a", "(https:)?(//a)", "a::?//b", r".*a\.com"] {
            assert!(OriginRegex::new(pattern).0.is_ok(), "{pattern}");
        }
    }

    #[test]
    fn an_expression_for_every_site_is_refused() {
        for pattern in [
            ".*",
            "https://.*",
            "http://.*",
            r"https?://[\w.-]+",
            r".+\..+",
            r"https://[^/]*(:\d+)?",
        ] {
            let result = OriginRegex::new(pattern).0.map(|_| ());
            assert_eq!(result, Err(ProblemKind::RegexMatchesAnyOrigin), "{pattern}");
        }
        for pattern in [
            "chrome-extension://[a-p]{32}",
            r"http://localhost:\d+",
            r"https://.*\.a\.com",
        ] {
            assert!(OriginRegex::new(pattern).0.is_ok(), "{pattern}");
        }
    }
}
