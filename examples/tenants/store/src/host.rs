/// The host of a request, as tenants are keyed by it: in lower case, without its port.
///
/// A client can write anything into it. What is not a host name is not a tenant either, and gets
/// neither to the cache nor to the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Host(String);

impl Host {
    /// Reads a host with or without a port. IP addresses in brackets are not tenants.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, port) = text.split_once(':').unwrap_or((text, ""));
        let valid = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(is_part_of_name)
            && port.len() <= LONGEST_PORT
            && port.bytes().all(|byte| byte.is_ascii_digit());
        valid.then(|| Self(name.to_ascii_lowercase()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// In bytes: the longest name that DNS can hold, as text.
const LONGEST_NAME: usize = 253;

/// In digits: 65535.
const LONGEST_PORT: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_port_are_dropped() {
        for text in [
            "blue.localhost",
            "BLUE.LocalHost",
            "blue.localhost:3000",
            "blue.localhost:",
        ] {
            let host = Host::parse(text);
            assert_eq!(
                host.as_ref().map(Host::as_str),
                Some("blue.localhost"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_host_name_is_no_tenant() {
        let longest = "a".repeat(253);
        assert!(Host::parse(&longest).is_some());
        for text in [
            "",
            ":3000",
            "blue.localhost:http",
            "blue.localhost:300000",
            "blue.localhost:80:80",
            "me@blue.localhost",
            "blue localhost",
            "blüe.localhost",
            "[::1]",
            "blue%2elocalhost",
            &format!("{longest}a"),
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
