//! [`PolicyMapConfig`]: policies by path, in their plain form.

use std::sync::Arc;

use crate::policy::config::PolicyConfig;
use crate::policy::list::List;
use crate::policy::setting::{Setting, takes_over};
use crate::policy::{Compiled, Policy};

/// Policies by path as a file writes them: the keys of [`PolicyConfig`], and `[[paths]]` tables.
///
/// The keys at the top are the policy of every path that no table matches. A file with tables and
/// without such keys has no default policy; a file without tables has nothing but the default
/// policy. Each table has
///
/// - `path`, a pattern: see [`PolicyMap`](crate::PolicyMap);
/// - `enabled`: `false` disables CORS there. Default: `true`;
/// - any key of a policy, in place of the one at the top. A key that is left out has the value of
///   the top. `allow_credentials` and `allow_credentials_from` go together: a table that writes one
///   of them takes neither over, so that nobody has credentials there but whom it says.
///
/// The keys of a table `[shadow]` are tried on live traffic, and answer nothing: the policies in the
/// shadow are those that the file would have with these keys in place of the ones at the top. Each
/// [event](crate::DecisionEvent::shadow_difference) says what would be different. The table can have
/// any key of a policy, and `[[shadow.paths]]` in place of `[[paths]]`. To put the shadow into effect,
/// move its keys up.
///
/// Unknown keys are errors. With the feature `serde` the settings are read and written in any
/// format.
///
/// ```
/// # #[cfg(feature = "serde")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cors_core::PolicyMapConfig;
///
/// let config: PolicyMapConfig = toml::from_str(
///     r#"
///     allow_origins = ["https://app.example.com"]
///     allow_methods = ["PUT", "DELETE"]
///     allow_credentials = true
///
///     [[paths]]
///     path = "/feeds/{*feed}"
///     allow_origins = ["*"]
///     allow_credentials = false
///
///     [[paths]]
///     path = "/internal/{*rest}"
///     enabled = false
///     "#,
/// )?;
/// let policies = config.build()?;
/// let feeds = policies.policy("/feeds/news").ok_or("no policy")?;
/// assert!(feeds.allows_origin("https://anyone.example"));
/// assert!(policies.policy("/internal/metrics").is_none());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "serde"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMapConfig {
    pub(super) default: Option<PolicyConfig>,
    pub(super) paths: Vec<PathConfig>,
    pub(super) shadow: Option<ShadowConfig>,
}

/// The table `[shadow]`: what it has in place of what the file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ShadowConfig {
    pub(super) overrides: Overrides,
    pub(super) paths: Option<Vec<PathConfig>>,
}

/// One of the `[[paths]]` tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathConfig {
    pub(super) pattern: String,
    pub(super) enabled: bool,
    pub(super) overrides: Overrides,
}

/// The settings that a table writes itself, in place of those at the top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Overrides {
    pub(super) config: PolicyConfig,
    pub(super) written: Vec<Setting>,
}

impl PolicyMapConfig {
    /// Writes down policies that were built: for each path the settings that differ from the
    /// default.
    pub(super) fn of<'a>(
        default: Option<&Policy>,
        paths: impl Iterator<Item = (&'a str, Option<&'a Policy>)>,
    ) -> Self {
        let top = default.map(Policy::compiled);
        let paths = paths.map(|(pattern, policy)| PathConfig {
            pattern: pattern.to_owned(),
            enabled: policy.is_some(),
            overrides: policy.map_or_else(Overrides::default, |policy| {
                Overrides::between(top, policy.compiled())
            }),
        });
        Self {
            paths: paths.collect(),
            default: default.map(Policy::config),
            shadow: None,
        }
    }
}

impl ShadowConfig {
    /// Writes down how the policies in the shadow differ from those that decide. `tops` are the
    /// default policies of these and of the shadow.
    pub(super) fn between(
        tops: [Option<&Policy>; 2],
        paths: &[PathConfig],
        shadow: PolicyMapConfig,
    ) -> Self {
        let [top, shadow_top] = tops.map(|top| top.map(Policy::compiled));
        let mut overrides = shadow_top.map_or_else(Overrides::default, |shadow_top| {
            Overrides::between(top, shadow_top)
        });
        if top.is_none() && shadow_top.is_some() && overrides.written.is_empty() {
            // Some key says that there is a default policy, though it is the one of no key at all.
            overrides.written.push(Setting::AllowOrigins);
        }
        Self {
            overrides,
            paths: (shadow.paths != paths).then_some(shadow.paths),
        }
    }
}

