//! Settings from variables of the environment, over those of a file or of code.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::time::Duration;

use super::config::PolicyConfig;
use super::foreign_keys::Meaning;
use super::keys::{Meant, POLICY_KEYS, SettingValue, policy_setting};
use super::plain_values::{
    is_quoted, items, items_without_quotes, meant_seconds, meant_switch, number, without_quotes,
};
use super::problem::{PolicyErrors, Problem, ProblemKind, Problems};
use super::setting::{Setting, SettingLocation};

impl PolicyConfig {
    /// Reads the settings from variables of the environment: those whose name is the prefix and a
    /// key in upper case. What no variable sets has its default.
    ///
    /// - A list has commas between its items: `CORS_ALLOW_ORIGINS=https://a.example,https://b.example`.
    ///   Blanks around an item do not count. An empty variable is an empty list. In
    ///   `CORS_ALLOW_ORIGIN_REGEXES` a comma within braces, brackets or parentheses is part of its
    ///   item.
    /// - A switch is `true` or `false`, or `1` or `0`.
    /// - A number is digits: `CORS_MAX_AGE=600`, in seconds.
    /// - `CORS_ALLOW_CREDENTIALS` and `CORS_ALLOW_CREDENTIALS_FROM` go together: where one of them is
    ///   set, both stand in place of what a file says.
    ///
    /// ```
    /// use cors_core::PolicyConfig;
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// // In a service: `std::env::vars_os()`.
    /// let variables = [
    ///     ("CORS_ALLOW_ORIGINS", "https://app.example.com,http://localhost:*"),
    ///     ("CORS_ALLOW_CREDENTIALS", "true"),
    ///     ("CORS_MAX_AGE", "600"),
    ///     ("PATH", "/usr/bin"),
    /// ];
    /// let policy = PolicyConfig::from_vars("CORS_", variables)?.build()?;
    /// assert!(policy.allows_origin("http://localhost:3000"));
    ///
    /// let variables = [("CORS_ALLOW_ORGINS", "https://app.example.com")];
    /// let errors = PolicyConfig::from_vars("CORS_", variables).expect_err("a misspelt name");
    /// assert_eq!(
    ///     errors.to_string(),
    ///     "environment: \"CORS_ALLOW_ORGINS\": no setting has this name; write CORS_ALLOW_ORIGINS"
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `std::env::vars` does too, but panics where any variable of the process is not Unicode.
    ///
    /// # Errors
    ///
    /// As those of [`with_vars`](Self::with_vars).
    pub fn from_vars<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        prefix: &str,
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, PolicyErrors> {
        Self::default().with_vars(prefix, vars)
    }

    /// Reads settings from variables, as [`from_vars`](Self::from_vars) does, in place of those
    /// that are there: from a file, for instance.
    ///
    /// ```
    /// use cors_core::PolicyConfig;
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// # let file = || {
    /// #     let mut config = PolicyConfig::default();
    /// #     config.allow_origins = vec!["*".to_owned()];
    /// #     config.allow_methods = vec!["PUT".to_owned()];
    /// #     config
    /// # };
    /// // The file has allow_origins = ["*"] and allow_methods = ["PUT"].
    /// let variables = [("CORS_ALLOW_ORIGINS", "https://app.example.com")];
    /// let config = file().with_vars("CORS_", variables)?;
    /// assert_eq!(config.allow_origins, ["https://app.example.com"]);
    /// assert_eq!(config.allow_methods, ["PUT"]);
    ///
    /// // A problem names the layer that makes it: a variable, or a key of the file.
    /// let errors = file()
    ///     .with_vars("CORS_", [("CORS_ALLOW_CREDENTIALS", "true"), ("CORS_MAX_AGE", "10m")])
    ///     .expect_err("two mistakes");
    /// let text = errors.to_string();
    /// assert!(text.contains("CORS_MAX_AGE: \"10m\": "));
    /// assert!(text.contains("allow_origins[0] with CORS_ALLOW_CREDENTIALS: \"*\": "));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns all problems of all layers at once, those that [`build`](Self::build) would find
    /// among them: what is returned builds. A variable with the prefix, in whatever case, that is
    /// no setting is a problem; with an empty prefix, none is.
    pub fn with_vars<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        mut self,
        prefix: &str,
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, PolicyErrors> {
        let mut problems = Problems::default();
        let variables = Variables::read(prefix, vars, &mut self, &mut problems);
        if let Err(errors) = self.build() {
            variables.name_their_problems(errors, &mut problems, |_, _| false);
        }
        problems.into_result(self)
    }
}

