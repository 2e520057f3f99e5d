//! Changes in words, and as an object for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::changes::{Changes, Line, Phrase};
use crate::shown;

/// The most words of a kind that are written for people.
const MAX_SHOWN: usize = 8;

/// Returns the changes for people.
pub(super) fn text(changes: &Changes) -> String {
    let mut text = String::new();
    for (paths, change) in &changes.by_paths {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}", listed(paths));
        for (sign, verb, lines) in [
            ('+', "may now", &change.wider),
            ('-', "may no longer", &change.narrower),
        ] {
            for line in lines {
                let who = listed(&line.who);
                let _ = writeln!(
                    text,
                    "{sign} {who} {verb} {}",
                    may(line, MAX_SHOWN).join("; ")
                );
            }
        }
        for setting in &change.settings {
            let _ = writeln!(text, "~ {setting}");
        }
        text += "\n";
    }
    if changes.in_shadow {
        text += "The table [shadow] differs. It answers nothing.\n\n";
    }
    if !changes.left_out.is_empty() {
        let paths = listed(&changes.left_out);
        let _ = writeln!(
            text,
            "There is too much to try all of it, which counts as wider: {paths}\n"
        );
    }
    text += if changes.widens() {
        "NEW is wider than OLD.\n"
    } else if changes.by_paths.is_empty() {
        "Pages may do the same under both.\n"
    } else {
        "NEW is no wider than OLD.\n"
    };
    shown_lines(&text)
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
    let object = json!({
        "widens": changes.widens(),
        "wider": wider,
        "narrower": narrower,
        "settings": settings,
        "left_out": changes.left_out,
    });
    format!("{object:#}\n")
}

fn may(line: &Line, most: usize) -> Vec<String> {
    let of = |Phrase { verb, names, with }: &Phrase| match &names[..] {
        [] => format!("{verb}{with}"),
        names => format!("{verb} {}{with}", first(names, most)),
    };
    line.may.iter().map(of).collect()
}

fn listed(words: &[String]) -> String {
    first(words, MAX_SHOWN)
}

/// Returns the first words, and how many more there are.
fn first(words: &[String], most: usize) -> String {
    let shown: Vec<_> = words.iter().take(most).map(String::as_str).collect();
    let shown = shown.join(", ");
    match words.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn shown_lines(text: &str) -> String {
    let lines = text.lines().map(|line| shown(line) + "\n");
    lines.collect()
}
