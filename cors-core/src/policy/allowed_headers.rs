//! The check of `Access-Control-Request-Headers`, in one bounded pass.

use std::ops::ControlFlow;

use crate::protocol::field::RequestField;
use crate::protocol::refusal::Refusal;
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

/// The request headers that a policy allows, ready for look-up.
pub(crate) enum AllowedHeaders {
    /// The names by length, so that a name is compared with few others.
    Listed { by_length: Vec<Vec<String>> },
    /// Any name. `Authorization` is one of them only where it is also listed or credentials are
    /// allowed, since `*` does not cover it.
    Any { authorization: bool },
}

impl AllowedHeaders {
    pub(crate) fn listed(names: Vec<String>) -> Self {
        let mut by_length = Vec::new();
        for name in names {
            if by_length.len() <= name.len() {
                by_length.resize(name.len() + 1, Vec::new());
            }
            if let Some(names) = by_length.get_mut(name.len()) {
                names.push(name);
            }
        }
        Self::Listed { by_length }
    }

    pub(crate) const fn are_any(&self) -> bool {
        matches!(self, Self::Any { .. })
    }

    /// Checks every name that the preflight asks for, up to the first that is refused. An error has
    /// this name, unless the list is too long.
    ///
    /// Names may come in any order and case, on several lines, with optional white space, empty
    /// elements and repetitions: Firefox sends a name twice when a page spelled it in two ways.
    pub(crate) fn check<'a>(
        &self,
        request: &'a dyn RequestHead,
    ) -> Result<(), (Refusal, Option<&'a [u8]>)> {
        let mut budget = Budget::default();
        let mut result = Ok(());
        request.each_line(RequestField::AccessControlRequestHeaders, &mut |line| {
            result = self.check_line(line, &mut budget);
            if result.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        result
    }

    fn check_line<'a>(
        &self,
        line: &'a [u8],
        budget: &mut Budget,
    ) -> Result<(), (Refusal, Option<&'a [u8]>)> {
        budget.line(line).map_err(|refusal| (refusal, None))?;
        for name in line.split(|byte| *byte == b',').map(trim) {
            if name.is_empty() {
                budget.empty_element().map_err(|refusal| (refusal, None))?;
                continue;
            }
            budget.name().map_err(|refusal| (refusal, None))?;
            if !self.allows(name) {
                let refusal = if token::is_token(name) {
                    Refusal::HeaderNotAllowed
                } else {
                    Refusal::MalformedHeaderName
                };
                return Err((refusal, Some(name)));
            }
        }
        Ok(())
    }

    fn allows(&self, name: &[u8]) -> bool {
        match self {
            Self::Listed { by_length } => by_length.get(name.len()).is_some_and(|names| {
                // Browsers send lower case, so the cheap comparison comes first.
                names
                    .iter()
                    .map(String::as_bytes)
                    .any(|listed| listed == name)
                    || names
                        .iter()
                        .any(|listed| listed.as_bytes().eq_ignore_ascii_case(name))
            }),
            Self::Any { authorization } => {
                token::is_token(name)
                    && (*authorization || !token::is_non_wildcard_request_header_name(name))
            }
        }
    }
}

/// The counts that the three bounds limit.
#[derive(Debug, Default)]
struct Budget {
    bytes: usize,
    names: usize,
    empty_elements: usize,
}

impl Budget {
    fn line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        self.bytes = self.bytes.saturating_add(line.len());
        within(self.bytes, MAX_REQUEST_HEADERS_BYTES)
    }

    fn name(&mut self) -> Result<(), Refusal> {
        self.names += 1;
        within(self.names, MAX_REQUEST_HEADERS_NAMES)
    }

    fn empty_element(&mut self) -> Result<(), Refusal> {
        self.empty_elements += 1;
        within(self.empty_elements, MAX_REQUEST_HEADERS_EMPTY)
    }
}

fn within(count: usize, bound: usize) -> Result<(), Refusal> {
    if count <= bound {
        Ok(())
    } else {
        Err(Refusal::HeaderListTooLong)
    }
}

/// Removes the optional white space around an element
/// ([RFC 9110, 5.6.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3)).
fn trim(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}
