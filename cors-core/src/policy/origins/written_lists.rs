//! Several origins in one text, of which only a part is written several times: `https://{a,b}.example`
//! and `http://localhost:3000,3001`.

use super::cidr::{self, MAX_ITEMS};
use super::written::Written;
use crate::policy::correction::depth_after;

/// Returns the pieces of a list, each with a host: a port alone has that of the piece before.
pub(super) fn with_hosts(pieces: &[&str]) -> Option<Vec<String>> {
    let mut whole: Vec<String> = Vec::new();
    for piece in pieces {
        let text = match port_alone(piece) {
            Some(port) => format!("{}:{port}", host_with_port(whole.last()?)?),
            None => (*piece).to_owned(),
        };
        whole.push(text);
    }
    Some(whole)
}

/// Returns the items of a list, of which those that are a port alone are left with the item before.
pub(in crate::policy) fn with_their_ports<'a>(
    pieces: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut has_port = false;
    for piece in pieces {
        let is_port = port_alone(piece).is_some();
        match items.last_mut().filter(|_| is_port && has_port) {
            Some(item) => {
                item.push(',');
                item.push_str(piece);
            }
            None => items.push(piece.to_owned()),
        }
        has_port = is_port && has_port || host_with_port(piece).is_some();
    }
    items
}

/// Returns the port or the ports that a piece of a list is, if it is nothing else.
fn port_alone(piece: &str) -> Option<&str> {
    let text = piece.strip_prefix(':').unwrap_or(piece);
    let text = text.strip_suffix('/').unwrap_or(text);
    let is_port = |text: &str| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        (1..=5).contains(&text.len()) && is_number && !text.starts_with('0')
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    (is_port(first) && is_port(last)).then_some(text)
}

/// Returns what stands before the port of an origin, or of a network, that has one.
fn host_with_port(text: &str) -> Option<&str> {
    let (before, port) = text.strip_suffix('/').unwrap_or(text).rsplit_once(':')?;
    port_alone(port)?;
    let host = Written::read(before)?.rest;
    let is_host = !host.is_empty() && !host.contains(['/', '\\', '?', '#', '@']);
    // The colon may be one of an IPv6 address.
    let is_whole = !host.contains(':') || host.ends_with(']');
    (is_host && is_whole || cidr::items(before).is_some()).then_some(before)
}

/// Returns the texts that are meant by one, right or wrong: a text for each alternative between
/// braces, as shells and globs have them, and for each port between brackets. `None` where they are
/// too many. What follows the host has no alternatives: it is no part of an origin.
pub(super) fn texts(piece: &str) -> Option<Vec<String>> {
    let (mut rest, tail) = piece.split_at(end_of_host(piece));
    let mut texts = vec![String::new()];
    while let Some((before, parts, after)) = next_group(rest) {
        let is_bounded = texts.len() * parts.len() <= MAX_ITEMS;
        // What follows would be the path of one of them.
        let has_path = |part: &&str| part.replace("://", "").contains(['/', '\\', '?', '#']);
        let are_ends = after.is_empty() && tail.is_empty();
        if !is_bounded
            || parts.iter().any(|part| part.contains('{'))
            || !are_ends && parts.iter().any(has_path)
        {
            return None;
        }
        texts = texts
            .iter()
            .flat_map(|text| {
                parts
                    .iter()
                    .map(move |part| format!("{text}{before}{part}"))
            })
            .collect();
        rest = after;
    }
    for text in &mut texts {
        text.push_str(rest);
        text.push_str(tail);
    }
    Some(texts)
}

/// Returns where a path, a query or a fragment begins, outside all brackets.
fn end_of_host(piece: &str) -> usize {
    let mut depth = 0;
    let mut after_scheme = piece.len() - piece.trim_start_matches('/').len();
    for (at, character) in piece.char_indices() {
        depth = depth_after(depth, character);
        let rest = piece.get(at..).unwrap_or_default();
        if depth > 0 || at < after_scheme {
            continue;
        }
        if rest.starts_with("://") {
            after_scheme = at + "://".len();
        } else if matches!(character, '/' | '\\' | '?' | '#') {
            return at;
        }
    }
    piece.len()
}

/// Returns the first alternatives of a text, with what stands before and behind them.
fn next_group(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find(['{', '[', '('])?;
        let (before, group) = text.split_at(open);
        let close = match group.as_bytes().first() {
            Some(b'{') => '}',
            // Elsewhere they are of an address, or of nothing that is known.
            Some(b'[') if before.ends_with(':') => ']',
            Some(b'(') if before.ends_with(':') => ')',
            _ => '\0',
        };
        let inner = group.get(1..).and_then(|inner| inner.split_once(close));
        if let Some((inner, after)) = inner
            && inner.contains(',')
        {
            return Some((before, inner.split(',').map(str::trim).collect(), after));
        }
        from = open + 1;
    }
}
