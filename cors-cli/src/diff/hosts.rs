//! The hosts for which requests reach the app.

use std::collections::{BTreeMap, BTreeSet};

use super::access::Side;
use super::names::fresh;

/// The words for each of the hosts that are tried.
///
/// An item without a port is for every port, so it is tried at one that no item has.
pub(super) fn of(sides: &[Side<'_>; 2]) -> BTreeMap<String, String> {
    let items = sides
        .iter()
        .flat_map(|side| side.list(|config| &config.allow_hosts));
    let items: Vec<_> = items
        .filter(|item| *item != "*")
        .map(|item| item.to_ascii_lowercase())
        .collect();
    let other = fresh("other", items.iter().map(String::as_str));
    let used: BTreeSet<u16> = items
        .iter()
        .filter_map(|item| item.rsplit(':').next()?.parse().ok())
        .collect();
    let port = (1..u16::MAX).rev().find(|port| !used.contains(port));
    let port = port.unwrap_or(u16::MAX);
    let mut hosts = BTreeMap::new();
    for item in items {
        let has_port = item
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.ends_with(']'));
        let name = match item.strip_prefix("*.") {
            Some(base) => format!("{other}.{base}"),
            None => item.clone(),
        };
        let host = if has_port {
            name
        } else {
            format!("{name}:{port}")
        };
        hosts.insert(host, format!("requests for {item}"));
    }
    let words = "requests for any host that is not listed".to_owned();
    hosts.insert(format!("{other}.example:{port}"), words);
    hosts
}
