//! [`Nearness`]: in what an origin differs from one that it looks like.

use cors_core::Origin;

/// Returns origins that tell whether a dot is to blame for what its place takes: they have another
/// character on either side of it, and the dot.
pub(crate) fn letters(meant: &str, near: &str) -> Vec<String> {
    let Some(at) = dot(meant, near) else {
        return Vec::new();
    };
    let beside = [at.checked_sub(1), at.checked_add(1)];
    let letters = beside.into_iter().flatten().filter_map(|at| {
        let (before, after) = (meant.get(..at)?, meant.get(at + 1..)?);
        let letter = if meant.as_bytes().get(at) == Some(&b'x') {
            'y'
        } else {
            'x'
        };
        Some(format!("{before}{letter}{after}"))
    });
    letters
        .filter(|origin| Origin::parse(origin.as_bytes()).is_ok())
        .collect()
}

/// Returns where an origin has another character in the place of a dot, and nothing else differs.
fn dot(meant: &str, near: &str) -> Option<usize> {
    let pairs = || meant.bytes().zip(near.bytes());
    let at = pairs().position(|(byte, other)| byte != other)?;
    let is_only = pairs().filter(|(byte, other)| byte != other).count() == 1;
    let is_dot = meant.as_bytes().get(at) == Some(&b'.');
    (meant.len() == near.len() && is_only && is_dot).then_some(at)
}

/// In what an origin differs from another one that it looks like: the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nearness {
    Scheme,
    Port,
    Dot,
    /// It begins as the other one.
    Start,
    /// The other one begins as it.
    Beginning,
    Subdomain,
    /// It has the same parent.
    Sibling,
    /// It ends as the other one, but not at a label.
    End,
    /// It ends as the domain of both, but not at a label.
    ParentEnd,
    /// It has another character beside a dot.
    Letter,
    Other,
}

impl Nearness {
    pub(crate) fn of(meant: &str, near: &str) -> Self {
        let origins = (
            Origin::parse(meant.as_bytes()),
            Origin::parse(near.as_bytes()),
        );
        let (Ok(meant_origin), Ok(near_origin)) = origins else {
            return Self::Other;
        };
        if meant.starts_with(near) {
            return Self::Beginning;
        }
        let (host, near_host) = (meant_origin.host(), near_origin.host());
        let (port, near_port) = (meant_origin.port(), near_origin.port());
        let has_same_scheme = meant_origin.scheme() == near_origin.scheme();
        if !has_same_scheme {
            return if host == near_host {
                Self::Scheme
            } else {
                Self::Other
            };
        }
        if host == near_host {
            // A longer port of the same beginning.
            let is_longer = port.is_some() && near.starts_with(meant);
            return if is_longer { Self::Start } else { Self::Port };
        }
        if port != near_port {
            return Self::Other;
        }
        if dot(meant, near).is_some() {
            return Self::Dot;
        }
        let parent = host.split_once('.').map_or("", |(_, parent)| parent);
        match near_host.strip_suffix(host) {
            Some(before) if before.ends_with('.') => Self::Subdomain,
            Some(_) => Self::End,
            None if near_host.starts_with(host) => Self::Start,
            None if !parent.contains('.') => Self::Other,
            None => match near_host.strip_suffix(parent) {
                Some("other." | "another.") => Self::Sibling,
                Some(before) if !before.is_empty() && !before.contains('.') => Self::ParentEnd,
                _ => Self::Other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_origin_is_told_by_what_it_shares() {
        let cases = [
            ("http://app.example.com", Nearness::Scheme),
            ("https://app.example.com:8444", Nearness::Port),
            ("https://appxexample.com", Nearness::Dot),
            ("https://app.example.com.evil.example", Nearness::Start),
            ("https://evil.app.example.com", Nearness::Subdomain),
            ("https://evilapp.example.com", Nearness::End),
            ("https://other.example.com", Nearness::Sibling),
            ("https://evilexample.com", Nearness::ParentEnd),
            ("https://app.example.co", Nearness::Beginning),
            ("https://app.exampl", Nearness::Beginning),
            ("https://example.com", Nearness::Other),
            ("null", Nearness::Other),
        ];
        for (near, expected) in cases {
            assert_eq!(
                Nearness::of("https://app.example.com", near),
                expected,
                "{near}"
            );
        }
        let longer = Nearness::of("http://localhost:300", "http://localhost:3001");
        assert_eq!(longer, Nearness::Start);
        assert_eq!(
            letters("https://app.example.com", "https://appxexample.com"),
            ["https://apx.example.com", "https://app.xxample.com"]
        );
    }
}
