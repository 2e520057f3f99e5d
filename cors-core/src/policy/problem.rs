//! [`PolicyErrors`]: the problems that keep a policy from being built.

mod kind;
mod words;

use std::fmt;

pub use self::kind::ProblemKind;
pub(crate) use self::kind::Reason;
use super::setting::{Setting, SettingLocation};
use crate::protocol::escape::WrittenStart;

/// The problems of a policy, or of the policies of a file, found in one pass: all of them, or the
/// first hundred and the [number of the others](Self::omitted). There is at least one.
///
/// `Display` and `Debug` write one line per problem, and one for the number of the others, so that `unwrap()` and a `main` that returns a
/// `Result` show the remedies too.
///
/// ```
/// use cors_core::{Policy, ProblemKind};
///
/// let errors = &Policy::builder()
///     .allow_origins(["https://app.example.com/", "example.com"])
///     .allow_methods(["PUT", "TRACE"])
///     .build()
///     .expect_err("three mistakes");
/// let locations: Vec<String> = errors.into_iter().map(|problem| problem.location().to_string()).collect();
/// assert_eq!(locations, ["allow_origins[0]", "allow_origins[1]", "allow_methods[1]"]);
/// assert_eq!(errors.problems()[2].kind(), &ProblemKind::MethodForbidden);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyErrors {
    problems: Vec<Problem>,
    omitted: usize,
}

/// The most problems that are kept, so that a file of nothing but mistakes does not make an error
/// of hundreds of megabytes.
const MAX_PROBLEMS: usize = 100;

/// The most bytes of a written value that a problem keeps: more than any valid item has.
const MAX_VALUE_BYTES: usize = 2048;

impl PolicyErrors {
    /// Returns the problems, in the order of the settings: the first hundred at most.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the number of problems beyond these.
    ///
    /// ```
    /// use cors_core::Policy;
    ///
    /// let errors = Policy::builder()
    ///     .allow_methods(vec!["PUT DELETE"; 3000])
    ///     .build()
    ///     .expect_err("3000 mistakes");
    /// assert_eq!((errors.problems().len(), errors.omitted()), (100, 2900));
    /// assert!(errors.to_string().ends_with("\nand 2900 more problems"));
    /// ```
    #[must_use]
    pub const fn omitted(&self) -> usize {
        self.omitted
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        match self.omitted {
            0 => Ok(()),
            1 => f.write_str("\nand 1 more problem"),
            more => write!(f, "\nand {more} more problems"),
        }
    }
}

impl fmt::Debug for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PolicyErrors {}

impl<'a> IntoIterator for &'a PolicyErrors {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.problems.iter()
    }
}

impl IntoIterator for PolicyErrors {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.problems.into_iter()
    }
}

/// A reason why a policy can't be built: where it is, what is written there, and what is wrong with
/// it.
///
/// `Display` writes all three, and what to write instead, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    location: SettingLocation,
    value: String,
    /// The length of what was written; more than that of the value where the value is cut.
    written_bytes: usize,
    kind: ProblemKind,
    /// The setting that allows credentials, where the problem is one only with them.
    credentials: Option<Setting>,
    /// The variable of the environment that has set the setting.
    variable: Option<String>,
    /// The variable that has set the other setting, without which this would be no problem.
    with_variable: Option<String>,
}

