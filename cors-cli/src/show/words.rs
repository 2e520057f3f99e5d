//! A policy in words.

use cors_core::PolicyConfig;

use crate::shown;

/// Returns who may do what, in a few sentences.
pub(super) fn of(config: &PolicyConfig) -> String {
    let mut sentences = Vec::from_iter(hosts(config));
    let readers = readers(config);
    if readers.is_empty() {
        sentences.push("No page of another site may read responses.".to_owned());
        sentences.extend(rejection(config));
        return sentences.join("\n");
    }
    sentences.extend(readers);
    sentences.push(format!(
        "They may use {}, and set {}.",
        with_more("GET, HEAD and POST", "any method", &config.allow_methods),
        with_more(
            "the safelisted headers",
            "any header",
            &config.allow_headers
        ),
    ));
    sentences.push(format!(
        "They read {}.",
        with_more(
            "the safelisted response headers",
            "all response headers",
            &config.expose_headers
        )
    ));
    if let Some(age) = config.max_age {
        sentences.push(format!(
            "Browsers keep a preflight for {} seconds.",
            age.as_secs()
        ));
    }
    sentences.extend(rejection(config));
    sentences.join("\n")
}

fn rejection(config: &PolicyConfig) -> Option<String> {
    let is_on = config.reject_disallowed_origins;
    is_on.then(|| "Requests of other pages are answered with 403.".to_owned())
}

fn hosts(config: &PolicyConfig) -> Option<String> {
    let hosts = &config.allow_hosts;
    let is_any = hosts.is_empty() || hosts.iter().any(|host| host == "*");
    (!is_any).then(|| {
        format!(
            "Requests for other hosts than {} are answered with 403.",
            listed(hosts)
        )
    })
}

/// Returns the sentences about those who may read responses.
fn readers(config: &PolicyConfig) -> Vec<String> {
    let mut readers = Vec::new();
    if config.allow_origins.iter().any(|item| item == "*") {
        readers.push("any page".to_owned());
    } else if !config.allow_origins.is_empty() {
        readers.push(format!("pages of {}", listed(&config.allow_origins)));
    }
    let regexes = &config.allow_origin_regexes;
    if !regexes.is_empty() {
        readers.push(format!("pages whose origin matches {}", listed(regexes)));
    }
    if config.allow_null_origin {
        readers.push("pages of the origin null".to_owned());
    }
    let mut sentences = Vec::new();
    let with_credentials = &config.allow_credentials_from;
    if !with_credentials.is_empty() {
        let pages = listed(with_credentials);
        sentences.push(format!(
            "Pages of {pages} may read responses, with credentials."
        ));
    }
    if !readers.is_empty() {
        let mut readers = readers.join(", and ");
        if let Some(first) = readers.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let with = if config.allow_credentials {
            "with"
        } else {
            "without"
        };
        sentences.push(format!("{readers} may read responses, {with} credentials."));
    }
    sentences
}

/// Returns what is always allowed and what a list adds.
fn with_more(always: &str, any: &str, list: &[String]) -> String {
    if list.is_empty() {
        always.to_owned()
    } else if list.iter().any(|item| item == "*") {
        let others: Vec<_> = list.iter().filter(|item| *item != "*").cloned().collect();
        let and = if others.is_empty() {
            String::new()
        } else {
            format!(" ({} by name)", listed(&others))
        };
        format!("{any}{and}")
    } else {
        format!("{always}, and {}", listed(list))
    }
}

/// Returns the first items, and how many more there are.
fn listed(items: &[String]) -> String {
    const SHOWN: usize = 5;
    let first = items.iter().take(SHOWN).map(|item| shown(item));
    let first = first.collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
