//! `cors diff`: who may do what under one file and not under the other.

mod grant;
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use cors_core::PolicyMap;

use self::grant::{Grant, grants, hosts, in_words};
use self::samples::Samples;
use crate::args::Diff;
use crate::source::{Source, in_words as problems_in_words};
use crate::write;

/// Writes the differences to stdout.
pub(crate) fn run(args: &Diff) -> ExitCode {
    let read = |path: &Path| {
        let source = Source::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let policies = source.build();
        policies.map_err(|problems| problems_in_words(&source.name, &problems))
    };
    match (read(&args.old), read(&args.new)) {
        (Ok(old), Ok(new)) => {
            let changes = Changes::between(&old, &new);
            write(&changes.to_string());
            ExitCode::from(u8::from(changes.widens()))
        }
        (old, new) => {
            let errors = [old.err(), new.err()];
            for error in errors.into_iter().flatten() {
                eprintln!("{error}");
            }
            ExitCode::from(2)
        }
    }
}

/// What changes for some pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    gained: BTreeSet<Grant>,
    lost: BTreeSet<Grant>,
}

impl Change {
    fn between(old: &BTreeSet<Grant>, new: &BTreeSet<Grant>) -> Self {
        Self {
            gained: new.difference(old).cloned().collect(),
            lost: old.difference(new).cloned().collect(),
        }
    }

    fn is_none(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// What changes from one file to another.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// For each path, the changes and the pages that each is for.
    paths: Vec<(String, BTreeMap<Change, Vec<String>>)>,
}

impl Changes {
    pub(crate) fn between(old: &PolicyMap, new: &PolicyMap) -> Self {
        let samples = Samples::of([old, new]);
        let paths = samples.paths.iter().filter_map(|(pattern, path)| {
            let sides = [old, new].map(|policies| policies.policy(path));
            let mut changes: BTreeMap<Change, Vec<String>> = BTreeMap::new();
            for page in samples.pages(sides) {
                let [before, after] = sides.map(|policy| grants(policy, path, &page, &samples));
                let change = Change::between(&before, &after);
                if !change.is_none() {
                    changes.entry(change).or_default().push(page);
                }
            }
            let [before, after] = sides.map(|policy| hosts(policy, path, &samples));
            let change = Change::between(&before, &after);
            if !change.is_none() {
                changes.entry(change).or_default().push(String::new());
            }
            (!changes.is_empty()).then(|| (pattern.clone(), changes))
        });
        Self {
            paths: paths.collect(),
        }
    }

