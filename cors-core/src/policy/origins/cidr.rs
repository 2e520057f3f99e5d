//! Networks as routers are told them: `192.168.0.0/16`.

use std::net::Ipv4Addr;

use super::network::{first_of, is_private_block};
use super::written::Written;
use crate::policy::problem::ProblemKind;
use crate::protocol::origin::{is_web_scheme, split_port};

/// The most items that stand for one text. A longer list is easier to read where it is written.
pub(super) const MAX_ITEMS: usize = 16;

/// Returns the items for a network that is written as an address and the number of its bits, right
/// or wrong; none where they would be too many. Where no pattern can be for the network, that is the
/// problem.
pub(super) fn items(written: &str) -> Option<Result<Vec<String>, ProblemKind>> {
    let written = Written::read(written.trim())?;
    let scheme = written.scheme.as_deref().unwrap_or("http");
    if !is_web_scheme(scheme) {
        return None;
    }
    let (before, after) = written.rest.split_once('/')?;
    let (bits, port_after) = split_port(after.strip_suffix('/').unwrap_or(after));
    let (address, port) = split_port(before);
    let is_port = |port: &str| {
        port.bytes()
            .all(|byte| byte.is_ascii_digit() || b"*-".contains(&byte))
    };
    let port = match (port, port_after) {
        (Some(_), Some(_)) => return None,
        (port, port_after) => port.or(port_after),
    };
    if !port.is_none_or(is_port) {
        return None;
    }
    let address: Ipv4Addr = address.parse().ok()?;
    let is_number = (1..=2).contains(&bits.len()) && bits.bytes().all(|byte| byte.is_ascii_digit());
    let bits: u32 = bits.parse().ok().filter(|bits| is_number && *bits <= 32)?;
    let first = first_of(address, bits);
    // Of some addresses each is an item of its own, so they need not be private.
    if bits <= 24 && !is_private_block(first, bits) {
        return Some(Err(ProblemKind::NetworkNotPrivate));
    }
    let octets = bits.div_ceil(8);
    let count = 1_u32.checked_shl(8 * octets - bits).unwrap_or(u32::MAX);
    if usize::try_from(count).is_ok_and(|count| count > MAX_ITEMS) {
        return Some(Ok(Vec::new()));
    }
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let item = |index: u32| {
        let index = index.checked_shl(32 - 8 * octets).unwrap_or_default();
        let address = Ipv4Addr::from_bits(first.to_bits() | index);
        let parts = (0..).zip(address.octets()).map(|(at, octet)| {
            if at < octets {
                octet.to_string()
            } else {
                "*".to_owned()
            }
        });
        let host = parts.collect::<Vec<_>>().join(".");
        format!("{scheme}://{host}{port}")
    };
    Some(Ok((0..count).map(item).collect()))
}
