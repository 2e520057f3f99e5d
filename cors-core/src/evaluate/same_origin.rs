//! The check for same-origin requests, which have an `Origin` and come from the server's own pages.

use crate::protocol::field::RequestField;
use crate::protocol::origin::{Origin, split_authority};
use crate::protocol::request::{FieldValue, RequestHead, host};

/// Returns whether the request is same-origin.
///
/// Browsers send `Origin` with every request other than GET and HEAD, same-origin ones included
/// ([append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header)).
///
/// Where there is a `Sec-Fetch-Site`, it alone tells: the browser sets it, and no script can. It knows
/// what the server does not, whether the schemes are the same: a page of `http://shop.example` comes
/// from whoever is on the network, and must not pass for one of `https://shop.example`.
///
/// Where there is none, an origin with the request's host and port is enough. The scheme can't be
/// compared, since a server behind a proxy does not know it.
pub(crate) fn is_same_origin(request: &dyn RequestHead) -> bool {
    match request.field(RequestField::SecFetchSite) {
        FieldValue::Single(site) => return matches!(site, b"same-origin" | b"none"),
        FieldValue::Multiple => return false,
        FieldValue::Missing => {}
    }
    let origin = request.field(RequestField::Origin).single();
    let (Some(origin), Some(host)) = (origin, host(request).single()) else {
        return false;
    };
    may_name_the_same(origin, host) && is_origin_of(origin, host)
}

/// Returns whether an origin may have the host of a `Host` value: nearly every other one has not,
/// which shows without parsing it.
fn may_name_the_same(origin: &[u8], host: &[u8]) -> bool {
    let end = host.iter().rposition(|byte| matches!(byte, b':' | b']'));
    let name = match end.and_then(|end| host.split_at_checked(end)) {
        Some((name, [b':', ..])) => name,
        Some(_) | None => host,
    };
    let slash = origin.iter().position(|byte| *byte == b'/');
    let authority = slash.and_then(|slash| origin.get(slash..)?.strip_prefix(b"//"));
    authority
        .and_then(|authority| authority.get(..name.len()))
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn is_origin_of(origin: &[u8], host: &[u8]) -> bool {
    Origin::parse(origin)
        .is_ok_and(|origin| !origin.is_null_or_file() && names_the_same(origin, host))
}

/// Returns whether the origin has the host and the port of a `Host` value. The value has its host
/// in any case, and may have the default port.
fn names_the_same(origin: Origin<'_>, host: &[u8]) -> bool {
    std::str::from_utf8(host)
        .ok()
        .and_then(|host| split_authority(host, origin.scheme()))
        .is_some_and(|(host, port)| {
            host.eq_ignore_ascii_case(origin.host()) && port == origin.port()
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The look at the host alone leaves out nothing that parsing finds.
        #[test]
        fn an_origin_of_the_host_is_never_left_out(
            origin in "(https?|app|file)://(a|b|A|\\[::1\\]|1\\.2\\.3\\.4|a\\.b|)(:(1|80|443|08|)|)[:/\\]]?",
            host in "(a|b|A|\\[::1\\]|1\\.2\\.3\\.4|A\\.b|)(:(1|80|443|08|)|)[:/\\]]?",
        ) {
            let (origin, host) = (origin.as_bytes(), host.as_bytes());
            prop_assert!(may_name_the_same(origin, host) || !is_origin_of(origin, host));
        }
    }

    #[test]
    fn another_host_is_left_out_without_parsing() {
        for (origin, host, expected) in [
            ("https://a.example", "A.example:443", true),
            ("https://a.example:8443", "a.example:8443", true),
            ("http://[::1]:3000", "[::1]:3000", true),
            ("http://[::1]", "[::1]", true),
            ("https://b.example", "a.example", false),
            ("https://a.exampl", "a.example", false),
            ("a.example", "a.example", false),
            ("https:/a.example", "a.example", false),
        ] {
            assert_eq!(
                may_name_the_same(origin.as_bytes(), host.as_bytes()),
                expected,
                "{origin} {host}"
            );
        }
    }
}
