//! [`Items`]: the items of lists of origins, and origins that show what each is for.

use std::collections::{BTreeMap, BTreeSet};

use super::names::fresh;
use crate::item::normalized;

/// An item of `allow_origins` or `allow_credentials_from`, other than `*`.
#[derive(Clone, Copy, Debug)]
struct Item<'i> {
    scheme: &'i str,
    host: Host<'i>,
    /// Ports from one to another. The default port of the scheme stands for none; where the scheme
    /// has no default, 0 does.
    first: u16,
    last: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Host<'i> {
    One(&'i str),
    /// Every name below.
    Below(&'i str),
    Any,
    /// The addresses that begin so: `192.168.`.
    Network(&'i str),
}

/// The items of two files.
///
/// For each it has origins with a name that neither file has, at a port of each range of ports that
/// the items around it divide its own into. If another item is for such an origin, it is for
/// everything that the first one is for at these ports. So an item that lets in more than all of
/// another file's shows with one of its origins.
#[derive(Debug)]
pub(super) struct Items {
    /// Each item as browsers would write it, with its origins.
    pub(super) origins: BTreeMap<String, Vec<String>>,
    /// How many origins there are.
    pub(super) len: usize,
    /// Whether there are more than may be tried.
    pub(super) are_cut: bool,
    /// Whether no origin can be made of an item.
    pub(super) have_none: bool,
    /// A name that is in no item.
    pub(super) fresh: String,
}

impl Items {
    /// Makes the origins of items, `most` of them.
    pub(super) fn of<'w>(written: impl Iterator<Item = &'w String>, most: usize) -> Self {
        let written = written.filter(|item| *item != "*");
        let written: BTreeSet<_> = written.map(|item| normalized(item)).collect();
        let fresh = fresh("other", written.iter().map(String::as_str));
        let mut items = Self {
            origins: BTreeMap::new(),
            len: 0,
            are_cut: false,
            have_none: false,
            fresh,
        };
        let read: Vec<_> = written
            .iter()
            .map(|item| (item, Item::read(item)))
            .collect();
        // Where the ranges of ports begin, and the first ports after them.
        let mut edges: BTreeMap<(&str, Host<'_>), BTreeSet<u16>> = BTreeMap::new();
        for item in read.iter().filter_map(|(_, item)| *item) {
            let edges = edges.entry((item.scheme, item.host)).or_default();
            edges.insert(item.first);
            edges.extend(item.last.checked_add(1));
        }
        let octet = unused_octet(&written);
        for (written, item) in read {
            let Some(host) = item.and_then(|item| item.instance(&items.fresh, octet)) else {
                // Such as file://, which is the origin itself.
                items.push(written, written.clone());
                continue;
            };
            for port in item.into_iter().flat_map(|item| item.ports(&edges)) {
                if items.len >= most {
                    items.are_cut = true;
                    return items;
                }
                let scheme = item.map_or("", |item| item.scheme);
                items.push(written, origin(scheme, &host, port));
            }
        }
        items
    }

    fn push(&mut self, written: &str, origin: String) {
        // A name that leaves no room for one below it.
        self.have_none |= cors_core::Origin::parse(origin.as_bytes()).is_err();
        self.len += 1;
        let origins = self.origins.entry(written.to_owned()).or_default();
        origins.push(origin);
    }
}

impl<'i> Item<'i> {
    fn read(written: &'i str) -> Option<Self> {
        let (scheme, authority) = written.split_once("://")?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let (first, last) = match port {
            None => (default_port(scheme), default_port(scheme)),
            Some("*") if default_port(scheme) == 0 => (0, u16::MAX),
            Some("*") => (1, u16::MAX),
            Some(port) => {
                let (first, last) = port.split_once('-').unwrap_or((port, port));
                (first.parse().ok()?, last.parse().ok()?)
            }
        };
        let host = match host.split_once('*') {
            None if host.is_empty() => return None,
            None => Host::One(host),
            Some(("", "")) => Host::Any,
            Some(("", below)) => Host::Below(below.strip_prefix('.')?),
            Some((network, _)) => Host::Network(network),
        };
        Some(Self {
            scheme,
            host,
            first,
            last,
        })
    }

    /// Returns a host that no narrower item is for; `None` where there is none.
    fn instance(self, fresh: &str, octet: Option<u8>) -> Option<String> {
        match self.host {
            Host::One(host) => Some(host.to_owned()),
            Host::Below(base) => Some(format!("{fresh}.{base}")),
            Host::Any => Some(fresh.to_owned()),
            Host::Network(network) => {
                let free = 4_usize.saturating_sub(network.matches('.').count());
                let octets = vec![octet?.to_string(); free];
                Some(format!("{network}{}", octets.join(".")))
            }
        }
    }

    /// Returns a port of each range that the items which may be for the same hosts divide its own
    /// ports into.
    fn ports(self, edges: &BTreeMap<(&str, Host<'_>), BTreeSet<u16>>) -> BTreeSet<u16> {
        let mut ports = BTreeSet::from([self.first]);
        let mut add = |host: Host<'_>| {
            if let Some(edges) = edges.get(&(self.scheme, host)) {
                ports.extend(edges.range(self.first..=self.last));
            }
        };
        add(self.host);
        add(Host::Any);
        let (Host::One(name) | Host::Below(name) | Host::Network(name)) = self.host else {
            return ports;
        };
        for (dot, _) in name.match_indices('.') {
            add(Host::Below(name.get(dot + 1..).unwrap_or_default()));
            add(Host::Network(name.get(..=dot).unwrap_or_default()));
        }
        if matches!(self.host, Host::Below(_)) {
            add(Host::Below(name));
        }
        ports
    }
}

/// Returns the origin as browsers serialize it.
fn origin(scheme: &str, host: &str, port: u16) -> String {
    if port == default_port(scheme) {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}

/// Returns the port that an origin does not name.
fn default_port(scheme: &str) -> u16 {
    match scheme {
        "https" => 443,
        "http" => 80,
        "ftp" => 21,
        _ => 0,
    }
}

/// Returns an octet that is in no item.
fn unused_octet(items: &BTreeSet<String>) -> Option<u8> {
    let parts = items.iter().flat_map(|item| item.split(['.', ':', '/']));
    let used: BTreeSet<u8> = parts.filter_map(|part| part.parse().ok()).collect();
    (1..=254).rev().find(|octet| !used.contains(octet))
}
