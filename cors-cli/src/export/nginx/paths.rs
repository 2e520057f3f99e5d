//! The paths of a pattern, as a regular expression.

use super::super::origins::escaped;
use super::super::paths::{Path, Segment};

/// Returns an expression for the beginning of the paths of a pattern, or for the whole of them, as
/// nginx decodes and normalises them.
pub(super) fn expression(path: &Path) -> String {
    let (segments, has_rest) = path.split_rest();
    let mut expression = String::new();
    for segment in segments {
        expression += "/+";
        match segment {
            Segment::Literal(text) => {
                for byte in text {
                    if byte.is_ascii_graphic() {
                        expression += &escaped(&char::from(*byte).to_string());
                    } else {
                        expression += &format!("\\x{byte:02x}");
                    }
                }
            }
            Segment::Name | Segment::Rest => expression += "[^/]+",
        }
    }
    match (expression.is_empty(), has_rest) {
        (true, true) => "/".to_owned(),
        (true, false) => r"/+\z".to_owned(),
        (false, true) => expression + r"(?:/|\z)",
        (false, false) => expression + r"/*\z",
    }
}