/// Calls a macro with every key of a policy and its [`Setting`].
macro_rules! with_settings {
    ($macro:ident) => {
        $macro! {
            allow_origins: AllowOrigins,
            allow_origin_regexes: AllowOriginRegexes,
            allow_null_origin: AllowNullOrigin,
            allow_methods: AllowMethods,
            allow_headers: AllowHeaders,
            expose_headers: ExposeHeaders,
            allow_credentials: AllowCredentials,
            allow_credentials_from: AllowCredentialsFrom,
            max_age: MaxAge,
            allow_private_network: AllowPrivateNetwork,
            preflight_status: PreflightStatus,
            preflight_refusal_status: PreflightRefusalStatus,
            preflight_passthrough: PreflightPassthrough,
            keep_app_headers: KeepAppHeaders,
            reject_disallowed_origins: RejectDisallowedOrigins,
            allow_hosts: AllowHosts,
            check_public_suffixes: CheckPublicSuffixes,
            dangerously_allow_any_origin_with_credentials: DangerouslyAllowAnyOriginWithCredentials,
            dangerously_allow_null_origin_with_credentials: DangerouslyAllowNullOriginWithCredentials,
            dangerously_allow_insecure_origins_with_credentials: DangerouslyAllowInsecureOriginsWithCredentials,
            dangerously_allow_private_networks_with_credentials: DangerouslyAllowPrivateNetworksWithCredentials
        }
    };
}
pub(in crate::policy) use with_settings;

impl Overrides {
    pub(super) fn writes(&self, setting: Setting) -> bool {
        self.written.contains(&setting)
    }

    /// Returns these settings, and the defaults for all others. Lists that are inherited are shared
    /// by other means, so the defaults here have none.
    pub(super) fn merged_over(&self, defaults: &PolicyConfig) -> PolicyConfig {
        let mut merged = self.config.clone();
        macro_rules! inherit {
            ($($key:ident: $setting:ident),*) => {
                // Names every field, so that none can be forgotten.
                let PolicyConfig { $($key),* } = defaults;
                $(if takes_over(&self.written, Setting::$setting) {
                    merged.$key.clone_from($key);
                })*
            };
        }
        with_settings!(inherit);
        merged
    }

    /// Returns the settings in which a policy differs from the one at the top.
    fn between(top: Option<&Compiled>, policy: &Compiled) -> Self {
        let defaults = PolicyConfig::default();
        let defaults = top.map_or(&defaults, |top| &top.switches);
        let mut config = policy.switches.clone();
        let mut written = Vec::new();
        macro_rules! compare {
            ($($key:ident: $setting:ident),*) => {
                $(if config.$key != defaults.$key {
                    written.push(Setting::$setting);
                })*
            };
        }
        with_settings!(compare);
        macro_rules! compare_lists {
            ($($key:ident: $setting:ident, |$policy:ident| $list:expr;)*) => {
                $(
                    let list = |$policy: &'_ Compiled| Arc::clone(&$list);
                    if let Some(items) = differing(top.map(list), &list(policy)) {
                        config.$key = items;
                        written.push(Setting::$setting);
                    }
                )*
            };
        }
        compare_lists! {
            allow_origins: AllowOrigins, |policy| policy.origins.listed;
            allow_origin_regexes: AllowOriginRegexes, |policy| policy.origins.regexes;
            allow_methods: AllowMethods, |policy| policy.methods;
            allow_headers: AllowHeaders, |policy| policy.headers.names;
            expose_headers: ExposeHeaders, |policy| policy.exposed;
            allow_credentials_from: AllowCredentialsFrom, |policy| policy.credentials_from;
            allow_hosts: AllowHosts, |policy| policy.hosts;
        }
        Self { config, written }
    }
}

/// Returns the items of a list if they differ from those at the top. A list that is shared is not
/// compared item by item.
fn differing<T>(top: Option<Arc<List<T>>>, list: &Arc<List<T>>) -> Option<Vec<String>> {
    let is_same = top.map_or(list.written.is_empty(), |top| {
        Arc::ptr_eq(&top, list) || top.written == list.written
    });
    (!is_same).then(|| list.written.clone())
}
