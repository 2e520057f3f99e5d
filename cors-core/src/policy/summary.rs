//! The `Debug` of a policy: a summary on one line.

use std::fmt;

use super::Policy;
use crate::protocol::escape::Shortened;

/// The most items of a list that are shown.
const SHOWN_ITEMS: usize = 3;

impl fmt::Debug for Policy {
    /// Writes a summary of a few hundred bytes, whatever the number of origins.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policy = self.compiled();
        let switches = &policy.switches;
        f.write_str("Policy(origins: ")?;
        list(f, &policy.origins.listed.written)?;
        count(
            f,
            policy.origins.regexes.written.len(),
            "regular expression",
        )?;
        let predicates = policy.origins.predicates.len();
        count(f, predicates, "predicate")?;
        if policy.origins.async_predicate.is_some() {
            f.write_str(", an asynchronous predicate")?;
        }
        if switches.allow_null_origin {
            f.write_str(", null")?;
        }
        f.write_str("; methods: ")?;
        if policy.methods.any {
            f.write_str("any")?;
        } else {
            list(f, &policy.methods.written)?;
        }
        f.write_str("; headers: ")?;
        list(f, &policy.headers.names.written)?;
        if switches.allow_credentials {
            f.write_str("; credentials")?;
        } else if !policy.credentials_from.written.is_empty() {
            f.write_str("; credentials from: ")?;
            list(f, &policy.credentials_from.written)?;
        }
        if policy.checks_hosts {
            f.write_str("; hosts: ")?;
            list(f, &policy.hosts.written)?;
        }
        if switches.reject_disallowed_origins {
            f.write_str("; rejects other origins")?;
        }
        f.write_str(")")
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[String]) -> fmt::Result {
    if items.is_empty() {
        return f.write_str("none listed");
    }
    for (index, item) in items.iter().take(SHOWN_ITEMS).enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}{}", Shortened(item.as_bytes()))?;
    }
    match items.len().saturating_sub(SHOWN_ITEMS) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

fn count(f: &mut fmt::Formatter<'_>, count: usize, name: &str) -> fmt::Result {
    match count {
        0 => Ok(()),
        1 => write!(f, ", 1 {name}"),
        _ => write!(f, ", {count} {name}s"),
    }
}
