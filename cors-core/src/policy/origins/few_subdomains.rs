//! [`FewSubdomains`]: a few subdomain patterns, compared as texts.

use super::pattern::OriginPattern;
use super::ports::PortPattern;
use crate::protocol::host::{MAX_HOST_BYTES, are_labels};
use crate::protocol::origin::is_web_scheme;

/// Subdomain patterns of the web's schemes without a port. All that is read of an origin is what
/// stands between the texts of a pattern: they have passed the grammar.
#[derive(Debug, Default)]
pub(crate) struct FewSubdomains(Vec<Below>);

/// `https://`, and `.example.com`.
#[derive(Debug)]
struct Below {
    before: Box<[u8]>,
    behind: Box<[u8]>,
}

/// Comparing with more takes longer than reading the origin and one hash.
const FEW: usize = 4;

impl FewSubdomains {
    /// Takes a pattern; fails if it is of another kind, or one too many.
    pub(super) fn take(&mut self, pattern: &OriginPattern<'_>) -> Result<(), ()> {
        let OriginPattern::Subdomains {
            scheme,
            base,
            port: PortPattern::Only(None),
        } = pattern
        else {
            return Err(());
        };
        if !is_web_scheme(scheme) || self.0.len() == FEW {
            return Err(());
        }
        self.0.push(Below {
            before: format!("{scheme}://").into_bytes().into(),
            behind: format!(".{base}").into_bytes().into(),
        });
        Ok(())
    }

    /// Returns whether an origin is that of a host below one of the domains.
    #[inline]
    pub(crate) fn matches(&self, origin: &[u8]) -> bool {
        self.0.iter().any(|below| below.matches(origin))
    }
}

impl Below {
    #[inline]
    fn matches(&self, origin: &[u8]) -> bool {
        let host = origin.strip_prefix(&*self.before);
        let host = host.filter(|host| host.len() <= MAX_HOST_BYTES);
        let labels = host.and_then(|host| host.strip_suffix(&*self.behind));
        labels.is_some_and(are_labels)
    }
}
