//! [`meaning_of`]: the settings of other libraries, under their names, and what each is here.

use super::setting::Setting;

/// What a setting of another library is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The same setting, under its name here.
    Key(Setting),
    /// A list whose only item is `*`.
    AnyOf(Setting),
    /// The setting with the opposite value.
    Opposite(Setting),
    /// Policies by path.
    Paths,
    /// Nothing, for this reason.
    Nothing(&'static str),
}

const NO_VARY: &str = "Vary follows from the policy";
const NO_WILDCARD: &str = "whether the header is \"*\" follows from the policy";
const NO_ROUTE: &str = "there are no routes of the adapter's own";

/// The names, as [`normalized`](super::keys::normalized) has them, and what they mean. The
/// libraries are django-cors-headers, Starlette, FastAPI, flask-cors, tower-http, actix-cors,
/// rocket_cors, warp, Spring, and the package `cors` of npm; the guides compare the settings of the
/// first eight.
const MEANINGS: &[(&[&str], Meaning)] = &[
    (
        &[
            "allow_origin",
            "allowed_origin",
            "allowed_origins",
            "allowed_origin_patterns",
            "allow_origin_patterns",
            "allow_origin_list",
            "origin",
            "origins",
            "origin_whitelist",
            "whitelist",
        ],
        Meaning::Key(Setting::AllowOrigins),
    ),
    (
        &[
            "allow_origin_regex",
            "allowed_origin_regex",
            "allowed_origin_regexes",
            "allow_origins_regex",
            "origin_regex",
            "origin_regexes",
            "origin_regex_whitelist",
            "allow_origin_list_regex",
        ],
        Meaning::Key(Setting::AllowOriginRegexes),
    ),
    (
        &[
            "allow_all_origins",
            "allow_any_origin",
            "origin_allow_all",
            "allow_all",
            "permissive",
        ],
        Meaning::AnyOf(Setting::AllowOrigins),
    ),
    (
        &["allow_null", "allow_origin_null"],
        Meaning::Key(Setting::AllowNullOrigin),
    ),
    (
        &[
            "allow_method",
            "allowed_method",
            "allowed_methods",
            "methods",
        ],
        Meaning::Key(Setting::AllowMethods),
    ),
    (
        &["allow_any_method", "allow_all_methods"],
        Meaning::AnyOf(Setting::AllowMethods),
    ),
    (
        &[
            "allow_header",
            "allowed_header",
            "allowed_headers",
            "headers",
        ],
        Meaning::Key(Setting::AllowHeaders),
    ),
    (
        &["allow_any_header", "allow_all_headers"],
        Meaning::AnyOf(Setting::AllowHeaders),
    ),
    (
        &["expose_header", "exposed_header", "exposed_headers"],
        Meaning::Key(Setting::ExposeHeaders),
    ),
    (
        &["expose_any_header", "expose_all_headers"],
        Meaning::AnyOf(Setting::ExposeHeaders),
    ),
    (
        &["supports_credentials", "support_credentials", "credentials"],
        Meaning::Key(Setting::AllowCredentials),
    ),
    (
        &["preflight_max_age", "max_age_seconds", "max_age_secs"],
        Meaning::Key(Setting::MaxAge),
    ),
    (
        &["allow_private_network_access"],
        Meaning::Key(Setting::AllowPrivateNetwork),
    ),
    (
        &["options_success_status"],
        Meaning::Key(Setting::PreflightStatus),
    ),
    (
        &["disable_preflight", "preflight_continue"],
        Meaning::Key(Setting::PreflightPassthrough),
    ),
    (
        &["automatic_options"],
        Meaning::Opposite(Setting::PreflightPassthrough),
    ),
    (
        &["block_on_origin_mismatch"],
        Meaning::Key(Setting::RejectDisallowedOrigins),
    ),
    (
        &["allowed_hosts", "allowed_host", "allow_host", "hosts"],
        Meaning::Key(Setting::AllowHosts),
    ),
    (&["urls_regex", "resources"], Meaning::Paths),
    (
        &["send_wildcard", "always_send"],
        Meaning::Nothing(NO_WILDCARD),
    ),
    (
        &[
            "vary",
            "vary_header",
            "disable_vary_header",
            "add_vary_header",
        ],
        Meaning::Nothing(NO_VARY),
    ),
    (
        &["fairing_route_base", "fairing_route_rank"],
        Meaning::Nothing(NO_ROUTE),
    ),
    (
        &["intercept_exceptions"],
        Meaning::Nothing("error responses have the headers too"),
    ),
];

/// Returns what a normalized name means.
pub(crate) fn meaning_of(name: &str) -> Option<Meaning> {
    let (_, meaning) = MEANINGS.iter().find(|(names, _)| names.contains(&name))?;
    Some(*meaning)
}

/// Returns all names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MEANINGS.iter().flat_map(|(names, _)| names.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::super::config::PolicyConfig;
    use super::super::keys::{POLICY_KEYS, SettingValue};
    use super::*;

    #[test]
    fn what_a_name_means_is_a_key_and_the_value_is_one_of_its_type() {
        for name in names() {
            let meaning = meaning_of(name).expect(name);
            let mut config = PolicyConfig::default();
            let mut value = |setting: Setting| {
                assert!(POLICY_KEYS.contains(&setting.name()), "{name}");
                SettingValue::of(&mut config, setting).is_some_and(|value| match value {
                    SettingValue::List(list) => {
                        list.push("*".to_owned());
                        true
                    }
                    SettingValue::Switch(_) | SettingValue::Status(_) | SettingValue::Age(_) => {
                        false
                    }
                })
            };
            match meaning {
                Meaning::Key(setting) => {
                    value(setting);
                }
                Meaning::AnyOf(setting) => assert!(value(setting), "{name}"),
                Meaning::Opposite(setting) => assert!(!value(setting), "{name}"),
                Meaning::Paths | Meaning::Nothing(_) => {}
            }
            if matches!(meaning, Meaning::AnyOf(_)) {
                assert!(config.build().is_ok(), "{name}");
            }
        }
    }
}
