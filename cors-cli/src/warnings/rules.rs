//! [`RULES`]: each finds one thing that is likely not meant.

use cors_core::{Policy, PolicyConfig, Setting};

use crate::item::normalized;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Warning {
    pub(super) kind: &'static str,
    pub(super) place: (Setting, Option<usize>),
    pub(super) why: String,
    pub(super) remedy: String,
}

type Rule = fn(&Policy, &PolicyConfig) -> Option<Warning>;

/// Every rule, in the order in which its warnings are written.
pub(super) const RULES: [Rule; 11] = [
    nobody,
    // With credentials `*` leaves files out.
    |_, config| any_beside_named(Setting::AllowOrigins, &config.allow_origins, "file://"),
    |_, config| any_beside_named(Setting::AllowMethods, &config.allow_methods, ""),
    // `*` does not cover it: Fetch calls it a CORS non-wildcard request-header name.
    |_, config| {
        any_beside_named(
            Setting::AllowHeaders,
            &config.allow_headers,
            "authorization",
        )
    },
    |_, config| any_beside_named(Setting::ExposeHeaders, &config.expose_headers, ""),
    null_beside_named,
    http_beside_https,
    loopback_beside_others,
    tauri_in_part,
    no_max_age,
    credentials_beside_tokens,
];

fn warning(
    kind: &'static str,
    place: (Setting, Option<usize>),
    why: impl Into<String>,
    remedy: impl Into<String>,
) -> Option<Warning> {
    Some(Warning {
        kind,
        place,
        why: why.into(),
        remedy: remedy.into(),
    })
}

/// Returns the origins that a policy lists, with or without credentials, as it is built with them,
/// each with its place.
fn origins(config: &PolicyConfig) -> impl Iterator<Item = (String, (Setting, Option<usize>))> {
    let lists = [
        (Setting::AllowOrigins, &config.allow_origins),
        (
            Setting::AllowCredentialsFrom,
            &config.allow_credentials_from,
        ),
    ];
    lists.into_iter().flat_map(|(setting, list)| {
        let items = list.iter().enumerate();
        items.map(move |(index, item)| (normalized(item), (setting, Some(index))))
    })
}

fn nobody(_: &Policy, config: &PolicyConfig) -> Option<Warning> {
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

/// Of a list, all but one item that `*` leaves out.
fn any_beside_named(setting: Setting, list: &[String], left_out: &str) -> Option<Warning> {
    let star = list.iter().position(|item| item == "*")?;
    let is_named = |item: &String| item != "*" && !item.eq_ignore_ascii_case(left_out);
    if !list.iter().any(is_named) {
        return None;
    }
    let what = match setting {
        Setting::AllowMethods => "method",
        Setting::AllowHeaders => "header",
        Setting::ExposeHeaders => "response header",
        _ => "origin",
    };
    warning(
        "AnyBesideNamed",
        (setting, Some(star)),
        format!("\"*\" allows every {what}, so that what stands beside it says nothing"),
        "leave \"*\" out, or the others",
    )
}

fn null_beside_named(_: &Policy, config: &PolicyConfig) -> Option<Warning> {
    if !config.allow_null_origin || origins(config).next().is_none() {
        return None;
    }
    warning(
        "NullBesideNamed",
        (Setting::AllowNullOrigin, None),
        "any page can have the origin null, in a sandboxed frame, so that every page is allowed",
        "leave it out",
    )
}

/// Of a public name: those of a developer's network have no certificates.
fn http_beside_https(_: &Policy, config: &PolicyConfig) -> Option<Warning> {
    let (item, place) = origins(config).find(|(item, _)| {
        let host = item.strip_prefix("http://").unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default();
        name.rsplit_once('.').is_some_and(|(_, top)| {
            let is_address = top == "*" || top.bytes().all(|byte| byte.is_ascii_digit());
            !is_address && !["internal", "local", "localhost", "test"].contains(&top)
        })
    })?;
    let secure = item.replacen("http://", "https://", 1);
    if !origins(config).any(|(item, _)| is_public(&item)) {
        return None;
    }
    warning(
        "HttpBesideHttps",
        place,
        format!("whoever is between a visitor and {item:?} can write its pages"),
        format!("write {secure:?}"),
    )
}

fn is_public(item: &str) -> bool {
    item.starts_with("https://") && !is_loopback(item)
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
fn loopback_beside_others(_: &Policy, config: &PolicyConfig) -> Option<Warning> {
    let is_wide = |item: &str| {
        let port = item.rsplit_once(':').map_or("", |(_, port)| port);
        is_loopback(item) && (port == "*" || port.contains('-'))
    };
    let (item, place) = origins(config).find(|(item, _)| is_wide(item))?;
    if !origins(config).any(|(item, _)| is_public(&item)) {
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

fn tauri_in_part(policy: &Policy, config: &PolicyConfig) -> Option<Warning> {
    let (_, place) = origins(config).find(|(item, _)| TAURI.contains(&&**item))?;
    let missing = TAURI.iter().filter(|origin| !policy.allows_origin(origin));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
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

fn no_max_age(_: &Policy, config: &PolicyConfig) -> Option<Warning> {
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

fn credentials_beside_tokens(_: &Policy, config: &PolicyConfig) -> Option<Warning> {
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
