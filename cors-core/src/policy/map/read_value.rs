//! [`ReadValue`]: the values of a file; of one of another type it is said what to write.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::policy::config::PolicyConfig;
use crate::policy::keys::SettingValue;
use crate::policy::plain_values::{meant_seconds, meant_switch};
use crate::policy::problem::ProblemKind;
use crate::policy::setting::{Setting, SettingLocation};
use crate::protocol::escape::Quoted;

/// A type of values.
pub(super) trait ReadValue: Sized {
    /// Says what such a value is.
    const IS: &'static str;

    /// Makes the value of what stands in its place.
    fn of(found: &Found<'_>, setting: Setting) -> Result<Self, Instead>;

    /// Reads a list.
    fn of_list<'de, S: SeqAccess<'de>>(_: S, place: SettingLocation) -> Result<Self, S::Error> {
        Self::at(place, &Found::List)
    }

    /// Makes the value of what stands at a place, or the error about it.
    fn at<E: Error>(place: SettingLocation, found: &Found<'_>) -> Result<Self, E> {
        Self::of(found, place.setting()).map_err(|instead| {
            let is = Self::IS;
            E::custom(match instead {
                Instead::Write(value) => format!("{place}: {found}: {is}; write {value}"),
                Instead::AsIn(value) => format!("{place}: {found}: {is}, as in {value}"),
                Instead::Problem(kind) => format!("{place}: {found}: {kind}"),
            })
        })
    }
}

/// What stands in a file.
pub(super) enum Found<'a> {
    Switch(bool),
    Integer(i128),
    Float(f64),
    Text(&'a str),
    List,
    Table,
    Date,
    Nothing,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            // `Debug` writes a large number with its exponent, not with hundreds of digits.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(value) => Quoted(value.as_bytes()).fmt(f),
            Self::List => f.write_str("a list"),
            Self::Table => f.write_str("a table"),
            Self::Date => f.write_str("a date"),
            Self::Nothing => f.write_str("null"),
        }
    }
}

