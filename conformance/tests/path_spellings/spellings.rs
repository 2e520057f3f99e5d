//! Spellings of a path: its parts in many ways, each two with each other.

use std::fmt::Write as _;

/// A spelling of a path, as a request's target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) target: String,
    /// Whether nothing but escapes and slashes distinguishes it from the path, so that it has one
    /// reading: the path's policy is what a handler's response must have.
    pub(crate) is_plain: bool,
}

impl Spelling {
    /// Returns the path as it is.
    pub(crate) fn plain(path: &str) -> Self {
        Self {
            target: path.to_owned(),
            is_plain: true,
        }
    }
}

/// A part of a spelling, and whether it is plain.
type Part = (String, bool);

/// Returns spellings of a path of one segment.
pub(crate) fn of_segment(path: &str) -> Vec<Spelling> {
    let name = path.trim_start_matches('/');
    two_at_once(&[parts(&BEFORE), words(name), parts(&AFTER)])
}

/// Returns spellings of a path of three segments.
pub(crate) fn of_file(path: &str) -> Vec<Spelling> {
    let mut segments = path.split('/').skip(1);
    let mut segment = || words(segments.next().expect("a path of three segments"));
    two_at_once(&[
        parts(&BEFORE),
        segment(),
        parts(&BETWEEN),
        segment(),
        parts(&BETWEEN),
        segment(),
        parts(&AFTER),
    ])
}

/// Joins the ways of each two parts, while the others stay in the first way. More at once would be
/// too many for a server in a test.
fn two_at_once(parts: &[Vec<Part>]) -> Vec<Spelling> {
    let mut spellings = Vec::new();
    for second in 0..parts.len() {
        for first in 0..second {
            let ways = parts.iter().enumerate().map(|(index, ways)| {
                let all = index == first || index == second;
                if all { &ways[..] } else { &ways[..1] }
            });
            spellings.extend(products(ways));
        }
    }
    spellings.sort_by(|one, other| one.target.cmp(&other.target));
    spellings.dedup();
    spellings
}

/// Joins each with each.
fn products<'a>(parts: impl Iterator<Item = &'a [Part]>) -> Vec<Spelling> {
    let start = Spelling::plain("");
    parts.fold(vec![start], |spellings, parts| {
        let joined = spellings.iter().flat_map(|spelling| {
            parts.iter().map(|(text, is_plain)| Spelling {
                target: format!("{}{text}", spelling.target),
                is_plain: spelling.is_plain && *is_plain,
            })
        });
        joined.collect()
    })
}

fn parts(parts: &[(&str, bool)]) -> Vec<Part> {
    let parts = parts.iter();
    parts
        .map(|(text, is_plain)| ((*text).to_owned(), *is_plain))
        .collect()
}

/// Returns spellings of a segment.
fn words(segment: &str) -> Vec<Part> {
    let (first, rest) = segment.split_at(1);
    let (start, last) = segment.split_at(segment.len() - 1);
    let twice = |text| escaped(text, false).replace('%', "%25");
    vec![
        (segment.to_owned(), true),
        (format!("{}{rest}", escaped(first, false)), true),
        (format!("{start}{}", escaped(last, true)), true),
        (escaped(segment, true), true),
        // Another path, which nobody takes for this one.
        (segment.to_uppercase(), true),
        (format!("{}{rest}", twice(first)), false),
        (format!("{start}{}", twice(last)), false),
        (format!("{segment};x=1"), false),
        (format!("{segment}%3Bx"), false),
        (format!("{segment}/../{segment}"), false),
    ]
}

fn escaped(text: &str, in_upper_case: bool) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = if in_upper_case {
            write!(escaped, "%{byte:02X}")
        } else {
            write!(escaped, "%{byte:02x}")
        };
        escaped
    })
}

/// What may stand in the place of the first slash.
const BEFORE: [(&str, bool); 22] = [
    ("/", true),
    ("//", true),
    ("///", true),
    ("http://x/", true),
    ("http://x//", true),
    ("http://x/./", false),
    ("//x/", false),
    ("/./", false),
    ("/x/../", false),
    ("/x//../", false),
    ("/login/../", false),
    ("/../", false),
    ("/%2e/", false),
    ("/x/%2e%2E/", false),
    ("/x/..;/", false),
    ("/;/", false),
    ("/%2f", false),
    ("/x%2F..%2f", false),
    ("/\\", false),
    ("/%5c", false),
    ("/%252f", false),
    ("/%00", false),
];

/// What may stand in the place of a slash between two segments.
const BETWEEN: [(&str, bool); 22] = [
    ("/", true),
    ("//", true),
    ("/./", false),
    ("/%2e/", false),
    ("/public/../", false),
    ("/public/%2e%2E/", false),
    ("/public%2f..%2f", false),
    ("/public/..%2F", false),
    ("/public%2f../", false),
    ("/public/..\\", false),
    ("/public/..%5c", false),
    ("/public%252f..%252f", false),
    ("/public/%252e%252e/", false),
    ("/y/..//", false),
    ("/y//../", false),
    ("/;/", false),
    (";/", false),
    ("/..;/public/", false),
    ("%2f", false),
    ("\\", false),
    ("%5C", false),
    ("%252F", false),
];

/// What may follow.
const AFTER: [(&str, bool); 24] = [
    ("", true),
    ("/", true),
    ("//", true),
    ("?x=/login", true),
    ("/?x", true),
    ("/.", false),
    ("/..", false),
    ("/x/..", false),
    ("/%2e", false),
    ("/.%2E/", false),
    (";", false),
    (";x/", false),
    ("/;x", false),
    ("%2F", false),
    ("%2f..", false),
    ("\\", false),
    ("%5c", false),
    ("%252f", false),
    ("%00", false),
    ("%20", false),
    ("%3Fx", false),
    ("%23x", false),
    ("%", false),
    (".", false),
];
