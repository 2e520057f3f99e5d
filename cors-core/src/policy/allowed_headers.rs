//! The check of `Access-Control-Request-Headers`, in one bounded pass.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::header_names::HeaderNames;
use super::list::List;
use crate::protocol::field::RequestField;
use crate::protocol::refusal::{Failure, Refusal};
use crate::protocol::request::RequestHead;
use crate::protocol::token;

/// The most bytes of `Access-Control-Request-Headers` that are read, over all its lines.
///
/// A browser lists the names of the headers that one script set; a hundred long names take half of
/// this. Beyond it the preflight is refused, and the rest is not read.
pub const MAX_REQUEST_HEADERS_BYTES: usize = 8 * 1024;

/// The most names that are read. A repeated name counts each time.
pub const MAX_REQUEST_HEADERS_NAMES: usize = 256;

/// The most empty elements that are read. Senders must not make any, but proxies that join lines do
/// ([RFC 9110, 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)).
pub const MAX_REQUEST_HEADERS_EMPTY: usize = 64;

/// The most lines that are read. A browser sends one.
///
/// They are counted before the second is read, so that thousands of short lines cost no more than
/// this many.
pub const MAX_REQUEST_HEADERS_LINES: usize = 64;

/// The request headers that a policy allows.
pub(crate) struct AllowedHeaders {
    pub(crate) names: Arc<List<HeaderNames>>,
    /// Where any name is allowed, `Authorization` is one only if it is also listed or credentials
    /// are allowed, since `*` does not cover it.
    pub(crate) any_covers_authorization: bool,
    /// Where any name is allowed, `*` is one only without credentials: with them the names are
    /// echoed, and a `*` in the response reads as more than was asked for.
    pub(crate) any_covers_wildcard: bool,
    pub(crate) echoed: EchoedHeaders,
}

/// The names of a preflight's `Access-Control-Request-Headers` that its response repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EchoedHeaders {
    None,
    /// All, since `*` is none with credentials.
    All,
    /// Those that a prefix covers, after the listed ones.
    OfPrefixes,
}

impl AllowedHeaders {
    pub(crate) fn new(names: Arc<List<HeaderNames>>, credentials: bool) -> Self {
        Self {
            any_covers_wildcard: !credentials,
            any_covers_authorization: credentials || names.compiled.contains(b"authorization"),
            echoed: if names.any && credentials {
                EchoedHeaders::All
            } else if names.compiled.prefixes.is_empty() {
                EchoedHeaders::None
            } else {
                EchoedHeaders::OfPrefixes
            },
            names,
        }
    }

    pub(crate) fn are_any(&self) -> bool {
        self.names.any
    }

    /// Checks every name that the preflight asks for. An error says that the list is too long; if
    /// it is not, which name is the first that is malformed; and if none is, which is the first
    /// that is not allowed.
    ///
    /// The check goes on past a name that is not listed, since the rest may be what no browser
    /// sends.
    ///
    /// Names may come in any order and case, on several lines, with optional white space, empty
    /// elements and repetitions: Firefox sends a name twice when a page spelled it in two ways.
    pub(crate) fn check<'a>(&self, request: &'a dyn RequestHead) -> Result<(), Failure<'a>> {
        let mut budget = Budget::default();
        let mut unlisted = None;
        let mut result = Ok(());
        let mut lines = 0_usize;
        request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
            lines += 1;
            result = if lines == 2 && has_too_many_lines(request) {
                Err(TOO_LONG)
            } else if self.names.any {
                check_line(line, &mut budget, |name| self.any_covers(name))
            } else if self.lists_as_sent(line, &mut budget) {
                Ok(())
            } else {
                check_line(line, &mut budget, |name| {
                    // After the first that is not listed, all that matters is whether the others
                    // are names.
                    if unlisted.is_none() && self.names.compiled.contains(name) {
                        return true;
                    }
                    let is_name = token::is_token(name);
                    if is_name && unlisted.is_none() && self.prefix_of(name).is_none() {
                        unlisted = Some(name);
                    }
                    is_name
                })
            };
            continue_if_ok(&result)
        });
        match (result, unlisted) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(name)) => Err(Failure {
                refusal: Refusal::HeaderNotAllowed,
                value: Some(name),
                only_lists: true,
            }),
            (Err(failure), _) if failure.refusal == Refusal::HeaderListTooLong => Err(failure),
            (Err(failure), _) => Err(malformed(request).unwrap_or(failure)),
        }
    }

    /// Returns whether a line's names are listed, and stand as browsers send them: in lower case,
    /// without white space or empty elements. Otherwise the line counts as not yet read.
    #[inline]
    fn lists_as_sent(&self, line: &[u8], budget: &mut Budget) -> bool {
        let mut after = *budget;
        let is_listed = after.line(line).is_ok()
            && line
                .split(|byte| *byte == b',')
                .all(|name| after.name().is_ok() && self.names.compiled.contains_as_sent(name));
        if is_listed {
            *budget = after;
        }
        is_listed
    }

    /// Returns the prefix that allows a name. A prefix may hold forbidden names (`set-*` holds
    /// `set-cookie`), and allows none of them.
    fn prefix_of(&self, name: &[u8]) -> Option<&str> {
        let prefix = self.names.compiled.prefixes.of(name)?;
        (!token::is_forbidden_request_header_name(name)).then_some(prefix)
    }

    /// Returns the first name of a preflight that is allowed by a prefix alone, and the prefix.
    pub(crate) fn first_by_prefix<'a>(
        &self,
        request: &'a dyn RequestHead,
    ) -> Option<(&'a [u8], &str)> {
        let mut first = None;
        self.each_by_prefix(request, |name, prefix| {
            first = Some((name, prefix));
            ControlFlow::Break(())
        });
        first
    }

    /// Returns the listed names, and those that the preflight asks for and a prefix allows. The
    /// preflight has passed the [check](Self::check), but for names that no policy lists.
    pub(crate) fn listed_and_asked(&self, request: &dyn RequestHead) -> String {
        // A comma in place of `, ` is the least that a line has between names.
        let mut room = self.names.text.len();
        request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
            let commas = line.iter().filter(|byte| **byte == b',').count();
            room += line.len() + commas + ", ".len();
            ControlFlow::Continue(())
        });
        let mut text = String::with_capacity(room);
        text.push_str(&self.names.text);
        self.each_by_prefix(request, |name, _| {
            if !text.is_empty() {
                text.push_str(", ");
            }
            // A token is ASCII.
            text.extend(name.iter().copied().map(char::from));
            ControlFlow::Continue(())
        });
        text
    }

    /// Calls `visit` with the asked names that are allowed by a prefix alone, and the prefix.
    fn each_by_prefix<'s, 'a>(
        &'s self,
        request: &'a dyn RequestHead,
        mut visit: impl FnMut(&'a [u8], &'s str) -> ControlFlow<()>,
    ) {
        request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
            elements(line)
                .filter(|name| !self.names.compiled.contains(name) && token::is_token(name))
                .try_for_each(|name| match self.prefix_of(name) {
                    Some(prefix) => visit(name, prefix),
                    None => ControlFlow::Continue(()),
                })
        });
    }

    fn any_covers(&self, name: &[u8]) -> bool {
        token::is_token(name)
            && (self.any_covers_authorization || !token::is_non_wildcard_request_header_name(name))
            && (self.any_covers_wildcard || name != b"*")
    }
}

