//! Changes in words, and as an object for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::changes::Changes;
use super::compare::Change;
use super::phrases::{Line, Phrase};
use crate::{in_json, shown};

/// The most words of a kind that are written for people.
const MAX_SHOWN: usize = 8;

/// The most groups of paths, and the most lines of each, that are written for people.
const MAX_LINES: usize = 30;

/// Returns the changes for people. What files say is escaped before it is joined, so that it makes
/// no lines of its own.
pub(super) fn text(changes: &Changes) -> String {
    let mut text = String::new();
    for (paths, change) in changes.by_paths.iter().take(MAX_LINES) {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}", listed(paths));
        write_change(&mut text, change);
        text += "\n";
    }
    if let Some(more) = more(changes.by_paths.len()) {
        let _ = writeln!(
            text,
            "and as much for {more} more groups of paths; --format json has all\n"
        );
    }
    if changes.in_shadow {
        text += "The table [shadow] differs. It answers nothing.\n\n";
    }
    for (why, paths) in [
        ("There is too much to try all of it", &changes.left_out),
        (
            "Of an item no origin can be made that could be tried",
            &changes.untried,
        ),
    ] {
        if !paths.is_empty() {
            let _ = writeln!(text, "{why}, which counts as wider: {}\n", listed(paths));
        }
    }
    text += if changes.widens() {
        "NEW is wider than OLD.\n"
    } else if changes.by_paths.is_empty() {
        "Pages may do the same under both.\n"
    } else {
        "NEW is no wider than OLD.\n"
    };
    text
}

fn write_change(text: &mut String, change: &Change) {
    for (sign, verb, lines) in [
        ('+', "may now", &change.wider),
        ('-', "may no longer", &change.narrower),
    ] {
        for line in lines.iter().take(MAX_LINES) {
            let who = listed(&line.who);
            let _ = match &may(line, MAX_SHOWN)[..] {
                [one] => writeln!(text, "{sign} {who} {verb} {one}"),
                several => writeln!(
                    text,
                    "{sign} {who} {verb}\n{sign}   {}",
                    several.join(&format!("\n{sign}   "))
                ),
            };
        }
        if let Some(more) = more(lines.len()) {
            let _ = writeln!(text, "{sign} and {more} more lines; --format json has all");
        }
    }
    for setting in &change.settings {
        let _ = writeln!(text, "~ {}", shown(setting));
    }
}

/// Returns how many of some lines are not written.
fn more(lines: usize) -> Option<usize> {
    lines.checked_sub(MAX_LINES).filter(|more| *more > 0)
}

/// Returns the changes as one object.
pub(super) fn json(changes: &Changes) -> String {
    let mut wider = Vec::new();
    let mut narrower = Vec::new();
    let mut settings = Vec::new();
    for (paths, change) in &changes.by_paths {
        let of =
            |line: &Line| json!({ "path": paths, "who": line.who, "may": may(line, usize::MAX) });
        wider.extend(change.wider.iter().map(of));
        narrower.extend(change.narrower.iter().map(of));
        let of = |setting: &String| json!({ "path": paths, "setting": setting });
        settings.extend(change.settings.iter().map(of));
    }
    if changes.in_shadow {
        settings.push(json!({ "path": Value::Null, "setting": "shadow" }));
    }
    in_json(&json!({
        "widens": changes.widens(),
        "wider": wider,
        "narrower": narrower,
        "settings": settings,
        "left_out": changes.left_out,
        "untried": changes.untried,
    }))
}

fn may(line: &Line, most: usize) -> Vec<String> {
    let of = |Phrase { verb, names, with }: &Phrase| match &names[..] {
        [] => format!("{}{with}", shown(verb)),
        names => format!("{verb} {}{with}", first(names, most)),
    };
    line.may.iter().map(of).collect()
}

fn listed(words: &[String]) -> String {
    first(words, MAX_SHOWN)
}

/// Returns the first words, and how many more there are.
fn first(words: &[String], most: usize) -> String {
    let first: Vec<_> = words.iter().take(most).map(|word| shown(word)).collect();
    let first = first.join(", ");
    match words.len().saturating_sub(most) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
