//! [`ResponseHead`]: how a decision reaches a response. Replacing, removing, keeping and merging
//! are rules of the protocol, so they are here and not in the adapters.

use crate::policy::Policy;
use crate::protocol::decision::Decision;
use crate::protocol::value::Value;

/// A response's header fields, implemented once for each framework.
///
/// The implementation knows the [`ValueTable`](crate::ValueTable) of the policy that decided, and
/// the request's lines that the decision [echoes](Value::echoed).
pub trait ResponseHead {
    /// Calls `visit` with the name of every field, in any case, repeated or not.
    fn each_name(&self, visit: &mut dyn FnMut(&str));

    /// Calls `visit` with the value of each line of `field`, in order.
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8]));

    /// Replaces every line of `field`.
    fn set(&mut self, field: ResponseField, value: Value);

    /// Adds a line of `field`.
    fn append(&mut self, field: ResponseField, value: Value);

    /// Removes every line of `field`.
    fn remove(&mut self, field: ResponseField);
}

/// A response header that a decision may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseField {
    /// `Access-Control-Allow-Origin`
    AccessControlAllowOrigin,
    /// `Access-Control-Allow-Credentials`
    AccessControlAllowCredentials,
    /// `Access-Control-Allow-Methods`
    AccessControlAllowMethods,
    /// `Access-Control-Allow-Headers`
    AccessControlAllowHeaders,
    /// `Access-Control-Max-Age`
    AccessControlMaxAge,
    /// `Access-Control-Allow-Private-Network`
    AccessControlAllowPrivateNetwork,
    /// `Access-Control-Expose-Headers`
    AccessControlExposeHeaders,
    /// `Vary`
    Vary,
}

impl ResponseField {
    const ALL: [Self; 8] = [
        Self::AccessControlAllowOrigin,
        Self::AccessControlAllowCredentials,
        Self::AccessControlAllowMethods,
        Self::AccessControlAllowHeaders,
        Self::AccessControlMaxAge,
        Self::AccessControlAllowPrivateNetwork,
        Self::AccessControlExposeHeaders,
        Self::Vary,
    ];

    /// The field's name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessControlAllowOrigin => "access-control-allow-origin",
            Self::AccessControlAllowCredentials => "access-control-allow-credentials",
            Self::AccessControlAllowMethods => "access-control-allow-methods",
            Self::AccessControlAllowHeaders => "access-control-allow-headers",
            Self::AccessControlMaxAge => "access-control-max-age",
            Self::AccessControlAllowPrivateNetwork => "access-control-allow-private-network",
            Self::AccessControlExposeHeaders => "access-control-expose-headers",
            Self::Vary => "vary",
        }
    }

    #[inline]
    fn from_name(name: &str) -> Option<Self> {
        // Most fields of a response are told apart by their length or first letter.
        let first = name.as_bytes().first().map(u8::to_ascii_lowercase);
        if !matches!(first, Some(b'a' | b'v')) {
            return None;
        }
        Self::ALL
            .into_iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
    }
}

impl Policy {
    /// Brings a response in line with the decision: sets its fields, replaces or removes those
    /// that the app set (unless the policy keeps them), merges Vary.
    ///
    /// Where the decision has a [status](Decision::status), `response` is the adapter's own
    /// empty one; otherwise it is the app's.
    #[inline]
    pub fn apply(&self, decision: Decision, response: &mut (impl ResponseHead + ?Sized)) {
        let present = Fields::of(response);
        let kept = if self.keeps_app_headers() {
            present.kept()
        } else {
            Fields::default()
        };
        let mut settled = kept.with(ResponseField::Vary);
        for (field, value) in decision.fields() {
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
        self.vary(decision)
            .merge(self, present.contains(ResponseField::Vary), response);
    }
}

/// A set of response fields.
#[derive(Clone, Copy, Debug, Default)]
struct Fields(u8);

impl Fields {
    #[inline]
    fn of(response: &(impl ResponseHead + ?Sized)) -> Self {
        let mut fields = Self::default();
        response.each_name(&mut |name| {
            if let Some(field) = ResponseField::from_name(name) {
                fields = fields.with(field);
            }
        });
        fields
    }

    /// Of the app's own fields, those that stand as they are, and so get nothing of ours.
    #[cold]
    const fn kept(self) -> Self {
        if self.contains(ResponseField::AccessControlAllowOrigin) {
            // An app that names an origin itself has decided: mixing its answer with ours could
            // grant what neither means to grant.
            Self(u8::MAX)
        } else {
            // Whoever names the origin says whether credentials go with it.
            Self(self.0 & !(1 << ResponseField::AccessControlAllowCredentials as u8))
        }
    }

    const fn with(self, field: ResponseField) -> Self {
        Self(self.0 | 1 << field as u8)
    }

    const fn contains(self, field: ResponseField) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What an answer depends on, to be merged into Vary.
#[derive(Debug, Default)]
pub(crate) struct Vary {
    /// All tokens in one line, for a response that has none of them yet.
    line: Option<Value>,
    tokens: Vec<Value>,
}

/// As many tokens as a merge tells apart; `PolicyBuilder` sees to it that there are no more.
pub(crate) const MAX_VARY_TOKENS: usize = 32;

impl Vary {
    pub(crate) fn new(line: Value, tokens: Vec<Value>) -> Self {
        Self {
            line: (!tokens.is_empty()).then_some(line),
            tokens,
        }
    }

    pub(crate) fn tokens(&self) -> &[Value] {
        &self.tokens
    }

    /// Adds the tokens that the response's Vary does not have.
    ///
    /// `*` says more than any token ([RFC 9110, 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).
    #[inline]
    fn merge(&self, policy: &Policy, present: bool, response: &mut (impl ResponseHead + ?Sized)) {
        let Some(line) = self.line else {
            return;
        };
        let mut found = 0u32;
        if present {
            response.each_line(ResponseField::Vary, &mut |existing| {
                for element in existing.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    if element == b"*" {
                        found = u32::MAX;
                    }
                    for (index, token) in self.tokens.iter().enumerate() {
                        let token = token.as_str(policy).unwrap_or_default();
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
        for (index, token) in self.tokens.iter().enumerate() {
            if found & (1 << index) == 0 {
                response.append(ResponseField::Vary, *token);
            }
        }
    }
}
