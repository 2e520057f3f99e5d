//! The hosts that a probe names under a policy.

use crate::policy::Policy;
use crate::policy::hosts::pattern::HostPattern;

/// A host that no policy lists.
pub(super) const FOREIGN: &str = "evil.example";

/// Returns a host that the policy allows.
pub(super) fn of(policy: &Policy) -> String {
    let hosts = policy.config().allow_hosts;
    let first = hosts.first().and_then(|written| instance(written));
    first
        .filter(|_| lists_hosts(policy))
        .unwrap_or_else(|| "localhost".to_owned())
}

/// Returns a host that each item allows, and a foreign one.
pub(super) fn samples(policy: &Policy) -> Vec<String> {
    let hosts = policy.config().allow_hosts;
    let listed = hosts.iter().filter_map(|written| instance(written));
    listed.chain([FOREIGN.to_owned()]).collect()
}

/// Returns whether the policy allows some hosts alone.
pub(super) fn lists_hosts(policy: &Policy) -> bool {
    policy.compiled().checks_hosts
}

/// Returns a host that an item of `allow_hosts` matches.
fn instance(written: &str) -> Option<String> {
    let HostPattern {
        name,
        subdomains,
        port,
    } = HostPattern::parse(written).ok()?;
    let below = if subdomains { "probe." } else { "" };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{below}{name}{port}"))
}
