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
