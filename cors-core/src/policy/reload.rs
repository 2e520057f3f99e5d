//! [`SharedPolicy`]: policies that are replaced while requests come in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "tracing")]
use std::sync::{Mutex, PoisonError, Weak};

use arc_swap::{ArcSwap, Guard};

use super::Policy;
use super::installed::Installation;
use super::map::PolicyMap;

/// A handle on the policy, or the [map](crate::PolicyMap) of policies, that one or several adapters
/// use. It replaces them as a whole while requests come in.
///
/// After [`replace`](Self::replace) has returned, every new request is decided by the new policy.
/// Requests that are under way keep the policy that they began with, so that each response follows
/// one policy. Nobody waits: readers take no lock.
///
/// Only a policy that was built gets in here, so a mistake leaves the old policy in place. (A
/// half-written file may not be a mistake: an empty one is a policy that allows nobody. Read a file
/// when it no longer changes, as `examples/reload` does.) So does a panic in the code that builds
/// the new one; a thread that has to outlive it catches it, as the example does.
///
/// The old policies are dropped, and what their predicates own with them, by whoever uses them last:
/// [`replace`](Self::replace) or a request, on its own thread. Code that runs there must not block. A
/// panic in it ends there.
///
/// A predicate may call any method of a handle, that of its own policy too. It then finishes under
/// the policy that it belongs to. (A policy whose predicate owns a clone of the handle is kept until
/// it is replaced.)
///
/// ```
/// use cors_core::{Policy, PolicyConfig, PolicyErrors, SharedPolicy};
///
/// fn reload(shared: &SharedPolicy, config: &PolicyConfig) -> Result<(), PolicyErrors> {
///     shared.replace(config.build()?);
///     Ok(())
/// }
///
/// # fn main() -> Result<(), PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let shared = SharedPolicy::new(policy);
/// // One clone for each adapter, one to replace the policy by.
/// let for_an_adapter = shared.clone();
/// # let _ = for_an_adapter;
///
/// let mut config = PolicyConfig::default();
/// config.allow_origins = vec!["https://*".to_owned()];
/// assert!(reload(&shared, &config).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SharedPolicy(Arc<Shared>);

struct Shared {
    current: ArcSwap<Installation>,
    /// The version of `current`, once its replacement is done. All threads read it, and nobody
    /// writes it but a replacement, so that a request knows for next to nothing that all is as it
    /// was.
    version: AtomicU64,
    /// Who is told about replacements, for as long as somebody else needs them.
    #[cfg(feature = "tracing")]
    watches: Mutex<Vec<Weak<dyn Watch>>>,
}

/// Is told when policies are replaced.
#[cfg(feature = "tracing")]
pub(crate) trait Watch: Send + Sync {
    /// Is called after each replacement, on the thread that replaces.
    fn replaced(&self, old: &Installation, new: &Installation);
}

impl SharedPolicy {
    /// Makes a handle on the first policies.
    pub fn new(policies: impl Into<PolicyMap>) -> Self {
        let first = Installation::first(policies.into());
        Self(Arc::new(Shared {
            version: AtomicU64::new(first.version),
            current: ArcSwap::from_pointee(first),
            #[cfg(feature = "tracing")]
            watches: Mutex::default(),
        }))
    }

    /// Replaces the policies; every new request is decided by the new ones.
    pub fn replace(&self, policies: impl Into<PolicyMap>) {
        let policies = policies.into();
        let replacement = |replaced: &Arc<Installation>| Installation {
            policies: policies.clone(),
            version: replaced.version + 1,
        };
        let replaced = self.0.current.rcu(replacement);
        // Of two replacements at once, the later may come here first.
        self.0
            .version
            .fetch_max(replaced.version + 1, Ordering::Release);
        #[cfg(feature = "tracing")]
        self.tell_watches(&replaced, &replacement(&replaced));
        drop(replaced);
    }

    /// Returns the policy that this path has at the moment; `None` where it has none.
    ///
    /// It is for use outside an adapter: in a WebSocket handshake ([`Policy::allows_origin`]), or
    /// on a page for operators ([`Policy::explain`]).
    ///
    /// ```
    /// use cors_core::{Policy, SharedPolicy};
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let shared = SharedPolicy::new(policy);
    /// let may_open = |path, origin| {
    ///     let policy = shared.policy(path);
    ///     policy.is_some_and(|policy| policy.allows_origin(origin))
    /// };
    /// assert!(may_open("/feed", "https://app.example.com"));
    /// shared.replace(Policy::builder().build()?);
    /// assert!(!may_open("/feed", "https://app.example.com"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn policy(&self, path: &str) -> Option<Policy> {
        self.load().policies.policy(path).cloned()
    }

    /// Returns the number of the policies that are in use: 1 for the first, one more for each
    /// replacement. Events have the number of those that decided.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.load().version
    }

    /// Returns whether policies of this version are those in use, or will be in a moment.
    #[inline]
    pub(crate) fn is_current(&self, version: u64) -> bool {
        version >= self.0.version.load(Ordering::Acquire)
    }

    pub(crate) fn load(&self) -> Guard<Arc<Installation>> {
        self.0.current.load()
    }

    /// Has somebody told about each replacement, until they are dropped; returns whether they were
    /// not told before.
    #[cfg(feature = "tracing")]
    pub(crate) fn watch(&self, watch: &Arc<dyn Watch>) -> bool {
        let watches = self.0.watches.lock();
        let mut watches = watches.unwrap_or_else(PoisonError::into_inner);
        watches.retain(|known| known.strong_count() > 0);
        let is_new = !watches
            .iter()
            .any(|known| std::ptr::addr_eq(known.as_ptr(), Arc::as_ptr(watch)));
        if is_new {
            watches.push(Arc::downgrade(watch));
        }
        is_new
    }

    #[cfg(feature = "tracing")]
    fn tell_watches(&self, old: &Installation, new: &Installation) {
        let watches = self.0.watches.lock();
        let watches = watches.unwrap_or_else(PoisonError::into_inner).clone();
        for watch in watches.iter().filter_map(Weak::upgrade) {
            watch.replaced(old, new);
        }
    }
}

impl fmt::Debug for SharedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedPolicy")
            .field(&self.load().policies)
            .finish()
    }
}
