//! [`Pages`]: the origins of the pages that a probe plays.

use cors_core::{Origin, Policy, probe};

use crate::shown;

/// An origin that no server means to allow.
pub(crate) const FOREIGN: &str = "https://evil.example";

/// The page that stands for all where none is named.
const ANY: &str = "https://any.example";

/// The origins of the pages that a probe plays.
#[derive(Debug)]
pub(crate) struct Pages {
    /// The origin that most requests come from.
    pub(crate) first: String,
    /// The other origins that are meant to be allowed.
    pub(crate) others: Vec<String>,
    /// Whether the user has named what is meant to be allowed.
    pub(crate) are_named: bool,
    /// Origins that look like an allowed one.
    pub(crate) near: Vec<String>,
    /// Whether a foreign origin is meant to be allowed.
    pub(crate) mean_foreign: bool,
    /// Whether `null` is meant to be allowed.
    pub(crate) mean_null: bool,
}

impl Pages {
    /// Makes the pages for origins, or patterns of them as in a policy's `allow_origins`. An error
    /// is a sentence.
    pub(crate) fn of(written: &[String]) -> Result<Self, String> {
        let (nulls, items): (Vec<_>, Vec<_>) = written.iter().partition(|item| *item == "null");
        let policy = Policy::builder()
            .allow_origins(&items)
            .allow_null_origin(!nulls.is_empty())
            .build();
        let policy = policy.map_err(|errors| {
            let problems = errors.problems().iter().map(|problem| {
                let item = problem.location().item().and_then(|item| items.get(item));
                let item = item.map_or("", |item| item);
                format!("--origin {}: {}", shown(item), problem.kind())
            });
            problems.collect::<Vec<_>>().join("\n")
        })?;
        let (mut meant, near): (Vec<_>, Vec<_>) = probe::sample_origins(&policy)
            .into_iter()
            .filter(|origin| origin != FOREIGN && origin != "null")
            .partition(|origin| policy.allows_origin(origin));
        if !nulls.is_empty() {
            meant.push("null".to_owned());
        }
        let mut meant = meant.into_iter();
        let first = meant.next();
        Ok(Self {
            are_named: first.is_some(),
            first: first.unwrap_or_else(|| ANY.to_owned()),
            others: meant.collect(),
            near,
            mean_foreign: policy.allows_origin(FOREIGN),
            mean_null: !nulls.is_empty(),
        })
    }

    /// Returns the origins that are meant to be allowed.
    pub(crate) fn meant(&self) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.first).chain(&self.others);
        all.map(String::as_str)
    }

    /// Returns in what an origin that looks like an allowed one differs from it.
    pub(crate) fn nearness(&self, near: &str) -> Nearness {
        // The core's instance of a pattern of subdomains: their text begins behind the dot.
        let bases = self
            .meant()
            .filter_map(|meant| meant.split_once("://probe."));
        let host = near.split_once("://").map_or("", |(_, host)| host);
        for (_, base) in bases {
            if host
                .strip_suffix(base)
                .is_some_and(|before| !before.is_empty())
            {
                return Nearness::End;
            }
        }
        let all = self.meant().map(|meant| Nearness::of(meant, near));
        all.min().unwrap_or(Nearness::Other)
    }
}

/// In what an origin differs from another one that it looks like: the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nearness {
    Scheme,
    Port,
    Dot,
    /// It begins as the other one.
    Start,
    Subdomain,
    /// It ends as the other one, but not at a label.
    End,
    Other,
}

impl Nearness {
    fn of(meant: &str, near: &str) -> Self {
        let origins = (
            Origin::parse(meant.as_bytes()),
            Origin::parse(near.as_bytes()),
        );
        let (Ok(meant_origin), Ok(near_origin)) = origins else {
            return Self::Other;
        };
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
        let mut pairs = host.bytes().zip(near_host.bytes());
        if host.len() == near_host.len()
            && pairs.all(|(dot, other)| dot == other || (dot == b'.' && other != b'.'))
        {
            return Self::Dot;
        }
        match near_host.strip_suffix(host) {
            Some(before) if before.ends_with('.') => Self::Subdomain,
            Some(_) => Self::End,
            None if near_host.starts_with(host) => Self::Start,
            None => Self::Other,
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
            ("https://other.example.com", Nearness::Other),
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
    }

    #[test]
    fn near_origins_are_those_that_no_pattern_allows() -> Result<(), String> {
        let pages = Pages::of(&["https://*.example.com".to_owned()])?;
        assert_eq!(pages.first, "https://probe.example.com");
        assert!(
            !pages
                .near
                .iter()
                .any(|near| near == "https://evil.probe.example.com")
        );
        assert!(
            pages
                .near
                .iter()
                .any(|near| near == "https://evilexample.com")
        );
        assert_eq!(pages.nearness("https://evilexample.com"), Nearness::End);
        assert_eq!(pages.nearness("https://example.com"), Nearness::Other);
        assert!(!Pages::of(&[])?.are_named);
        assert!(Pages::of(&["*".to_owned()])?.mean_foreign);
        assert!(Pages::of(&["null".to_owned()])?.mean_null);
        let error = Pages::of(&["https://app.example.com/".to_owned()]).expect_err("a slash");
        assert!(error.contains("https://app.example.com"), "{error}");
        Ok(())
    }
}
