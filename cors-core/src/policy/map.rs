//! [`PolicyMap`]: policies by path.

pub(crate) mod builder;
#[cfg(all(feature = "reload", feature = "tracing"))]
mod changes;
pub(crate) mod config;
mod drafts;
mod environment;
mod escapes;
mod foreign;
mod lookup;
mod matcher;
mod merging;
mod pattern;
#[cfg(feature = "serde")]
mod read_value;
mod reading;
#[cfg(feature = "schema")]
mod schema;
mod segments;
#[cfg(feature = "serde")]
mod serde;
mod tree;
#[cfg(feature = "serde")]
mod unknown_key;

use std::fmt;
use std::sync::Arc;

use self::config::{PolicyMapConfig, ShadowConfig};
use self::lookup::Lookup;
use super::Policy;
use crate::protocol::escape::Shortened;
use crate::protocol::request::RequestHead;

/// Policies by path, for an app whose parts are for different origins.
///
/// | pattern | matches | does not match |
/// | --- | --- | --- |
/// | `/api` | `/api`, `/api/`, `//api`, `/%61pi` | `/apixyz`, `/API` |
/// | `/api/{id}` | `/api/7`, `/api/7/` | `/api`, `/api/7/notes` |
/// | `/api/{id}/notes` | `/api/7/notes` | `/api//notes`, `/api/7/8/notes` |
/// | `/api/{*rest}` | `/api`, `/api/`, `/api/7`, `/api/7/notes` | `/apixyz` |
///
/// A segment of a pattern is a text, or `{name}` for any one segment; `{*name}` at the end is for
/// everything below and for the path itself. Any patterns can stand beside each other, in whatever
/// order, except for two that differ in nothing but names. The most specific one wins, segment by
/// segment: a text goes before `{name}`, and that before `{*name}`. The winner's policy replaces
/// every other one, for preflights as for actual requests. A path is left alone if it is disabled,
/// or if no pattern matches it and there is no default policy: its preflights reach the app, and
/// its responses stay as they are.
///
/// A [`Policy`] is a map too: every path has it.
///
/// ```
/// use cors_core::{Policy, PolicyMap};
///
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let app = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let public = Policy::builder().allow_origins(["*"]).build()?;
/// let policies = PolicyMap::builder()
///     .default_policy(app)
///     .path("/status", public.clone())
///     .path("/feeds/{*feed}", public)
///     .disable_path("/internal/{*rest}")
///     .build()?;
///
/// let allows = |path, origin| policies.policy(path).is_some_and(|policy| policy.allows_origin(origin));
/// assert!(allows("/feeds/news", "https://anyone.example"));
/// assert!(allows("/%66eeds/", "https://anyone.example"));
/// assert!(!allows("/feed", "https://anyone.example"));
/// assert!(policies.policy("/internal/metrics").is_none());
/// # Ok(())
/// # }
/// ```
///
/// The cost of a look-up is linear in the length of the path, and does not grow with the number of
/// patterns, unless thousands of them have texts and names below each other in most ways. A look-up
/// allocates nothing.
///
/// # Security
///
/// Routers, file handlers and proxies read a path in several ways, and a client can spell it so that
/// they do. A path's policy holds, whatever the spelling:
///
/// - Percent-escapes are decoded once, and empty segments and a slash at the end do not count. What
///   is left, the plain path, is what patterns are compared with, in every framework: `//api/`
///   and `/%61pi` have the policy of `/api`. Upper and lower case are different paths.
/// - Some paths can still be read in more ways: those with `.` or `..` as a segment, with an escaped
///   slash, with a backslash, with a `;`, with escapes of escapes. If each reading has the same
///   policy, that is the policy. If not, every request is refused
///   ([`Refusal::AmbiguousPath`](crate::Refusal::AmbiguousPath)), and rejected if one of the
///   policies rejects. A disabled path counts as one that allows nobody. A path that mixes several
///   of these has too many readings to go through. It is refused too, unless it has no dot segment
///   and all paths that begin as it does before the first of these have one policy, by one
///   `{*name}` or by none: `/files/a%2Fb;v=1` has the policy of `/files/{*file}`, where no other
///   pattern is below that one.
#[derive(Clone)]
pub struct PolicyMap(Arc<Paths>);

struct Paths {
    /// The policies, each once; those for ambiguous paths at the end.
    policies: Vec<Policy>,
    /// The patterns as they were written, with the indices of their policies; `None` where the path
    /// is disabled.
    patterns: Vec<(String, Option<usize>)>,
    default: Option<usize>,
    /// `None` where every path has the default policy.
    lookup: Option<Lookup>,
    shadow: Option<PolicyMap>,
}

impl PolicyMap {
    /// Returns the policy of a path, which is [as it was
    /// sent](crate::adapter::RequestHead::path); `None` where it has none. Where the path has no
    /// single policy, it is one that refuses every request. (Whether that rejects a request for its
    /// host depends on the host, so that only adapters know.)
    #[must_use]
    pub fn policy(&self, path: &str) -> Option<&Policy> {
        let index = match &self.0.lookup {
            Some(lookup) => lookup.index_of(path, &|_| false),
            None => self.0.default,
        };
        self.0.policies.get(index?)
    }

    /// Returns the policy of a request. It is that of its path, unless the path has no single one:
    /// then it depends on the host whether the request is rejected.
    pub(crate) fn policy_for(&self, request: &dyn RequestHead) -> Option<&Policy> {
        self.0.policies.get(self.index_for(request)?)
    }

