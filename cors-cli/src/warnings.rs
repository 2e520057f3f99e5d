//! What a policy says that is likely not meant, though it can be built.

use cors_core::{Policy, PolicyConfig, PolicyMap, Setting};

use crate::finding::{Finding, Level};
use crate::place::{Place, Places};

/// Returns the warnings about policies, the default one first.
pub(crate) fn of(policies: &PolicyMap, text: &str) -> Vec<Finding> {
    let places = Places::of(text);
    let default = policies.default_policy().map(Policy::config);
    let paths = policies.paths().enumerate();
    let paths = paths.filter_map(|(path, (_, policy))| Some((Some(path), policy?.config())));
    let all = default
        .clone()
        .map(|config| (None, config))
        .into_iter()
        .chain(paths);
    let mut findings = Vec::new();
    for (path, config) in all {
        for rule in RULES {
            let Some(warning) = rule(&config) else {
                continue;
            };
            let place = Place {
                in_shadow: false,
                path,
                setting: warning.setting,
                item: warning.item,
            };
            // A path that takes everything over from the top says nothing new.
            let is_inherited = path.is_some()
                && default
                    .as_ref()
                    .is_some_and(|top| rule(top).as_ref() == Some(&warning));
            if !is_inherited {
                findings.push(Finding {
                    level: Level::Warning,
                    kind: warning.kind.to_owned(),
                    place: place.to_string(),
                    span: places.as_ref().and_then(|places| places.span(place)),
                    why: warning.why,
                    remedy: warning.remedy,
                });
            }
        }
    }
    findings
}

#[derive(Debug, PartialEq, Eq)]
struct Warning {
    kind: &'static str,
    setting: Setting,
    item: Option<usize>,
    why: String,
    remedy: String,
}

/// Every rule, in the order in which its warnings are written.
const RULES: [fn(&PolicyConfig) -> Option<Warning>; 6] = [
    nobody,
    any_beside_named,
    loopback_beside_others,
    tauri_in_part,
    no_max_age,
    credentials_beside_tokens,
];

fn warning(
    kind: &'static str,
    (setting, item): (Setting, Option<usize>),
    why: impl Into<String>,
    remedy: impl Into<String>,
) -> Option<Warning> {
    Some(Warning {
        kind,
        setting,
        item,
        why: why.into(),
        remedy: remedy.into(),
    })
}

/// Returns the origins that a policy lists, with or without credentials, each with its place.
fn origins(config: &PolicyConfig) -> impl Iterator<Item = (&str, (Setting, Option<usize>))> {
    let lists = [
        (Setting::AllowOrigins, &config.allow_origins),
        (
            Setting::AllowCredentialsFrom,
            &config.allow_credentials_from,
        ),
    ];
    lists.into_iter().flat_map(|(setting, list)| {
        let items = list.iter().enumerate();
        items.map(move |(index, item)| (item.as_str(), (setting, Some(index))))
    })
}

fn nobody(config: &PolicyConfig) -> Option<Warning> {
    let is_for_nobody = origins(config).next().is_none()
        && config.allow_origin_regexes.is_empty()
        && !config.allow_null_origin;
    if !is_for_nobody {
        return None;
    }
    warning(
        "NobodyAllowed",
        (Setting::AllowOrigins, None),
        "the policy allows no origin, so no page of another site can read a response",
        "list the origins of your pages in allow_origins, unless code adds predicates; in a table \
         of a path, `enabled = false` says that it has no policy",
    )
}

fn any_beside_named(config: &PolicyConfig) -> Option<Warning> {
    let star = config.allow_origins.iter().position(|item| item == "*")?;
    // With credentials `*` leaves these out.
    let is_named = |item: &String| item != "*" && item != "file://";
    if !config.allow_origins.iter().any(is_named) {
        return None;
    }
    warning(
        "AnyBesideNamed",
        (Setting::AllowOrigins, Some(star)),
        "\"*\" allows every origin, so that what stands beside it says nothing".to_owned(),
        "leave \"*\" out, or the others",
    )
}

fn is_loopback(item: &str) -> bool {
    let host = item.split_once("://").map_or(item, |(_, host)| host);
    let name = host.split([':', '/']).next().unwrap_or_default();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.starts_with("127.")
        || host.starts_with("[::1]")
}

/// Any port, or a range of them, of the own machine.
fn loopback_beside_others(config: &PolicyConfig) -> Option<Warning> {
    let is_wide = |item: &str| {
        let port = item.rsplit_once(':').map_or("", |(_, port)| port);
        is_loopback(item) && (port == "*" || port.contains('-'))
    };
    let (item, place) = origins(config).find(|(item, _)| is_wide(item))?;
    let is_public = |item: &str| item.starts_with("https://") && !is_loopback(item);
    if !origins(config).any(|(item, _)| is_public(item)) {
        return None;
    }
    warning(
        "LoopbackBesideOthers",
        place,
        format!(
            "{item:?} beside the origins of a deployed app: any page that any program serves on a \
             visitor's machine is allowed"
        ),
        "move it to the policy of development",
    )
}

/// The origins of a Tauri app's pages, on macOS and Linux, on Windows and Android, and with
/// `useHttpsScheme`.
const TAURI: [&str; 3] = [
    "tauri://localhost",
    "http://tauri.localhost",
    "https://tauri.localhost",
];

fn tauri_in_part(config: &PolicyConfig) -> Option<Warning> {
    let is_listed = |origin: &&&str| origins(config).any(|(item, _)| item == **origin);
    let (_, place) = origins(config).find(|(item, _)| TAURI.contains(item))?;
    let missing: Vec<_> = TAURI.iter().filter(|origin| !is_listed(origin)).collect();
    let is_whole = missing.is_empty() || config.allow_origins.iter().any(|item| item == "*");
    if is_whole {
        return None;
    }
    let missing: Vec<_> = missing.iter().map(|origin| format!("{origin:?}")).collect();
    warning(
        "TauriInPart",
        place,
        "a Tauri app has another origin on other systems, and with useHttpsScheme",
        format!("add {}", missing.join(", ")),
    )
}

fn no_max_age(config: &PolicyConfig) -> Option<Warning> {
    let is_safelisted = |method: &String| {
        ["GET", "HEAD", "POST"]
            .iter()
            .any(|safelisted| method.eq_ignore_ascii_case(safelisted))
    };
    let setting = if !config.allow_methods.iter().all(is_safelisted) {
        Setting::AllowMethods
    } else if !config.allow_headers.is_empty() {
        Setting::AllowHeaders
    } else {
        return None;
    };
    if config.max_age.is_some() {
        return None;
    }
    warning(
        "NoMaxAge",
        (setting, None),
        "a browser asks before a request with one of these, and keeps the answer for five seconds only",
        "write max_age = 600",
    )
}

fn credentials_beside_tokens(config: &PolicyConfig) -> Option<Warning> {
    let lists = |name: &str| {
        config
            .allow_headers
            .iter()
            .any(|item| item.eq_ignore_ascii_case(name))
    };
    if !config.allow_credentials || !lists("authorization") {
        return None;
    }
    warning(
        "CredentialsBesideTokens",
        (Setting::AllowCredentials, None),
        "a page that sends a token in Authorization needs no credentials, which are cookies, client \
         certificates and what a browser's own dialog asks for",
        "leave it out, unless pages send cookies too",
    )
}
