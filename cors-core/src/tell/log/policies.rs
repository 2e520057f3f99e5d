//! The policies that adapters have, as events of `tracing`.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;

use crate::adapter::PolicySource;
use crate::policy::installed::Installation;
use crate::policy::map::PolicyMap;
#[cfg(feature = "reload")]
use crate::policy::reload::Watch;

/// The most policies that are kept to tell each once; past it they may be told twice.
const MOST_KNOWN: usize = 64;

/// Tells the policies in one place of the adapters, and each replacement of them.
pub(super) struct Policies {
    place: Place,
    /// Those that do not change and were told.
    known: Mutex<Vec<PolicyMap>>,
}

/// Where an adapter has policies.
#[derive(Clone, Copy)]
pub(super) enum Place {
    InUse,
    InShadow,
}

impl Policies {
    pub(super) fn new(place: Place) -> Arc<Self> {
        Arc::new(Self {
            place,
            known: Mutex::default(),
        })
    }

    /// Tells policies that an adapter has got, unless they were told, and has their replacements
    /// told.
    pub(super) fn start(self: &Arc<Self>, source: &PolicySource) {
        match source {
            PolicySource::Fixed(policies) => {
                if self.is_first(policies) {
                    let source = if policies.has_one_policy() {
                        "policy"
                    } else {
                        "map"
                    };
                    self.tell_present(source, &Installation::first(policies.clone()));
                }
            }
            #[cfg(feature = "reload")]
            PolicySource::Reloadable(shared) => {
                let watch: Arc<dyn Watch> = Arc::clone(self) as _;
                if shared.watch(&watch) {
                    self.tell_present("shared", &shared.load());
                }
            }
        }
    }

    /// Returns whether these policies were not yet told.
    fn is_first(&self, policies: &PolicyMap) -> bool {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.iter().any(|known| known.is_same(policies)) {
            return false;
        }
        if all.len() < MOST_KNOWN {
            all.push(policies.clone());
        }
        true
    }

    fn tell_present(&self, source: &str, installation: &Installation) {
        let place = match self.place {
            Place::InUse => "in use",
            Place::InShadow => "in the shadow",
        };
        tracing::event!(
            target: "cors::policy",
            Level::INFO,
            source,
            version = installation.version,
            policy = installation.policies.summary(),
            "CORS policy {place}"
        );
    }
}

#[cfg(feature = "reload")]
impl Watch for Policies {
    fn replaced(&self, old: &Installation, new: &Installation) {
        let place = match self.place {
            Place::InUse => "",
            Place::InShadow => " in the shadow",
        };
        if tracing::enabled!(target: "cors::policy", Level::INFO) {
            tracing::event!(
                target: "cors::policy",
                Level::INFO,
                source = "shared",
                version = new.version,
                policy = new.policies.summary(),
                changed = new.policies.changes_from(&old.policies),
                "CORS policy{place} replaced"
            );
        }
    }
}
