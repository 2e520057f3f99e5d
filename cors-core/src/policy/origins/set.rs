//! [`OriginSet`]: the compiled form of `allow_origins`, whose cost does not grow with its size.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::pattern::{OriginPattern, PortPattern};
use crate::policy::byte_set::ByteSet;
use crate::protocol::origin::Origin;

/// A set of exact origins and patterns, in tables whose entries are found by one hash each.
///
/// The hash is keyed at random for each process, so nobody can write a list of origins that
/// collides on purpose.
#[derive(Debug, Default)]
pub(crate) struct OriginSet {
    /// Whole origins. They have passed the grammar, so equality is enough.
    exact: ByteSet<4>,
    /// Origins without their port.
    any_port: HashSet<Box<[u8]>, RandomState>,
    /// Subdomain patterns by parent domain; each list is sorted.
    subdomain_patterns: HashMap<Box<[u8]>, Vec<SchemeAndPort>, RandomState>,
    /// The lengths of the parent domains, each once: 253 at most.
    domain_lengths: Vec<usize>,
    /// The schemes of which every host is meant; sorted.
    any_host: Vec<SchemeAndPort>,
}

impl FromIterator<OriginPattern> for OriginSet {
    fn from_iter<I: IntoIterator<Item = OriginPattern>>(patterns: I) -> Self {
        let mut set = Self::default();
        patterns.into_iter().for_each(|pattern| set.insert(pattern));
        // One domain can have thousands of ports, so they are put in order once.
        let subdomain_patterns = set.subdomain_patterns.values_mut();
        for patterns in subdomain_patterns.chain([&mut set.any_host]) {
            patterns.sort_unstable();
            patterns.dedup();
        }
        set
    }
}

/// A scheme and the ports that go with it.
type SchemeAndPort = (Box<[u8]>, PortPattern);

impl OriginSet {
    fn insert(&mut self, pattern: OriginPattern) {
        match pattern {
            OriginPattern::Exact(origin) => {
                self.exact.insert(origin.as_bytes());
            }
            OriginPattern::AnyPort(origin) => {
                self.any_port.insert(origin.into_bytes().into());
            }
            OriginPattern::Subdomains { scheme, base, port } => {
                if !self.domain_lengths.contains(&base.len()) {
                    self.domain_lengths.push(base.len());
                }
                let patterns = self
                    .subdomain_patterns
                    .entry(base.into_bytes().into())
                    .or_default();
                patterns.push((scheme.into_bytes().into(), port));
            }
            OriginPattern::AnyHost { scheme, port } => {
                self.any_host.push((scheme.into_bytes().into(), port));
            }
        }
    }

    /// Returns whether these bytes are one of the exact origins.
    #[inline]
    pub(crate) fn contains_exact(&self, origin: &[u8]) -> bool {
        self.exact.contains(origin)
    }

    /// Returns whether the origin, whatever its port, is one of those with any port.
    pub(crate) fn matches_any_port(&self, origin: Origin<'_>) -> bool {
        !self.any_port.is_empty() && self.any_port.contains(origin.without_port())
    }

    /// Returns whether every host of the origin's scheme is meant, and its port matches.
    pub(crate) fn matches_any_host(&self, origin: Origin<'_>) -> bool {
        !self.any_host.is_empty() && matches_one(&self.any_host, origin)
    }

    /// Returns whether the origin's host is below one of the domains, and its scheme and port
    /// match.
    ///
    /// It looks only where a domain could begin: with one pattern, at one place.
    pub(crate) fn matches_subdomain(&self, origin: Origin<'_>) -> bool {
        let (_, _, host) = origin.bytes();
        self.domain_lengths
            .iter()
            .filter_map(|length| host.split_at_checked(host.len().checked_sub(*length)?))
            // Hosts of schemes other than http and https may begin with a dot.
            .filter(|(before, _)| matches!(before, [_, .., b'.']))
            .filter_map(|(_, domain)| self.subdomain_patterns.get(domain))
            .any(|patterns| matches_one(patterns, origin))
    }
}

fn matches_one(patterns: &[SchemeAndPort], origin: Origin<'_>) -> bool {
    let (_, scheme, _) = origin.bytes();
    [PortPattern::Only(origin.port()), PortPattern::Any]
        .into_iter()
        .any(|port| {
            patterns
                .binary_search_by(|(listed, ports)| (&**listed, *ports).cmp(&(scheme, port)))
                .is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(set: &OriginSet, origin: &str) -> bool {
        let parsed = Origin::parse(origin.as_bytes()).expect(origin);
        set.contains_exact(origin.as_bytes())
            || set.matches_any_port(parsed)
            || set.matches_subdomain(parsed)
            || set.matches_any_host(parsed)
    }

    fn set(patterns: &[&str]) -> OriginSet {
        let parse = |pattern: &&str| OriginPattern::parse(pattern).expect(pattern);
        patterns.iter().map(parse).collect()
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
    fn a_scheme_with_any_host_keeps_its_port() {
        let any_host = set(&["moz-extension://*", "app://*:*", "app://*.a.com:*"]);
        for origin in [
            "moz-extension://6a1e5b0e-0000",
            "moz-extension://.",
            "app://127.0.0.1",
            "app://-:3000",
        ] {
            assert!(matches(&any_host, origin), "{origin}");
        }
        for origin in [
            "moz-extension://a:3000",
            "chrome-extension://a",
            "moz-extensions://a",
            "https://a",
        ] {
            assert!(!matches(&any_host, origin), "{origin}");
        }
        let below = set(&["app://*.a.com"]);
        assert!(!matches(&below, "app://.a.com") && matches(&below, "app://..a.com"));
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
