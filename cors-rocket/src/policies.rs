//! [`Policies`]: the policies of a fairing, and who is told about their decisions.

use std::sync::Arc;

use cors_core::DecisionEvent;
use cors_core::adapter::{
    AdapterOptions, BoundDecision, InstalledPolicy, Mistake, PolicySource, PreparedPolicies,
};

/// The policies of a fairing, and who is told about their decisions.
#[derive(Debug)]
pub(crate) struct Policies {
    source: PolicySource,
    pub(crate) prepared: PreparedPolicies<InstalledPolicy>,
    pub(crate) options: AdapterOptions,
    /// The decision on every request without `Origin`, where it is the same for all of them, and
    /// nobody is told.
    pub(crate) without_origin: Option<BoundDecision>,
}

impl Policies {
    pub(crate) fn new(source: PolicySource) -> Self {
        Self::with(source, AdapterOptions::default())
    }

    fn with(source: PolicySource, options: AdapterOptions) -> Self {
        let prepared = PreparedPolicies::new(source.clone(), InstalledPolicy::clone);
        let is_told = !options.listeners.is_empty() || !options.mistakes.is_empty();
        let of_every_path = prepared.of_every_path().filter(|_| !is_told);
        Self {
            without_origin: of_every_path
                .cloned()
                .and_then(BoundDecision::without_origin),
            prepared,
            source,
            options,
        }
    }

    pub(crate) fn with_listener(
        &self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        self.with_options(|options| options.listeners.add(listener))
    }

    pub(crate) fn with_shadow(&self, source: PolicySource) -> Arc<Self> {
        self.with_options(|options| options.put_shadow(source))
    }

    pub(crate) fn with_mistakes(
        &self,
        listener: impl Fn(&Mistake) + Send + Sync + 'static,
    ) -> Arc<Self> {
        self.with_options(|options| options.mistakes.add(listener))
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn with_log(&self, log: cors_core::Log) -> Arc<Self> {
        self.with_options(|options| log.start(options, &self.source))
    }

    /// Returns whether there are listeners.
    pub(crate) fn are_heard(&self) -> bool {
        !self.options.listeners.is_empty()
    }

    fn with_options(&self, set: impl FnOnce(&mut AdapterOptions)) -> Arc<Self> {
        let mut options = self.options.clone();
        set(&mut options);
        Arc::new(Self::with(self.source.clone(), options))
    }
}