    /// Returns the pattern whose policy a path has; `None` where it has the default policy, or none,
    /// or no single one.
    #[must_use]
    pub fn pattern(&self, path: &str) -> Option<&str> {
        let index = self.0.lookup.as_ref()?.pattern_of(path)?;
        let (pattern, _) = self.0.patterns.get(index)?;
        Some(pattern)
    }

    /// Returns the policies in the shadow of these: those of the table `[shadow]` in a file. They
    /// decide about nothing; a [listener](crate::DecisionEvent::shadow) is told where they differ.
    #[must_use]
    pub fn shadow(&self) -> Option<&Self> {
        self.0.shadow.as_ref()
    }

    /// Returns the index of a request's policy among [all](Self::policies).
    #[inline]
    pub(crate) fn index_for(&self, request: &dyn RequestHead) -> Option<usize> {
        let Some(lookup) = &self.0.lookup else {
            return self.0.default;
        };
        lookup.index_of(request.path(), &|index| {
            let policy = self.0.policies.get(index);
            policy.is_some_and(|policy| !policy.compiled().allows_host(request))
        })
    }

    /// Returns the index of a path's policy; `None` where it has none, or where the request's host
    /// counts too.
    #[inline]
    pub(crate) fn index_by_path(&self, path: &str) -> Option<usize> {
        let Some(lookup) = &self.0.lookup else {
            return self.0.default;
        };
        let checks_hosts = |policy: &Policy| policy.compiled().checks_hosts;
        lookup.index_of(path, &|index| {
            self.0.policies.get(index).is_some_and(checks_hosts)
        })
    }

    /// Returns whether every path has the default policy.
    pub(crate) fn has_one_policy(&self) -> bool {
        self.0.lookup.is_none()
    }

    /// Returns the index of the policy of paths that no pattern matches.
    pub(crate) fn default_index(&self) -> Option<usize> {
        self.0.default
    }

    /// Returns the patterns of the paths, as they were written.
    #[cfg(feature = "browser")]
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.patterns.iter().map(|(pattern, _)| pattern.as_str())
    }

    pub(crate) fn policies(&self) -> &[Policy] {
        &self.0.policies
    }

    /// Returns whether both are clones of the same map, or made of clones of the same policy, without
    /// a shadow.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self
                .only_policy()
                .zip(other.only_policy())
                .is_some_and(|(policy, other)| policy.is_same(other))
    }

    /// Returns the policy of every path, where there is nothing else.
    #[cfg(feature = "tracing")]
    fn only_policy(&self) -> Option<&Policy> {
        let is_alone = self.has_one_policy() && self.shadow().is_none();
        self.default_policy().filter(|_| is_alone)
    }

    /// Returns the policies in a line of bounded length.
    #[cfg(feature = "tracing")]
    pub(crate) fn summary(&self) -> String {
        match self.only_policy() {
            Some(policy) => format!("{policy:?}"),
            None => format!("{self:?}"),
        }
    }

    /// Returns the settings that build the same map, except for predicates: those of the default
    /// policy, and for each path those that differ from it.
    ///
    /// ```
    /// use cors_core::{Policy, PolicyMap};
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let map = PolicyMap::from(policy);
    /// assert!(map.config().build()?.policy("/").is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn config(&self) -> PolicyMapConfig {
        let mut config = self.own_config();
        config.shadow = self.shadow().map(|shadow| {
            let tops = [self, shadow].map(Self::default_policy);
            ShadowConfig::between(tops, &config.paths, shadow.own_config())
        });
        config
    }

    /// Returns the settings without those of the shadow.
    fn own_config(&self) -> PolicyMapConfig {
        PolicyMapConfig::of(self.default_policy(), self.paths())
    }

    /// Returns the policy of every path that no pattern matches, if there is one.
    #[must_use]
    pub fn default_policy(&self) -> Option<&Policy> {
        self.policy_at(self.0.default)
    }

    /// Returns the patterns as they were written, each with its policy; `None` where the path is
    /// disabled.
    pub fn paths(&self) -> impl Iterator<Item = (&str, Option<&Policy>)> {
        let patterns = self.0.patterns.iter();
        patterns.map(|(pattern, index)| (pattern.as_str(), self.policy_at(*index)))
    }

    fn policy_at(&self, index: Option<usize>) -> Option<&Policy> {
        self.0.policies.get(index?)
    }
}

impl From<Policy> for PolicyMap {
    /// Makes the map in which every path has this policy.
    fn from(policy: Policy) -> Self {
        Self(Arc::new(Paths {
            policies: vec![policy],
            patterns: Vec::new(),
            default: Some(0),
            lookup: None,
            shadow: None,
        }))
    }
}

impl fmt::Debug for PolicyMap {
    /// Writes the default policy and the first paths, each in a summary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_PATHS: usize = 4;
        let mut map = f.debug_struct("PolicyMap");
        map.field("default", &self.default_policy());
        if let Some(shadow) = self.shadow() {
            map.field("shadow", shadow);
        }
        for (pattern, index) in self.0.patterns.iter().take(SHOWN_PATHS) {
            let pattern = Shortened(pattern.as_bytes()).to_string();
            map.field(&pattern, &self.policy_at(*index));
        }
        if self.0.patterns.len() > SHOWN_PATHS {
            map.finish_non_exhaustive()
        } else {
            map.finish()
        }
    }
}
