//! The form of policies by path in a file: [`PolicyMapConfig`], read from and written to any format
//! of serde.
//!
//! A table has the keys of a policy and a few others; that of a single policy has no others. serde's
//! `flatten` would do that, but it can't be combined with `deny_unknown_fields`; hence [`Table`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{DeserializeSeed, Error as _, Expected, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::PolicyMap;
use super::config::PolicyMapConfig;
use super::config::{Overrides, PathConfig, ShadowConfig, with_settings};
use super::read_value::ValueAt;
use super::unknown_key::{misplaced_key, unknown_key};
use crate::policy::config::PolicyConfig;
use crate::policy::keys::{POLICY_KEYS, SettingValue, policy_setting};
use crate::policy::setting::Setting;
use crate::protocol::escape::Quoted;

/// The keys that a table has besides those of a policy.
trait ExtraKeys: Default {
    const KEYS: &'static [&'static str];

    /// Says what the table is.
    const IS: &'static str = "a table of settings";

    /// Reads the value of one of the keys.
    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error>;

    /// Says of a key that the table does not have what it is meant to be.
    fn unknown(key: &str) -> String {
        misplaced_key(key).unwrap_or_else(|| unknown_key(key, Self::KEYS))
    }
}

/// The extra keys of a single policy: none.
#[derive(Default)]
struct NoKeys;

impl ExtraKeys for NoKeys {
    const KEYS: &'static [&'static str] = &[];

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, _: &mut M) -> Result<(), M::Error> {
        Err(M::Error::custom(Self::unknown(key)))
    }

    fn unknown(key: &str) -> String {
        if MapKeys::KEYS.contains(&key) {
            return format!(
                "`{key}` stands in a file of policies by path, and this is read as a single \
                 policy; read it as a `PolicyMap` or a `PolicyMapConfig`"
            );
        }
        unknown_key(key, Self::KEYS)
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
            "paths" => put_paths(&mut self.paths, map),
            _ => put(&mut self.shadow, "shadow", map, M::next_value),
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
    const IS: &'static str = "`shadow` to be a table of settings";

    fn read<'de, M: MapAccess<'de>>(&mut self, _: &str, map: &mut M) -> Result<(), M::Error> {
        put_paths(&mut self.paths, map)
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
    const IS: &'static str = "a table with a `path`, which begins with `[[paths]]` in TOML, and is {\"path\": ..} in JSON";

    fn read<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "path" => put(&mut self.path, "path", map, |map| {
                map.next_value_seed(ValueAt::new(Setting::Path))
            }),
            _ => put(&mut self.enabled, "enabled", map, |map| {
                map.next_value_seed(ValueAt::new(Setting::Enabled))
            }),
        }
    }
}

/// Reads the value of a key that stands in a table once.
fn put<'de, T, M: MapAccess<'de>>(
    slot: &mut Option<T>,
    key: &'static str,
    map: &mut M,
    read: impl FnOnce(&mut M) -> Result<T, M::Error>,
) -> Result<(), M::Error> {
    if slot.is_some() {
        return Err(M::Error::duplicate_field(key));
    }
    *slot = Some(read(map)?);
    Ok(())
}

fn put_paths<'de, M: MapAccess<'de>>(
    slot: &mut Option<Vec<PathConfig>>,
    map: &mut M,
) -> Result<(), M::Error> {
    put(slot, "paths", map, |map| map.next_value_seed(PathList))
}

/// A seed that reads the tables of a file.
struct PathList;

impl<'de> DeserializeSeed<'de> for PathList {
    type Value = Vec<PathConfig>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PathList {
    type Value = Vec<PathConfig>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`paths` to be a list of tables, each of which begins with `[[paths]]` in TOML")
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Err(wrong_text(value, &self))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let mut paths = Vec::new();
        while let Some(path) = list.next_element()? {
            paths.push(path);
        }
        Ok(paths)
    }
}

/// Makes the error about a text in place of a table, which may be long.
fn wrong_text<E: serde::de::Error>(text: &str, expected: &dyn Expected) -> E {
    E::custom(format!(
        "found {}, expected {expected}",
        Quoted(text.as_bytes())
    ))
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
        let (overrides, extra) = deserializer.deserialize_any(Table::<ShadowKeys>::default())?;
        Ok(Self {
            overrides,
            paths: extra.paths,
        })
    }
}

impl<'de> Deserialize<'de> for PathConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (overrides, extra) = deserializer.deserialize_any(Table::<PathKeys>::default())?;
        Ok(Self {
            pattern: extra.path.ok_or_else(|| D::Error::custom(NO_PATH))?,
            enabled: extra.enabled.unwrap_or(true),
            overrides,
        })
    }
}

const NO_PATH: &str = "missing field `path`: each table of `paths` has the pattern of its path, as in \"/api/{*rest}\"";

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
        f.write_str(B::IS)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Err(wrong_text(value, &self))
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
        setting
            .map(Key::Policy)
            .ok_or_else(|| D::Error::custom(B::unknown(&key)))
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

/// Reads the value of a setting.
fn read_setting<'de, M: MapAccess<'de>>(
    config: &mut PolicyConfig,
    setting: Setting,
    map: &mut M,
) -> Result<(), M::Error> {
    match SettingValue::of(config, setting) {
        Some(SettingValue::List(list)) => *list = map.next_value_seed(ValueAt::new(setting))?,
        Some(SettingValue::Switch(switch)) => {
            *switch = map.next_value_seed(ValueAt::new(setting))?;
        }
        Some(SettingValue::Status(status)) => {
            *status = map.next_value_seed(ValueAt::new(setting))?;
        }
        Some(SettingValue::Age(age)) => *age = map.next_value_seed(ValueAt::new(setting))?,
        // No key of a policy.
        None => {}
    }
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
