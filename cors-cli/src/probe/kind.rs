//! [`Kind`]: what can be wrong where no policy is known, and what to change.

mod words;

use std::fmt;

use crate::finding::Level;

/// What is wrong with a server's responses. `Debug` is its name in reports; one that
/// `cors_core::probe::FindingKind` has too means the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    // What a page that is meant to be allowed does not get.
    OriginNotAllowed,
    OtherOrigin,
    NoHeaders,
    NoHeadersOnRedirect,
    NoHeadersWithoutLogin,
    NoHeadersOnMissingRoute,
    NoHeadersOnRejection,
    NoHeadersOnServerError,
    PreflightRedirected,
    PreflightNeedsLogin,
    PreflightRefused,
    PreflightReachedTheApp,
    HeaderNotAllowed,
    AuthorizationNotCovered,
    CredentialsMissing,
    // What another page gets.
    AnyOriginAllowed,
    ForeignOriginAllowed,
    ForeignOriginAllowedWithCredentials,
    NullAllowed,
    NullAllowedWithCredentials,
    OriginAllowedByItsEnd,
    OriginAllowedByItsStart,
    OriginAllowedByAPart,
    BeginningOfOriginAllowed,
    SubdomainAllowed,
    SiblingAllowed,
    PlainHttpAllowed,
    OtherPortAllowed,
    DotMatchesAnything,
    OtherOriginAllowed,
    // Values that no browser takes for what is meant.
    TwoOrigins,
    MalformedOrigin,
    CredentialsNotTrue,
    WildcardWithCredentials,
    WildcardListWithCredentials,
    MalformedList,
    LowerCaseMethod,
    MaxAgeUnreadable,
    // What does no good.
    ForbiddenMethodAllowed,
    MaxAgeBeyondCaps,
    PreflightFieldsOnActual,
    PrivateNetworkUnasked,
    StrayHeaders,
    // What differs from one request to the next.
    VaryLacking,
    Cached,
    AnswersDiffer,
    ServerErrorOnOrigin,
    ServerErrorOnForeignOrigin,
    ServerErrorWithoutOrigin,
}

impl Kind {
    /// Returns how much it counts: a warning has no effect in today's browsers, or may be meant.
    pub(crate) const fn level(self) -> Level {
        match self {
            Self::AnyOriginAllowed
            | Self::AuthorizationNotCovered
            | Self::ForbiddenMethodAllowed
            | Self::MaxAgeBeyondCaps
            | Self::PreflightFieldsOnActual
            | Self::PrivateNetworkUnasked
            | Self::SiblingAllowed
            | Self::StrayHeaders => Level::Warning,
            _ => Level::Problem,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