/// The variables that were read.
pub(super) struct Variables {
    prefix: String,
    /// The settings that a variable has set.
    set: Vec<Setting>,
    /// The settings whose variable could not be read.
    unreadable: Vec<Setting>,
}

impl Variables {
    /// Reads the variables into a policy's settings.
    pub(super) fn read<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        prefix: &str,
        vars: impl IntoIterator<Item = (K, V)>,
        config: &mut PolicyConfig,
        problems: &mut Problems,
    ) -> Self {
        let mut found = with_prefix(prefix, vars);
        let mut variables = Self {
            prefix: prefix.to_owned(),
            set: Vec::new(),
            unreadable: Vec::new(),
        };
        for setting in POLICY_KEYS.iter().filter_map(|key| policy_setting(key)) {
            let variable = variables.name_of(setting);
            let Some(text) = found.remove(&variable) else {
                continue;
            };
            let value = SettingValue::of(config, setting);
            match value.map_or(Ok(()), |value| set(value, text.trim(), setting)) {
                Ok(()) => variables.set.push(setting),
                Err(kind) => {
                    problems.push(Problem::new(setting.into(), &text, kind).of_variable(variable));
                    variables.unreadable.push(setting);
                    // What the switch may tolerate is no problem until it is known.
                    if setting.name().starts_with("dangerously_")
                        && let Some(SettingValue::Switch(switch)) =
                            SettingValue::of(config, setting)
                    {
                        *switch = true;
                    }
                }
            }
        }
        // Who has credentials is not known where either of the two is not.
        let pair = [Setting::AllowCredentials, Setting::AllowCredentialsFrom];
        if pair
            .iter()
            .any(|setting| variables.unreadable.contains(setting))
        {
            variables.unreadable.extend(pair);
        }
        // As in a table of a file, who has credentials is taken over as a whole.
        let is_set = |setting| variables.set.contains(&setting);
        match [Setting::AllowCredentials, Setting::AllowCredentialsFrom].map(is_set) {
            [true, false] => config.allow_credentials_from.clear(),
            [false, true] => config.allow_credentials = false,
            [false, false] | [true, true] => {}
        }
        if !prefix.is_empty() {
            for (variable, text) in found {
                // To find what is meant costs more than all else, so it is asked of few.
                if problems.room() == 0 {
                    problems.omit(1);
                    continue;
                }
                let kind = variables.unknown(&variable, &text);
                let problem = Problem::new(Setting::Environment.into(), &variable, kind);
                problems.push(problem.of_variable(variable));
            }
        }
        variables
    }

    /// Returns whether any setting was set.
    pub(super) fn is_any_set(&self) -> bool {
        !self.set.is_empty()
    }

    /// Adds the problems of the policies that result, with the variables that they come from. A
    /// table may write a setting itself, in place of the one at the top, which the variables set.
    pub(super) fn name_their_problems(
        &self,
        errors: PolicyErrors,
        problems: &mut Problems,
        is_written_there: impl Fn(SettingLocation, Setting) -> bool,
    ) {
        problems.omit(errors.omitted());
        for problem in errors {
            let location = problem.location();
            let is_of = |settings: &[Setting], setting: Setting| {
                settings.contains(&setting) && !is_written_there(location, setting)
            };
            let setting = location.setting();
            let other = problem.conflicts_with();
            // What the setting would be is not known, so neither is whether this is a problem.
            if is_of(&self.unreadable, setting)
                || other.is_some_and(|other| is_of(&self.unreadable, other))
            {
                continue;
            }
            let mut problem = problem;
            if is_of(&self.set, setting) {
                problem = problem.of_variable(self.name_of(setting));
            }
            if let Some(other) = other.filter(|other| is_of(&self.set, *other)) {
                problem = problem.with_variable(self.name_of(other));
            }
            problems.push(problem);
        }
    }

    fn name_of(&self, setting: Setting) -> String {
        format!("{}{}", self.prefix, setting.name().to_ascii_uppercase())
    }

    /// Returns what is wrong with a variable that is no setting, and what to write instead. Of its
    /// value, which may be a secret of something else, only a switch counts.
    fn unknown(&self, variable: &str, text: &str) -> ProblemKind {
        let name = variable.get(self.prefix.len()..).unwrap_or_default();
        ProblemKind::VariableUnknown(match Meant::by(name, &[]) {
            Some(Meant::Known(key) | Meant::Nearest(key)) => {
                policy_setting(key).map(|setting| self.name_of(setting))
            }
            Some(Meant::Foreign(Meaning::Key(setting))) => Some(self.name_of(setting)),
            Some(Meant::Foreign(Meaning::AnyOf(setting))) => {
                let any = format!("{}=*", self.name_of(setting));
                match meant_switch(without_quotes(text)) {
                    Some(true) => Some(any),
                    Some(false) => return ProblemKind::VariableNotNeeded,
                    None => Some(format!("{any} if it is true")),
                }
            }
            Some(Meant::Foreign(Meaning::Opposite(setting))) => {
                let variable = self.name_of(setting);
                Some(format!("{variable} with the opposite value"))
            }
            Some(Meant::Foreign(Meaning::Paths | Meaning::Nothing(_))) | None => None,
        })
    }
}

