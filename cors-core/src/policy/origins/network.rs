//! [`Network`]: a private network of IPv4 addresses, as an operator writes it.

use std::net::Ipv4Addr;

use crate::policy::problem::{ProblemKind, Reason};
use crate::protocol::host::is_private;

/// The addresses that begin with the same one, two or three octets. All of them are private: of a
/// network that anybody can be in, no item is for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network {
    /// The lowest of the addresses.
    first: Ipv4Addr,
    /// How many octets they have in common.
    octets: u32,
}

const WILDCARD: &str = "*";

impl Network {
    /// Reads a host in which wildcards stand for octets; `None` where it is no such host.
    pub(super) fn parse(host: &str) -> Option<Result<Self, Reason>> {
        let parts: Vec<_> = host.split('.').collect();
        let is_octet = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        let begins_fixed = parts.first().is_some_and(is_octet);
        let is_address = parts.len() == 4 || (2..4).contains(&parts.len()) && begins_fixed;
        let is_there = is_address
            && parts.contains(&WILDCARD)
            && parts
                .iter()
                .all(|part| *part == WILDCARD || (!part.is_empty() && is_octet(part)));
        is_there.then(|| Self::of(&parts))
    }

    fn of(parts: &[&str]) -> Result<Self, Reason> {
        let end = parts.iter().position(|part| *part == WILDCARD);
        let (fixed, free) = parts.split_at(end.unwrap_or(parts.len()));
        if parts.len() != 4 || free.iter().any(|part| *part != WILDCARD) {
            return Err(ProblemKind::NetworkWildcardMisplaced);
        }
        let mut octets = [0; 4];
        for (octet, part) in octets.iter_mut().zip(fixed) {
            let is_canonical = *part == "0" || !part.starts_with('0');
            let read = part.parse().ok().filter(|_| is_canonical);
            *octet = read.ok_or(ProblemKind::OriginAddressInvalid as Reason)?;
        }
        let count = u32::try_from(fixed.len()).unwrap_or_default();
        let network = Self::around(octets.into(), count);
        if is_private_block(network.first, 8 * count) {
            Ok(network)
        } else {
            Err(|_| ProblemKind::NetworkNotPrivate)
        }
    }

    /// Returns the network of the addresses that have as many octets in common with this one.
    pub(crate) fn around(address: Ipv4Addr, octets: u32) -> Self {
        Self {
            first: first_of(address, 8 * octets),
            octets,
        }
    }

    /// Returns whether these are addresses of the own machine.
    pub(crate) const fn is_loopback(self) -> bool {
        self.first.is_loopback()
    }

    /// Returns an address within.
    #[cfg(feature = "browser")]
    pub(crate) fn address(self) -> Ipv4Addr {
        let ones = Ipv4Addr::new(1, 1, 1, 1).to_bits() & !mask(8 * self.octets);
        Ipv4Addr::from_bits(self.first.to_bits() | ones)
    }

    /// Returns the same address within the networks of the same size before and after it.
    #[cfg(feature = "browser")]
    pub(crate) fn neighbours(self) -> [Option<Ipv4Addr>; 2] {
        let address = self.address().to_bits();
        let size = (!mask(8 * self.octets)).saturating_add(1);
        let neighbours = [address.checked_sub(size), address.checked_add(size)];
        neighbours.map(|bits| bits.map(Ipv4Addr::from_bits))
    }
}

/// Returns whether a host is a network as people write one elsewhere: `192.168.1.x`,
/// `192.168.1.1-20`, `192.168.1._`. Read as a name, it would match nobody, since no such top-level
/// domain exists.
pub(super) fn is_loose(host: &str) -> bool {
    let parts = || host.split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_range = |part: &str| {
        let ends = part.split_once('-');
        ends.is_some_and(|(first, last)| is_number(first) && is_number(last))
    };
    let is_free = |part: &str| matches!(part, WILDCARD | "x" | "_") || is_range(part);
    // First what is true of hardly any host.
    parts().next().is_some_and(is_number)
        && (2..=4).contains(&parts().count())
        && parts().next_back().is_some_and(is_free)
        && parts().all(|part| is_number(part) || is_free(part))
}

/// Returns the host with a wildcard for each octet that may certainly be any, and for those that
/// it lacks at its end: `192.168.*.*` for `192.168.*` and `192.168.x.x`.
pub(super) fn corrected(host: &str) -> Option<String> {
    if !is_loose(host) {
        return None;
    }
    let parts = host.split('.').map(|part| match part {
        "x" | "0-255" => WILDCARD,
        part => part,
    });
    let starred = parts.collect::<Vec<_>>().join(".");
    let lacks = 4_usize.saturating_sub(starred.split('.').count());
    let filled = format!("{starred}{}", ".*".repeat(lacks));
    let is_network = starred.ends_with(WILDCARD) && matches!(Network::parse(&filled), Some(Ok(_)));
    Some(if is_network { filled } else { starred })
}

/// Returns whether all addresses that begin with the same bits are private ones, or all are of the
/// own machine. No block of private addresses is so large that both ends could lie in two of them.
pub(super) fn is_private_block(first: Ipv4Addr, bits: u32) -> bool {
    let last = Ipv4Addr::from_bits(first.to_bits() | !mask(bits));
    [first, last]
        .iter()
        .all(|address| is_private((*address).into()) || address.is_loopback())
}

/// Returns the lowest of the addresses that begin with the same bits as this one.
pub(super) fn first_of(address: Ipv4Addr, bits: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(address.to_bits() & mask(bits))
}

/// Returns a number whose highest bits are set, so many of them.
fn mask(bits: u32) -> u32 {
    u32::MAX
        .checked_shl(32_u32.saturating_sub(bits))
        .unwrap_or(0)
}
