//! The header fields of the protocol: [`RequestField`] and [`ResponseField`].

/// A request header that a decision may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestField<'a> {
    /// `Origin`
    Origin,
    /// `Access-Control-Request-Method`
    AccessControlRequestMethod,
    /// `Access-Control-Request-Headers`
    AccessControlRequestHeaders,
    /// `Access-Control-Request-Private-Network`
    AccessControlRequestPrivateNetwork,
    /// `Host`
    Host,
    /// `Sec-Fetch-Site`
    SecFetchSite,
    /// A header that a predicate declared; the name is lower-case.
    Declared(&'a str),
}

impl RequestField<'static> {
    /// The fields that the protocol itself reads.
    pub(crate) const OF_PROTOCOL: [Self; 6] = [
        Self::Origin,
        Self::AccessControlRequestMethod,
        Self::AccessControlRequestHeaders,
        Self::AccessControlRequestPrivateNetwork,
        Self::Host,
        Self::SecFetchSite,
    ];
}

impl<'a> RequestField<'a> {
    /// Returns the field's name in lower case.
    #[must_use]
    pub const fn name(self) -> &'a str {
        match self {
            Self::Origin => "origin",
            Self::AccessControlRequestMethod => "access-control-request-method",
            Self::AccessControlRequestHeaders => "access-control-request-headers",
            Self::AccessControlRequestPrivateNetwork => "access-control-request-private-network",
            Self::Host => "host",
            Self::SecFetchSite => "sec-fetch-site",
            Self::Declared(name) => name,
        }
    }
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
    /// `Cache-Control`, of an adapter's own answers only.
    CacheControl,
}

impl ResponseField {
    /// The fields that a policy looks after in the app's responses too.
    pub(crate) const ALL: [Self; 8] = [
        Self::AccessControlAllowOrigin,
        Self::AccessControlAllowCredentials,
        Self::AccessControlAllowMethods,
        Self::AccessControlAllowHeaders,
        Self::AccessControlMaxAge,
        Self::AccessControlAllowPrivateNetwork,
        Self::AccessControlExposeHeaders,
        Self::Vary,
    ];

    /// Returns the field's name in lower case.
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
            Self::CacheControl => "cache-control",
        }
    }

    /// Returns the field of this name, in any case, if it is one of [`ALL`](Self::ALL).
    #[inline]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        // The first letter alone rules out most fields of a response.
        match name.as_bytes().first() {
            Some(b'a' | b'A' | b'v' | b'V') => Self::from_whole_name(name),
            _ => None,
        }
    }

    #[inline(never)]
    fn from_whole_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
    }
}
