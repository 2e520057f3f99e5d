//! The CORS safelist of request headers: the headers that a script may send without a preflight.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::blank::{is_whitespace, trim};
use super::{HeaderList, PreflightReason};
use crate::protocol::token::is_token;

/// The most bytes in a safelisted value.
pub(super) const MAX_VALUE_BYTES: usize = 128;

/// The most bytes in all safelisted values together.
pub(super) const MAX_VALUES_BYTES: usize = 1024;

/// Returns one reason for every unsafe name, sorted by name.
///
/// [CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names)
pub(super) fn unsafe_headers(headers: &HeaderList) -> Vec<PreflightReason> {
    let mut reasons = BTreeMap::new();
    let mut safelisted = Vec::new();
    let mut bytes = 0;
    for (name, value) in headers.iter() {
        let name = name.to_ascii_lowercase();
        match judge(&name, value) {
            Err(reason) => {
                reasons.entry(name).or_insert(reason);
            }
            Ok(()) => {
                bytes += value.len();
                safelisted.push(name);
            }
        }
    }
    if bytes > MAX_VALUES_BYTES {
        for name in safelisted {
            reasons
                .entry(name)
                .or_insert_with_key(|name| PreflightReason::ValuesTooLong {
                    name: name.clone(),
                    bytes,
                });
        }
    }
    reasons.into_values().collect()
}

/// Checks whether a header is a
/// [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header);
/// an error says why not. The name is in lower case.
fn judge(name: &str, value: &[u8]) -> Result<(), PreflightReason> {
    let judge_value: fn(&str, &[u8]) -> Result<(), PreflightReason> = match name {
        "accept" => |name, value| judge_bytes(name, value, is_unsafe_byte),
        "accept-language" | "content-language" => {
            |name, value| judge_bytes(name, value, is_no_language_byte)
        }
        "content-type" => judge_content_type,
        "range" => |_, value| judge_range(value),
        _ => {
            return Err(PreflightReason::HeaderName {
                name: name.to_owned(),
            });
        }
    };
    if value.len() > MAX_VALUE_BYTES {
        return Err(PreflightReason::ValueTooLong {
            name: name.to_owned(),
            bytes: value.len(),
        });
    }
    judge_value(name, value)
}

fn judge_bytes(name: &str, value: &[u8], is_unsafe: fn(u8) -> bool) -> Result<(), PreflightReason> {
    match value.iter().find(|&&byte| is_unsafe(byte)) {
        None => Ok(()),
        Some(&byte) => Err(PreflightReason::HeaderByte {
            name: name.to_owned(),
            byte,
        }),
    }
}

fn judge_content_type(name: &str, value: &[u8]) -> Result<(), PreflightReason> {
    judge_bytes(name, value, is_unsafe_byte)?;
    let essence = mime_essence(value);
    match essence.as_deref() {
        Some("application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain") => Ok(()),
        _ => Err(PreflightReason::ContentType { essence }),
    }
}

fn judge_range(value: &[u8]) -> Result<(), PreflightReason> {
    if is_simple_range(value) {
        Ok(())
    } else {
        Err(PreflightReason::Range {
            value: value.to_vec(),
        })
    }
}

/// Returns whether the byte is a
/// [CORS-unsafe request-header byte](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte).
const fn is_unsafe_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t')
        || matches!(
            byte,
            b'"' | b'('
                | b')'
                | b':'
                | b'<'
                | b'>'
                | b'?'
                | b'@'
                | b'['
                | b'\\'
                | b']'
                | b'{'
                | b'}'
                | 0x7F
        )
}

const fn is_no_language_byte(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric()
        || matches!(byte, b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'='))
}

/// Returns the type and subtype in lower case, or `None` where the value is not a MIME type.
/// Parameters never change the result.
///
/// [Parse a MIME type](https://mimesniff.spec.whatwg.org/#parse-a-mime-type)
fn mime_essence(value: &[u8]) -> Option<String> {
    let essence = value.split(|&byte| byte == b';').next()?;
    let essence = trim(essence, is_whitespace);
    let mut halves = essence.splitn(2, |&byte| byte == b'/');
    if halves.next().is_some_and(is_token) && halves.next().is_some_and(is_token) {
        String::from_utf8(essence.to_ascii_lowercase()).ok()
    } else {
        None
    }
}

/// Returns whether the value is `bytes=first-` or `bytes=first-last`, without any blank.
///
/// [Parse a single range header value](https://fetch.spec.whatwg.org/#simple-range-header-value),
/// except for ranges without a first position, which are not safelisted.
fn is_simple_range(value: &[u8]) -> bool {
    let Some(range) = value.strip_prefix(b"bytes=") else {
        return false;
    };
    let mut positions = range.splitn(2, |&byte| byte == b'-');
    let (Some(first), Some(last)) = (positions.next(), positions.next()) else {
        return false;
    };
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    !first.is_empty()
        && digits(first)
        && digits(last)
        && (last.is_empty() || compare_decimals(first, last).is_le())
}

/// Compares numbers of any length.
fn compare_decimals(a: &[u8], b: &[u8]) -> Ordering {
    let [a, b] = [a, b].map(|digits| {
        let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        &digits[zeros..]
    });
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
