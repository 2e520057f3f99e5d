//! What a policy means, computed from its plain form by code as plain: loops over lists, nothing
//! built beforehand. The judge of the library's matchers.
#![allow(dead_code, reason = "each test program uses a part")]

use cors_core::PolicyConfig;
use cors_core::browser::{Credentials, Request};

/// The pages that the tests send requests from: those that policies name, and near misses.
pub(crate) const PAGES: &[&str] = &[
    "https://app.example.com",
    "https://example.com",
    "https://a.b.example.com",
    "https://a.example.com:8443",
    "http://app.example.com",
    "https://evilexample.com",
    "https://app.example.com.evil.net",
    "https://app.example.com.",
    "https://other.example",
    "http://localhost",
    "http://localhost:3000",
    "http://localhost:3011",
    "http://127.0.0.1:8080",
    "http://192.168.1.20",
    "https://192.168.1.20:3000",
    "http://192.169.1.20:3000",
    "http://[::1]:8080",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnop",
    "chrome-extension://127.1:80",
    "app://.",
    "app://.example.com",
    "app://..example.com",
    "file://",
    "null",
];

/// The items of `allow_origins` that the tests combine.
pub(crate) const ORIGINS: &[&str] = &[
    "*",
    "https://app.example.com",
    "HTTPS://Example.com:443",
    "https://*.example.com",
    "https://*.example.com:*",
    "https://*.b.example.com",
    "http://*.example.com",
    "http://localhost:*",
    "http://localhost",
    "http://localhost:3000-3010",
    "https://*.example.com:443-8443",
    "http://127.0.0.1:8080",
    "http://192.168.*.*:79-3000",
    "https://192.168.1.*:*",
    "http://[::1]:*",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnop",
    "chrome-extension://*",
    "app://*:*",
    "app://.",
    "app://*.example.com",
    "file://",
    "https://other.example:443",
];

pub(crate) const METHODS: &[&str] = &[
    "*", "GET", "POST", "PUT", "put", "DELETE", "PATCH", "x-method", "QUERY",
];

pub(crate) const HEADERS: &[&str] = &[
    "*",
    "authorization",
    "Content-Type",
    "x-a",
    "X-B",
    "x-requested-with",
    "range",
    "X-Acme-*",
    "x-requested-*",
];

pub(crate) const EXPOSED: &[&str] = &[
    "*",
    "x-id",
    "ETag",
    "x-total",
    "Content-Length",
    "X-Acme-*",
    "set-*",
];

/// Whether pages of this origin may read the answers at all.
pub(crate) fn means_origin(config: &PolicyConfig, page: &str) -> bool {
    let any = config.allow_origins.iter().any(|written| written == "*");
    if means_listed_credentials(config, page) {
        return true;
    }
    if any && !config.allow_credentials {
        return true;
    }
    if page == "null" {
        return config.allow_null_origin;
    }
    let listed = config
        .allow_origins
        .iter()
        .any(|written| means_page(written, page));
    listed || (any && page != "file://")
}

/// Whether pages of this origin have credentials where others may have none.
fn means_listed_credentials(config: &PolicyConfig, page: &str) -> bool {
    let mut listed = config.allow_credentials_from.iter();
    page != "null" && listed.any(|written| means_page(written, page))
}

/// Whether pages of this origin may use credentials, if it is allowed.
pub(crate) fn means_credentials(config: &PolicyConfig, page: &str) -> bool {
    config.allow_credentials || means_listed_credentials(config, page)
}

/// Whether one written origin stands for a page's origin.
fn means_page(written: &str, page: &str) -> bool {
    let written = written.to_ascii_lowercase();
    let (scheme, written) = written.split_once("://").unwrap_or((&written, ""));
    let Some((page_scheme, page)) = page.split_once("://") else {
        return false;
    };
    let (host, port) = host_and_port(written);
    let (page_host, page_port) = host_and_port(page);
    let default = match scheme {
        "https" => "443",
        "http" => "80",
        _ => "",
    };
    let number = |port: &str| -> u16 {
        let port = if port.is_empty() { default } else { port };
        port.parse().unwrap_or_default()
    };
    let port_fits = match port.split_once('-') {
        Some((first, last)) => (number(first)..=number(last)).contains(&number(page_port)),
        None => port == "*" || number(port) == number(page_port),
    };
    let host_fits = match host.strip_prefix("*.") {
        None if host == "*" => true,
        Some(base) => page_host
            .strip_suffix(base)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|labels| !labels.is_empty()),
        None => {
            let octets = host.split('.').zip(page_host.split('.'));
            let has_all = host.split('.').count() == page_host.split('.').count();
            has_all && { octets }.all(|(octet, of_page)| octet == "*" || octet == of_page)
        }
    };
    scheme == page_scheme && host_fits && port_fits
}

fn host_and_port(text: &str) -> (&str, &str) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (text, ""),
    }
}

/// Whether a page's script may make this request and read the answer.
pub(crate) fn means_request(config: &PolicyConfig, page: &str, request: &Request) -> bool {
    let credentials = request.credentials_mode() == Credentials::Include;
    means_origin(config, page)
        && (!credentials || means_credentials(config, page))
        && (request.needs_preflight().is_empty() || means_preflight(config, page, request))
}

fn means_preflight(config: &PolicyConfig, page: &str, request: &Request) -> bool {
    let method = request.method();
    let method_means = ["GET", "HEAD", "POST"].contains(&method)
        || config.allow_methods.iter().any(|written| {
            let upper = written.to_ascii_uppercase();
            let normalised = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
            written == "*"
                || if normalised.contains(&&*upper) {
                    upper == method
                } else {
                    written == method
                }
        });
    let names = request.needs_preflight();
    let headers_mean = names
        .iter()
        .filter_map(|reason| reason.header())
        .all(|name| {
            let any = config.allow_headers.iter().any(|written| written == "*");
            config
                .allow_headers
                .iter()
                .any(|written| means_name(written, name))
                || (any && (means_credentials(config, page) || name != "authorization"))
        });
    method_means && headers_mean
}

/// Whether a written name or beginning of names stands for a header's name.
fn means_name(written: &str, name: &str) -> bool {
    let written = written.to_ascii_lowercase();
    match written.strip_suffix('*') {
        Some(start) => name.starts_with(start) && name != start && !start.is_empty(),
        None => written == name,
    }
}

/// Whether a script that may read the answer may read this header of it.
pub(crate) fn means_exposed(config: &PolicyConfig, name: &str) -> bool {
    const ALWAYS: [&str; 7] = [
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ];
    let listed = config
        .expose_headers
        .iter()
        .any(|written| written == "*" || means_name(written, name));
    name != "set-cookie" && (ALWAYS.contains(&name) || listed)
}
