//! What an item of `allow_origins` or `allow_hosts` means, read the slow way: both texts are taken
//! apart for each question.

use std::net::Ipv4Addr;

use url::Url;

use crate::origin::{self, Parts};

/// Returns whether an item of `allow_origins`, which a policy has accepted, stands for an origin.
///
/// `*` stands for all of them; whether `null` and `file://` are among these is up to the policy.
pub fn means(item: &str, value: &[u8]) -> bool {
    let Some(origin) = origin::parts(value) else {
        return false;
    };
    let item = item.to_ascii_lowercase();
    if item == "*" {
        return true;
    }
    let Some((scheme, authority)) = item.split_once("://") else {
        return false;
    };
    if scheme != origin.scheme {
        return false;
    }
    if !authority.contains('*') && !has_range(authority) {
        return is_exactly(&item, scheme, authority, value);
    }
    let (host, ports) = split_port(authority);
    means_host(host, &origin) && means_port(ports, scheme, &origin)
}

/// An exact origin of the web is what the URL standard makes of it.
fn is_exactly(item: &str, scheme: &str, authority: &str, value: &[u8]) -> bool {
    // What follows `xn--` is to be Punycode, which the crate reads and a policy does not.
    let is_web = scheme == "http" || scheme == "https";
    if is_web && !authority.contains("xn--") {
        let url = Url::parse(item);
        return url.is_ok_and(|url| url.origin().ascii_serialization().as_bytes() == value);
    }
    let (host, port) = split_port(authority);
    let origin = origin::parts(value);
    let is_same = |origin: Parts<'_>| origin.host == host && means_port(port, scheme, &origin);
    origin.is_some_and(is_same)
}

fn has_range(authority: &str) -> bool {
    split_port(authority).1.contains('-')
}

fn means_host(host: &str, origin: &Parts<'_>) -> bool {
    if let Some(domain) = host.strip_prefix("*.") {
        let labels = origin
            .host
            .strip_suffix(domain)
            .and_then(|rest| rest.strip_suffix('.'));
        return labels.is_some_and(|labels| !labels.is_empty());
    }
    if host == "*" {
        return true;
    }
    if !host.contains('*') {
        let url = Url::parse(&format!("{}://{host}", origin.scheme));
        let is_web = origin.scheme == "http" || origin.scheme == "https";
        let canonical = url.ok().and_then(|url| url.host_str().map(str::to_owned));
        let is_text = !is_web || host.contains("xn--");
        return if is_text {
            host == origin.host
        } else {
            canonical.as_deref() == Some(origin.host)
        };
    }
    // A private network.
    let octets = origin
        .host
        .parse::<Ipv4Addr>()
        .map(|address| address.octets());
    let items: Vec<_> = host.split('.').collect();
    octets.is_ok_and(|octets| {
        let fits = |(item, octet): (&&str, u8)| *item == "*" || **item == octet.to_string();
        items.len() == 4 && items.iter().zip(octets).all(fits)
    })
}

fn means_port(item: &str, scheme: &str, origin: &Parts<'_>) -> bool {
    let default = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port = origin.port.or(default);
    if item == "*" {
        return true;
    }
    if item.is_empty() {
        return port == default;
    }
    let (first, last) = item.split_once('-').unwrap_or((item, item));
    let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else {
        return false;
    };
    port.is_some_and(|port| (first..=last).contains(&port))
}

/// Splits `host` or `host:port`.
fn split_port(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    }
}

/// Returns whether an item of `allow_hosts`, which a policy has accepted, stands for the host of a
/// request: what its target or its `Host` says.
pub fn means_authority(item: &str, authority: &[u8]) -> bool {
    let Ok(authority) = str::from_utf8(authority) else {
        return false;
    };
    if item == "*" {
        return true;
    }
    let (item, authority) = (item.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let (pattern, item_port) = split_port(&item);
    let (host, port) = split_port(&authority);
    let host = host.strip_suffix('.').unwrap_or(host);
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    let ports: Vec<u16> = match port {
        "" if !authority.ends_with(':') => vec![80, 443],
        port => origin::read_port(port).into_iter().collect(),
    };
    let has_port = item_port.is_empty() && !ports.is_empty()
        || item_port.parse().is_ok_and(|port| ports.contains(&port));
    let has_host = match pattern.strip_prefix("*.") {
        Some(domain) => {
            let labels = host
                .strip_suffix(domain)
                .and_then(|rest| rest.strip_suffix('.'));
            labels.is_some_and(|labels| labels.split('.').all(is_label))
        }
        None => pattern == host,
    };
    has_host && has_port
}

fn is_label(text: &str) -> bool {
    let is_of_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(is_of_label)
}
