//! The page: the code before and after, and the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::differences::reason;
use super::requests::requests;
use super::{MIGRATIONS, Migration};
use crate::case::Seen;

const INTRODUCTION: &str = "\
A small service with tower-http, actix-cors, rocket_cors or `warp::cors`, the same service with this
library, and what changes on the wire.

The [page of the settings][crate::guide::from_rust] says what each setting is here. This page is
made: its code is compiled, and both services get the same requests (`cargo run --release
--manifest-path conformance/peers/Cargo.toml -- migrations`). These were tried:

";

const END: &str = "
[crate::guide::from_rust]: from_rust.md
";

const COMPARED: &str = "
Of these, those that are not in a table have the same status and the same CORS headers before and
after, `Vary` included, but for the order of names in a list, and for GET, HEAD and POST among the
allowed methods, which need no mention. Nothing else is compared, such as bodies. Names are without
`Access-Control-`.
";

pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (request, _) in requests() {
        let _ = writeln!(page, "- {request}");
    }
    page += COMPARED;
    for migration in &MIGRATIONS {
        let Migration {
            title,
            before,
            after,
            ..
        } = migration;
        let _ = write!(
            page,
            "\n# {title}\n\nBefore:\n\n```rust,ignore\n{before}```\n\nAfter:\n\n\
             ```rust,ignore\n{after}```\n\n{}",
            table(migration)
        );
    }
    page + END
}

fn table(migration: &Migration) -> String {
    let mut table = "| request | before | after | why |\n| --- | --- | --- | --- |\n".to_owned();
    for (request, scenario) in requests() {
        let [before, after] = (migration.responses)(&scenario).map(|seen| lines(&seen));
        if before == after {
            continue;
        }
        let why = reason(migration.peer, request).unwrap_or("NO REASON IS WRITTEN");
        let _ = writeln!(
            table,
            "| {request} | {} | {} | {why} |",
            other_lines(&before, &after),
            other_lines(&after, &before)
        );
    }
    table
}

/// The status and the fields of CORS, by name. Names in a list are sorted, and are written as
/// browsers compare them.
type Lines = BTreeMap<String, String>;

fn lines(seen: &Seen) -> Lines {
    let mut lines = Lines::from([("status".to_owned(), seen.status.to_string())]);
    for (name, value) in &seen.headers {
        let is_cors = name == "vary" || name.starts_with("access-control-");
        if !is_cors {
            continue;
        }
        let line: &mut String = lines.entry(name.clone()).or_default();
        let items = line.split(',').chain(value.split(',')).map(str::trim);
        let mut items: Vec<_> = items.filter(|item| !item.is_empty()).collect();
        let names: Vec<_> = items.iter().map(|item| item.to_ascii_lowercase()).collect();
        // Methods and origins are compared as they stand, names of headers in any case.
        if ![
            "access-control-allow-methods",
            "access-control-allow-origin",
        ]
        .contains(&&**name)
        {
            items = names.iter().map(String::as_str).collect();
        }
        items.retain(|item| !["GET", "HEAD", "POST"].contains(item));
        items.sort_unstable();
        *line = items.join(", ");
    }
    lines
}

/// Writes the lines that the other response has not.
fn other_lines(lines: &Lines, other: &Lines) -> String {
    let written = lines
        .iter()
        .filter(|(name, value)| other.get(*name) != Some(value))
        .map(|(name, value)| match &**name {
            "status" => value.clone(),
            _ => format!("`{name}: {value}`").replace("access-control-", ""),
        });
    // The status first: it is what is looked for.
    let mut written: Vec<_> = written.collect();
    written.sort_by_key(|line| line.starts_with('`'));
    match written.is_empty() {
        true => "–".to_owned(),
        false => written.join("<br>"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::DIFFERENCES;
    use super::super::requests::requests;
    use super::*;

    const PAGE: &str = include_str!("../../../../cors-core/src/guide/from_rust_services.md");

    #[test]
    fn the_page_has_the_code_and_the_tables() {
        assert_eq!(PAGE, page(), "write it anew: `-- migrations`");
    }

    #[test]
    fn each_difference_has_a_reason_and_each_reason_a_difference() {
        for migration in &MIGRATIONS {
            for (request, scenario) in requests() {
                let [before, after] = (migration.responses)(&scenario).map(|seen| lines(&seen));
                let has_reason = reason(migration.peer, request).is_some();
                let peer = migration.peer;
                assert_eq!(has_reason, before != after, "{peer}: {request}");
            }
        }
        let names: Vec<_> = requests().into_iter().map(|(name, _)| name).collect();
        for difference in &DIFFERENCES {
            for request in difference.requests {
                assert!(names.contains(request), "no request is called {request}");
            }
        }
    }
}
