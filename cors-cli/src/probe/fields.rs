//! [`Fields`]: the header fields of a response that matter here.

use cors_core::Origin;
use cors_core::browser::Response;

pub(crate) const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
pub(crate) const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
pub(crate) const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
pub(crate) const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
pub(crate) const ALLOW_PRIVATE_NETWORK: &str = "Access-Control-Allow-Private-Network";
pub(crate) const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";
pub(crate) const MAX_AGE: &str = "Access-Control-Max-Age";

/// The fields of the protocol.
const ALL: [&str; 7] = [
    ALLOW_ORIGIN,
    ALLOW_CREDENTIALS,
    ALLOW_METHODS,
    ALLOW_HEADERS,
    ALLOW_PRIVATE_NETWORK,
    EXPOSE_HEADERS,
    MAX_AGE,
];

/// The header fields of a response that matter here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a Response);

/// What stands in `Access-Control-Allow-Origin`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AllowOrigin {
    Absent,
    Any,
    /// One origin as browsers serialize it, or `null`.
    One(String),
    /// Several lines, or a list in one.
    Several,
    /// Something that is no origin.
    Malformed(Vec<u8>),
}

impl AllowOrigin {
    /// Returns whether it allows an origin, without credentials.
    pub(crate) fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(allowed) => allowed == origin,
            Self::Absent | Self::Several | Self::Malformed(_) => false,
        }
    }

    /// Returns whether it is the one origin.
    pub(crate) fn is(&self, origin: &str) -> bool {
        matches!(self, Self::One(allowed) if allowed == origin)
    }
}

impl Fields<'_> {
    /// Returns the value of a field, its lines joined.
    pub(crate) fn value(self, name: &str) -> Option<Vec<u8>> {
        self.0.headers().get(name)
    }

    pub(crate) fn allow_origin(self) -> AllowOrigin {
        let lines = self.0.headers().iter();
        let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(ALLOW_ORIGIN));
        let count = lines.count();
        match self.value(ALLOW_ORIGIN) {
            None => AllowOrigin::Absent,
            Some(value) if count > 1 || value.contains(&b',') => AllowOrigin::Several,
            Some(value) if value == b"*" => AllowOrigin::Any,
            Some(value) => match Origin::parse(&value) {
                Ok(origin) => AllowOrigin::One(origin.as_str().to_owned()),
                Err(_) => AllowOrigin::Malformed(value),
            },
        }
    }

    /// Returns whether credentials are allowed.
    pub(crate) fn allows_credentials(self) -> bool {
        self.value(ALLOW_CREDENTIALS).as_deref() == Some(b"true")
    }

    /// Returns the items of a field that is a list.
    pub(crate) fn items(self, name: &str) -> Vec<String> {
        let value = self.value(name).unwrap_or_default();
        let value = String::from_utf8_lossy(&value);
        let items = value.split(',').map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Returns whether a field that is a list has an item, in any case.
    pub(crate) fn has_item(self, name: &str, item: &str) -> bool {
        let items = self.items(name);
        items.iter().any(|known| known.eq_ignore_ascii_case(item))
    }

    /// Returns whether caches know that the response depends on `Origin`.
    pub(crate) fn varies_by_origin(self) -> bool {
        self.has_item("Vary", "Origin") || self.has_item("Vary", "*")
    }

    /// Returns whether a cache may keep the response.
    pub(crate) fn may_be_kept(self) -> bool {
        !self.has_item("Cache-Control", "no-store")
    }

    /// Returns the fields of the protocol, for a comparison.
    pub(crate) fn of_protocol(self) -> Vec<Option<Vec<u8>>> {
        ALL.iter().map(|name| self.value(name)).collect()
    }

    /// Returns whether there is a field of the protocol.
    pub(crate) fn has_any(self) -> bool {
        self.of_protocol().iter().any(Option::is_some)
    }
}
