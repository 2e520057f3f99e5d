//! [`OriginSet`]: the compiled form of `allow_origins`, whose cost does not grow with its size.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use foldhash::fast::RandomState;

use super::few_subdomains::FewSubdomains;
use super::network::Network;
use super::pattern::OriginPattern;
use super::ports::{PortPattern, PortRange};
use crate::policy::byte_set::ByteSet;
use crate::protocol::decision::OriginRule;
use crate::protocol::origin::Origin;

/// A set of exact origins and patterns, in tables whose entries are found by one hash each.
///
/// The hash is keyed at random for each process, so nobody can write a list of origins that
/// collides on purpose.
#[derive(Debug, Default)]
pub(crate) struct OriginSet {
    /// Whole origins. They have passed the grammar, so equality is enough.
    exact: ByteSet<4>,
    /// The ports of origins with several, by the origin without its port; each list is sorted.
    ports: HashMap<Box<[u8]>, Vec<PortRange>, RandomState>,
    /// Subdomain patterns by parent domain; each list is sorted.
    subdomain_patterns: HashMap<Box<[u8]>, Vec<SchemeAndPorts>, RandomState>,
    /// The lengths of the parent domains, each once: 253 at most.
    domain_lengths: Vec<usize>,
    /// The schemes of which every host is meant; sorted.
    any_host: Vec<SchemeAndPorts>,
    /// The patterns for a private network; each list is sorted.
    networks: HashMap<Network, Vec<SchemeAndPorts>, RandomState>,
    /// The patterns once more, where all of them are of one kind and few.
    few_subdomains: Option<FewSubdomains>,
}

impl<'a> FromIterator<OriginPattern<'a>> for OriginSet {
    fn from_iter<I: IntoIterator<Item = OriginPattern<'a>>>(patterns: I) -> Self {
        let mut set = Self::default();
        let mut few = Some(FewSubdomains::default());
        for pattern in patterns {
            let is_exact = matches!(pattern, OriginPattern::Exact(_));
            if !is_exact && few.as_mut().is_some_and(|few| few.take(&pattern).is_err()) {
                few = None;
            }
            set.insert(pattern);
        }
        set.few_subdomains = few;
        // One domain can have thousands of ports, so they are put in order once.
        for ranges in set.ports.values_mut() {
            ranges.sort_unstable();
            ranges.dedup_by(|next, kept| kept.join(*next));
        }
        let lists = set.subdomain_patterns.values_mut();
        for list in lists
            .chain(set.networks.values_mut())
            .chain([&mut set.any_host])
        {
            list.sort_unstable();
            list.dedup_by(|(next_scheme, next), (scheme, kept)| {
                next_scheme == scheme && kept.join(*next)
            });
        }
        set
    }
}

/// A scheme and the ports that go with it. In a list of them, no two have the same scheme and ports
/// between which there are no others.
type SchemeAndPorts = (Box<[u8]>, PortRange);

impl OriginSet {
    fn insert(&mut self, pattern: OriginPattern<'_>) {
        match pattern {
            OriginPattern::Exact(origin) => {
                self.exact.insert(origin.as_bytes());
            }
            OriginPattern::AnyPort(origin) => self.insert_ports(origin, PortPattern::Any),
            OriginPattern::Ports(origin, range) => {
                self.insert_ports(origin, PortPattern::Range(range));
            }
            OriginPattern::Network {
                scheme,
                network,
                port,
            } => {
                let list = self.networks.entry(network).or_default();
                list.extend(with_scheme(&scheme, port));
            }
            OriginPattern::Subdomains { scheme, base, port } => {
                if !self.domain_lengths.contains(&base.len()) {
                    self.domain_lengths.push(base.len());
                }
                let list = self
                    .subdomain_patterns
                    .entry(base.into_bytes().into())
                    .or_default();
                list.extend(with_scheme(&scheme, port));
            }
            OriginPattern::AnyHost { scheme, port } => {
                self.any_host.extend(with_scheme(&scheme, port));
            }
        }
    }

    fn insert_ports(&mut self, origin: String, ports: PortPattern) {
        let scheme = origin.split("://").next().unwrap_or_default();
        let ranges = ports.ranges(scheme);
        let origin = origin.into_bytes().into();
        self.ports.entry(origin).or_default().extend(ranges);
    }