/// Returns the variables whose names begin with a prefix, in the order of their names. A byte that
/// is no Unicode becomes a character that no setting has.
fn with_prefix<K: AsRef<OsStr>, V: AsRef<OsStr>>(
    prefix: &str,
    vars: impl IntoIterator<Item = (K, V)>,
) -> BTreeMap<String, String> {
    let has_prefix = |name: &str| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let mut found = BTreeMap::new();
    for (name, value) in vars {
        let name = name.as_ref().to_string_lossy();
        if has_prefix(&name) {
            let value = value.as_ref().to_string_lossy().into_owned();
            found.insert(name.into_owned(), value);
        }
    }
    found
}

/// Sets a setting to what a text says.
fn set(value: SettingValue<'_>, text: &str, setting: Setting) -> Result<(), ProblemKind> {
    if is_quoted(text) {
        return Err(ProblemKind::VariableQuoted(instead_of_quoted(
            text, setting,
        )));
    }
    match value {
        SettingValue::List(list) if text.is_empty() => list.clear(),
        SettingValue::List(list) => *list = items(text, setting),
        SettingValue::Switch(switch) => {
            *switch = match text {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return Err(ProblemKind::VariableNotSwitch(meant_switch(text))),
            }
        }
        SettingValue::Status(status) => {
            *status = number(text).ok_or(ProblemKind::of_status(setting))?;
        }
        SettingValue::Age(age) => {
            let seconds = number(text).ok_or_else(|| {
                let meant = meant_seconds(text).filter(|seconds| *seconds <= 86_400);
                ProblemKind::VariableNotNumber(meant)
            })?;
            *age = Some(Duration::from_secs(seconds));
        }
    }
    Ok(())
}

/// Returns what to write in the place of a value in quotes: what they hold, or what to write
/// instead of that, if a policy of it can be built.
fn instead_of_quoted(text: &str, setting: Setting) -> Option<String> {
    let mut config = PolicyConfig::default();
    let mut set = |text: &str| match SettingValue::of(&mut config, setting) {
        Some(value) => set(value, text, setting),
        None => Ok(()),
    };
    let text = items_without_quotes(text)?;
    let instead = match set(&text) {
        Ok(()) => text,
        Err(ProblemKind::VariableNotSwitch(meant)) => meant?.to_string(),
        Err(ProblemKind::VariableNotNumber(meant)) => meant?.to_string(),
        Err(_) => return None,
    };
    set(&instead).ok()?;
    config.build().is_ok().then_some(instead)
}
