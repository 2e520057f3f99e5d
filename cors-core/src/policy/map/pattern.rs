//! The check for patterns that no request could match, or that mean something else than they seem
//! to.

use std::fmt::Write as _;

use crate::policy::problem::ProblemKind;

/// Checks for mistakes that the router would accept. How braces are placed is left to the router.
pub(super) fn check(pattern: &str) -> Result<(), ProblemKind> {
    if !pattern.starts_with('/') {
        return Err(ProblemKind::PathNotAbsolute);
    }
    if pattern.contains(['?', '#']) {
        return Err(ProblemKind::PathHasQuery);
    }
    if pattern.contains(is_encoded) {
        return Err(ProblemKind::PathNotEncoded(encode(pattern)));
    }
    for segment in pattern.split('/') {
        if is_dot_segment(segment) {
            return Err(ProblemKind::PathHasDotSegment);
        }
        if segment.starts_with([':', '*']) || segment.ends_with('*') {
            return Err(ProblemKind::PathWildcardInvalid);
        }
    }
    Ok(())
}

/// Returns whether browsers send this character percent-encoded in a path
/// ([path percent-encode set](https://url.spec.whatwg.org/#path-percent-encode-set)). They encode
/// braces too, but here these are part of the pattern's syntax.
const fn is_encoded(character: char) -> bool {
    matches!(character, '\0'..=' ' | '"' | '<' | '>' | '^' | '`')
        || !matches!(character, '\0'..='~')
}

fn encode(pattern: &str) -> String {
    let mut encoded = String::new();
    for character in pattern.chars() {
        if is_encoded(character) {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String can't fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(character);
        }
    }
    encoded
}

/// Returns whether browsers resolve this segment before they send anything, in any spelling
/// ([single-dot and double-dot URL path segment](https://url.spec.whatwg.org/#single-dot-path-segment)).
fn is_dot_segment(segment: &str) -> bool {
    let dots = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(dots.as_str(), "." | "..")
}
