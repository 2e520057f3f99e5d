//! What the policy in the shadow would change, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cors_axum::{DecisionEvent, Difference};

/// The numbers of requests about which the table `[shadow]` of the file and the rest of it differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Differences(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    would_allow: AtomicU64,
    would_refuse: AtomicU64,
    other_headers: AtomicU64,
}

impl Differences {
    /// Counts a request. Returns a line for the first one, the second, the fourth, the eighth and so
    /// on, so that no traffic fills the log.
    pub(crate) fn count(&self, event: &DecisionEvent<'_>) -> Option<String> {
        // The server's own pages need no permission.
        let difference = event
            .shadow_difference()
            .filter(|_| !event.is_same_origin())?;
        let (counter, what) = match difference {
            Difference::WouldAllow => (&self.0.would_allow, "would be allowed"),
            Difference::WouldRefuse => (&self.0.would_refuse, "would be refused"),
            _ => (&self.0.other_headers, "would have other headers"),
        };
        let count = counter.fetch_add(1, Ordering::Relaxed) + 1;
        let origin = event
            .origin()
            .map_or_else(String::new, |origin| format!(" from {origin}"));
        count.is_power_of_two().then(|| {
            let (method, path) = (event.method(), event.path());
            format!("in the shadow {count} {what}, the last one {method} {path}{origin}")
        })
    }

    /// Counts from 0, since there is another policy.
    pub(crate) fn begin_anew(&self) {
        for counter in [
            &self.0.would_allow,
            &self.0.would_refuse,
            &self.0.other_headers,
        ] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// Returns how many would be allowed, would be refused, and would have other headers.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> [u64; 3] {
        let Counts {
            would_allow,
            would_refuse,
            other_headers,
        } = &*self.0;
        [would_allow, would_refuse, other_headers].map(|counter| counter.load(Ordering::Relaxed))
    }
}
