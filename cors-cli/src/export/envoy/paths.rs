//! The paths of a pattern, in the `match` of a route.

use serde_json::{Value, json};

use super::super::origins::escaped;
use super::super::paths::{Path, Segment};

/// Returns what matches the paths of a pattern.
pub(super) fn matches(path: &Path) -> Vec<Value> {
    let (segments, has_rest) = path.split_rest();
    let plain = Path::literals(segments).and_then(|texts| {
        let texts = texts.into_iter().map(plain_text);
        texts.collect::<Option<Vec<_>>>()
    });
    match (plain, has_rest) {
        (Some(texts), true) if texts.is_empty() => vec![json!({ "prefix": "/" })],
        // Of more slashes than two Envoy leaves two, where nothing else is there.
        (Some(texts), false) if texts.is_empty() => {
            vec![json!({ "path": "/" }), json!({ "path": "//" })]
        }
        (Some(texts), true) => {
            vec![json!({ "path_separated_prefix": format!("/{}", texts.join("/")) })]
        }
        (Some(texts), false) => {
            let path = format!("/{}", texts.join("/"));
            vec![
                json!({ "path": path }),
                json!({ "path": format!("{path}/") }),
            ]
        }
        (None, has_rest) => {
            let mut expression = String::new();
            for segment in segments {
                expression.push('/');
                match segment {
                    Segment::Literal(text) => expression.extend(text.iter().copied().map(spelled)),
                    Segment::Name | Segment::Rest => expression += "[^/]+",
                }
            }
            expression += if has_rest { "(?:/.*)?" } else { "/?" };
            vec![json!({ "safe_regex": { "regex": expression } })]
        }
    }
}

/// Returns a text that a normalised path has in one spelling alone.
fn plain_text(text: &[u8]) -> Option<String> {
    let is_plain = text.iter().all(|byte| is_unreserved(*byte));
    is_plain.then(|| String::from_utf8_lossy(text).into_owned())
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Returns an expression for a byte of a normalised path. Of bytes that need no escape Envoy
/// decodes the unreserved ones alone.
fn spelled(byte: u8) -> String {
    let (high, low) = (byte >> 4, byte & 15);
    let digit = |value: u8| match value {
        0..=9 => value.to_string(),
        _ => format!("[{value:x}{value:X}]"),
    };
    let escape = format!("%{}{}", digit(high), digit(low));
    if is_unreserved(byte) {
        escaped(&char::from(byte).to_string())
    } else if byte.is_ascii_graphic() {
        format!("(?:{}|{escape})", escaped(&char::from(byte).to_string()))
    } else {
        escape
    }
}
