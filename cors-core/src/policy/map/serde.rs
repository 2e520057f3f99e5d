//! The form of policies by path in a file: [`PolicyMapConfig`], read from and written to any format
//! of serde.
//!
//! A table has the keys of a policy and a few others. serde's `flatten` would do that, but it can't
//! be combined with `deny_unknown_fields`; hence [`PolicyKeys`].

use std::fmt;
use std::time::Duration;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Error as _, IntoDeserializer as _, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::PolicyMap;
use super::config::PolicyMapConfig;
use super::config::{Overrides, PathConfig, ShadowConfig, with_settings};
use crate::policy::config::PolicyConfig;
use crate::policy::setting::Setting;

/// The keys that a table has besides those of a policy.
trait ExtraKeys: Default {
    const KEYS: &'static [&'static str];

    /// Reads the value of one of the keys.
    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

/// The extra keys at the top of a file.
#[derive(Default)]
struct MapKeys {
    paths: Option<Vec<PathConfig>>,
    shadow: Option<ShadowConfig>,
}

impl ExtraKeys for MapKeys {
    const KEYS: &'static [&'static str] = &["paths", "shadow"];

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "paths" => put(&mut self.paths, "paths", map),
            _ => put(&mut self.shadow, "shadow", map),
        }
    }
}

/// The extra key of the table `[shadow]`.
#[derive(Default)]
struct ShadowKeys {
    paths: Option<Vec<PathConfig>>,
}

impl ExtraKeys for ShadowKeys {
    const KEYS: &'static [&'static str] = &["paths"];

    fn read<'de, M: MapAccess<'de>>(&mut self, _: &str, map: &mut M) -> Result<(), M::Error> {
        put(&mut self.paths, "paths", map)
    }
}

/// The extra keys of one of the `[[paths]]`.
#[derive(Default)]
struct PathKeys {
    path: Option<String>,
    enabled: Option<bool>,
}

impl ExtraKeys for PathKeys {
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
        let (settings, top) = deserializer.deserialize_map(Table::<MapKeys>::default())?;
        let paths = top.paths.unwrap_or_default();
        let given = !settings.written.is_empty() || paths.is_empty();
        Ok(Self {
            default: given.then_some(settings.config),
            paths,
            shadow: top.shadow,
        })
    }
}

impl<'de> Deserialize<'de> for ShadowConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (overrides, extra) = deserializer.deserialize_map(Table::<ShadowKeys>::default())?;
        Ok(Self {
            overrides,
            paths: extra.paths,
        })
    }
}

impl<'de> Deserialize<'de> for PathConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (overrides, extra) = deserializer.deserialize_map(Table::<PathKeys>::default())?;
        Ok(Self {
            pattern: extra.path.ok_or_else(|| D::Error::missing_field("path"))?,
            enabled: extra.enabled.unwrap_or(true),
            overrides,
        })
    }
}

impl<'de> Deserialize<'de> for PolicyMap {
    /// Reads a [`PolicyMapConfig`] and builds it; the error has every problem, one per line.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PolicyMapConfig::deserialize(deserializer)?
            .build()
            .map_err(D::Error::custom)
    }
}

/// A table that has the keys of a policy and extra ones.
#[derive(Default)]
struct Table<B>(B);

impl<'de, B: ExtraKeys> Visitor<'de> for Table<B> {
    type Value = (Overrides, B);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of settings")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, map: M) -> Result<Self::Value, M::Error> {
        let mut written = Vec::new();
        let config = PolicyConfig::deserialize(MapAccessDeserializer::new(PolicyKeys {
            map,
            extra: &mut self.0,
            written: &mut written,
        }))?;
        Ok((Overrides { config, written }, self.0))
    }
}

/// The entries of a table: shows serde the keys of a policy, and keeps the extra ones back.
struct PolicyKeys<'a, M, B> {
    map: M,
    extra: &'a mut B,
    written: &'a mut Vec<Setting>,
}

