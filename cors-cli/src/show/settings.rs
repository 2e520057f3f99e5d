//! The settings of a policy, as a file has them.

use std::error::Error;
use std::mem::take;

use cors_core::PolicyConfig;
use toml::Table;

/// Returns the settings without some of the lists, which may be long.
pub(super) fn settings_but_lists(
    config: &mut PolicyConfig,
    is_left_out: impl Fn(&str) -> bool,
) -> Result<Table, Box<dyn Error>> {
    let lists: [(&str, List); 7] = [
        ("allow_origins", |config| &mut config.allow_origins),
        ("allow_origin_regexes", |config| {
            &mut config.allow_origin_regexes
        }),
        ("allow_methods", |config| &mut config.allow_methods),
        ("allow_headers", |config| &mut config.allow_headers),
        ("expose_headers", |config| &mut config.expose_headers),
        ("allow_credentials_from", |config| {
            &mut config.allow_credentials_from
        }),
        ("allow_hosts", |config| &mut config.allow_hosts),
    ];
    let mut kept = Vec::new();
    for (_, list) in lists.into_iter().filter(|(key, _)| is_left_out(key)) {
        kept.push((list, take(list(config))));
    }
    let settings = settings(config);
    for (list, items) in kept {
        *list(config) = items;
    }
    settings
}

/// One of the lists of a policy.
type List = fn(&mut PolicyConfig) -> &mut Vec<String>;

pub(super) fn settings(config: &PolicyConfig) -> Result<Table, Box<dyn Error>> {
    Ok(toml::from_str(&toml::to_string(config)?)?)
}
