//! What to write in the place of an item of `allow_origins` that is no origin.

use super::corrected::{correct, corrected, end_of_authority, is_plain};
use super::pattern::OriginPattern;
use super::regexes::RegexCompiler;
use super::written::Written;
use super::{cidr, written_lists, written_regex};
use crate::policy::correction::{self, MAX_WRITTEN_BYTES};
use crate::policy::hazard::{Beside, Hazard};
use crate::policy::problem::{ProblemKind, Reason};

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
        let items = origin.and_then(|origin| all_corrected(&origin));
        return match items {
            Some(items) => ProblemKind::OriginHasAnchors(items),
            None => ProblemKind::OriginIsRegex(written_regex::right(&expression, compiler)),
        };
    }
    let pieces = correction::pieces(written);
    match pieces.as_slice() {
        [] => reason(Vec::new()),
        [piece] => of_piece(piece, reason),
        [first, others @ ..] => match list(written, &pieces) {
            Some(items) => ProblemKind::SeveralInItem(items),
            None if is_all_path(first, others) => alone(written, reason),
            // What is right for one of them alone would have the others disappear.
            None => reason(Vec::new()),
        },
    }
}

/// Returns the problem of a text without separators, except between brackets.
fn of_piece(piece: &str, reason: Reason) -> ProblemKind {
    if let Some(network) = cidr::items(piece) {
        return network.map_or_else(
            |problem| problem,
            |items| ProblemKind::NetworkInCidr(apart(&items).unwrap_or_default()),
        );
    }
    match written_lists::texts(piece).as_deref() {
        None => reason(Vec::new()),
        Some([_]) => alone(piece, reason),
        Some(texts) => match apart(texts) {
            Some(items) => ProblemKind::SeveralInItem(items),
            None => reason(Vec::new()),
        },
    }
}

/// Returns the right items in the place of texts that are meant to differ, one for each.
fn apart(texts: &[String]) -> Option<Vec<String>> {
    let mut items = Vec::new();
    for text in texts {
        let [item] = corrected(text)?.try_into().ok()?;
        if items.contains(&item) {
            return None;
        }
        items.push(item);
    }
    Some(items)
}

/// Returns the origins that a text of several pieces holds.
fn list(written: &str, pieces: &[&str]) -> Option<Vec<String>> {
    // A space may also be within an origin by mistake.
    let with_scheme = pieces.iter().filter(|piece| piece.contains("://")).count();
    if !written.contains([',', ';', '|']) && with_scheme > 0 && with_scheme < pieces.len() {
        return None;
    }
    let pieces = written_lists::with_hosts(pieces)?;
    let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
    let may_be_path = pieces.iter().zip(pieces.iter().skip(1));
    if may_be_path.into_iter().any(|(before, piece)| {
        let is_whole = piece.contains("://");
        !is_whole && (piece.contains('@') || has_path(before) && cidr::items(before).is_none())
    }) {
        return None;
    }
    correction::all(&pieces, |piece| {
        let texts = written_lists::texts(piece)?;
        if !texts.iter().all(|text| is_plain(text)) {
            return None;
        }
        match texts.as_slice() {
            [text] => corrected(text),
            texts => apart(texts),
        }
    })
}

/// Returns whether one origin is written, in whose path are the signs that would separate others.
fn is_all_path(first: &str, others: &[&str]) -> bool {
    let may_be_origin =
        |piece: &&str| piece.contains([':', '*']) || *piece == "null" || is_plain(piece);
    has_path(first) && !others.iter().any(may_be_origin)
}

fn has_path(piece: &str) -> bool {
    let rest = Written::read(piece).map_or(piece, |written| written.rest);
    let (_, tail) = rest.split_at(end_of_authority(rest));
    !matches!(tail, "" | "/")
}

/// Returns the right items in the place of a text that may hold a list.
fn all_corrected(written: &str) -> Option<Vec<String>> {
    let pieces = correction::pieces(written);
    match pieces.as_slice() {
        [piece] => corrected(piece),
        _ => list(written, &pieces),
    }
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

/// Leaves a remedy in which nothing is wrong beside these settings either. `written` is what it is
/// for, unless that is too long to be kept.
pub(in crate::policy) fn settle(
    problem: &mut ProblemKind,
    written: Option<&str>,
    beside: Beside<'_>,
) {
    if let Some(items) = problem.origins_mut() {
        let may_choose = written.is_some_and(names_no_scheme);
        let settled = items.iter().map(|item| settled(item, may_choose, beside));
        *items = settled.collect::<Option<Vec<_>>>().unwrap_or_default();
    }
}

/// Returns whether the scheme of a remedy is a guess. Which of two written ones may be another,
/// nobody can say.
fn names_no_scheme(written: &str) -> bool {
    let written = written.to_ascii_lowercase();
    !["http", "ws:", "ws/"]
        .iter()
        .any(|scheme| written.contains(scheme))
}

fn settled(item: &str, may_choose: bool, beside: Beside<'_>) -> Option<String> {
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
    let secure = item.strip_prefix("http://").filter(|_| may_choose)?;
    let secure = format!("https://{}", secure.strip_suffix(":443").unwrap_or(secure));
    is_right(&secure).map(|()| secure)
}
