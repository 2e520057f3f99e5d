//! [`Target`]: the server and the paths that a probe is for.

use std::net::IpAddr;

use url::{Host, Url};

use crate::shown;

/// The server and the paths that a probe is for.
#[derive(Debug)]
pub(crate) struct Target {
    /// The scheme and the authority, such as `https://api.example.com`.
    pub(crate) server: String,
    /// The authority, such as `api.example.com`.
    pub(crate) authority: String,
    /// The paths with their queries: the one of the URL first.
    pub(crate) paths: Vec<String>,
    /// Whether the server is on this machine.
    pub(crate) is_local: bool,
}

impl Target {
    /// Reads a URL and further paths of the same server. An error is a sentence.
    pub(crate) fn read(written: &str, paths: &[String]) -> Result<Self, String> {
        let wrong = |why: &str| {
            // What stands before an at sign may be a password.
            let written = written.rsplit_once('@').map_or_else(
                || written.to_owned(),
                |(_, rest)| format!("(not shown)@{rest}"),
            );
            format!("{}: {why}", shown(&written))
        };
        let Ok(url) = Url::parse(written) else {
            return Err(wrong(
                "it is no URL, such as https://api.example.com/orders",
            ));
        };
        // A host and its port are read as a scheme and a path.
        let port = url.path().split(['/', '?']).next().unwrap_or_default();
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        if url.cannot_be_a_base() && is_port {
            return Err(wrong(
                "it has no scheme; write http:// or https:// before it",
            ));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("the scheme of the URL is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "a URL with a user name; write --header 'Authorization: Basic ..' instead",
            ));
        }
        let Some(host) = url.host() else {
            return Err(wrong("the URL has no host"));
        };
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let first = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let mut all = vec![first];
        for path in paths {
            let path = checked(path)?;
            if !all.contains(&path) {
                all.push(path);
            }
        }
        Ok(Self {
            server: format!("{}://{authority}", url.scheme()),
            is_local: is_local(&host),
            authority,
            paths: all,
        })
    }

    /// Returns a path that no app has, below the first one.
    pub(crate) fn missing_path(&self) -> String {
        let first = self.paths.first().map_or("/", String::as_str);
        let path = first.split('?').next().unwrap_or_default();
        format!("{}/cors-probe/no-such-route", path.trim_end_matches('/'))
    }
}

/// Returns a path as it is sent, or says what is wrong with it.
fn checked(path: &str) -> Result<String, String> {
    let wrong = |why: &str| Err(format!("--path {}: {why}", shown(path)));
    let is_sent = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
    let is_dots = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(&*segment, "." | "..")
    };
    let plain = path.split('?').next().unwrap_or_default();
    if !path.starts_with('/') {
        wrong("a path begins with a slash")
    } else if !path.bytes().all(is_sent) {
        wrong("a path is sent as ASCII, with percent-escapes for all else")
    } else if plain.split('/').any(is_dots) {
        wrong("a browser resolves dot segments before it sends a path")
    } else {
        Ok(path.to_owned())
    }
}

fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_server_and_its_first_path() -> Result<(), String> {
        let target = Target::read("HTTPS://Api.Example.com:443/v1/?a=b#c", &["/x".to_owned()])?;
        assert_eq!(target.server, "https://api.example.com");
        assert_eq!(target.authority, "api.example.com");
        assert_eq!(target.paths, ["/v1/?a=b", "/x"]);
        assert_eq!(target.missing_path(), "/v1/cors-probe/no-such-route");
        assert!(!target.is_local);
        for local in [
            "http://localhost:1",
            "http://127.0.0.2",
            "http://[::1]:8080/",
        ] {
            assert!(Target::read(local, &[])?.is_local, "{local}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_url_of_a_web_server_is_named_without_its_password() {
        let cases = [
            ("api.example.com", "no URL"),
            ("", "no URL"),
            ("http://", "no URL"),
            ("ftp://api.example.com/", "neither http nor https"),
            ("localhost:8080/x", "write http://"),
            ("api.example.com:443", "write http://"),
            ("https://user:secret@api.example.com/", "a user name"),
            ("https://[:::]/", "no URL"),
        ];
        for (url, expected) in cases {
            let error = Target::read(url, &[]).expect_err(url);
            assert!(error.contains(expected), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for path in ["x", "/a b", "/a/../b", "/%2E%2e/", "/#x", "/\u{1b}[2J"] {
            let error = Target::read("http://a.example", &[path.to_owned()]).expect_err(path);
            assert!(error.starts_with("--path "), "{error}");
            assert!(!error.contains('\u{1b}'), "{error}");
        }
    }
}
