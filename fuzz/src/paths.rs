//! Paths, the slow way: what a router may read in one, and which pattern is the most specific.

use arbitrary::{Arbitrary, Result, Unstructured};

/// One of the things that routers, file handlers and proxies do to a path.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Decode,
    DropEmpty,
    DropFinalSlash,
    ResolveDots,
    SplitAtSlashes,
    SplitAtBackslashes,
    CutParameters,
}

/// A path as a router has it after some of its steps.
pub type Segments = Vec<Vec<u8>>;

/// Returns what a router reads in a path that takes these steps, two decodings among them at most.
///
/// In the end texts are compared decoded, since a router that does not decode has escaped routes,
/// and empty segments count for nothing.
pub fn read(path: &str, steps: &[Step]) -> Segments {
    let mut segments = split(path.strip_prefix('/').unwrap_or(path).as_bytes(), b'/');
    let mut decodings = 0;
    for step in steps {
        segments = match step {
            Step::Decode if decodings == 2 => continue,
            Step::Decode => {
                decodings += 1;
                segments.iter().map(|segment| decode(segment)).collect()
            }
            Step::DropEmpty => without_empty(segments),
            Step::DropFinalSlash => {
                segments.pop_if(|segment| segment.is_empty());
                segments
            }
            Step::ResolveDots => resolve(segments),
            Step::SplitAtSlashes => segments.iter().flat_map(|text| split(text, b'/')).collect(),
            Step::SplitAtBackslashes => segments
                .iter()
                .flat_map(|text| split(text, b'\\'))
                .collect(),
            Step::CutParameters => segments
                .iter()
                .map(|text| split(text, b';').swap_remove(0))
                .collect(),
        };
    }
    if decodings == 0 {
        segments = segments.iter().map(|segment| decode(segment)).collect();
    }
    without_empty(segments)
}

/// Returns whether every router reads the same in a path.
pub fn is_plain(path: &str) -> bool {
    let is_plain = |text: &str| {
        let decoded = decode(text.as_bytes());
        let strange = decoded.iter().any(|byte| b"/\\;%".contains(byte));
        !strange && decoded != b"." && decoded != b".."
    };
    path.starts_with('/') && path[1..].split('/').all(is_plain)
}

fn split(text: &[u8], at: u8) -> Segments {
    text.split(|byte| *byte == at).map(<[u8]>::to_vec).collect()
}

fn without_empty(mut segments: Segments) -> Segments {
    segments.retain(|segment| !segment.is_empty());
    segments
}

fn resolve(segments: Segments) -> Segments {
    let mut resolved = Segments::new();
    for segment in segments {
        match &*segment {
            b"." => {}
            b".." => drop(resolved.pop()),
            _ => resolved.push(segment),
        }
    }
    resolved
}

/// Returns a text with its percent-escapes undone once; what is none stays.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match (byte, hex(text.get(at + 1)), hex(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.extend(u8::try_from(high * 16 + low));
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

/// Returns the index of the pattern whose policy a path has: segment by segment a text before
/// `{name}`, and that before `{*name}`.
pub fn most_specific(patterns: &[String], path: &[Vec<u8>]) -> Option<usize> {
    let parts = |pattern: &String| -> Vec<String> {
        let parts = pattern.split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let all: Vec<(usize, Vec<String>)> = patterns.iter().map(parts).enumerate().collect();
    find(&all, path)
}

/// Looks for the best of the patterns whose remaining parts match the remaining path.
fn find(patterns: &[(usize, Vec<String>)], path: &[Vec<u8>]) -> Option<usize> {
    let is_end = |parts: &[String]| parts.is_empty();
    let is_rest = |parts: &[String]| parts.first().is_some_and(|part| part.starts_with("{*"));
    let found = |wanted: &dyn Fn(&[String]) -> bool| {
        patterns
            .iter()
            .find(|(_, parts)| wanted(parts))
            .map(|(index, _)| *index)
    };
    let Some((segment, below)) = path.split_first() else {
        return found(&is_end).or_else(|| found(&is_rest));
    };
    let next = |wanted: &dyn Fn(&str) -> bool| {
        let matching = patterns
            .iter()
            .filter(|(_, parts)| parts.first().is_some_and(|part| wanted(part)));
        let rest: Vec<_> = matching
            .map(|(index, parts)| (*index, parts[1..].to_vec()))
            .collect();
        if rest.is_empty() {
            None
        } else {
            find(&rest, below)
        }
    };
    next(&|part| !part.starts_with('{') && decode(part.as_bytes()) == *segment)
        .or_else(|| next(&|part| part.starts_with('{') && !part.starts_with("{*")))
        .or_else(|| found(&is_rest))
}

/// Makes a path pattern.
pub fn pattern(input: &mut Unstructured<'_>) -> Result<String> {
    const PARTS: &[&str] = &[
        "a", "b", "echo", "%C3%A9", "x%20y", "{x}", "{y}", "...", "A", "api",
    ];
    let mut pattern = String::new();
    for _ in 0..input.int_in_range(0..=4)? {
        pattern.push('/');
        pattern.push_str(input.choose(PARTS)?);
    }
    if pattern.is_empty() || input.ratio(1, 3)? {
        pattern.push_str(input.choose(&["/{*rest}", "/"])?);
    }
    Ok(pattern)
}

/// Makes a path of the texts of patterns, and of marks that are read in more ways than one.
pub fn path(input: &mut Unstructured<'_>) -> Result<String> {
    const TEXTS: &[&str] = &[
        "a", "b", "echo", "/", "/", "/", "c", "A", "api", "x y", "\u{e9}",
    ];
    const MARKS: &[&str] = &[
        "%65cho",
        "%61",
        "%c3%a9",
        "%20",
        "%",
        "%2",
        "+",
        "%00",
        "/./",
        "/../",
        "/..",
        "//",
        "...",
        "%2e%2e",
        ".%2E",
        "%2e",
        "%2F",
        "%2fecho",
        "\\",
        "\\echo",
        "%5C",
        ";",
        ";x=1",
        "%3b",
        "%25",
        "%2561",
        "%25%36%31",
        "%%36%31",
        "..;/",
        "%252F",
        "%252e%252e",
        "%253B",
        "%25252e",
        "/..%2F",
        "..\\",
    ];
    let has_marks: bool = input.arbitrary()?;
    let mut path = "/".to_owned();
    for _ in 0..input.int_in_range(0..=9)? {
        let pieces = if has_marks && input.ratio(1, 3)? {
            MARKS
        } else {
            TEXTS
        };
        path.push_str(input.choose(pieces)?);
    }
    Ok(path)
}
