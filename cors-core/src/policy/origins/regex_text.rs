//! What is written where a regular expression is expected, and is none, or means more as one.

use std::convert::Infallible;

use regex_syntax::ast::{self, Ast, LiteralKind, Visitor};

use super::corrected::corrected;
use super::pattern::OriginPattern;
use crate::policy::hazard::Hazard;

/// The items of `allow_origins` that are meant where an expression is expected.
pub(super) struct Items {
    /// The items, corrected as those of `allow_origins` are.
    pub(super) texts: Vec<String>,
    /// What is wrong with them beside credentials.
    pub(super) hazards: Vec<Hazard>,
}

/// Returns the items of `allow_origins` for what is written where an expression is expected.
pub(super) fn items(written: &str) -> Option<Items> {
    let text = without_anchors(written);
    if text == "*" {
        return Some(Items {
            texts: vec![text.to_owned()],
            hazards: vec![Hazard::AnyOrigin],
        });
    }
    if !has_no_signs(text) || has_class(text) {
        return None;
    }
    let texts = corrected(text)?;
    let mut hazards = Vec::new();
    for text in &texts {
        let pattern = OriginPattern::parse(text).ok()?;
        for hazard in Hazard::of_origin(&pattern) {
            let hazard = match hazard {
                // The text here may have anchors, so no origin is made of it.
                Hazard::InsecureOrigin => Hazard::InsecureRegex,
                Hazard::PrivateAddress => continue,
                hazard => hazard,
            };
            if !hazards.contains(&hazard) {
                hazards.push(hazard);
            }
        }
    }
    Some(Items { texts, hazards })
}

/// Returns the expression for a glob, such as `https://pr-*.example.com`, in which `*` stands for
/// any text and not for repetitions of the character before.
pub(super) fn glob(written: &str) -> Option<String> {
    let both = |rest| plain_origin(&format!("https://{rest}"));
    let (scheme, origin) = match without_anchors(written).strip_prefix("https?://") {
        Some(rest) => ("https?", both(rest)?),
        None => ("", plain_origin(written)?),
    };
    let (own_scheme, host) = origin.split_once("://")?;
    let scheme = if scheme.is_empty() {
        own_scheme
    } else {
        scheme
    };
    // `.*` is any text in an expression too, except as a label of its own.
    let mut stars = host.match_indices('*');
    let is_glob = stars.any(|(at, _)| !host.get(..at).is_some_and(|before| before.ends_with('.')));
    let (host, port) = match host.strip_suffix(":*") {
        Some(host) => (host, "(:[0-9]+)?"),
        None => (host, ""),
    };
    // A scheme is copied as it is, so it has no sign of an expression, as `.` is one.
    if !is_glob || scheme.contains(['*', '.', '[']) || !host.contains('.') {
        return None;
    }
    let host = host.replace('.', r"\.").replace('*', "[a-z0-9-]+");
    Some(format!("{scheme}://{host}{port}"))
}

/// Returns whether a text has no sign of a regular expression but `*`, and brackets.
fn has_no_signs(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/*[]".contains(&byte);
    text.bytes().all(is_plain)
}

/// Returns whether there are brackets that are not those of an address.
fn has_class(text: &str) -> bool {
    let mut brackets = text.match_indices('[');
    brackets.any(|(at, _)| at > 0 && !text.get(..at).is_some_and(|before| before.ends_with('/')))
}

/// Returns a text that has no sign of a regular expression but `*` and anchors, as what an origin
/// is: with a scheme, and without a path.
fn plain_origin(written: &str) -> Option<String> {
    let text = without_anchors(written);
    if !has_no_signs(text) {
        return None;
    }
    let (scheme, rest) = match text.split_once("://") {
        Some(parts) => parts,
        None if text.starts_with("localhost") || text.starts_with("127.") => ("http", text),
        None if text.contains('.') => ("https", text),
        None => return None,
    };
    let host = rest.split('/').next()?;
    Some(format!("{scheme}://{host}"))
}

/// Returns an expression without what origins lack at its end, a path or the default port, and
/// without the delimiters that other languages put around one.
pub(super) fn without_path(written: &str) -> Option<String> {
    const ENDS: [&str; 10] = [
        "(/.*)?", "/?(.*)", "/(.*)", "/.*", "/.+", "/?", "/*", "/", ":443", ":80",
    ];
    let delimiters = [("/", "/"), ("/", "/i"), ("#", "#"), ("#", "#i"), ("~", "~")];
    let inner = delimiters.iter().find_map(|(start, end)| {
        let inner = written.strip_prefix(start)?.strip_suffix(end)?;
        (!inner.is_empty()).then_some(inner)
    });
    let text = without_anchors(inner.unwrap_or(written)).replace(r"\/", "/");
    let mut trimmed = text.as_str();
    while let Some(rest) = ENDS.iter().find_map(|end| trimmed.strip_suffix(end)) {
        trimmed = rest.strip_suffix('\\').unwrap_or(rest);
    }
    let can_be_shown = trimmed.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_other = inner.is_some() || trimmed != text;
    (is_other && can_be_shown).then(|| trimmed.to_owned())
}

fn without_anchors(written: &str) -> &str {
    let text = written.strip_prefix('^').unwrap_or(written);
    text.strip_suffix('$').unwrap_or(text)
}

/// Returns the expression with a backslash before each `.` that stands between characters of a
/// host, if there is one. A `.` that is repeated, or beside another wildcard or a sign, is left
/// alone.
pub(super) fn with_escaped_dots(pattern: &str) -> Option<String> {
    let ast = ast::parse::Parser::new().parse(pattern).ok()?;
    let Ok(mut dots) = ast::visit(&ast, Dots::default());
    dots.sort_unstable();
    let mut escaped = String::with_capacity(pattern.len() + dots.len());
    let mut from = 0;
    for dot in &dots {
        escaped.push_str(pattern.get(from..*dot)?);
        escaped.push('\\');
        from = *dot;
    }
    escaped.push_str(pattern.get(from..)?);
    (!dots.is_empty()).then_some(escaped)
}

/// The positions of the dots that stand for a dot.
#[derive(Default)]
struct Dots(Vec<usize>);

impl Visitor for Dots {
    type Output = Vec<usize>;
    type Err = Infallible;

    fn finish(self) -> Result<Vec<usize>, Infallible> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        let Ast::Concat(concat) = ast else {
            return Ok(());
        };
        let parts: Vec<_> = concat.asts.iter().filter(|part| !is_empty(part)).collect();
        for (index, part) in parts.iter().enumerate() {
            let Ast::Dot(span) = part else {
                continue;
            };
            let before = index.checked_sub(1).and_then(|before| parts.get(before));
            let after = parts.get(index + 1);
            // At an end of a group, the other side tells.
            let is_host = |part: Option<&&Ast>| part.is_none_or(|part| is_of_host(part));
            if is_host(before) && is_host(after) && before.or(after).is_some() {
                self.0.push(span.start.offset);
            }
        }
        Ok(())
    }
}

/// Returns whether a part of an expression takes no room, as `^` does.
fn is_empty(part: &Ast) -> bool {
    matches!(part, Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_))
}

/// Returns whether a part of an expression can be beside a dot in a host.
fn is_of_host(part: &Ast) -> bool {
    match part {
        Ast::Literal(literal) => {
            let is_label = literal.c.is_ascii_alphanumeric() || matches!(literal.c, '-' | '_');
            is_label && !matches!(literal.kind, LiteralKind::Special(_))
        }
        Ast::ClassBracketed(_) | Ast::ClassPerl(_) | Ast::Group(_) | Ast::Repetition(_) => true,
        _ => false,
    }
}