    /// Returns the rule that matches an origin, whatever it may be.
    pub(crate) fn rule_for(&self, value: &[u8]) -> Option<OriginRule> {
        if self.contains_exact(value) {
            return Some(OriginRule::Exact);
        }
        let origin = Origin::parse(value).ok()?;
        let is_named = !origin.is_null_or_file();
        is_named.then(|| self.matching(origin)).flatten()
    }

    /// Returns whether these bytes are one of the exact origins.
    #[inline]
    pub(crate) fn contains_exact(&self, origin: &[u8]) -> bool {
        self.exact.contains(origin)
    }

    /// Returns all patterns, where they are few, and all of them subdomain patterns.
    #[inline]
    pub(crate) const fn few_subdomains(&self) -> Option<&FewSubdomains> {
        self.few_subdomains.as_ref()
    }

    /// Returns the rule of the pattern that matches an origin, whether or not it is also one of the
    /// exact ones.
    pub(crate) fn matching(&self, origin: Origin<'_>) -> Option<OriginRule> {
        if let Some(rule) = self.matching_port(origin) {
            Some(rule)
        } else if self.matches_subdomain(origin) {
            Some(OriginRule::Subdomain)
        } else if self.matches_any_host(origin) {
            Some(OriginRule::AnyHost)
        } else if self.matches_network(origin) {
            Some(OriginRule::PrivateNetwork)
        } else {
            None
        }
    }

    /// Returns the rule if the origin, whatever its port, is one of those with several ports, and
    /// its port is one of these.
    fn matching_port(&self, origin: Origin<'_>) -> Option<OriginRule> {
        if self.ports.is_empty() {
            return None;
        }
        let ranges = self.ports.get(origin.without_port())?;
        // The commonest, and no search.
        if matches!(**ranges, [PortRange::ANY]) {
            return Some(OriginRule::AnyPort);
        }
        let port = port_of(origin);
        let found = ranges.binary_search_by(|range| range.seen_from(port));
        found.is_ok().then_some(OriginRule::PortRange)
    }

    /// Returns the range of ports of the same scheme and host that comes next after the port of an
    /// origin, or else the last one.
    pub(crate) fn range_near(&self, origin: Origin<'_>) -> Option<PortRange> {
        let ranges = self.ports.get(origin.without_port())?;
        let next = ranges.partition_point(|range| range.last < port_of(origin));
        ranges.get(next).or(ranges.last()).copied()
    }

    /// Returns whether the origin's host is in one of the networks, and its scheme and port match.
    ///
    /// It looks for the three networks that the address can be in.
    fn matches_network(&self, origin: Origin<'_>) -> bool {
        if self.networks.is_empty() {
            return false;
        }
        // The grammar has let through no other form of an address than the one that Rust reads.
        let Ok(address) = origin.host().parse::<Ipv4Addr>() else {
            return false;
        };
        (1..=3)
            .filter_map(|octets| self.networks.get(&Network::around(address, octets)))
            .any(|list| matches_one(list, origin))
    }

    /// Returns whether every host of the origin's scheme is meant, and its port matches.
    fn matches_any_host(&self, origin: Origin<'_>) -> bool {
        !self.any_host.is_empty() && matches_one(&self.any_host, origin)
    }

    /// Returns whether the origin's host is below one of the domains, and its scheme and port
    /// match.
    ///
    /// It looks only where a domain could begin: with one pattern, at one place.
    fn matches_subdomain(&self, origin: Origin<'_>) -> bool {
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

/// Returns the port that an origin names; 0 where it names none.
fn port_of(origin: Origin<'_>) -> u16 {
    origin.port().unwrap_or(0)
}

fn with_scheme(scheme: &str, ports: PortPattern) -> impl Iterator<Item = SchemeAndPorts> {
    let ranges = ports.ranges(scheme);
    ranges.map(move |range| (scheme.as_bytes().into(), range))
}

fn matches_one(list: &[SchemeAndPorts], origin: Origin<'_>) -> bool {
    let (_, scheme, _) = origin.bytes();
    let port = port_of(origin);
    list.binary_search_by(|(listed, ports)| {
        (**listed).cmp(scheme).then_with(|| ports.seen_from(port))
    })
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(set: &OriginSet, origin: &str) -> bool {
        assert!(Origin::parse(origin.as_bytes()).is_ok(), "{origin}");
        set.rule_for(origin.as_bytes()).is_some()
    }

    fn set(patterns: &[&str]) -> OriginSet {
        let patterns = patterns.iter();
        patterns
            .map(|pattern| OriginPattern::parse(pattern).expect(pattern))
            .collect()
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
