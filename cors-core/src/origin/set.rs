//! [`OriginSet`]: the compiled form of `allow_origins`, whose cost does not grow with its size.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::Origin;
use super::pattern::{OriginPattern, PortPattern};

/// Exact origins and patterns, each in a table that one hash looks up.
///
/// The hash is keyed at random for each process, so no list of origins can be written that
/// collides on purpose.
#[derive(Debug, Default)]
pub(crate) struct OriginSet {
    /// Whole origins. What is in here has passed the grammar, so equality is enough.
    exact: HashSet<Box<[u8]>, RandomState>,
    /// Origins without their port.
    any_port: HashSet<Box<str>, RandomState>,
    /// The domains below which hosts are taken, and with which scheme and port; sorted.
    bases: HashMap<Box<str>, Vec<End>, RandomState>,
    base_lengths: Lengths,
}

/// A scheme and the ports that go with it.
type End = (Box<str>, PortPattern);

impl OriginSet {
    pub(crate) fn insert(&mut self, pattern: OriginPattern) {
        match pattern {
            OriginPattern::Exact(origin) => {
                self.exact.insert(origin.into_bytes().into_boxed_slice());
            }
            OriginPattern::AnyPort(origin) => {
                self.any_port.insert(origin.into_boxed_str());
            }
            OriginPattern::Subdomains { scheme, base, port } => {
                self.base_lengths.insert(base.len());
                let ends = self.bases.entry(base.into_boxed_str()).or_default();
                let end = (scheme.into_boxed_str(), port);
                if let Err(index) = ends.binary_search(&end) {
                    ends.insert(index, end);
                }
            }
        }
    }

    /// Whether these bytes are one of the exact origins.
    pub(crate) fn contains_exact(&self, origin: &[u8]) -> bool {
        self.exact.contains(origin)
    }

    /// Whether the origin, whatever its port, is one of those with any port.
    pub(crate) fn matches_any_port(&self, origin: Origin<'_>) -> bool {
        !self.any_port.is_empty() && self.any_port.contains(origin.without_port())
    }

    /// Whether the origin's host lies below one of the domains, its scheme and port fitting.
    ///
    /// Walks the label boundaries of the host, and looks up only the suffixes whose length some
    /// domain has: with one pattern, one look-up at most.
    pub(crate) fn matches_subdomain(&self, origin: Origin<'_>) -> bool {
        if self.bases.is_empty() {
            return false;
        }
        let host = origin.host();
        host.match_indices('.')
            .filter_map(|(dot, _)| host.get(dot + 1..))
            .filter(|base| self.base_lengths.contains(base.len()))
            .filter_map(|base| self.bases.get(base))
            .any(|ends| has_end(ends, origin))
    }
}

fn has_end(ends: &[End], origin: Origin<'_>) -> bool {
    [PortPattern::Any, PortPattern::Only(origin.port())]
        .into_iter()
        .any(|port| {
            ends.binary_search_by(|(scheme, pattern)| {
                (&**scheme, *pattern).cmp(&(origin.scheme(), port))
            })
            .is_ok()
        })
}

/// A set of lengths from 0 to 255, which is all that a host can have.
#[derive(Debug, Default)]
struct Lengths([u64; 4]);

impl Lengths {
    fn insert(&mut self, length: usize) {
        if let Some(word) = self.0.get_mut(length / 64) {
            *word |= 1 << (length % 64);
        }
    }

    fn contains(&self, length: usize) -> bool {
        self.0
            .get(length / 64)
            .is_some_and(|word| word & (1 << (length % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(set: &OriginSet, origin: &str) -> bool {
        let parsed = Origin::parse(origin.as_bytes()).expect(origin);
        set.contains_exact(origin.as_bytes())
            || set.matches_any_port(parsed)
            || set.matches_subdomain(parsed)
    }

    fn set(patterns: &[&str]) -> OriginSet {
        let mut set = OriginSet::default();
        for pattern in patterns {
            set.insert(OriginPattern::parse(pattern).expect(pattern));
        }
        set
    }

    #[test]
    fn a_subdomain_pattern_matches_at_label_boundaries_only() {
        let set = set(&["https://*.example.com"]);
        for origin in ["https://a.example.com", "https://a.b.c.example.com"] {
            assert!(matches(&set, origin), "{origin}");
        }
        for origin in [
            "https://example.com",
            "https://evilexample.com",
            "https://a.example.com.evil.net",
            "https://a.example.com.",
            "https://a.example.com:8443",
            "http://a.example.com",
            "https://a.example.co",
        ] {
            assert!(!matches(&set, origin), "{origin}");
        }
    }

    #[test]
    fn any_port_includes_the_default_one_and_fixes_the_host() {
        let set = set(&[
            "http://localhost:*",
            "https://*.example.com:*",
            "http://[::1]:*",
        ]);
        for origin in [
            "http://localhost",
            "http://localhost:1",
            "https://a.example.com",
            "https://a.example.com:9",
            "http://[::1]",
            "http://[::1]:65535",
        ] {
            assert!(matches(&set, origin), "{origin}");
        }
        for origin in [
            "https://localhost",
            "http://localhost.evil.com:80",
            "http://a.localhost",
        ] {
            assert!(
                Origin::parse(origin.as_bytes()).is_err() || !matches(&set, origin),
                "{origin}"
            );
        }
    }

    #[test]
    fn one_domain_keeps_its_schemes_and_ports_apart() {
        let set = set(&["https://*.a.com", "http://*.a.com:8080", "app://*.a.com:*"]);
        assert!(matches(&set, "https://x.a.com"));
        assert!(matches(&set, "http://x.a.com:8080"));
        assert!(matches(&set, "app://x.a.com:1"));
        assert!(!matches(&set, "http://x.a.com"));
        assert!(!matches(&set, "https://x.a.com:8080"));
    }
}
