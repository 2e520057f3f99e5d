//! The browser's half of the protocol, written down from the Fetch standard a second time: by
//! splitting texts and looking at lists.

use std::collections::BTreeSet;

use cors_core::browser::Credentials;

use crate::head::{Line, elements, is_token, trim, values};

const SAFELISTED_METHODS: [&str; 3] = ["GET", "HEAD", "POST"];

/// Returns a method as a script may use it; `None` where it may not.
pub fn method(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if !is_token(text.as_bytes()) || ["CONNECT", "TRACE", "TRACK"].contains(&upper.as_str()) {
        return None;
    }
    Some(crate::meant::as_sent(text))
}

/// Returns a value as `Headers.append()` keeps it; `None` where it throws.
pub fn header_value(value: &[u8]) -> Option<&[u8]> {
    let mut value = value;
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..]
    | [rest @ .., b' ' | b'\t' | b'\n' | b'\r'] = value
    {
        value = rest;
    }
    (!value.iter().any(|byte| b"\0\r\n".contains(byte))).then_some(value)
}

/// Returns whether a script's header is dropped without a word.
pub fn is_forbidden(name: &str, value: &[u8]) -> bool {
    const NAMES: &str = "accept-charset accept-encoding access-control-request-headers \
        access-control-request-method connection content-length cookie cookie2 date dnt expect \
        host keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via";
    let name = name.to_ascii_lowercase();
    if [
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    ]
    .contains(&name.as_str())
    {
        let is_forbidden = |element: &&[u8]| {
            ["CONNECT", "TRACE", "TRACK"]
                .iter()
                .any(|method| element.eq_ignore_ascii_case(method.as_bytes()))
        };
        return elements(&[value]).iter().any(is_forbidden);
    }
    NAMES.split(' ').any(|forbidden| forbidden == name)
        || name.starts_with("proxy-")
        || name.starts_with("sec-")
}

/// Returns the names for which a browser asks first, sorted, each once.
pub fn unsafe_names(lines: &[Line]) -> Vec<String> {
    let (safe, unsafe_): (Vec<&Line>, Vec<&Line>) = lines
        .iter()
        .partition(|(name, value)| is_safelisted(&name.to_ascii_lowercase(), value));
    let size: usize = safe.iter().map(|(_, value)| value.len()).sum();
    let all = unsafe_
        .into_iter()
        .chain(safe.into_iter().filter(|_| size > 1024));
    let names: BTreeSet<String> = all.map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.into_iter().collect()
}

fn is_safelisted(name: &str, value: &[u8]) -> bool {
    if value.len() > 128 {
        return false;
    }
    let is_unsafe = value
        .iter()
        .any(|byte| *byte < 0x20 && *byte != b'\t' || b"\"():<>?@[\\]{}\x7f".contains(byte));
    match name {
        "accept" => !is_unsafe,
        "accept-language" | "content-language" => value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(byte)),
        "content-type" => {
            let simple = [
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "text/plain",
            ];
            !is_unsafe && essence(value).is_some_and(|essence| simple.contains(&essence.as_str()))
        }
        "range" => is_simple_range(value),
        _ => false,
    }
}

/// Returns `type/subtype` of a MIME type.
fn essence(value: &[u8]) -> Option<String> {
    let text: String = value.iter().copied().map(char::from).collect();
    let is_blank = |char| matches!(char, ' ' | '\t' | '\n' | '\r');
    let (kind, rest) = text.trim_matches(is_blank).split_once('/')?;
    let subtype = rest.split(';').next()?.trim_end_matches(is_blank);
    let is_name = |text: &str| text.is_ascii() && is_token(text.as_bytes());
    (is_name(kind) && is_name(subtype)).then(|| format!("{kind}/{subtype}").to_ascii_lowercase())
}

