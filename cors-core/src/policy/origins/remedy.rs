//! What to write in the place of an item of `allow_origins` that is no origin.

use super::network::{self, Network};
use super::pattern::OriginPattern;
use super::ports;
use super::regexes::RegexCompiler;
use super::{cidr, written_lists, written_regex};
use crate::policy::correction::{self, Authority, MAX_WRITTEN_BYTES};
use crate::policy::hazard::{Beside, Hazard};
use crate::policy::problem::{ProblemKind, Reason};
use crate::protocol::origin::{default_port, is_scheme, is_web_scheme};

/// Returns the problem of an item, with what to write instead, if anything is right.
pub(in crate::policy) fn problem(
    written: &str,
    reason: Reason,
    compiler: &mut RegexCompiler,
) -> ProblemKind {
    if written.len() > MAX_WRITTEN_BYTES {
        return reason(Vec::new());
    }
    if written_regex::is_regex(written) {
        let expression = written_regex::without_anchors(written);
        let origin = written_regex::unescaped(&expression);
        let items = origin.and_then(|origin| corrected(&origin));
        return match items {
            Some(items) => ProblemKind::OriginHasAnchors(items),
            None => ProblemKind::OriginIsRegex(written_regex::right(&expression, compiler)),
        };
    }
    if let Some(network) = cidr::items(written) {
        return network.map_or_else(
            |problem| problem,
            |items| ProblemKind::NetworkInCidr(all_right(&items).unwrap_or_default()),
        );
    }
    if let Some(items) = written_lists::texts(written).and_then(|texts| all_right(&texts)) {
        return ProblemKind::SeveralInItem(items);
    }
    let pieces = correction::pieces(written);
    if pieces.len() > 1
        && let Some(items) = list(written, &pieces)
    {
        return ProblemKind::SeveralInItem(items);
    }
    match pieces.as_slice() {
        [piece] => alone(piece, reason),
        _ => alone(written, reason),
    }
}

/// Returns the right items in the place of some texts, one for each, if there is one.
fn all_right(texts: &[String]) -> Option<Vec<String>> {
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    correction::all(&texts, |text| {
        corrected(text).filter(|items| items.len() == 1)
    })
}

/// Returns the origins that a text holds.
fn list(written: &str, pieces: &[&str]) -> Option<Vec<String>> {
    // A space may also be within an origin by mistake.
    let with_scheme = pieces.iter().filter(|piece| piece.contains("://")).count();
    if !written.contains([',', ';', '|']) && with_scheme > 0 && with_scheme < pieces.len() {
        return None;
    }
    correction::all(pieces, |piece| corrected(piece).filter(|_| is_plain(piece)))
}

/// Returns the problem of an item that holds one origin at most. Where something else is still wrong
/// with it after a correction, that is the problem.
fn alone(written: &str, reason: Reason) -> ProblemKind {
    let Some(items) = correct(written) else {
        return reason(Vec::new());
    };
    match items
        .iter()
        .find_map(|item| OriginPattern::parse(item).err())
    {
        Some(deeper) => deeper(Vec::new()),
        None => reason(items),
    }
}

/// Returns the right items in the place of a text.
fn corrected(written: &str) -> Option<Vec<String>> {
    let items = correct(written)?;
    let are_right = items.iter().all(|item| OriginPattern::parse(item).is_ok());
    are_right.then_some(items)
}

/// Returns what is most likely meant by a text, right or wrong.
fn correct(written: &str) -> Option<Vec<String>> {
    if let Some(network) = cidr::items(written) {
        return network.ok();
    }
    let written = Written::read(written)?;
    if written.scheme.as_deref() == Some("file") {
        return Some(vec!["file://".to_owned()]);
    }
    if let Some(scheme) = &written.scheme
        && !is_web_scheme(scheme)
    {
        return opaque(scheme, written.rest);
    }
    let mut authority = Authority::read(written.rest)?;
    if let Some(host) = network::filled(&authority.host) {
        authority.host = host;
    }
    let is_certain = written.is_whole && written.scheme.is_some();
    if !is_certain && !authority.is_plain() {
        return None;
    }
    let scheme = match written.scheme {
        Some(scheme) => scheme,
        None if authority.is_local()
            || Network::parse(&authority.host).is_some()
            || authority.port.as_deref() == Some("80") =>
        {
            "http".to_owned()
        }
        None => "https".to_owned(),
    };
    let default = default_port(scheme.as_bytes()).map(|port| port.to_string());
    let written_port = authority.port.as_ref();
    let range = written_port.and_then(|port| ports::corrected_range(port));
    let port = range.as_ref().or(written_port);
    let port = match port.filter(|port| Some(*port) != default.as_ref()) {
        Some(port) => format!(":{port}"),
        None => String::new(),
    };
    let domains = authority.domains().into_iter();
    Some(
        domains
            .map(|domain| format!("{scheme}://{domain}{port}"))
            .collect(),
    )
}

