//! An item of a list of origins, as browsers would write it.

/// Returns an item of `allow_origins` in lower case and without the default port of its scheme: as a
/// policy is built with it, and not as it is written.
pub(crate) fn normalized(item: &str) -> String {
    let item = item.to_ascii_lowercase();
    let default = match item.split_once("://") {
        Some(("https", _)) => Some(443_u16),
        Some(("http", _)) => Some(80),
        Some(("ftp", _)) => Some(21),
        _ => None,
    };
    match item.rsplit_once(':') {
        Some((origin, port)) if default.is_some() && port.parse().ok() == default => {
            origin.to_owned()
        }
        _ => item,
    }
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn an_item_is_written_as_browsers_write_origins() {
        for (written, expected) in [
            ("HTTPS://App.Example.com:443", "https://app.example.com"),
            ("http://*.example.com:80", "http://*.example.com"),
            ("http://[::1]:80", "http://[::1]"),
            ("http://[::80]", "http://[::80]"),
            ("https://a.example:80", "https://a.example:80"),
            ("http://localhost:*", "http://localhost:*"),
            ("http://localhost:80-90", "http://localhost:80-90"),
            ("app://x:80", "app://x:80"),
            ("*", "*"),
        ] {
            assert_eq!(normalized(written), expected, "{written}");
        }
    }
}