    /// Returns whether something is allowed that was not.
    pub(crate) fn widens(&self) -> bool {
        let mut changes = self.paths.iter().flat_map(|(_, changes)| changes.keys());
        changes.any(|change| !change.gained.is_empty())
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.paths.is_empty() {
            return f.write_str("Nothing that was tried changes.\n");
        }
        for (path, changes) in &self.paths {
            writeln!(f, "{path}")?;
            for (change, pages) in changes {
                let pages = listed(pages);
                for (sign, verb, grants) in [
                    ('+', "may now", &change.gained),
                    ('-', "may no longer", &change.lost),
                ] {
                    if !grants.is_empty() {
                        writeln!(f, "{sign} {pages} {verb} {}", in_words(grants))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Returns the first pages, and how many more there are.
fn listed(pages: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = pages
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match pages.len().saturating_sub(SHOWN) {
        0 if shown.is_empty() => "requests".to_owned(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use cors_core::PolicyConfig;
    use cors_core::browser::{Browser, Credentials, Request, Response};
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};
    use std::time::Duration;

    use super::*;

    const ORIGINS: [&str; 9] = [
        "*",
        "https://a.example",
        "https://b.example",
        "https://*.a.example",
        "https://*.a.example:*",
        "http://localhost:*",
        "http://localhost:3000-3010",
        "app://.",
        "moz-extension://*",
    ];
    const PAGES: [&str; 10] = [
        "https://a.example",
        "https://b.example",
        "https://x.a.example",
        "https://x.y.a.example",
        "https://x.a.example:8443",
        "http://localhost",
        "http://localhost:3005",
        "app://.",
        "moz-extension://6a1e",
        "null",
    ];
    const METHODS: [&str; 3] = ["PUT", "DELETE", "*"];
    const HEADERS: [&str; 4] = ["content-type", "x-a-*", "authorization", "*"];

    type Lists = [Vec<&'static str>; 4];

    fn settings() -> impl Strategy<Value = (Lists, [bool; 3])> {
        let lists = (
            subsequence(ORIGINS.to_vec(), 0..4),
            subsequence(ORIGINS[1..].to_vec(), 0..3),
            subsequence(METHODS.to_vec(), 0..3),
            subsequence(HEADERS.to_vec(), 0..3),
        );
        let lists =
            lists.prop_map(|(origins, own, methods, headers)| [origins, own, methods, headers]);
        (lists, any::<[bool; 3]>())
    }

    /// Two policies, of which the second one has one or two settings of its own.
    fn policies() -> impl Strategy<Value = [PolicyMap; 2]> {
        let changed = prop::collection::vec(0..7_usize, 1..3);
        (settings(), settings(), changed).prop_map(|(old, other, changed)| {
            let mut new = old.clone();
            for index in changed {
                match index.checked_sub(4) {
                    None => new.0[index].clone_from(&other.0[index]),
                    Some(index) => new.1[index] = other.1[index],
                }
            }
            [old, new].map(built)
        })
    }

    fn built((lists, [credentials, null, reject]): (Lists, [bool; 3])) -> PolicyMap {
        let [origins, own, methods, headers] =
            lists.map(|items| items.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let mut config = PolicyConfig::default();
        config.reject_disallowed_origins = reject && !origins.contains(&"*".to_owned());
        config.allow_origins = origins;
        config.allow_methods = methods;
        config.allow_headers = headers;
        config.allow_null_origin = null;
        config.allow_credentials = credentials;
        if !credentials {
            config.allow_credentials_from = own;
        }
        config.dangerously_allow_any_origin_with_credentials = true;
        config.dangerously_allow_null_origin_with_credentials = true;
        config.build().expect("the policy is right").into()
    }

    fn request() -> impl Strategy<Value = Request> {
        let headers = [
            None,
            Some("x-a-b"),
            Some("x-b"),
            Some("authorization"),
            Some("content-type"),
        ];
        (
            select(vec!["GET", "POST", "PUT", "DELETE"]),
            select(headers.to_vec()),
            any::<bool>(),
        )
            .prop_map(|(method, header, credentials)| {
                let mode = if credentials {
                    Credentials::Include
                } else {
                    Credentials::Omit
                };
                let request = Request::new(method)
                    .expect("it is a method")
                    .credentials(mode);
                match header {
                    Some(name) => request
                        .header(name, "application/json")
                        .expect("it is a header"),
                    None => request,
                }
            })
    }

    fn succeeds(policies: &PolicyMap, page: &str, request: &Request) -> bool {
        let policy = policies.policy("/").expect("every path has one");
        let url = "https://server.invalid/";
        let fetched = Browser::new().fetch(Duration::ZERO, page, url, request, |sent| {
            sent.respond(policy, |_| Response::new(200))
        });
        fetched.is_ok()
    }

    proptest! {
        // Each case fetches some ten thousand times.
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Whatever is called no wider never allows more.
        #[test]
        fn no_request_succeeds_only_under_a_policy_that_is_called_no_wider(
            [old, new] in policies(),
            page in select(PAGES.to_vec()),
            requests in prop::collection::vec(request(), 8),
        ) {
            let changes = Changes::between(&old, &new);
            for request in requests {
                let is_wider = succeeds(&new, page, &request) && !succeeds(&old, page, &request);
                prop_assert!(!is_wider || changes.widens(), "{page} {request:?}\n{changes}");
            }
            prop_assert!(Changes::between(&old, &old).paths.is_empty());
            let back = Changes::between(&new, &old);
            let narrows = changes.paths.iter().flat_map(|(_, changes)| changes.keys());
            let narrows = narrows.into_iter().any(|change| !change.lost.is_empty());
            prop_assert_eq!(back.widens(), narrows);
        }
    }
}
