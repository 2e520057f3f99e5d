//! [`PolicyMapConfig`]: policies by path, as a file writes them.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Error as _, IntoDeserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{PolicyMap, PolicyMapBuilder};
use crate::policy::Policy;
use crate::policy::config::PolicyConfig;
use crate::policy::problem::{Place, PolicyErrors, ProblemKind, Problems};

/// Policies by path as a file writes them: the keys of [`PolicyConfig`], and `[[paths]]` tables.
///
/// The keys at the top are the policy of every path that no table matches; a file that has tables
/// and no such keys has no default policy, and one without tables has nothing else. Each table has
///
/// - `path`, a pattern: see [`PolicyMap`];
/// - `enabled`: `false` switches CORS off there. Default: `true`;
/// - any key of a policy, in place of the one at the top. A key that is left out is as it is there.
///
/// Unknown keys are errors.
///
/// ```
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
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyMapConfig {
    default: Option<PolicyConfig>,
    paths: Vec<Path>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Path {
    pattern: String,
    enabled: bool,
    own: Settings,
}

/// The keys of a policy that were written somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settings {
    config: PolicyConfig,
    written: Vec<String>,
}

impl PolicyMapConfig {
    /// Checks and compiles the policies.
    ///
    /// # Errors
    ///
    /// All problems of all policies at once. What a table takes over from the top is not
    /// reported twice.
    pub fn build(&self) -> Result<PolicyMap, PolicyErrors> {
        let mut problems = Problems::default();
        let mut builder = PolicyMapBuilder::default();
        let top = self.default.clone().unwrap_or_default();
        if self.default.is_some() {
            builder.default = top.build().map_err(|errors| problems.extend(errors)).ok();
        }
        // Stands for policies that can't be built, so that all patterns are checked.
        let nobody = PolicyConfig::default().build()?;
        let of_top = problems.clone();
        for (index, path) in self.paths.iter().enumerate() {
            let policy = path.build(index, &top, &of_top, &mut problems);
            let policy = path
                .enabled
                .then(|| policy.unwrap_or_else(|| nobody.clone()));
            builder.paths.push((path.pattern.clone(), policy));
        }
        let paths = builder.compile(&mut problems);
        problems.into_result(PolicyMap(paths.into()))
    }
}

impl Path {
    fn build(
        &self,
        index: usize,
        top: &PolicyConfig,
        of_top: &Problems,
        problems: &mut Problems,
    ) -> Option<Policy> {
        if !self.enabled {
            for key in &self.own.written {
                let place = Place::PathSetting(index, setting(key));
                problems.add(
                    place,
                    self.pattern.as_str(),
                    ProblemKind::SettingOfPathSwitchedOff,
                );
            }
            return None;
        }
        let errors = match self.own.over(top).build() {
            Ok(policy) => return Some(policy),
            Err(errors) => errors,
        };
        for problem in errors {
            let inherited = !self.own.has(problem.place().setting());
            if !(inherited && of_top.contains(&problem)) {
                problems.push(problem.in_path(index));
            }
        }
        None
    }
}

/// Calls a macro with every key of a policy.
macro_rules! with_settings {
    ($macro:ident) => {
        $macro! {
            allow_origins,
            allow_origin_regexes,
            allow_null_origin,
            allow_methods,
            allow_headers,
            expose_headers,
            allow_credentials,
            max_age,
            allow_private_network,
            preflight_status,
            preflight_refusal_status,
            preflight_passthrough,
            keep_app_headers,
            reject_disallowed_origins,
            check_public_suffixes,
            dangerously_allow_any_origin_with_credentials,
            dangerously_allow_null_origin_with_credentials,
            dangerously_allow_insecure_origins_with_credentials
        }
    };
}

/// The name of a key that was read, which lives as long as the program.
fn setting(key: &str) -> &'static str {
    macro_rules! find {
        ($($setting:ident),*) => {
            match key {
                $(stringify!($setting) => stringify!($setting),)*
                _ => "",
            }
        };
    }
    with_settings!(find)
}

impl Settings {
    fn has(&self, setting: &str) -> bool {
        self.written.iter().any(|written| written == setting)
    }

    /// These settings, and those of `top` where there are none.
    fn over(&self, top: &PolicyConfig) -> PolicyConfig {
        let mut merged = self.config.clone();
        macro_rules! inherit {
            ($($setting:ident),*) => {
                // Names every field, so that none can be forgotten.
                let PolicyConfig { $($setting),* } = top;
                $(if !self.has(stringify!($setting)) {
                    merged.$setting.clone_from($setting);
                })*
            };
        }
        with_settings!(inherit);
        merged
    }
}

