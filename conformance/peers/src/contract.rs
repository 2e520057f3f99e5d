//! The contract floor: what a middleware has to do at least that keeps the whole observable
//! contract for the scenario's policy.
//!
//! As the [floor](crate::floor), and besides:
//!
//! - Two lines of `Origin` are an origin that is not allowed. Its grammar is read where no exact
//!   origin could match.
//! - The app's own CORS headers are replaced, or removed where the origin is not allowed.
//! - Vary is merged: no name twice, and `*` is left alone.
//! - A preflight has `Origin` and `Access-Control-Request-Method`, whatever their values are. One
//!   that the lists refuse is answered with the policy, one that no browser sends is not.
//! - The requested headers are read in one pass within four bounds, in any case, on several lines,
//!   with white space and empty elements.
//! - What a layer of the route has decided stands.
//!
//! It gives no reasons, is not reloaded, and knows no paths, predicates or settings. Its answers are
//! those of this library: a test compares them.

#[cfg(test)]
mod held_to_ours;

use crate::scenario::{DOMAIN, HEADERS};

/// As in `cors_core`.
const MAX_BYTES: usize = 8 * 1024;
const MAX_NAMES: usize = 256;
const MAX_EMPTY: usize = 64;
const MAX_LINES: usize = 64;

/// How a preflight is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All that it asks for is listed.
    Listed,
    /// Something is not.
    Unlisted,
    /// Something is what no browser asks for.
    Malformed,
}

#[inline]
pub fn method(method: &[u8]) -> Asked {
    if matches!(
        method,
        b"GET" | b"HEAD" | b"POST" | b"PUT" | b"PATCH" | b"DELETE"
    ) {
        return Asked::Listed;
    }
    other_method(method)
}

#[cold]
fn other_method(method: &[u8]) -> Asked {
    let is_forbidden = [&b"CONNECT"[..], b"TRACE", b"TRACK"]
        .iter()
        .any(|forbidden| method.eq_ignore_ascii_case(forbidden));
    if is_token(method) && !is_forbidden {
        Asked::Unlisted
    } else {
        Asked::Malformed
    }
}

/// Reads the lines of `Access-Control-Request-Headers`.
#[inline]
pub fn headers<'a, Lines>(lines: impl Fn() -> Lines) -> Asked
where
    Lines: Iterator<Item = &'a [u8]>,
{
    let (mut bytes, mut names, mut empty) = (0, 0, 0);
    let mut asked = Asked::Listed;
    for (index, line) in lines().enumerate() {
        if index == 1 && lines().nth(MAX_LINES).is_some() {
            return Asked::Malformed;
        }
        bytes += line.len();
        if bytes > MAX_BYTES {
            return Asked::Malformed;
        }
        for element in line.split(|byte| *byte == b',') {
            if is_listed(element) {
                names += 1;
            } else {
                match other_name(element) {
                    None => empty += 1,
                    Some(Asked::Malformed) => return Asked::Malformed,
                    Some(found) => {
                        names += 1;
                        if found == Asked::Unlisted {
                            asked = found;
                        }
                    }
                }
            }
            if names > MAX_NAMES || empty > MAX_EMPTY {
                return Asked::Malformed;
            }
        }
    }
    asked
}

/// A name as browsers send it.
fn is_listed(name: &[u8]) -> bool {
    matches!(
        name,
        b"x-a"
            | b"authorization"
            | b"content-type"
            | b"if-match"
            | b"if-none-match"
            | b"x-api-key"
            | b"x-csrf-token"
            | b"x-request-id"
            | b"x-requested-with"
            | b"x-tenant"
    )
}

/// Reads a name in another case or with white space around it; `None` is an empty element.
#[cold]
fn other_name(element: &[u8]) -> Option<Asked> {
    let name = element.trim_ascii();
    if name.is_empty() {
        return None;
    }
    let is_listed = HEADERS
        .iter()
        .any(|listed| listed.as_bytes().eq_ignore_ascii_case(name));
    Some(if is_listed {
        Asked::Listed
    } else if is_token(name) {
        Asked::Unlisted
    } else {
        Asked::Malformed
    })
}

fn is_token(name: &[u8]) -> bool {
    let is_token_byte =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !name.is_empty() && name.iter().all(is_token_byte)
}

const MAX_HOST_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

const IS_LABEL_BYTE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// Returns where the last label of a name begins; `None` where it is none.
#[inline]
fn last_label(name: &[u8]) -> Option<usize> {
    let mut start = 0;
    for (at, &byte) in name.iter().enumerate() {
        if byte == b'.' {
            if at == start || at - start > MAX_LABEL_BYTES {
                return None;
            }
            start = at + 1;
        } else if !IS_LABEL_BYTE[usize::from(byte)] {
            return None;
        }
    }
    (1..=MAX_LABEL_BYTES)
        .contains(&(name.len() - start))
        .then_some(start)
}

/// Returns whether this is the origin of a host below [`DOMAIN`], with https.
#[inline]
pub fn is_subdomain(origin: &[u8]) -> bool {
    let below = origin
        .strip_prefix(b"https://")
        .filter(|host| host.len() <= MAX_HOST_BYTES)
        .and_then(|host| host.strip_suffix(DOMAIN.as_bytes()))
        .and_then(|below| below.strip_suffix(b"."));
    below.is_some_and(|below| last_label(below).is_some())
}

/// Returns whether this is an origin that one page alone has.
#[inline]
pub fn is_origin(value: &[u8]) -> bool {
    let host = value
        .strip_prefix(b"https://")
        .or_else(|| value.strip_prefix(b"http://"));
    // A last label that begins with a digit may be one of an address.
    let is_name = host.is_some_and(|host| {
        let is_short = host.len() <= MAX_HOST_BYTES;
        is_short && last_label(host).is_some_and(|last| host[last] > b'9')
    });
    is_name || is_other_origin(value)
}

#[cold]
fn is_other_origin(value: &[u8]) -> bool {
    cors_core::Origin::parse(value).is_ok_and(|origin| !origin.is_null_or_file())
}
