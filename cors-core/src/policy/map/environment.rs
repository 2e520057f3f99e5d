//! Variables of the environment over the top of policies by path.

use std::ffi::OsStr;

use super::config::PolicyMapConfig;
use crate::policy::environment::Variables;
use crate::policy::problem::{PolicyErrors, Problems};
use crate::policy::setting::{Setting, SettingLocation};

impl PolicyMapConfig {
    /// Reads settings from variables, as [`PolicyConfig::from_vars`](crate::PolicyConfig::from_vars)
    /// does, in place of the keys at the top. A table that has a key of its own keeps it.
    ///
    /// ```
    /// # #[cfg(feature = "serde")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use cors_core::PolicyMapConfig;
    ///
    /// let file: PolicyMapConfig = toml::from_str(
    ///     r#"
    ///     allow_origins = ["https://app.example.com"]
    ///
    ///     [[paths]]
    ///     path = "/feeds/{*feed}"
    ///     allow_origins = ["*"]
    ///     "#,
    /// )?;
    /// // In a service: `std::env::vars_os()`.
    /// let variables = [("CORS_ALLOW_ORIGINS", "https://staging.example.com")];
    /// let policies = file.with_vars("CORS_", variables)?.build()?;
    /// let allows = |path: &str, origin: &str| {
    ///     policies.policy(path).is_some_and(|policy| policy.allows_origin(origin))
    /// };
    /// assert!(allows("/tasks", "https://staging.example.com"));
    /// assert!(allows("/feeds/news", "https://anyone.example"));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "serde"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// Returns all problems of all layers at once, those that [`build`](Self::build) would find
    /// among them: what is returned builds.
    pub fn with_vars<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        mut self,
        prefix: &str,
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, PolicyErrors> {
        let mut problems = Problems::default();
        let mut top = self.default.clone().unwrap_or_default();
        let variables = Variables::read(prefix, vars, &mut top, &mut problems);
        // Without keys at the top, and without variables, there is no policy there.
        if self.default.is_some() || variables.is_any_set() {
            self.default = Some(top);
        }
        if let Err(errors) = self.build() {
            let is_written_there = |location, setting| self.has_its_own(location, setting);
            variables.name_their_problems(errors, &mut problems, is_written_there);
        }
        problems.into_result(self)
    }

    /// Returns whether the table of a place writes a setting itself.
    fn has_its_own(&self, location: SettingLocation, setting: Setting) -> bool {
        let shadow = self.shadow.as_ref().filter(|_| location.is_in_shadow());
        let paths = shadow.and_then(|shadow| shadow.paths.as_ref());
        let path = location
            .path()
            .and_then(|path| paths.unwrap_or(&self.paths).get(path));
        path.is_some_and(|path| path.overrides.writes(setting))
            || shadow.is_some_and(|shadow| shadow.overrides.writes(setting))
    }
}
