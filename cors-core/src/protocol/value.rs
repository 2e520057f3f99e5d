//! [`Value`]: a symbol for the value of a response field.

use super::field::RequestField;

/// A symbol for the value of a response field: a text of the protocol, a text of the policy, the
/// request's own lines, or a text of the policy with names of the request or of the response.
///
/// It has a meaning only together with the policy that decided, so it does not leave the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Static(StaticText),
    Policy(PolicyText),
    Echo(RequestField<'static>),
    /// The header names that the policy allows, and those that the request asks for and a prefix
    /// covers.
    ListedAndAsked,
    /// The header names that the policy exposes, and those of the response's headers that a prefix
    /// covers.
    ListedAndPresent,
}

/// Header values that the protocol fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum StaticText {
    Any,
    True,
    Origin,
    RequestMethod,
    RequestHeaders,
    RequestPrivateNetwork,
    /// The whole Vary of most policies' preflights.
    PreflightVary,
    SafelistedMethods,
    NoStore,
}

impl StaticText {
    pub(crate) const ALL: [Self; 9] = [
        Self::Any,
        Self::True,
        Self::Origin,
        Self::RequestMethod,
        Self::RequestHeaders,
        Self::RequestPrivateNetwork,
        Self::PreflightVary,
        Self::SafelistedMethods,
        Self::NoStore,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "*",
            Self::True => "true",
            Self::Origin => "Origin",
            Self::RequestMethod => "Access-Control-Request-Method",
            Self::RequestHeaders => "Access-Control-Request-Headers",
            Self::RequestPrivateNetwork => "Access-Control-Request-Private-Network",
            Self::PreflightVary => {
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            }
            Self::SafelistedMethods => "GET, HEAD, POST",
            Self::NoStore => "no-store",
        }
    }
}

/// Header values that are rendered from the policy when it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PolicyText {
    AllowMethods,
    AllowHeaders,
    MaxAge,
    ExposeHeaders,
    /// A whole Vary that is not one of the [`StaticText`]s.
    ActualVary,
    PreflightVary,
    /// The name of a header that a predicate reads.
    Declared(u8),
}

impl PolicyText {
    /// Returns the text's place among the texts of a policy.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::AllowMethods => 0,
            Self::AllowHeaders => 1,
            Self::MaxAge => 2,
            Self::ExposeHeaders => 3,
            Self::ActualVary => 4,
            Self::PreflightVary => 5,
            Self::Declared(index) => 6 + index as usize,
        }
    }
}