/// The keys of a table beside those of a policy.
trait Beside: Default {
    const KEYS: &'static [&'static str];

    /// Reads the value of one of the keys.
    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

/// At the top of a file.
#[derive(Default)]
struct Top {
    paths: Option<Vec<Path>>,
}

impl Beside for Top {
    const KEYS: &'static [&'static str] = &["paths"];

    fn read<'de, M: MapAccess<'de>>(&mut self, _: &str, map: &mut M) -> Result<(), M::Error> {
        put(&mut self.paths, "paths", map)
    }
}

/// In one of the `[[paths]]`.
#[derive(Default)]
struct OfPath {
    path: Option<String>,
    enabled: Option<bool>,
}

impl Beside for OfPath {
    const KEYS: &'static [&'static str] = &["path", "enabled"];

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "path" => put(&mut self.path, "path", map),
            _ => put(&mut self.enabled, "enabled", map),
        }
    }
}

fn put<'de, T: Deserialize<'de>, M: MapAccess<'de>>(
    slot: &mut Option<T>,
    key: &'static str,
    map: &mut M,
) -> Result<(), M::Error> {
    if slot.is_some() {
        return Err(M::Error::duplicate_field(key));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

impl<'de> Deserialize<'de> for PolicyMapConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (settings, top) = deserializer.deserialize_map(Table::<Top>::default())?;
        let paths = top.paths.unwrap_or_default();
        let given = !settings.written.is_empty() || paths.is_empty();
        Ok(Self {
            default: given.then_some(settings.config),
            paths,
        })
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (own, beside) = deserializer.deserialize_map(Table::<OfPath>::default())?;
        Ok(Self {
            pattern: beside.path.ok_or_else(|| D::Error::missing_field("path"))?,
            enabled: beside.enabled.unwrap_or(true),
            own,
        })
    }
}

impl<'de> Deserialize<'de> for PolicyMap {
    /// Reads a [`PolicyMapConfig`] and builds it; the error has every problem, one a line.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PolicyMapConfig::deserialize(deserializer)?
            .build()
            .map_err(D::Error::custom)
    }
}

/// Reads a table that has the keys of a policy and some beside them.
#[derive(Default)]
struct Table<B>(B);

impl<'de, B: Beside> Visitor<'de> for Table<B> {
    type Value = (Settings, B);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of settings")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, map: M) -> Result<Self::Value, M::Error> {
        let mut written = Vec::new();
        let config = PolicyConfig::deserialize(MapAccessDeserializer::new(OfPolicy {
            map,
            beside: &mut self.0,
            written: &mut written,
        }))?;
        Ok((Settings { config, written }, self.0))
    }
}

/// Shows the keys of a policy, and puts the ones beside them aside.
struct OfPolicy<'a, M, B> {
    map: M,
    beside: &'a mut B,
    written: &'a mut Vec<String>,
}

impl<'de, M: MapAccess<'de>, B: Beside> MapAccess<'de> for OfPolicy<'_, M, B> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        mut seed: K,
    ) -> Result<Option<K::Value>, M::Error> {
        loop {
            let keys = B::KEYS;
            match self.map.next_key_seed(KeySeed { seed, keys })? {
                None => return Ok(None),
                Some(Key::OfPolicy(key, value)) => {
                    self.written.push(key);
                    return Ok(Some(value));
                }
                Some(Key::Beside(key, unused)) => {
                    self.beside.read(&key, &mut self.map)?;
                    seed = unused;
                }
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Tells the two sorts of keys apart.
struct KeySeed<K> {
    seed: K,
    keys: &'static [&'static str],
}

enum Key<K, V> {
    OfPolicy(String, V),
    /// With the seed, which is still to be used.
    Beside(String, K),
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<K> {
    type Value = Key<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let key = String::deserialize(deserializer)?;
        if self.keys.contains(&key.as_str()) {
            return Ok(Key::Beside(key, self.seed));
        }
        // The policy's own error would not name the keys beside its own.
        if setting(&key).is_empty() {
            let beside = self.keys.iter().map(|key| format!("`{key}`"));
            let beside: Vec<_> = beside.collect();
            return Err(D::Error::custom(format!(
                "unknown field `{key}`, expected {} or a key of a policy",
                beside.join(", ")
            )));
        }
        let name: StringDeserializer<D::Error> = key.clone().into_deserializer();
        Ok(Key::OfPolicy(key, self.seed.deserialize(name)?))
    }
}