impl<'de, M: MapAccess<'de>, B: ExtraKeys> MapAccess<'de> for PolicyKeys<'_, M, B> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        mut seed: K,
    ) -> Result<Option<K::Value>, M::Error> {
        loop {
            let keys = B::KEYS;
            match self.map.next_key_seed(KeySeed { seed, keys })? {
                None => return Ok(None),
                Some(Key::Policy(key, value)) => {
                    self.written.push(key);
                    return Ok(Some(value));
                }
                Some(Key::Extra(key, unused)) => {
                    self.extra.read(&key, &mut self.map)?;
                    seed = unused;
                }
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A seed that tells the two sorts of keys apart.
struct KeySeed<K> {
    seed: K,
    keys: &'static [&'static str],
}

enum Key<K, V> {
    Policy(Setting, V),
    /// An extra key, with the seed, which is still unused.
    Extra(String, K),
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<K> {
    type Value = Key<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let key = String::deserialize(deserializer)?;
        if self.keys.contains(&key.as_str()) {
            return Ok(Key::Extra(key, self.seed));
        }
        // The error of `PolicyConfig` would not name the extra keys.
        let Some(setting) = policy_setting(&key) else {
            let extra: Vec<_> = self.keys.iter().map(|key| format!("`{key}`")).collect();
            return Err(D::Error::custom(format!(
                "unknown field `{key}`, expected {} or a key of a policy",
                extra.join(", ")
            )));
        };
        let name: StringDeserializer<D::Error> = key.into_deserializer();
        Ok(Key::Policy(setting, self.seed.deserialize(name)?))
    }
}

impl Serialize for PolicyMapConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(default) = &self.default {
            write_settings(&mut map, default, |setting| {
                // A `max_age` that is not set is written by leaving out the key.
                setting != Setting::MaxAge || default.max_age.is_some()
            })?;
        }
        if let Some(shadow) = &self.shadow {
            map.serialize_entry("shadow", shadow)?;
        }
        if !self.paths.is_empty() {
            map.serialize_entry("paths", &self.paths)?;
        } else if self.default.is_none() {
            // A file without keys is a policy that allows nobody.
            return Err(S::Error::custom(
                "a file can't say that no path has a policy; leave the adapter out",
            ));
        }
        map.end()
    }
}

impl Serialize for ShadowConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let overrides = &self.overrides;
        write_settings(&mut map, &overrides.config, |setting| {
            overrides.writes(setting)
        })?;
        if let Some(paths) = &self.paths {
            map.serialize_entry("paths", paths)?;
        }
        map.end()
    }
}

impl Serialize for PathConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.pattern)?;
        if !self.enabled {
            map.serialize_entry("enabled", &false)?;
        }
        let overrides = &self.overrides;
        write_settings(&mut map, &overrides.config, |setting| {
            overrides.writes(setting)
        })?;
        map.end()
    }
}

/// Returns the setting of a policy's key.
fn policy_setting(key: &str) -> Option<Setting> {
    macro_rules! find {
        ($($key:ident: $setting:ident),*) => {
            match key {
                $(stringify!($key) => Some(Setting::$setting),)*
                _ => None,
            }
        };
    }
    with_settings!(find)
}

/// Writes the settings for which `has` is true.
fn write_settings<M: SerializeMap>(
    map: &mut M,
    config: &PolicyConfig,
    has: impl Fn(Setting) -> bool,
) -> Result<(), M::Error> {
    macro_rules! write {
        ($($key:ident: $setting:ident),*) => {
            $(if has(Setting::$setting) {
                config.$key.write(stringify!($key), map)?;
            })*
        };
    }
    with_settings!(write);
    Ok(())
}

/// The value of a setting, as it is written in a file.
trait WriteSetting {
    fn write<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

impl WriteSetting for Vec<String> {
    fn write<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(key, self)
    }
}

impl WriteSetting for bool {
    fn write<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(key, self)
    }
}

impl WriteSetting for u16 {
    fn write<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(key, self)
    }
}

impl WriteSetting for Option<Duration> {
    fn write<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match self {
            Some(age) => map.serialize_entry(key, &age.as_secs()),
            None => Err(M::Error::custom(
                "a file can't say that a table has no max_age where the top has one; \
                 write max_age = 5 there, which is what browsers take without one",
            )),
        }
    }
}
