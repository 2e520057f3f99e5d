//! The form of policies by path in a file: [`PolicyMapConfig`], read from and written to any format
//! of serde.
//!
//! A table has the keys of a policy and a few others; that of a single policy has no others. serde's
//! `flatten` would do that, but it can't be combined with `deny_unknown_fields`; hence [`Table`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
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

    /// Makes the error about a key that the table does not have.
    fn unknown<E: serde::de::Error>(key: &str) -> E {
        let extra: Vec<_> = Self::KEYS.iter().map(|key| format!("`{key}`")).collect();
        E::custom(format!(
            "unknown field `{key}`, expected {} or a key of a policy",
            extra.join(", ")
        ))
    }
}

/// The extra keys of a single policy: none.
#[derive(Default)]
struct NoKeys;

impl ExtraKeys for NoKeys {
    const KEYS: &'static [&'static str] = &[];

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, _: &mut M) -> Result<(), M::Error> {
        Err(Self::unknown(key))
    }

    fn unknown<E: serde::de::Error>(key: &str) -> E {
        if MapKeys::KEYS.contains(&key) {
            return E::custom(format!(
                "`{key}` stands in a file of policies by path, and this is read as a single \
                 policy; read it as a `PolicyMap` or a `PolicyMapConfig`"
            ));
        }
        E::unknown_field(key, POLICY_KEYS)
    }
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

impl<'de> Deserialize<'de> for PolicyConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Table::<NoKeys>::default();
        let (settings, _) = deserializer.deserialize_struct("PolicyConfig", POLICY_KEYS, table)?;
        Ok(settings.config)
    }
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

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut settings = Overrides::default();
        while let Some(key) = map.next_key_seed(KeySeed::<B>(PhantomData))? {
            match key {
                Key::Policy(setting) if settings.writes(setting) => {
                    return Err(M::Error::duplicate_field(setting.name()));
                }
                Key::Policy(setting) => {
                    read_setting(&mut settings.config, setting, &mut map)?;
                    settings.written.push(setting);
                }
                Key::Extra(key) => self.0.read(&key, &mut map)?,
            }
        }
        Ok((settings, self.0))
    }
}

/// A seed that tells the two sorts of keys apart.
struct KeySeed<B>(PhantomData<B>);

enum Key {
    Policy(Setting),
    Extra(String),
}

impl<'de, B: ExtraKeys> DeserializeSeed<'de> for KeySeed<B> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        let key = String::deserialize(deserializer)?;
        if B::KEYS.contains(&key.as_str()) {
            return Ok(Key::Extra(key));
        }
        let setting = policy_setting(&key);
        setting.map(Key::Policy).ok_or_else(|| B::unknown(&key))
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

macro_rules! names {
    ($($key:ident: $setting:ident),*) => {
        &[$(stringify!($key)),*]
    };
}

/// The keys of a policy.
const POLICY_KEYS: &[&str] = with_settings!(names);

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

/// Reads the value of a setting.
fn read_setting<'de, M: MapAccess<'de>>(
    config: &mut PolicyConfig,
    setting: Setting,
    map: &mut M,
) -> Result<(), M::Error> {
    macro_rules! read {
        ($($key:ident: $setting:ident),*) => {
            match setting {
                $(Setting::$setting => config.$key = ReadSetting::read(map)?,)*
                // No key of a policy.
                _ => {}
            }
        };
    }
    with_settings!(read);
    Ok(())
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

/// The value of a setting, as it is read from a file.
trait ReadSetting: Sized {
    fn read<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Self, M::Error>;
}

impl ReadSetting for Vec<String> {
    fn read<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Self, M::Error> {
        map.next_value()
    }
}

impl ReadSetting for bool {
    fn read<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Self, M::Error> {
        map.next_value()
    }
}

impl ReadSetting for u16 {
    fn read<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Self, M::Error> {
        map.next_value()
    }
}

impl ReadSetting for Option<Duration> {
    fn read<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Self, M::Error> {
        let seconds: Option<u64> = map.next_value()?;
        Ok(seconds.map(Duration::from_secs))
    }
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
