//! [`Setting`]: the keys of a policy; [`SettingLocation`]: a place in them.

use std::fmt;

/// A setting of a policy: a key of a policy file, a field of [`PolicyConfig`](crate::PolicyConfig),
/// a method of [`PolicyBuilder`](crate::PolicyBuilder).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Setting {
    /// `allow_origins`
    AllowOrigins,
    /// `allow_origin_regexes`
    AllowOriginRegexes,
    /// `allow_null_origin`
    AllowNullOrigin,
    /// `allow_methods`
    AllowMethods,
    /// `allow_headers`
    AllowHeaders,
    /// `expose_headers`
    ExposeHeaders,
    /// `allow_credentials`
    AllowCredentials,
    /// `allow_credentials_from`
    AllowCredentialsFrom,
    /// `max_age`
    MaxAge,
    /// `allow_private_network`
    AllowPrivateNetwork,
    /// `preflight_status`
    PreflightStatus,
    /// `preflight_refusal_status`
    PreflightRefusalStatus,
    /// `preflight_passthrough`
    PreflightPassthrough,
    /// `keep_app_headers`
    KeepAppHeaders,
    /// `reject_disallowed_origins`
    RejectDisallowedOrigins,
    /// `allow_hosts`
    AllowHosts,
    /// `check_public_suffixes`
    CheckPublicSuffixes,
    /// `dangerously_allow_any_origin_with_credentials`
    DangerouslyAllowAnyOriginWithCredentials,
    /// `dangerously_allow_null_origin_with_credentials`
    DangerouslyAllowNullOriginWithCredentials,
    /// `dangerously_allow_insecure_origins_with_credentials`
    DangerouslyAllowInsecureOriginsWithCredentials,
    /// `dangerously_allow_private_networks_with_credentials`
    DangerouslyAllowPrivateNetworksWithCredentials,
    /// A predicate of the builder.
    AllowOriginIf,
    /// The asynchronous predicate of the builder.
    AllowOriginIfAsync,
    /// The pattern of a path.
    Path,
    /// The key `enabled` of a path.
    Enabled,
    /// A variable of the environment that is no setting.
    Environment,
}

impl Setting {
    /// Returns the setting's name: the key in a file, or the method of the builder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllowOrigins => "allow_origins",
            Self::AllowOriginRegexes => "allow_origin_regexes",
            Self::AllowNullOrigin => "allow_null_origin",
            Self::AllowMethods => "allow_methods",
            Self::AllowHeaders => "allow_headers",
            Self::ExposeHeaders => "expose_headers",
            Self::AllowCredentials => "allow_credentials",
            Self::AllowCredentialsFrom => "allow_credentials_from",
            Self::MaxAge => "max_age",
            Self::AllowPrivateNetwork => "allow_private_network",
            Self::PreflightStatus => "preflight_status",
            Self::PreflightRefusalStatus => "preflight_refusal_status",
            Self::PreflightPassthrough => "preflight_passthrough",
            Self::KeepAppHeaders => "keep_app_headers",
            Self::RejectDisallowedOrigins => "reject_disallowed_origins",
            Self::AllowHosts => "allow_hosts",
            Self::CheckPublicSuffixes => "check_public_suffixes",
            Self::DangerouslyAllowAnyOriginWithCredentials => {
                "dangerously_allow_any_origin_with_credentials"
            }
            Self::DangerouslyAllowNullOriginWithCredentials => {
                "dangerously_allow_null_origin_with_credentials"
            }
            Self::DangerouslyAllowInsecureOriginsWithCredentials => {
                "dangerously_allow_insecure_origins_with_credentials"
            }
            Self::DangerouslyAllowPrivateNetworksWithCredentials => {
                "dangerously_allow_private_networks_with_credentials"
            }
            Self::AllowOriginIf => "allow_origin_if",
            Self::AllowOriginIfAsync => "allow_origin_if_async",
            Self::Path => "path",
            Self::Enabled => "enabled",
            Self::Environment => "environment",
        }
    }
}

/// Returns whether a table that writes these settings takes another one over from the top. Who has
/// credentials is taken over as a whole or not at all, so that a table grants none that it does not
/// speak of.
pub(crate) fn takes_over(written: &[Setting], setting: Setting) -> bool {
    let is_written = |setting| written.contains(&setting);
    match setting {
        Setting::AllowCredentials | Setting::AllowCredentialsFrom => {
            !is_written(Setting::AllowCredentials) && !is_written(Setting::AllowCredentialsFrom)
        }
        _ => !is_written(setting),
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The place of a problem, in the words of a policy file: `allow_credentials`, `allow_origins[2]`,
/// `paths[0].max_age`, `shadow.allow_origins[0]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SettingLocation {
    setting: Setting,
    item: Option<usize>,
    path: Option<usize>,
    in_shadow: bool,
}

impl SettingLocation {
    /// Returns the setting.
    #[must_use]
    pub const fn setting(self) -> Setting {
        self.setting
    }

    /// Returns the position of the item in a setting that is a list, counted from 0.
    #[must_use]
    pub const fn item(self) -> Option<usize> {
        self.item
    }

    /// Returns the position of the path in a [`PolicyMap`](crate::PolicyMap), counted from 0 in the
    /// order in which paths are written; `None` for a setting that belongs to no path.
    #[must_use]
    pub const fn path(self) -> Option<usize> {
        self.path
    }

    /// Returns whether it is in the table `[shadow]`. Its path may be one of the file's `[[paths]]`,
    /// which the shadow has too where it has none of its own.
    #[must_use]
    pub const fn is_in_shadow(self) -> bool {
        self.in_shadow
    }

    pub(crate) const fn at(setting: Setting, item: usize) -> Self {
        Self {
            setting,
            item: Some(item),
            path: None,
            in_shadow: false,
        }
    }

    pub(crate) const fn in_shadow(self) -> Self {
        Self {
            in_shadow: true,
            ..self
        }
    }

    pub(crate) const fn in_path(self, path: usize) -> Self {
        Self {
            path: Some(path),
            ..self
        }
    }
}

impl From<Setting> for SettingLocation {
    fn from(setting: Setting) -> Self {
        Self {
            setting,
            item: None,
            path: None,
            in_shadow: false,
        }
    }
}

impl fmt::Display for SettingLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.in_shadow {
            f.write_str("shadow.")?;
        }
        if let Some(path) = self.path {
            write!(f, "paths[{path}].")?;
        }
        f.write_str(self.setting.name())?;
        match self.item {
            Some(item) => write!(f, "[{item}]"),
            None => Ok(()),
        }
    }
}
