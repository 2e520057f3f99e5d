//! [`OriginRule`]: an origin of a policy, in a form that other programs read.

/// An origin of a policy, in a form that other programs read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OriginRule {
    /// Every origin, `null` included.
    Any,
    /// This origin.
    Exact(String),
    /// The origins that a regular expression matches as a whole. RE2, PCRE and Rust read it alike.
    Matching(String),
}

/// Every origin that is one, unlike `null` and `file://`.
const ANY_WITH_HOST: &str = r"[a-z][a-z0-9+.-]*://[^/]+";

impl OriginRule {
    /// Reads an item of `allow_origins` or `allow_credentials_from`, as a policy that is built has
    /// it.
    pub(super) fn of(item: &str, credentials: bool) -> Self {
        if item == "*" && !credentials {
            return Self::Any;
        }
        let item = item.to_ascii_lowercase();
        let Some((scheme, rest)) = item.split_once("://") else {
            return Self::Matching(ANY_WITH_HOST.to_owned());
        };
        let (host, port) = split_port(rest);
        let is_web = matches!(scheme, "http" | "https");
        let default = match scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        let is_default = |port: &str| default.is_some_and(|default| port == default.to_string());
        let port = port.filter(|port| !is_default(port));
        let host_expression = if let Some(base) = host.strip_prefix("*.") {
            let label = if is_web {
                "[a-z0-9_-]+"
            } else {
                "[a-z0-9_~-]+"
            };
            format!("(?:{label}\\.)+{}", escaped(base))
        } else if host == "*" {
            "[a-z0-9._~-]+".to_owned()
        } else {
            // Of a network; no other host has a wildcard. Browsers write no octet past 255.
            escaped(host).replace(r"\*", "[0-9]{1,3}")
        };
        let ports = match port {
            None if !host.contains('*') => return Self::Exact(format!("{scheme}://{host}")),
            None => String::new(),
            Some("*") => "(?::[0-9]{1,5})?".to_owned(),
            Some(port) => match port.split_once('-') {
                Some((first, last)) => port_range(first, last, default),
                None if !host.contains('*') => {
                    return Self::Exact(format!("{scheme}://{host}:{port}"));
                }
                None => format!(":{port}"),
            },
        };
        Self::Matching(format!("{}://{host_expression}{ports}", escaped(scheme)))
    }

    /// Returns the regular expression for the origin as a whole.
    pub(super) fn expression(&self) -> String {
        match self {
            Self::Any => ".*".to_owned(),
            Self::Exact(origin) => escaped(origin),
            Self::Matching(expression) => expression.clone(),
        }
    }
}

/// Returns an expression that matches a text of ASCII, and nothing else.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if !(char.is_ascii_alphanumeric() || "-_~:/".contains(char)) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Returns an expression for the ports from one to another, with the colon before them. An origin
/// never names the default port of its scheme.
fn port_range(first: &str, last: &str, default: Option<u32>) -> String {
    let (first, last) = (number(first), number(last));
    let ports = format!(":(?:{})", numbers(first, last).join("|"));
    let has_default = default.is_some_and(|port| (first..=last).contains(&port));
    if has_default {
        format!("(?:{ports})?")
    } else {
        ports
    }
}

fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or_default()
}

/// Returns expressions that match the numbers from one to another between them.
fn numbers(mut first: u32, last: u32) -> Vec<String> {
    let mut expressions = Vec::new();
    while first <= last {
        // The largest block of numbers that differ in their last digits alone.
        let mut size = 1;
        while first >= size * 10 && first.is_multiple_of(size * 10) && first + size * 10 - 1 <= last
        {
            size *= 10;
        }
        // And as many such blocks as differ in one digit before those.
        let digit = first / size % 10;
        let more = (last + 1 - first) / size - 1;
        let end = 9.min(digit + more);
        let before = match first / size / 10 {
            0 => String::new(),
            before => before.to_string(),
        };
        let digits = if digit == end {
            digit.to_string()
        } else {
            format!("[{digit}-{end}]")
        };
        let free = "[0-9]".repeat(size.ilog10() as usize);
        expressions.push(format!("{before}{digits}{free}"));
        first += (end - digit + 1) * size;
    }
    expressions
}

#[cfg(test)]
mod tests {
    use cors_core::{Policy, probe};

    use super::super::automaton::matcher;
    use super::*;

    /// The core says which origins an item allows, at its edges and around them.
    #[test]
    fn a_rule_matches_what_the_item_allows() {
        let ports = [
            1, 9, 10, 79, 80, 81, 99, 100, 442, 443, 444, 999, 1000, 1080, 3000, 9999, 65535,
        ];
        let items = [
            "https://App.example.com",
            "https://app.example.com:443",
            "http://app.example.com:443",
            "http://[::1]:8080",
            "http://[::1]:*",
            "https://*.example.com",
            "https://*.example.com:*",
            "https://*.example.com:80-1080",
            "http://*.test:9-65534",
            "http://localhost:3000-3999",
            "http://localhost:2-80",
            "http://192.168.*.*",
            "http://10.*.*.*:*",
            "tauri://localhost",
            "web+app.x://a_b~c:80",
            "app://.",
            "moz-extension://*",
            "app://*:*",
            "file://",
        ];
        for item in items {
            let policy = Policy::builder().allow_origins([item]).build();
            let policy = policy.expect("the item is right");
            let matches = matcher(&OriginRule::of(item, false).expression());
            let mut origins = probe::sample_origins(&policy);
            for origin in origins.clone() {
                let (scheme, rest) = origin.split_once("://").unwrap_or((&origin, ""));
                let (host, _) = split_port(rest);
                origins.push(format!("{scheme}://{host}"));
                origins.extend(ports.map(|port| format!("{scheme}://{host}:{port}")));
                origins.push(format!("{scheme}://x.y-z_.{host}"));
            }
            for origin in &origins {
                let expected = policy.allows_origin(origin);
                let matches = matches(origin);
                // The default port is never written, so that it does not matter if it matches.
                let is_default = (origin.starts_with("https://") && origin.ends_with(":443"))
                    || (origin.starts_with("http://") && origin.ends_with(":80"));
                assert!(
                    matches == expected || is_default,
                    "{item}, {origin}: {matches}"
                );
            }
        }
    }

    #[test]
    fn any_origin_with_credentials_is_one_with_a_host() {
        let OriginRule::Matching(expression) = OriginRule::of("*", true) else {
            panic!("null would be let in");
        };
        let matches = matcher(&expression);
        for (origin, expected) in [
            ("https://any.example", true),
            ("http://any.example:8080", true),
            ("app://.", true),
            ("null", false),
            ("file://", false),
            ("*", false),
        ] {
            assert_eq!(matches(origin), expected, "{origin}");
        }
    }

    #[test]
    fn a_range_of_numbers_is_matched_exactly() {
        for (first, last) in [
            (1, 9),
            (8, 11),
            (79, 1080),
            (3000, 3010),
            (1, 65535),
            (999, 10001),
        ] {
            let matches = matcher(&numbers(first, last).join("|"));
            for number in (0..70000)
                .step_by(7)
                .chain([first - 1, first, last, last + 1])
            {
                let expected = (first..=last).contains(&number);
                assert_eq!(matches(&number.to_string()), expected, "{number}");
            }
        }
    }
}
