//! The path syntaxes of other routers, and the same patterns in ours.
//!
//! | syntax | of |
//! | --- | --- |
//! | `:id`, `*rest` | axum before 0.8, Express |
//! | `{id:[0-9]+}`, `{tail:.*}`, `{tail}*` | actix-web |
//! | `<id>`, `<rest..>` | Rocket |
//! | `"api" / String / ..` | warp's `path!` |
//! | `GET /{id}`, `/{path...}`, `/{$}` | Go's `net/http` |
//! | `{**rest}`, `{id:int?}` | ASP.NET |
//! | `{rest*}`, `{rest+}` | hapi, API Gateway |
//! | `/posts(.:format)` | Rails |
//! | `<int:id>`, `<path:rest>`, `^api/(?P<id>[0-9]+)/$` | Django, Flask |
//! | `{id:int}`, `{rest:path}` | Starlette, FastAPI |
//! | `/api/*`, `/api/.*` | flask-cors, CORS_URLS_REGEX |
//! | `[id]`, `[...rest]` | file names of web frameworks |

use std::fmt::Write as _;

use super::escapes::{is_encoded, unescape};

/// Returns whether a pattern has signs of another syntax. Browsers send some of these signs in paths,
/// but no route that is known has them in its text, where they can be percent-encoded.
pub(super) fn is_foreign(pattern: &str) -> bool {
    pattern.ends_with('$')
        || pattern.split('/').any(|segment| {
            segment.starts_with(':')
                || segment == ".+"
                || segment.contains("(.:")
                || segment.contains("?}")
                || segment.contains(['<', '>', '*', '[', ']', '^', '|', '"'])
                    && !is_own_wildcard(segment)
        })
}

/// Returns whether a segment is `{name}` or `{*name}`. A name is made of letters, digits and `_`.
pub(super) fn is_own_wildcard(segment: &str) -> bool {
    let name = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let name = name.map(|name| name.strip_prefix('*').unwrap_or(name));
    name.is_some_and(|name| !name.is_empty() && name.chars().all(is_name_character))
}

const fn is_name_character(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_')
}

/// A segment in our syntax.
enum Piece {
    Text(String),
    Name(String),
    Rest(String),
}

/// Writes in our syntax what a pattern seems to mean. The result may still be none that can be read.
pub(super) fn translate(written: &str) -> String {
    let written = without_method(written.trim()).trim_start_matches('^');
    let written = written.trim_end_matches('$').trim_end_matches("/?");
    // The path of a URL.
    let written = match written.split_once("://") {
        Some((_, rest)) => rest
            .find('/')
            .and_then(|path| rest.get(path..))
            .unwrap_or("/"),
        None => written,
    };
    let written = written
        .split_once("path!(")
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or(written);
    let is_macro = written.contains('"');
    let written = written
        .replace(r"\d+", "{number}")
        .replace(r"\w+", "{word}");
    let written = written
        .replace(r"\.", ".")
        .replace(r"\-", "-")
        .replace(r"\/", "/");
    let mut pieces = Vec::new();
    for segment in split(&written) {
        let segment = segment.trim();
        let piece = if is_macro {
            of_macro(segment)
        } else {
            wildcard(segment)
        };
        match piece {
            Some(Piece::Text(text)) => push_text(&mut pieces, &text),
            Some(wildcard) => pieces.push(wildcard),
            None => push_text(&mut pieces, segment),
        }
    }
    let end = pieces
        .iter()
        .position(|piece| matches!(piece, Piece::Rest(_)));
    pieces.truncate(end.map_or(pieces.len(), |end| end + 1));
    write(&pieces)
}

/// Returns the pattern after a method and a space.
fn without_method(written: &str) -> &str {
    match written.split_once(' ') {
        Some((method, rest)) if method.chars().all(|c| c.is_ascii_uppercase()) => rest.trim_start(),
        _ => written,
    }
}

/// Splits a pattern at its slashes, not at those within brackets, and leaves out its query.
fn split(pattern: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let mut start = 0;
    let mut segments = Vec::new();
    for (index, character) in pattern.char_indices() {
        match character {
            '{' | '<' | '(' | '[' => depth += 1,
            '}' | '>' | ')' | ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                segments.extend(pattern.get(start..index));
                start = index + 1;
            }
            '?' | '#' if depth == 0 => {
                segments.extend(pattern.get(start..index));
                return segments;
            }
            _ => {}
        }
    }
    segments.extend(pattern.get(start..));
    segments
}

/// Reads a segment of warp's `path!`.
fn of_macro(segment: &str) -> Option<Piece> {
    if segment == ".." {
        return Some(Piece::Rest("rest".to_owned()));
    }
    let quoted = segment
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(text) => Some(Piece::Text(text.to_owned())),
        None if segment.is_empty() => None,
        None => Some(Piece::Name(name(&segment.to_ascii_lowercase()))),
    }
}

