//! [`Pages`]: the origins of the pages that a probe plays.

use std::collections::BTreeSet;

use cors_core::{Policy, probe};

use super::near::{Nearness, letters};
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
    /// Those of them that tell whether a dot is to blame.
    letters: BTreeSet<String>,
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
        let (mut meant, mut near): (Vec<_>, Vec<_>) = probe::sample_origins(&policy)
            .into_iter()
            .filter(|origin| origin != FOREIGN && origin != "null")
            .partition(|origin| policy.allows_origin(origin));
        let mean_foreign = policy.allows_origin(FOREIGN);
        let first = meant.first().cloned();
        meant.retain(|origin| {
            let is_written = Some(origin) == first.as_ref() || written.contains(origin);
            is_written || !(mean_foreign || origin.contains("://evilprobe."))
        });
        for origin in &mut meant {
            if !written.contains(origin) {
                *origin = origin.replace("://evil.", "://deep.");
            }
        }
        let letters = near
            .iter()
            .flat_map(|near| meant.iter().flat_map(|meant| letters(meant, near)));
        let letters: BTreeSet<_> = letters
            .filter(|origin| !policy.allows_origin(origin))
            .collect();
        near.retain(|origin| !letters.contains(origin));
        near.extend(letters.iter().cloned());
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
            letters,
            mean_foreign,
            // Any site can take it.
            mean_null: !nulls.is_empty() || mean_foreign,
        })
    }

    /// Returns the origins that are meant to be allowed.
    pub(crate) fn meant(&self) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.first).chain(&self.others);
        all.map(String::as_str)
    }

    /// Returns in what an origin that looks like an allowed one differs from it.
    pub(crate) fn nearness(&self, near: &str) -> Nearness {
        if self.letters.contains(near) {
            return Nearness::Letter;
        }
        // The core's instance of a pattern of subdomains: their text begins behind the dot.
        let bases = self
            .meant()
            .filter_map(|meant| meant.split_once("://probe."));
        let (scheme, host) = near.split_once("://").unwrap_or_default();
        for (_, base) in bases.filter(|(meant, _)| *meant == scheme) {
            if host
                .strip_suffix(base)
                .is_some_and(|before| !before.is_empty() && !before.ends_with('.'))
            {
                return Nearness::End;
            }
        }
        let all = self.meant().map(|meant| Nearness::of(meant, near));
        all.min().unwrap_or(Nearness::Other)
    }

    /// Returns whether whoever has an origin that is meant to be allowed has this one too: it is of
    /// the same domain.
    pub(crate) fn is_of_a_meant_domain(&self, origin: &str) -> bool {
        self.meant().any(|meant| share_domain(meant, origin))
    }

    /// Returns whether something else than a dot explains that its place takes another character.
    pub(crate) fn is_free_of_dot(&self, near: &str, is_allowed: impl Fn(&str) -> bool) -> bool {
        let mut letters = self.meant().flat_map(|meant| letters(meant, near));
        letters.any(|letter| is_allowed(&letter))
    }
}

/// Returns whether two origins have the domain in common of which somebody has all names: the labels
/// that both end with are no public suffix, of which anybody can have one.
fn share_domain(origin: &str, other: &str) -> bool {
    let hosts = [origin, other].map(|origin| {
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        host.split(':').next().unwrap_or_default()
    });
    let [labels, others] = hosts.map(|host| host.rsplit('.'));
    let common: Vec<_> = labels
        .zip(others)
        .take_while(|(label, other)| label == other)
        .map(|(label, _)| label)
        .collect();
    let suffix: Vec<_> = common.into_iter().rev().collect();
    let policy = Policy::builder()
        .allow_origins([format!("https://*.{}", suffix.join("."))])
        .allow_credentials(true)
        .check_public_suffixes(true);
    !suffix.is_empty() && policy.build().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_of_one_domain_have_more_than_a_public_suffix_in_common() {
        for (one, other, is_one) in [
            ("https://app.example.com", "https://apx.example.com", true),
            (
                "https://a.app.example.com",
                "https://b.example.com:8444",
                true,
            ),
            ("https://app.example.com", "https://app.xxample.com", false),
            ("https://app.example.com", "https://app.example.xom", false),
            ("https://a.example.co.uk", "https://b.example.co.uk", true),
            ("https://a.example.co.uk", "https://a.exampl.co.uk", false),
            ("https://shop.vercel.app", "https://shox.vercel.app", false),
            ("null", "https://app.example.com", false),
        ] {
            assert_eq!(share_domain(one, other), is_one, "{one} {other}");
        }
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
        let scheme = pages.nearness("http://probe.example.com");
        assert_eq!(scheme, Nearness::Scheme);
        assert!(!Pages::of(&[])?.are_named);
        assert!(Pages::of(&["*".to_owned()])?.mean_foreign);
        assert!(Pages::of(&["null".to_owned()])?.mean_null);
        let error = Pages::of(&["https://app.example.com/".to_owned()]).expect_err("a slash");
        assert!(error.contains("https://app.example.com"), "{error}");
        Ok(())
    }
}
