//! Regular expressions held against the list of public suffixes.

use regex_automata::util::primitives::StateID;

use super::automaton::{Automaton, Limits};
use super::regex_reach::after_strangers;

/// The most states that are looked at for the suffixes that an expression names.
const MAX_STEPS: usize = 1024;

/// The most public suffixes that are tried.
const MAX_SUFFIXES: usize = 16;

/// Returns whether an expression matches names that anybody can register, right below a public
/// suffix that it names, as `https://[a-z]+\.github\.io` does.
pub(super) fn is_below_public_suffix(pattern: &str, regex: &Automaton, limits: Limits) -> bool {
    let Some(backwards) = Automaton::backwards(pattern, limits) else {
        return false;
    };
    let mut suffixes = named_suffixes(&backwards);
    suffixes.retain(|name| is_public_suffix(name));
    suffixes.truncate(MAX_SUFFIXES);
    if suffixes.is_empty() {
        return false;
    }
    let after_strangers = after_strangers(regex);
    suffixes.iter().any(|suffix| {
        let rest = format!(".{suffix}");
        let states = after_strangers.iter();
        let ends = states.filter_map(|state| regex.run(*state, rest.as_bytes()));
        ends.into_iter().any(|end| {
            let colon = regex.step(end, b':');
            let with_port = colon
                .into_iter()
                .flat_map(|colon| after_digits(regex, colon));
            regex.accepts(end) || with_port.into_iter().any(|end| regex.accepts(end))
        })
    })
}

/// Returns the ends of hosts that an expression writes out letter by letter, at label boundaries.
fn named_suffixes(backwards: &Automaton) -> Vec<String> {
    /// More than these are a class of characters, which names nothing.
    const MAX_LETTERS: usize = 8;
    const MAX_BYTES: usize = 64;
    let mut suffixes = Vec::new();
    let ends = ends_of_host(backwards).into_iter();
    let mut open: Vec<_> = ends.map(|state| (state, String::new())).collect();
    for _ in 0..MAX_STEPS {
        let Some((state, end)) = open.pop() else {
            break;
        };
        let next = |byte: u8| Some((backwards.step(state, byte)?, byte));
        // No top-level domain ends in a digit or a hyphen.
        let is_letter = |byte: &u8| {
            byte.is_ascii_lowercase()
                || (!end.is_empty() && (byte.is_ascii_digit() || *byte == b'-'))
        };
        let letters: Vec<_> = (b'-'..=b'z').filter(is_letter).filter_map(next).collect();
        if !end.is_empty()
            && let Some((state, dot)) = next(b'.')
        {
            suffixes.push(end.clone());
            open.push((state, format!("{}{end}", char::from(dot))));
        }
        if letters.len() <= MAX_LETTERS && end.len() < MAX_BYTES {
            let longer = letters.into_iter();
            open.extend(longer.map(|(state, byte)| (state, format!("{}{end}", char::from(byte)))));
        }
    }
    suffixes
}

/// Returns the states in which the end of a host is read next: at once, or after a port.
fn ends_of_host(backwards: &Automaton) -> Vec<StateID> {
    let mut ends = Vec::from_iter(backwards.start());
    let digits = ends
        .iter()
        .flat_map(|start| after_digits(backwards, *start));
    let colons: Vec<_> = digits
        .filter_map(|state| backwards.step(state, b':'))
        .collect();
    ends.extend(colons);
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// Returns the states after the digits of a port.
fn after_digits(automaton: &Automaton, state: StateID) -> Vec<StateID> {
    const MAX_DIGITS: usize = 5;
    let mut all = Vec::new();
    let mut last = vec![state];
    for _ in 0..MAX_DIGITS {
        let next = |state| (b'0'..=b'9').filter_map(move |byte| automaton.step(state, byte));
        last = last.into_iter().flat_map(next).collect();
        last.sort_unstable();
        last.dedup();
        all.extend(&last);
    }
    all
}

fn is_public_suffix(name: &str) -> bool {
    let below = format!("a.{name}");
    psl::suffix(below.as_bytes())
        .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() == name.len())
}
