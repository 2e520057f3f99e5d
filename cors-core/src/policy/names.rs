//! Methods and header names as an operator writes them, and what to write in the place of one that is
//! none.

use super::correction::{self, MAX_WRITTEN_BYTES};
use super::header_names::MAX_HEADER_NAME_BYTES;
use super::problem::{ProblemKind, Reason};
use crate::protocol::token;

/// The most bytes of a method. The longest registered one has 17.
const MAX_METHOD_BYTES: usize = 256;

/// Checks a method, and returns it as browsers send it.
pub(super) fn check_method(method: &str) -> Result<String, Reason> {
    if method.len() > MAX_METHOD_BYTES {
        Err(|_| ProblemKind::MethodTooLong)
    } else if !token::is_token(method.as_bytes()) {
        Err(ProblemKind::MethodNotToken)
    } else if method.contains('*') {
        Err(|_| ProblemKind::WildcardInName)
    } else if token::is_forbidden_method(method.as_bytes()) {
        Err(|_| ProblemKind::MethodForbidden)
    } else {
        let sent = token::normalize_method(method);
        if token::registered_method(sent).is_some_and(|registered| registered != sent) {
            Err(ProblemKind::MethodNotUpperCase)
        } else {
            Ok(sent.to_owned())
        }
    }
}

/// Checks a header's name, and returns it in lower case.
pub(super) fn check_header_name(name: &str) -> Result<String, Reason> {
    if name.len() > MAX_HEADER_NAME_BYTES {
        Err(|_| ProblemKind::HeaderNameTooLong)
    } else if !token::is_token(name.as_bytes()) {
        Err(ProblemKind::HeaderNameNotToken)
    } else if name.contains('*') {
        Err(|_| ProblemKind::WildcardInName)
    } else {
        Ok(name.to_ascii_lowercase())
    }
}

/// Checks an item of a list of header names, and returns it in lower case: a name, or the beginning
/// of names up to a `-`, and `*`.
pub(super) fn check_header_item(item: &str) -> Result<String, Reason> {
    match item.strip_suffix('*') {
        Some(prefix) if prefix.ends_with('-') && !prefix.contains('*') => {
            Ok(check_header_name(prefix)? + "*")
        }
        _ if item.len() <= MAX_HEADER_NAME_BYTES
            && token::is_token(item.as_bytes())
            && item.contains('*') =>
        {
            Err(ProblemKind::HeaderPrefixInvalid)
        }
        _ => check_header_name(item),
    }
}

/// Returns the methods that a text holds.
pub(super) fn methods_in(written: &str) -> Vec<String> {
    let pieces = pieces(written).into_iter();
    let method = |piece: &str| token::registered_method(piece).unwrap_or(piece).to_owned();
    pieces.map(method).collect()
}

/// Returns the header names that a text holds; none where a space may be within a name by mistake,
/// as in `Content Type`.
pub(super) fn headers_in(written: &str) -> Vec<String> {
    let pieces = pieces(written);
    let is_list = pieces.len() < 2
        || written.contains([',', ';', '|'])
        || pieces.iter().all(|piece| is_name_for_certain(piece));
    let names = pieces.iter().filter(|_| is_list);
    names
        .map(|piece| piece.trim_end_matches(':'))
        .map(|piece| prefix_meant(piece).unwrap_or_else(|| piece.to_owned()))
        .collect()
}

/// Returns the prefix that a text with `*` at its end may be meant to be: `x-acme-*` for `x-acme*`,
/// `x-acme-**` and `x-acme-.*`.
fn prefix_meant(piece: &str) -> Option<String> {
    let start = piece.strip_prefix('^').unwrap_or(piece);
    let start = start.trim_end_matches('*');
    let start = match start.strip_suffix('.') {
        Some(before) if before.ends_with('-') => before,
        _ => start,
    };
    // Names of headers have hyphens, so another sign before the wildcard tells of another meaning.
    let is_start = piece.ends_with('*')
        && start
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_start = is_start && !start.is_empty();
    let hyphen = if start.ends_with('-') { "" } else { "-" };
    is_start.then(|| format!("{start}{hyphen}*"))
}

/// Returns the pieces of a text; where they are joined by `|`, which names may have, only pieces that
/// look like names.
fn pieces(written: &str) -> Vec<&str> {
    if written.len() > MAX_WRITTEN_BYTES {
        return Vec::new();
    }
    let pieces = correction::pieces(written);
    let is_plain = |piece: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':');
        piece.bytes().all(plain)
    };
    if written.contains('|') && !pieces.iter().all(is_plain) {
        return Vec::new();
    }
    pieces
}

/// Returns whether a text is the name of a header by itself.
fn is_name_for_certain(piece: &str) -> bool {
    let known = [
        "accept",
        "authorization",
        "date",
        "etag",
        "link",
        "location",
        "range",
    ];
    piece.contains('-') || known.iter().any(|known| piece.eq_ignore_ascii_case(known))
}

/// Returns the problem of an item that holds these names, with what to write instead, if all of them
/// are right.
pub(super) fn problem(
    names: &[String],
    check: impl Fn(&str) -> Result<String, Reason>,
    reason: Reason,
) -> ProblemKind {
    let pieces: Vec<_> = names.iter().map(String::as_str).collect();
    let right = |name: &str| check(name).is_ok().then(|| vec![name.to_owned()]);
    match correction::all(&pieces, right) {
        Some(items) if pieces.len() > 1 => ProblemKind::SeveralInItem(items),
        Some(items) => reason(items),
        None => reason(Vec::new()),
    }
}