impl Problem {
    pub(super) fn new(location: SettingLocation, written: &str, kind: ProblemKind) -> Self {
        let mut end = written.len().min(MAX_VALUE_BYTES);
        while !written.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            location,
            value: written.get(..end).unwrap_or_default().to_owned(),
            written_bytes: written.len(),
            kind,
            credentials: None,
            variable: None,
            with_variable: None,
        }
    }

    /// Says by which setting there are credentials, without which this would be no problem.
    pub(super) fn with_credentials(mut self, setting: Setting) -> Self {
        self.credentials = Some(setting).filter(|setting| *setting != self.location.setting());
        self
    }

    pub(super) fn of_variable(mut self, variable: String) -> Self {
        self.variable = Some(variable);
        self
    }

    pub(super) fn with_variable(mut self, variable: String) -> Self {
        self.with_variable = Some(variable);
        self
    }

    /// Returns the place of the problem.
    #[must_use]
    pub const fn location(&self) -> SettingLocation {
        self.location
    }

    /// Returns what was written there, or its first two kilobytes; for a setting of a disabled path,
    /// the pattern of the path.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns what is wrong with it.
    #[must_use]
    pub const fn kind(&self) -> &ProblemKind {
        &self.kind
    }

    /// Returns the variable of the environment that it stands in, where
    /// [`with_vars`](crate::PolicyConfig::with_vars) has read it from one.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    /// Returns the other setting without which this one would not be a problem, as in
    /// `allow_credentials` beside `*`; `None` where this one is wrong by itself. A program that
    /// merges settings from several sources should name both places.
    ///
    /// ```
    /// use cors_core::{Policy, Setting};
    ///
    /// let errors = Policy::builder()
    ///     .allow_origins(["*"])
    ///     .allow_credentials(true)
    ///     .build()
    ///     .expect_err("one mistake, in two settings");
    /// let problem = &errors.problems()[0];
    /// assert_eq!(problem.location().setting(), Setting::AllowOrigins);
    /// assert_eq!(problem.conflicts_with(), Some(Setting::AllowCredentials));
    /// ```
    #[must_use]
    pub const fn conflicts_with(&self) -> Option<Setting> {
        match self.kind {
            ProblemKind::AnyOriginWithCredentials
            | ProblemKind::AnyHostWithCredentials
            | ProblemKind::NullOriginWithCredentials
            | ProblemKind::InsecureOriginWithCredentials(_)
            | ProblemKind::PrivateAddressWithCredentials(_)
            | ProblemKind::PrivateNetworkWithCredentials
            | ProblemKind::PublicSuffixWithCredentials
            | ProblemKind::AnyExposedHeaderWithCredentials => self.credentials,
            ProblemKind::CredentialsBesideCredentialsFrom => Some(Setting::AllowCredentialsFrom),
            ProblemKind::RejectBesideAnyOrigin => Some(Setting::AllowOrigins),
            ProblemKind::SettingOfDisabledPath => Some(Setting::Enabled),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = WrittenStart {
            start: &self.value,
            bytes: self.written_bytes,
        };
        self.write_place(f)?;
        if let Some(variable) = &self.with_variable {
            write!(f, " with {variable}")?;
        }
        write!(f, ": {value}: {}", self.kind)
    }
}

impl Problem {
    /// Writes the place in the words of the layer that it is in. A path may have taken over what a
    /// variable has set.
    fn write_place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = self.location;
        let variable = match &self.variable {
            // The name is the value there.
            Some(variable) if location.setting() != Setting::Environment => variable,
            _ => return fmt::Display::fmt(&location, f),
        };
        f.write_str(variable)?;
        if let Some(item) = location.item() {
            write!(f, "[{item}]")?;
        }
        match (location.is_in_shadow(), location.path()) {
            (false, None) => Ok(()),
            (true, None) => f.write_str(" in shadow"),
            (false, Some(path)) => write!(f, " in paths[{path}]"),
            (true, Some(path)) => write!(f, " in shadow.paths[{path}]"),
        }
    }
}

impl std::error::Error for Problem {}

/// The problems found so far, while policies are checked: the first ones, and the number of the
/// others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    omitted: usize,
    /// The path that problems belong to from now on.
    path: Option<usize>,
    /// Whether they belong to the table `[shadow]`.
    in_shadow: bool,
}

impl Problems {
    pub(crate) const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(crate) fn add(&mut self, location: SettingLocation, value: &str, kind: ProblemKind) {
        if self.room() > 0 {
            self.push(Problem::new(location, value, kind));
        } else {
            self.omit(1);
        }
    }

    pub(crate) fn push(&mut self, mut problem: Problem) {
        if self.room() == 0 {
            self.omit(1);
            return;
        }
        if let Some(path) = self.path {
            problem.location = problem.location.in_path(path);
        }
        if self.in_shadow {
            problem.location = problem.location.in_shadow();
        }
        self.kept.push(problem);
    }

    /// Changes the kinds of the problems that are kept, of which each has the text that it is about,
    /// unless that was too long to be kept.
    pub(super) fn each_kind(&mut self, change: impl Fn(&mut ProblemKind, Option<&str>)) {
        for problem in &mut self.kept {
            let is_whole = problem.value.len() == problem.written_bytes;
            let written = is_whole.then_some(&*problem.value);
            change(&mut problem.kind, written);
        }
    }

    /// Counts problems that there is no room for.
    pub(super) fn omit(&mut self, count: usize) {
        self.omitted += count;
    }

    /// Returns the number of problems that will still be kept.
    pub(super) fn room(&self) -> usize {
        MAX_PROBLEMS.saturating_sub(self.kept.len())
    }

    /// Sets the path that problems belong to from now on.
    pub(super) fn set_path(&mut self, path: Option<usize>) {
        self.path = path;
    }

    /// Sets whether problems belong to the table `[shadow]` from now on.
    pub(super) fn set_in_shadow(&mut self, in_shadow: bool) {
        self.in_shadow = in_shadow;
    }

    pub(super) fn into_parts(self) -> (Vec<Problem>, usize) {
        (self.kept, self.omitted)
    }

    /// Returns `value`, unless there was a problem.
    pub(crate) fn into_result<T>(self, value: T) -> Result<T, PolicyErrors> {
        if self.kept.is_empty() {
            Ok(value)
        } else {
            Err(PolicyErrors {
                problems: self.kept,
                omitted: self.omitted,
            })
        }
    }
}