/// Returns the origin of another scheme than http and https, whose host is no domain.
fn opaque(scheme: &str, rest: &str) -> Option<Vec<String>> {
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.trim_end_matches(':');
    Some(vec![format!("{scheme}://{}", host.to_ascii_lowercase())])
}

/// Returns whether a piece of a list is an origin, and no part of one.
fn is_plain(piece: &str) -> bool {
    Written::read(piece).is_some_and(|written| {
        let scheme = written.scheme.as_deref();
        scheme.is_some_and(|scheme| !is_web_scheme(scheme))
            || Authority::read(written.rest).is_some_and(|authority| authority.is_plain())
    })
}

/// A text in two parts.
struct Written<'a> {
    /// The scheme that is meant, in lower case.
    scheme: Option<String>,
    /// What follows the scheme and the slashes.
    rest: &'a str,
    /// Whether exactly `://` stands between the two.
    is_whole: bool,
}

impl<'a> Written<'a> {
    fn read(written: &'a str) -> Option<Self> {
        if let Some((scheme, between, rest)) = web_scheme(written) {
            // The scheme may be there twice.
            return Some(
                match Self::read(rest).filter(|inner| inner.scheme.is_some()) {
                    Some(inner) => inner,
                    None => Self {
                        scheme: Some(scheme.to_owned()),
                        rest,
                        is_whole: between == "://",
                    },
                },
            );
        }
        let (scheme, rest) = match written.split_once("://") {
            Some(("" | "*", rest)) => (None, rest),
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, written.trim_start_matches('/')),
        };
        let is_right = scheme
            .as_ref()
            .is_none_or(|scheme| is_scheme(scheme.as_bytes()));
        is_right.then_some(Self {
            scheme,
            rest,
            is_whole: true,
        })
    }
}

/// Splits off a scheme of the web, or that of a WebSocket to a server of it, and the signs that
/// follow it: `://` or what comes near.
fn web_scheme(written: &str) -> Option<(&'static str, &str, &str)> {
    let schemes = [
        ("https", "https"),
        ("http", "http"),
        ("wss", "https"),
        ("ws", "http"),
    ];
    schemes.into_iter().find_map(|(name, scheme)| {
        let (start, rest) = written.split_at_checked(name.len())?;
        let host = match rest.strip_prefix("://") {
            // An IPv6 address may begin with colons.
            Some(host) => host.trim_start_matches('/'),
            None => rest.trim_start_matches([':', '/', '\\', ';']),
        };
        let (between, _) = rest.split_at_checked(rest.len() - host.len())?;
        let is_scheme = start.eq_ignore_ascii_case(name) && !matches!(between, "" | "/" | "\\");
        is_scheme.then_some((scheme, between, host))
    })
}

/// Leaves a remedy in which nothing is wrong beside these settings either.
pub(in crate::policy) fn settle(problem: &mut ProblemKind, beside: Beside<'_>) {
    if let Some(items) = problem.origins_mut() {
        let settled = items.iter().map(|item| settled(item, beside));
        *items = settled.collect::<Option<Vec<_>>>().unwrap_or_default();
    }
}

fn settled(item: &str, beside: Beside<'_>) -> Option<String> {
    let is_right = |item: &str| {
        if item == "*" {
            return Hazard::AnyOrigin.problem(beside).is_none().then_some(());
        }
        let pattern = OriginPattern::parse(item).ok()?;
        let mut hazards = Hazard::of_origin(&pattern);
        hazards
            .all(|hazard| hazard.problem(beside).is_none())
            .then_some(())
    };
    if is_right(item).is_some() {
        return Some(item.to_owned());
    }
    let secure = item.strip_prefix("http://")?;
    let secure = format!("https://{}", secure.strip_suffix(":443").unwrap_or(secure));
    is_right(&secure).map(|()| secure)
}
