//! The judge of hosts: whether a request reaches the app.

use std::error::Error;
use std::net::SocketAddr;

use conformance_client::raw;
use cors_core::PolicyMap;

use crate::is_ambiguous;
use crate::judge::{SPELLINGS, host};

/// Returns what is rejected for its host, or is not, otherwise than the policy of its path says.
pub(crate) fn otherwise(
    policies: &PolicyMap,
    engine: SocketAddr,
) -> Result<Vec<String>, Box<dyn Error>> {
    const UNLISTED: &str = "other.example.org";
    let Some(listed) = host(policies) else {
        return Ok(Vec::new());
    };
    let mut otherwise = Vec::new();
    for path in SPELLINGS.into_iter().filter(|path| !is_ambiguous(path)) {
        let policy = policies.policy(path);
        let has_hosts = policy.is_some_and(|policy| !policy.config().allow_hosts.is_empty());
        for host in [&*listed, UNLISTED] {
            let request = raw::Request::new("GET", path).line("Host", host);
            let status = raw::exchange(engine, &request)?.status;
            let expected = has_hosts && host == UNLISTED;
            if (status == 403) != expected {
                otherwise.push(format!("{path} of {host}: {status}"));
            }
        }
    }
    Ok(otherwise)
}
