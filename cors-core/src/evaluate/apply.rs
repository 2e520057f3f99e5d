//! The application of a decision to a response. The rules by which headers are replaced, removed,
//! kept and merged belong to the protocol, so they are here and not in the adapters.

use crate::policy::Compiled;
use crate::policy::vary::Vary;
use crate::protocol::decision::AnswerHeaders;
use crate::protocol::field::ResponseField;
use crate::protocol::request::RequestKind;
use crate::protocol::value::Value;

/// The header fields of a response, written by symbol. The writer knows the policy that the symbols
/// belong to.
pub(crate) trait WriteHeaders {
    /// Returns the text that a value stands for; `None` where that depends on the request or on the
    /// response.
    fn text(&self, value: Value) -> Option<&str>;
    fn each_name(&self, visit: &mut dyn FnMut(&str));
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8]));
    fn set(&mut self, field: ResponseField, value: Value);
    fn append(&mut self, field: ResponseField, value: Value);
    fn remove(&mut self, field: ResponseField);
}

impl Compiled {
    /// Brings a response in line with a decision of this policy: sets its headers, replaces or
    /// removes those that the app set (unless the policy keeps them), and merges Vary.
    ///
    /// The response is the app's, or an empty one where the adapter answers.
    #[inline]
    pub(crate) fn apply(
        &self,
        kind: RequestKind,
        headers: AnswerHeaders,
        response: &mut impl WriteHeaders,
    ) {
        let keeps = self.switches.keep_app_headers;
        apply(headers, self.vary(kind), keeps, response);
    }
}

/// Sets headers, replaces or removes those that the app set, and merges Vary.
#[inline]
pub(crate) fn apply(
    headers: AnswerHeaders,
    vary: &Vary,
    keeps_app_headers: bool,
    response: &mut impl WriteHeaders,
) {
    let present = PresentHeaders::of(response);
    let kept = if keeps_app_headers {
        present.kept()
    } else {
        PresentHeaders::default()
    };
    let mut settled = kept.with(ResponseField::Vary);
    for (field, value) in headers.iter() {
        if !kept.contains(field) {
            response.set(field, value);
            settled = settled.with(field);
        }
    }
    if !present.is_empty() {
        for field in ResponseField::ALL {
            if present.contains(field) && !settled.contains(field) {
                response.remove(field);
            }
        }
    }
    merge_vary(vary, present.contains(ResponseField::Vary), response);
}

/// Adds the tokens that the response's Vary does not have.
///
/// `*` covers every token
/// ([RFC 9110, 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).
#[inline]
fn merge_vary(vary: &Vary, has_vary: bool, response: &mut impl WriteHeaders) {
    let Some(line) = vary.line() else {
        return;
    };
    let mut found = 0u32;
    if has_vary {
        response.each_line(ResponseField::Vary, &mut |existing| {
            for element in existing.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                if element == b"*" {
                    found = u32::MAX;
                }
                for (index, token) in vary.tokens().iter().enumerate() {
                    let token = response.text(*token).unwrap_or_default();
                    if element.eq_ignore_ascii_case(token.as_bytes()) {
                        found |= 1 << index;
                    }
                }
            }
        });
    }
    if found == 0 {
        response.append(ResponseField::Vary, line);
        return;
    }
    for (index, token) in vary.tokens().iter().enumerate() {
        if found & (1 << index) == 0 {
            response.append(ResponseField::Vary, *token);
        }
    }
}

/// The CORS headers and Vary that a response has: a set of response fields.
#[derive(Clone, Copy, Debug, Default)]
struct PresentHeaders(u16);

impl PresentHeaders {
    #[inline]
    fn of(response: &impl WriteHeaders) -> Self {
        let mut fields = Self::default();
        response.each_name(&mut |name| {
            if let Some(field) = ResponseField::from_name(name) {
                fields = fields.with(field);
            }
        });
        fields
    }

    /// Returns the app's own fields that stay as they are under `keep_app_headers`.
    #[cold]
    const fn kept(self) -> Self {
        if self.contains(ResponseField::AccessControlAllowOrigin) {
            // An app that names an origin itself has decided: mixing its headers with ours could
            // grant what neither means to grant.
            Self(u16::MAX)
        } else {
            // The policy names the origin, so it says whether credentials go with it.
            Self(self.0 & !(1 << ResponseField::AccessControlAllowCredentials as u16))
        }
    }

    const fn with(self, field: ResponseField) -> Self {
        Self(self.0 | 1 << field as u16)
    }

    const fn contains(self, field: ResponseField) -> bool {
        self.0 & (1 << field as u16) != 0
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
