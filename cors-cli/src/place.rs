//! [`Place`]: a setting in a policy file; [`Places`]: where it stands in the text.

use std::fmt;
use std::ops::Range;

use cors_core::{Setting, SettingLocation};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A setting in a policy file. `Display` writes it as in `paths[0].allow_origins[1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Whether it is in the table `[shadow]`.
    pub in_shadow: bool,
    /// Which of the `[[paths]]`, if it is in one, counted from 0.
    pub path: Option<usize>,
    /// The setting.
    pub setting: Setting,
    /// Which item of a list, counted from 0.
    pub item: Option<usize>,
}

impl From<SettingLocation> for Place {
    fn from(location: SettingLocation) -> Self {
        Self {
            in_shadow: location.is_in_shadow(),
            path: location.path(),
            setting: location.setting(),
            item: location.item(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.in_shadow {
            f.write_str("shadow.")?;
        }
        if let Some(path) = self.path {
            write!(f, "paths[{path}].")?;
        }
        write!(f, "{}", self.setting)?;
        match self.item {
            Some(item) => write!(f, "[{item}]"),
            None => Ok(()),
        }
    }
}

/// The values of a TOML text, each with its bytes.
///
/// ```
/// use cors_cli::place::Places;
/// use cors_core::PolicyMapConfig;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = "max_age = 600\nallow_origins = [\"https://a.example/\"]\n";
/// let config: PolicyMapConfig = toml::from_str(text)?;
/// let errors = config.build().err().ok_or("an origin has no path")?;
/// let places = Places::of(text).ok_or("it is TOML")?;
/// let span = places.span(errors.problems()[0].location().into()).ok_or("it is written")?;
/// assert_eq!(&text[span], "\"https://a.example/\"");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Places<'t>(DeValue<'t>);

impl<'t> Places<'t> {
    /// Reads a text; `None` where it is no TOML.
    #[must_use]
    pub fn of(text: &'t str) -> Option<Self> {
        let table = DeTable::parse(text).ok()?;
        Some(Self(DeValue::Table(table.into_inner())))
    }

    /// Returns the bytes of a place: of the item or the value, or else of the table around it, where
    /// that takes the setting over from another one.
    #[must_use]
    pub fn span(&self, place: Place) -> Option<Range<usize>> {
        let tables = self.tables(place);
        let name = place.setting.name();
        let mut values = tables.iter().filter_map(|table| table.get_ref().get(name));
        let top = place.path.is_none().then(|| self.0.get(name)).flatten();
        let Some(value) = values.next().or(top) else {
            return tables.first().map(|table| table.span());
        };
        let item = place.item.and_then(|item| value.get_ref().get(item));
        Some(item.unwrap_or(value).span())
    }

    /// Returns whether the table of a path, or the top of the file, writes a setting.
    #[must_use]
    pub fn writes(&self, path: Option<usize>, setting: &str) -> bool {
        let table = match path {
            Some(path) => self
                .0
                .get("paths")
                .and_then(|paths| paths.get_ref().get(path)),
            None => return self.0.get(setting).is_some(),
        };
        table.is_some_and(|table| table.get_ref().get(setting).is_some())
    }

    /// Returns the tables that may have a setting, the top of the file left out: the nearest first.
    fn tables(&self, place: Place) -> Vec<&Spanned<DeValue<'t>>> {
        let shadow = place.in_shadow.then(|| self.0.get("shadow")).flatten();
        let of_shadow = shadow.and_then(|shadow| shadow.get_ref().get("paths"));
        let paths = of_shadow.or_else(|| self.0.get("paths"));
        let table = place.path.zip(paths);
        let table = table.and_then(|(path, paths)| paths.get_ref().get(path));
        table.into_iter().chain(shadow).collect()
    }
}

/// Returns the line and the column of a byte. Both count from 1, the column in characters; a byte
/// order mark is none.
#[must_use]
pub fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
