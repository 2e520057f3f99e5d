//! [`State`]: what the page servers share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cors_core::{PolicyMap, SharedPolicy};

use crate::origins::PageOrigin;
use crate::targets::Targets;

/// What the page servers share.
#[derive(Debug)]
pub(crate) struct State {
    origins: [PageOrigin; 4],
    targets: Targets,
    shared: SharedPolicy,
    running: Mutex<Running>,
}

/// The policies of the servers now.
#[derive(Debug)]
struct Running {
    text: String,
    policies: PolicyMap,
}

impl State {
    pub(crate) fn new(
        origins: [PageOrigin; 4],
        targets: Targets,
        shared: SharedPolicy,
        text: String,
        policies: PolicyMap,
    ) -> Self {
        Self {
            origins,
            targets,
            shared,
            running: Mutex::new(Running { text, policies }),
        }
    }

    /// Returns the page's own origin.
    pub(crate) fn page(&self) -> &str {
        &self.origins[0].origin
    }

    /// Returns the origins of the frames.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &str> {
        let named = self.origins.iter().filter(|origin| origin.host().is_some());
        named.map(|origin| origin.origin.as_str())
    }

    pub(crate) const fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Returns whether a Host names one of the page servers.
    pub(crate) fn is_own_host(&self, host: &str) -> bool {
        let mut hosts = self.origins.iter().filter_map(PageOrigin::host);
        hosts.any(|own| own == host)
    }

    /// Returns the origins that calls come from.
    pub(crate) const fn origins(&self) -> &[PageOrigin; 4] {
        &self.origins
    }

    /// Returns the text of the servers' policies.
    pub(crate) fn text(&self) -> String {
        self.running().text.clone()
    }

    /// Returns the servers' policies.
    pub(crate) fn policies(&self) -> PolicyMap {
        self.running().policies.clone()
    }

    /// Replaces the servers' policies.
    pub(crate) fn replace(&self, text: String, policies: PolicyMap) {
        let mut running = self.running();
        self.shared.replace(policies.clone());
        *running = Running { text, policies };
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
