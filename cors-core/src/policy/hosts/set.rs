//! [`HostSet`]: the compiled `allow_hosts`.

use super::pattern::HostPattern;
use crate::policy::byte_set::ByteSet;
use crate::protocol::host::{Host, MAX_HOST_BYTES, text};
use crate::protocol::origin::parse_port;

/// The hosts under which a server may be reached.
#[derive(Debug, Default)]
pub(crate) struct HostSet {
    hosts: Hosts,
    /// The names below which every name is meant.
    above: Hosts,
}

/// Hosts by the port with which they are listed.
#[derive(Debug, Default)]
struct Hosts {
    with_any_port: ByteSet<4>,
    /// Each as a request names it: with its port, and without where that is a default one.
    as_named: ByteSet<4>,
}

/// The longest value of `Host` that can be right: the longest name, a dot, and a port.
const MAX_BYTES: usize = MAX_HOST_BYTES + ".:65535".len();

/// The ports that a request does not name. Whether a server is reached over TLS, it can't know.
const DEFAULT_PORTS: [u16; 2] = [80, 443];

impl HostSet {
    /// Returns whether the authority of a request is one of the hosts, in whatever spelling
    /// browsers take for the same.
    #[inline]
    pub(crate) fn contains(&self, authority: &[u8]) -> bool {
        if authority.len() > MAX_BYTES {
            return false;
        }
        let Some(name) = name_of(authority) else {
            return false;
        };
        self.hosts.contain(name, authority) || self.contains_other(authority, name)
    }

    /// Looks for names below a listed one, and for other spellings.
    #[inline(never)]
    fn contains_other(&self, authority: &[u8], name: &[u8]) -> bool {
        let mut buffer = [0; MAX_BYTES];
        let port = authority.get(name.len()..).unwrap_or_default();
        let name = name.strip_suffix(b".").unwrap_or(name);
        let Some(normal) = buffer.get_mut(..name.len() + port.len()) else {
            return false;
        };
        let (normal_name, normal_port) = normal.split_at_mut(name.len());
        normal_name.copy_from_slice(name);
        normal_name.make_ascii_lowercase();
        normal_port.copy_from_slice(port);
        let normal = &*normal;
        let (name, _) = normal.split_at(name.len());
        self.hosts.contain(name, normal) || self.above.contain_one_above(name, normal)
    }

    fn insert(&mut self, pattern: &HostPattern) {
        let hosts = if pattern.subdomains {
            &mut self.above
        } else {
            &mut self.hosts
        };
        let name = &pattern.name;
        let Some(port) = pattern.port else {
            hosts.with_any_port.insert(name.as_bytes());
            return;
        };
        hosts.as_named.insert(format!("{name}:{port}").as_bytes());
        if DEFAULT_PORTS.contains(&port) {
            hosts.as_named.insert(name.as_bytes());
        }
    }
}

impl FromIterator<HostPattern> for HostSet {
    fn from_iter<I: IntoIterator<Item = HostPattern>>(patterns: I) -> Self {
        let mut set = Self::default();
        patterns
            .into_iter()
            .for_each(|pattern| set.insert(&pattern));
        set
    }
}

impl Hosts {
    fn contain(&self, name: &[u8], authority: &[u8]) -> bool {
        self.with_any_port.contains(name) || self.as_named.contains(authority)
    }

    /// Returns whether the name is below one of these. One that is no well-formed name is below
    /// nothing.
    fn contain_one_above(&self, name: &[u8], authority: &[u8]) -> bool {
        if self.with_any_port.is_empty() && self.as_named.is_empty()
            || !matches!(Host::parse(text(name)), Ok(Host::Name))
        {
            return false;
        }
        let dots = name.iter().enumerate().filter(|(_, byte)| **byte == b'.');
        dots.filter_map(|(dot, _)| Some((name.get(dot + 1..)?, authority.get(dot + 1..)?)))
            .any(|(name, authority)| self.contain(name, authority))
    }
}

/// Returns the part of an authority before its port; `None` where what follows the colon is no port
/// as browsers write it.
///
/// It looks at the end alone: names end in letters, as a rule, and a port has five digits at most. A
/// colon further in front stays a part of the name, which is then no host of any list.
#[inline]
fn name_of(authority: &[u8]) -> Option<&[u8]> {
    if !authority.last().is_some_and(u8::is_ascii_digit) {
        return Some(authority);
    }
    let start = authority.len().saturating_sub(":65535".len());
    let colon = authority
        .get(start..)
        .and_then(|end| end.iter().rposition(|byte| *byte == b':'));
    let Some((name, [b':', port @ ..])) = colon.map(|colon| authority.split_at(start + colon))
    else {
        return Some(authority);
    };
    parse_port(port).map(|_| name)
}
