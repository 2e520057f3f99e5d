//! What changes on the wire, as the guide has it: the differences that the test knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::differences::{Difference, PREFLIGHTS, STATUS};
use crate::exchange::{Library, exchanges};

/// The first line of each table, and of no other.
pub(crate) const HEADER: &str = "| request | there | here | why |";

/// A field that is not sent.
const NOTHING: &str = "–";

/// The fields of a response, by name.
type Fields = BTreeMap<String, String>;

/// Returns the table of a library.
pub(crate) async fn table(library: &Library) -> String {
    let theirs = exchanges(library).await.into_iter();
    let theirs: BTreeMap<_, _> = theirs
        .map(|(request, theirs, _)| (request.name, theirs.fields()))
        .collect();
    let mut table = format!("{HEADER}\n| --- | --- | --- | --- |\n");
    for difference in library.differences {
        let requests = requests(difference.requests);
        let there = there(difference, &theirs);
        let here = match difference.ours {
            Some(value) => lines(difference.fields, value),
            None => NOTHING.to_owned(),
        };
        let why = difference.why;
        writeln!(table, "| {requests} | {there} | {here} | {why} |").expect("a String takes all");
    }
    table
}

/// Returns the names of requests; of most preflights, which of them are left out.
fn requests(names: &[&str]) -> String {
    if !names.iter().all(|name| PREFLIGHTS.contains(name)) {
        return names.join("; ");
    }
    let others: Vec<_> = PREFLIGHTS
        .iter()
        .filter(|name| !names.contains(name))
        .map(|name| name.trim_start_matches("preflight "))
        .collect();
    match others.len() {
        0 => "every preflight".to_owned(),
        count if count < names.len() => format!("every preflight, except: {}", others.join("; ")),
        _ => names.join("; "),
    }
}

/// Returns what the library responds, each value once.
fn there(difference: &Difference, theirs: &BTreeMap<String, Fields>) -> String {
    let mut written = Vec::new();
    for field in difference.fields {
        for request in difference.requests {
            let value = theirs[*request].get(*field);
            let line = value.map_or_else(|| NOTHING.to_owned(), |value| line(field, value));
            if !written.contains(&line) {
                written.push(line);
            }
        }
    }
    written.join("<br>")
}

fn lines(fields: &[&str], value: &str) -> String {
    let lines: Vec<_> = fields.iter().map(|field| line(field, value)).collect();
    lines.join("<br>")
}

/// Writes a field without the beginning that all have.
fn line(field: &str, value: &str) -> String {
    let name = field.trim_start_matches("access-control-");
    match field {
        STATUS => value.to_owned(),
        _ => format!("`{name}: {value}`"),
    }
}