/// Reads a wildcard in whatever syntax; `None` where there is none.
fn wildcard(segment: &str) -> Option<Piece> {
    let inner = |open, close| segment.strip_prefix(open)?.strip_suffix(close);
    if matches!(segment, "*" | "**" | ".*" | ".+" | "(.*)" | "(.+)") {
        return Some(Piece::Rest("rest".to_owned()));
    }
    if segment == "{$}" {
        // The end of the path.
        return Some(Piece::Text(String::new()));
    }
    if let Some((text, _)) = segment.split_once("(.:") {
        // What follows is optional.
        return wildcard(text).or_else(|| Some(Piece::Text(text.to_owned())));
    }
    if let Some(rest) = segment.strip_prefix('*') {
        return Some(Piece::Rest(name(rest)));
    }
    if let Some(parameter) = segment.strip_prefix(':') {
        return Some(named(parameter, parameter.ends_with(['*', '+'])));
    }
    if let Some(group) = segment
        .split_once("(?P<")
        .or_else(|| segment.split_once("(?<"))
    {
        return Some(named(group.1, is_anything(group.1)));
    }
    if let Some(parameter) = inner('[', ']') {
        return Some(named(
            parameter.trim_matches(['[', '.']),
            parameter.contains("..."),
        ));
    }
    let parameter = inner('{', '}').or_else(|| inner('<', '>'));
    if let Some(parameter) = parameter.or_else(|| segment.strip_prefix('{')?.strip_suffix("}*")) {
        let has_star = segment.ends_with('*') || parameter.starts_with('*');
        let has_rest = has_star || parameter.ends_with("..") || is_anything(parameter);
        let parameter = parameter.trim_start_matches('*');
        let is_first = |kind| segment.starts_with('<') && CONVERTERS.contains(&kind);
        return Some(match parameter.split_once(':') {
            Some((kind, name)) if is_first(kind) => named(name, kind == "path"),
            Some((name, kind)) => named(name, has_rest || kind == "path"),
            None => named(parameter, has_rest || parameter.ends_with(['*', '+'])),
        });
    }
    if inner('(', ')').is_some() {
        return Some(Piece::Name("any".to_owned()));
    }
    if let Some((_, parameter)) = segment.split_once('{') {
        return Some(named(parameter, false));
    }
    None
}

/// The names by which Django and Flask say what a wildcard takes.
const CONVERTERS: [&str; 8] = [
    "any", "float", "int", "path", "slug", "str", "string", "uuid",
];

/// Returns whether a regular expression takes slashes too.
fn is_anything(expression: &str) -> bool {
    expression.contains(".*") || expression.contains(".+")
}

fn named(parameter: &str, has_rest: bool) -> Piece {
    if has_rest {
        Piece::Rest(name(parameter))
    } else {
        Piece::Name(name(parameter))
    }
}

/// Returns what a parameter's name begins with, or a name for one that has none.
fn name(parameter: &str) -> String {
    let name: String = parameter
        .chars()
        .take_while(|c| is_name_character(*c))
        .collect();
    if name.is_empty() {
        "any".to_owned()
    } else {
        name
    }
}

/// Adds a text as its route has it: decoded, with real slashes, without parameters, resolved.
fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    let text = decode(text);
    for segment in text.split(['/', '\\']) {
        let segment = segment.split(';').next().unwrap_or_default();
        let (segment, has_rest) = match segment.strip_suffix(".*").or(segment.strip_suffix('*')) {
            Some(segment) => (segment, true),
            None => (segment, false),
        };
        match segment {
            "" | "." => {}
            ".." => drop(pieces.pop()),
            _ => pieces.push(Piece::Text(segment.to_owned())),
        }
        if has_rest {
            pieces.push(Piece::Rest("rest".to_owned()));
        }
    }
}

/// Decodes all layers of escapes.
fn decode(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    loop {
        let decoded: Vec<u8> = unescape(&bytes).map(|(byte, _)| byte).collect();
        if decoded.len() == bytes.len() {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        bytes = decoded;
    }
}

fn write(pieces: &[Piece]) -> String {
    let mut pattern = String::new();
    for piece in pieces {
        pattern.push('/');
        match piece {
            Piece::Name(name) => pattern.extend(["{", name, "}"]),
            Piece::Rest(name) => pattern.extend(["{*", name, "}"]),
            Piece::Text(text) => encode(&mut pattern, text),
        }
    }
    if pattern.is_empty() {
        pattern.push('/');
    }
    pattern
}

/// Writes a text as browsers send it. What means something in a pattern is encoded too.
fn encode(pattern: &mut String, text: &str) {
    let is_sign = |character| {
        matches!(
            character,
            '%' | '?' | '#' | '{' | '}' | '[' | ']' | '|' | '*'
        )
    };
    for character in text.chars() {
        if is_encoded(character) || is_sign(character) {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String can't fail.
                let _ = write!(pattern, "%{byte:02X}");
            }
        } else {
            pattern.push(character);
        }
    }
}
