//! An item of `allow_origins` as people write it: what its scheme is, and what follows.

use crate::protocol::origin::is_scheme;

/// A text in two parts.
pub(super) struct Written<'a> {
    /// The scheme that is meant, in lower case.
    pub(super) scheme: Option<String>,
    /// What follows the scheme and the slashes.
    pub(super) rest: &'a str,
    /// Whether exactly `://` stands between the two.
    pub(super) is_whole: bool,
}

impl<'a> Written<'a> {
    pub(super) fn read(written: &'a str) -> Option<Self> {
        if let Some((scheme, between, rest)) = web_scheme(written) {
            // The scheme may be there twice.
            return Some(match Self::read(rest).filter(Self::has_plain_scheme) {
                Some(inner) => inner,
                None => Self {
                    scheme: Some(scheme.to_owned()),
                    rest,
                    is_whole: between == "://",
                },
            });
        }
        let (scheme, rest) = match written.split_once("://") {
            Some(("" | "*", rest)) => (None, rest),
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, written.trim_start_matches('/')),
        };
        let is_right = scheme
            .as_ref()
            .is_none_or(|scheme| is_scheme(scheme.as_bytes()));
        is_right.then_some(Self {
            scheme,
            rest,
            is_whole: true,
        })
    }

    /// Returns whether there is a scheme, and not a host with signs that a scheme may have too.
    fn has_plain_scheme(&self) -> bool {
        let scheme = self.scheme.as_ref();
        scheme.is_some_and(|scheme| !scheme.contains(['.', '+']))
    }
}

/// Splits off a scheme of the web, or that of a WebSocket to a server of it, and the signs that
/// follow it: `://` or what comes near.
fn web_scheme(written: &str) -> Option<(&'static str, &str, &str)> {
    let schemes = [
        ("https", "https"),
        ("http", "http"),
        ("wss", "https"),
        ("ws", "http"),
    ];
    schemes.into_iter().find_map(|(name, scheme)| {
        let (start, rest) = written.split_at_checked(name.len())?;
        let host = match rest.strip_prefix("://") {
            // An IPv6 address may begin with colons.
            Some(host) => host.trim_start_matches('/'),
            None => rest.trim_start_matches([':', '/', '\\', ';']),
        };
        let (between, _) = rest.split_at_checked(rest.len() - host.len())?;
        let is_scheme = start.eq_ignore_ascii_case(name) && !matches!(between, "" | "/" | "\\");
        is_scheme.then_some((scheme, between, host))
    })
}