/// What is to be written instead, in words that TOML and JSON share.
pub(super) enum Instead {
    /// Just this.
    Write(String),
    /// Something like this.
    AsIn(&'static str),
    /// What the problem says.
    Problem(ProblemKind),
}

/// A seed that reads the value at a place.
pub(super) struct ValueAt<T>(SettingLocation, PhantomData<T>);

impl<T> ValueAt<T> {
    pub(super) fn new(place: impl Into<SettingLocation>) -> Self {
        Self(place.into(), PhantomData)
    }
}

impl<'de, T: ReadValue> DeserializeSeed<'de> for ValueAt<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        // Asked for a type, JSON and others say what they found in words of their own.
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: ReadValue> Visitor<'de> for ValueAt<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0, T::IS)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        T::at(self.0, &Found::Switch(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        T::at(self.0, &Found::Integer(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<T, E> {
        T::at(self.0, &Found::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        T::at(self.0, &Found::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        T::at(self.0, &Found::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        T::at(self.0, &Found::Text(value))
    }

    fn visit_none<E: Error>(self) -> Result<T, E> {
        T::at(self.0, &Found::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        T::at(self.0, &Found::Nothing)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, list: S) -> Result<T, S::Error> {
        T::of_list(list, self.0)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<T, M::Error> {
        let key = map.next_key_seed(DateKey)?;
        let found = match key {
            Some(true) => Found::Date,
            _ => Found::Table,
        };
        T::at(self.0, &found)
    }
}

/// Reads a key, and says whether it is the one by which TOML hands out a date.
struct DateKey;

impl<'de> DeserializeSeed<'de> for DateKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        Ok(String::deserialize(deserializer)? == "$__toml_private_datetime")
    }
}

impl ReadValue for bool {
    const IS: &'static str = "it is true or false, without quotes";

    fn of(found: &Found<'_>, _: Setting) -> Result<Self, Instead> {
        let meant = match *found {
            Found::Switch(value) => return Ok(value),
            Found::Integer(0) => Some(false),
            Found::Integer(1) => Some(true),
            Found::Text(text) => meant_switch(text),
            _ => None,
        };
        Err(meant.map_or(Instead::AsIn("false"), |meant| {
            Instead::Write(meant.to_string())
        }))
    }
}

impl ReadValue for u16 {
    const IS: &'static str = "it is a number without quotes";

    fn of(found: &Found<'_>, setting: Setting) -> Result<Self, Instead> {
        let sample = match setting {
            Setting::PreflightStatus => "204",
            _ => "403",
        };
        let number = match *found {
            Found::Integer(value) => {
                return Self::try_from(value)
                    .map_err(|_| Instead::Problem(ProblemKind::of_status(setting)));
            }
            Found::Float(value) => whole(value),
            Found::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let status = number.and_then(|number| Self::try_from(number).ok());
        let is_right = |status: &Self| {
            would_build(setting, |value| {
                if let SettingValue::Status(slot) = value {
                    *slot = *status;
                }
            })
        };
        Err(match status {
            Some(status) if is_right(&status) => Instead::Write(status.to_string()),
            Some(_) => Instead::Problem(ProblemKind::of_status(setting)),
            None => Instead::AsIn(sample),
        })
    }
}

impl ReadValue for Option<Duration> {
    const IS: &'static str = "it is a whole number of seconds, without quotes";

    fn of(found: &Found<'_>, _: Setting) -> Result<Self, Instead> {
        let seconds = match *found {
            Found::Integer(value) => match u64::try_from(value) {
                Ok(seconds) => return Ok(Some(Duration::from_secs(seconds))),
                Err(_) if value < 0 => return Err(Instead::Write("0".to_owned())),
                Err(_) => return Err(Instead::Problem(ProblemKind::MaxAgeTooLong)),
            },
            Found::Nothing => return Ok(None),
            Found::Float(value) if value < 0.0 => return Err(Instead::Write("0".to_owned())),
            Found::Float(value) if value > 86_400.0 => {
                return Err(Instead::Problem(ProblemKind::MaxAgeTooLong));
            }
            Found::Float(value) => match whole(value) {
                Some(seconds) => Some(seconds),
                None => return Err(Instead::Problem(ProblemKind::MaxAgeNotWholeSeconds)),
            },
            Found::Text(text) => meant_seconds(text),
            _ => None,
        };
        Err(match seconds {
            Some(seconds) if seconds > 86_400 => Instead::Problem(ProblemKind::MaxAgeTooLong),
            Some(seconds) => Instead::Write(seconds.to_string()),
            None => Instead::AsIn("600"),
        })
    }
}

/// Returns a number without a fraction as an integer, if it is one of few digits.
fn whole(value: f64) -> Option<u64> {
    let text = value.to_string();
    if text.len() > 10 {
        None
    } else {
        text.parse().ok()
    }
}

impl ReadValue for Vec<String> {
    const IS: &'static str = "it is a list of texts, each in quotes";

    fn of(found: &Found<'_>, setting: Setting) -> Result<Self, Instead> {
        let items = match *found {
            Found::Text(text) => split(text, setting),
            Found::Switch(false) | Found::Nothing => Some(Self::new()),
            _ => None,
        };
        let literal = items.as_deref().and_then(literal);
        Err(match (items, literal) {
            (Some(items), Some(literal)) if list_would_build(setting, &items) => {
                Instead::Write(literal)
            }
            _ => Instead::AsIn(sample(setting).0),
        })
    }

    fn of_list<'de, S: SeqAccess<'de>>(
        mut list: S,
        place: SettingLocation,
    ) -> Result<Self, S::Error> {
        let mut items = Self::new();
        let seed = |index| ValueAt::<Item>::new(SettingLocation::at(place.setting(), index));
        while let Some(Item(item)) = list.next_element_seed(seed(items.len()))? {
            items.push(item);
        }
        Ok(items)
    }
}

/// An item of a list.
struct Item(String);

impl ReadValue for Item {
    const IS: &'static str = "each item is a text in quotes";

    fn of(found: &Found<'_>, setting: Setting) -> Result<Self, Instead> {
        match *found {
            Found::Text(text) => Ok(Self(text.to_owned())),
            _ => Err(Instead::AsIn(sample(setting).1)),
        }
    }
}

/// The pattern of a path.
impl ReadValue for String {
    const IS: &'static str = "it is a text in quotes";

    fn of(found: &Found<'_>, _: Setting) -> Result<Self, Instead> {
        match *found {
            Found::Text(text) => Ok(text.to_owned()),
            Found::List => Err(Instead::AsIn(
                "\"/api/{*rest}\", and each path has a table of its own",
            )),
            _ => Err(Instead::AsIn("\"/api/{*rest}\"")),
        }
    }
}

/// Returns a list that is right for a setting, and an item of it.
const fn sample(setting: Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::AllowOrigins | Setting::AllowCredentialsFrom => (
            "[\"https://app.example.com\"]",
            "\"https://app.example.com\"",
        ),
        Setting::AllowOriginRegexes => (
            "[\"https://pr-[0-9]+[.]example[.]com\"]",
            "\"https://pr-[0-9]+[.]example[.]com\"",
        ),
        Setting::AllowMethods => ("[\"PUT\"]", "\"PUT\""),
        Setting::AllowHosts => ("[\"api.example.com\"]", "\"api.example.com\""),
        Setting::ExposeHeaders => ("[\"x-request-id\"]", "\"x-request-id\""),
        _ => ("[\"content-type\"]", "\"content-type\""),
    }
}

/// The most bytes of a list that is shown.
const MAX_LITERAL_BYTES: usize = 300;

/// Splits what may be a list in one text. A regular expression may have any of the signs in it.
fn split(text: &str, setting: Setting) -> Option<Vec<String>> {
    if text.len() > MAX_LITERAL_BYTES {
        return None;
    }
    let separates = |char: char| {
        char.is_ascii_whitespace()
            || (setting != Setting::AllowOriginRegexes && matches!(char, ',' | ';' | '|'))
    };
    let items = text.split(separates).filter(|item| !item.is_empty());
    Some(items.map(str::to_owned).collect())
}

/// Writes a list as both TOML and JSON read it, unless it is too long or can't be shown.
fn literal(items: &[String]) -> Option<String> {
    let mut literal = String::from("[");
    for (index, item) in items.iter().enumerate() {
        literal.push_str(if index > 0 { ", \"" } else { "\"" });
        for char in item.chars() {
            match char {
                '"' | '\\' => literal.extend(['\\', char]),
                ' '..='~' => literal.push(char),
                _ => return None,
            }
        }
        literal.push('"');
    }
    literal.push(']');
    (literal.len() <= MAX_LITERAL_BYTES).then_some(literal)
}

fn list_would_build(setting: Setting, items: &[String]) -> bool {
    would_build(setting, |value| {
        if let SettingValue::List(slot) = value {
            *slot = items.to_vec();
        }
    })
}

/// Returns whether a policy of one setting would have no problem, so that what is said to be
/// written is right.
fn would_build(setting: Setting, set: impl FnOnce(SettingValue<'_>)) -> bool {
    let mut config = PolicyConfig::default();
    if let Some(value) = SettingValue::of(&mut config, setting) {
        set(value);
    }
    config.build().is_ok()
}
