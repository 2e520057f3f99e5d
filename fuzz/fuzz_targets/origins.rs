//! Any bytes as the value of `Origin`: read as the contract's grammar reads them, and beside what
//! the `url` crate serializes.

#![no_main]

use cors_core::Origin;
use cors_fuzz::origin;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    let meant = origin::parts(value);
    let read = Origin::parse(value).ok();
    let parts = read.map(|origin| (origin.scheme(), origin.host(), origin.port()));
    let of_meant = meant
        .as_ref()
        .map(|parts| (parts.scheme, parts.host, parts.port));
    assert_eq!(parts, of_meant, "{}", value.escape_ascii());

    let Ok(text) = str::from_utf8(value) else {
        return;
    };
    if let Some(read) = read {
        assert_eq!(read.as_str(), text);
    }
    // What follows `xn--` is to be Punycode, which nobody who compares texts has to read.
    let is_web = text.starts_with("http://") || text.starts_with("https://");
    if is_web && !text.contains("xn--") && may_be_serialized(text) {
        assert_eq!(
            read.is_some(),
            origin::is_serialized_for_url(text),
            "{text:?}"
        );
    }
});

/// Returns whether nothing in a text is what the URL standard lets through and the grammar does
/// not: strange labels, long hosts, and port 0, at which nothing is.
fn may_be_serialized(text: &str) -> bool {
    let authority = text.split("://").nth(1).unwrap_or_default();
    if authority.starts_with('[') {
        return !text.ends_with(":0");
    }
    let host = authority.split(':').next().unwrap_or_default();
    let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_plain);
    let labels = host.strip_suffix('.').unwrap_or(host).split('.');
    host.len() <= 253 && !text.ends_with(":0") && labels.into_iter().all(is_label)
}