/// Returns whether a value is one range with a beginning, without blanks.
fn is_simple_range(value: &[u8]) -> bool {
    let range = str::from_utf8(value)
        .ok()
        .and_then(|text| text.strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
        return false;
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = !first.is_empty() && is_digits(first) && is_digits(last);
    let number = |text: &str| {
        let text = text.trim_start_matches('0');
        (text.len(), text.to_owned())
    };
    is_plain && (last.is_empty() || number(first) <= number(last))
}

/// Returns whether a page may read a response.
pub fn passes_cors_check(origin: &str, credentials: Credentials, response: &[Line]) -> bool {
    let Some(allowed) = combined(response, "access-control-allow-origin") else {
        return false;
    };
    let included = credentials == Credentials::Include;
    if !included && allowed == b"*" {
        return true;
    }
    let with = combined(response, "access-control-allow-credentials");
    allowed == origin.as_bytes() && (!included || with.as_deref() == Some(b"true"))
}

/// A request, as far as the check of a preflight's response looks at it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub origin: &'a str,
    pub credentials: Credentials,
    pub method: &'a str,
    pub unsafe_names: &'a [String],
    /// Whether a listener or a stream is why the browser asks.
    pub has_flag: bool,
}

/// Returns whether the response to a preflight lets the request be sent.
pub fn passes_preflight_check(asked: &Asked<'_>, status: u16, response: &[Line]) -> bool {
    let is_ok = (200..=299).contains(&status);
    if !is_ok || !passes_cors_check(asked.origin, asked.credentials, response) {
        return false;
    }
    let (Ok(methods), Ok(headers)) = (
        tokens(response, "access-control-allow-methods"),
        tokens(response, "access-control-allow-headers"),
    ) else {
        return false;
    };
    let methods = match methods {
        None if asked.has_flag => vec![asked.method.to_owned()],
        methods => methods.unwrap_or_default(),
    };
    let headers = headers.unwrap_or_default();
    let star = |list: &[String]| {
        asked.credentials != Credentials::Include && list.iter().any(|item| item == "*")
    };
    let has_method = SAFELISTED_METHODS.contains(&asked.method)
        || methods.iter().any(|method| method == asked.method)
        || star(&methods);
    let has_name = |name: &String| {
        let is_listed = headers
            .iter()
            .any(|header| header.eq_ignore_ascii_case(name));
        is_listed || star(&headers) && name != "authorization"
    };
    has_method && asked.unsafe_names.iter().all(has_name)
}

/// Returns for how many seconds the response to a preflight is kept, where it says so in a way
/// that can be read.
pub fn max_age(response: &[Line]) -> u64 {
    let values = values(response, "access-control-max-age");
    let [value] = values[..] else {
        return 5;
    };
    let text = str::from_utf8(trim(value)).ok();
    let is_digits =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.filter(is_digits)
        .map_or(5, |text| text.parse().unwrap_or(u64::MAX))
}

/// Returns the names of a response's headers that a script may read, sorted, each once.
pub fn exposed(credentials: Credentials, response: &[Line]) -> Vec<String> {
    const ALWAYS: &str = "cache-control content-language content-length content-type expires \
        last-modified pragma";
    let listed = tokens(response, "access-control-expose-headers");
    let listed = listed.ok().flatten().unwrap_or_default();
    let any = credentials != Credentials::Include && listed.iter().any(|name| name == "*");
    let names = response.iter().map(|(name, _)| name.to_ascii_lowercase());
    let is_exposed = |name: &String| {
        let is_listed = listed
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(name));
        let is_cookie = name == "set-cookie" || name == "set-cookie2";
        !is_cookie && (any || is_listed || ALWAYS.split(' ').any(|always| always == name))
    };
    let exposed: BTreeSet<String> = names.filter(is_exposed).collect();
    exposed.into_iter().collect()
}

/// Returns the values of all lines of a name, joined; `None` where there is none.
fn combined(lines: &[Line], name: &str) -> Option<Vec<u8>> {
    let values = values(lines, name);
    (!values.is_empty()).then(|| values.join(&b", "[..]))
}

/// Returns the tokens of a list; `None` where there is no such line, an error where an element is
/// no token.
fn tokens(lines: &[Line], name: &str) -> Result<Option<Vec<String>>, ()> {
    let lines = values(lines, name);
    if lines.is_empty() {
        return Ok(None);
    }
    let elements = elements(&lines);
    let text = |element: &[u8]| {
        let is_token = is_token(element);
        let text = String::from_utf8_lossy(element);
        if is_token {
            Ok(text.into_owned())
        } else {
            Err(())
        }
    };
    elements
        .into_iter()
        .map(text)
        .collect::<Result<_, _>>()
        .map(Some)
}