/// Checks the names of a line, up to the first that can't be allowed.
fn check_line<'a>(
    line: &'a [u8],
    budget: &mut Budget,
    mut passes: impl FnMut(&'a [u8]) -> bool,
) -> Result<(), Failure<'a>> {
    budget.line(line)?;
    for name in elements(line) {
        if name.is_empty() {
            budget.empty_element()?;
            continue;
        }
        budget.name()?;
        if !passes(name) {
            return Err(if token::is_token(name) {
                Failure {
                    refusal: Refusal::HeaderNotAllowed,
                    value: Some(name),
                    only_lists: false,
                }
            } else {
                malformed_name(name)
            });
        }
    }
    Ok(())
}

/// The counts that three of the bounds limit.
#[derive(Clone, Copy, Debug, Default)]
struct Budget {
    bytes: usize,
    names: usize,
    empty_elements: usize,
}

impl Budget {
    fn line(&mut self, line: &[u8]) -> Result<(), Failure<'static>> {
        self.bytes = self.bytes.saturating_add(line.len());
        within(self.bytes, MAX_REQUEST_HEADERS_BYTES)
    }

    fn name(&mut self) -> Result<(), Failure<'static>> {
        self.names += 1;
        within(self.names, MAX_REQUEST_HEADERS_NAMES)
    }

    fn empty_element(&mut self) -> Result<(), Failure<'static>> {
        self.empty_elements += 1;
        within(self.empty_elements, MAX_REQUEST_HEADERS_EMPTY)
    }
}

const TOO_LONG: Failure<'static> = Failure {
    refusal: Refusal::HeaderListTooLong,
    value: None,
    only_lists: false,
};

fn within(count: usize, bound: usize) -> Result<(), Failure<'static>> {
    if count <= bound {
        Ok(())
    } else {
        Err(TOO_LONG)
    }
}

fn continue_if_ok(result: &Result<(), Failure<'_>>) -> ControlFlow<()> {
    if result.is_ok() {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// Returns what is wrong with the list under any policy, so that to allow a name would not help.
#[cold]
fn malformed(request: &dyn RequestHead) -> Option<Failure<'_>> {
    if has_too_many_lines(request) {
        return Some(TOO_LONG);
    }
    let mut budget = Budget::default();
    let mut first = None;
    let mut result = Ok(());
    request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
        result = check_line(line, &mut budget, |name| {
            if first.is_none() && !token::is_token(name) {
                first = Some(name);
            }
            true
        });
        continue_if_ok(&result)
    });
    result.err().or_else(|| first.map(malformed_name))
}

fn malformed_name(name: &[u8]) -> Failure<'_> {
    Failure {
        refusal: Refusal::MalformedHeaderName,
        value: Some(name),
        only_lists: false,
    }
}

#[cold]
fn has_too_many_lines(request: &dyn RequestHead) -> bool {
    let mut lines = 0;
    request.each_line(RequestField::AccessControlRequestHeaders, &mut |_| {
        lines += 1;
        if lines <= MAX_REQUEST_HEADERS_LINES {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    lines > MAX_REQUEST_HEADERS_LINES
}

/// Returns the elements of a line, the empty ones among them.
fn elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b',').map(trim)
}

/// Returns what a response repeats of a line that was checked, where that is not the line as it is:
/// the names, without the empty elements. No browser sends any, so that this allocates for none.
pub(crate) fn without_empty_elements(line: &[u8]) -> Option<String> {
    elements(line).any(<[u8]>::is_empty).then(|| names_of(line))
}

#[cold]
fn names_of(line: &[u8]) -> String {
    let names = elements(line).filter(|name| !name.is_empty());
    let names: Vec<_> = names.map(String::from_utf8_lossy).collect();
    names.join(",")
}

/// Removes the optional white space around an element
/// ([RFC 9110, 5.6.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3)).
fn trim(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}
