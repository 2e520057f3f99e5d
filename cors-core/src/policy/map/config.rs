//! [`PolicyMapConfig`]: policies by path, in their plain form.

use crate::policy::config::PolicyConfig;
use crate::policy::setting::Setting;

/// Policies by path as a file writes them: the keys of [`PolicyConfig`], and `[[paths]]` tables.
///
/// The keys at the top are the policy of every path that no table matches. A file with tables and
/// without such keys has no default policy; a file without tables has nothing but the default
/// policy. Each table has
///
/// - `path`, a pattern: see [`PolicyMap`](crate::PolicyMap);
/// - `enabled`: `false` disables CORS there. Default: `true`;
/// - any key of a policy, in place of the one at the top. A key that is left out has the value of
///   the top.
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
}

/// One of the `[[paths]]` tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathConfig {
    pub(super) pattern: String,
    pub(super) enabled: bool,
    pub(super) overrides: Overrides,
}

/// The settings that a table writes itself, in place of those at the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Overrides {
    pub(super) config: PolicyConfig,
    pub(super) written: Vec<Setting>,
}

impl PolicyMapConfig {
    /// Writes down policies that were built: for each path the settings that differ from the
    /// default.
    pub(super) fn of<'a>(
        default: Option<&PolicyConfig>,
        paths: impl Iterator<Item = (&'a str, Option<&'a PolicyConfig>)>,
    ) -> Self {
        let defaults = default.cloned().unwrap_or_default();
        let paths = paths.map(|(pattern, config)| PathConfig {
            pattern: pattern.to_owned(),
            enabled: config.is_some(),
            overrides: config.map_or_else(Overrides::default, |config| {
                Overrides::between(&defaults, config)
            }),
        });
        Self {
            default: default.cloned(),
            paths: paths.collect(),
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
            max_age: MaxAge,
            allow_private_network: AllowPrivateNetwork,
            preflight_status: PreflightStatus,
            preflight_refusal_status: PreflightRefusalStatus,
            preflight_passthrough: PreflightPassthrough,
            keep_app_headers: KeepAppHeaders,
            reject_disallowed_origins: RejectDisallowedOrigins,
            check_public_suffixes: CheckPublicSuffixes,
            dangerously_allow_any_origin_with_credentials: DangerouslyAllowAnyOriginWithCredentials,
            dangerously_allow_null_origin_with_credentials: DangerouslyAllowNullOriginWithCredentials,
            dangerously_allow_insecure_origins_with_credentials: DangerouslyAllowInsecureOriginsWithCredentials
        }
    };
}
#[cfg(feature = "serde")]
pub(super) use with_settings;

impl Overrides {
    pub(super) fn writes(&self, setting: Setting) -> bool {
        self.written.contains(&setting)
    }

    /// Returns these settings, and the defaults for all others.
    pub(super) fn merged_over(&self, defaults: &PolicyConfig) -> PolicyConfig {
        let mut merged = self.config.clone();
        macro_rules! inherit {
            ($($key:ident: $setting:ident),*) => {
                // Names every field, so that none can be forgotten.
                let PolicyConfig { $($key),* } = defaults;
                $(if !self.writes(Setting::$setting) {
                    merged.$key.clone_from($key);
                })*
            };
        }
        with_settings!(inherit);
        merged
    }

    /// Returns the settings in which a policy differs from the defaults.
    fn between(defaults: &PolicyConfig, config: &PolicyConfig) -> Self {
        let mut written = Vec::new();
        macro_rules! compare {
            ($($key:ident: $setting:ident),*) => {
                $(if config.$key != defaults.$key {
                    written.push(Setting::$setting);
                })*
            };
        }
        with_settings!(compare);
        Self {
            config: config.clone(),
            written,
        }
    }
}
