//! Policies by path: which one a path has, and what keeps a map from being built.
#![cfg(feature = "paths")]

use cors_core::{Policy, PolicyErrors, PolicyMap, ProblemKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

type Result<T = (), E = PolicyErrors> = std::result::Result<T, E>;

/// A policy that allows one origin, to be told apart by it.
fn policy(name: &str) -> Policy {
    Policy::builder()
        .allow_origins([origin(name)])
        .build()
        .expect("a made-up origin is one")
}

fn origin(name: &str) -> String {
    format!("https://{name}.example")
}

/// Whether the path's policy is the one of this name.
fn has(map: &PolicyMap, path: &str, name: &str) -> bool {
    let policy = map.policy(path);
    policy.is_some_and(|policy| policy.allows_origin(&origin(name)))
}

#[test]
fn a_pattern_matches_what_its_documentation_says() -> Result {
    for (pattern, matches, others) in [
        (
            "/api",
            &["/api"][..],
            &["/api/", "/apixyz", "/API", "api", ""][..],
        ),
        (
            "/api/{id}",
            &["/api/7", "/api/%2F", "/api/.."],
            &["/api/", "/api", "/api/7/notes", "/api/7/"],
        ),
        (
            "/api/v{version}",
            &["/api/v2", "/api/v2.1"],
            &["/api/v", "/api/2"],
        ),
        (
            "/api/{id}/notes",
            &["/api/7/notes", "/api//notes"],
            &["/api/7/8/notes", "/api/notes"],
        ),
        (
            "/api/{*rest}",
            &["/api/7", "/api/7/notes", "/api//", "/api/../x"],
            &["/api", "/api/", "/apix/y"],
        ),
        ("/", &["/"], &["", "*", "//"]),
        ("/{{id}}", &["/{id}"], &["/7"]),
    ] {
        let map = PolicyMap::builder()
            .path(pattern, policy("own"))
            .default_policy(policy("default"))
            .build()?;
        for path in matches {
            assert!(has(&map, path, "own"), "{pattern} should match {path}");
        }
        for path in others {
            assert!(has(&map, path, "default"), "{pattern} matches {path}");
        }
    }
    Ok(())
}

#[test]
fn a_path_that_is_switched_off_has_no_policy_nor_has_one_that_nothing_matches() -> Result {
    let map = PolicyMap::builder()
        .disable_path("/internal/{*rest}")
        .path("/internal/public", policy("public"))
        .build()?;
    assert!(map.policy("/internal/x").is_none());
    assert!(map.policy("/internal").is_none());
    assert!(has(&map, "/internal/public", "public"));
    assert!(PolicyMap::builder().build()?.policy("/").is_none());
    Ok(())
}

#[test]
fn a_pattern_that_can_t_be_right_is_a_problem() {
    for (pattern, kind) in [
        ("api", ProblemKind::PathNotAbsolute),
        ("", ProblemKind::PathNotAbsolute),
        ("*", ProblemKind::PathNotAbsolute),
        ("https://a.example/api", ProblemKind::PathNotAbsolute),
        ("/api?x", ProblemKind::PathHasQuery),
        ("/api#x", ProblemKind::PathHasQuery),
        ("/a b", ProblemKind::PathNotEncoded("/a%20b".to_owned())),
        (
            "/caf\u{e9}",
            ProblemKind::PathNotEncoded("/caf%C3%A9".to_owned()),
        ),
        ("/a\n", ProblemKind::PathNotEncoded("/a%0A".to_owned())),
        ("/a/../b", ProblemKind::PathHasDotSegment),
        ("/a/./b", ProblemKind::PathHasDotSegment),
        ("/a/%2E.", ProblemKind::PathHasDotSegment),
        ("/a/*", ProblemKind::PathWildcardInvalid),
        ("/a/*rest", ProblemKind::PathWildcardInvalid),
        ("/a/:id", ProblemKind::PathWildcardInvalid),
        ("/a/b*", ProblemKind::PathWildcardInvalid),
        ("/a/{id", ProblemKind::PathPatternInvalid),
        ("/a/id}", ProblemKind::PathPatternInvalid),
        ("/a/{}", ProblemKind::PathPatternInvalid),
        ("/a/{*}", ProblemKind::PathPatternInvalid),
        ("/a/{*rest}/b", ProblemKind::PathPatternInvalid),
        ("/a/{id}x", ProblemKind::PathPatternInvalid),
        ("/a/{id}{other}", ProblemKind::PathPatternInvalid),
    ] {
        let errors = PolicyMap::builder()
            .path("/fine", policy("fine"))
            .path(pattern, policy("own"))
            .build()
            .expect_err(pattern);
        let [problem] = errors.problems() else {
            panic!("{pattern}: {errors}");
        };
        assert_eq!(problem.kind(), &kind, "{pattern}");
        assert_eq!(problem.location().to_string(), "paths[1].path", "{pattern}");
        assert_eq!(problem.value(), pattern);
        assert_eq!(problem.location().path(), Some(1));
    }
}

#[test]
fn patterns_of_which_neither_is_more_specific_are_a_problem() {
    for (one, other) in [
        ("/a", "/a"),
        ("/a/{x}", "/a/{y}"),
        ("/a/{*x}", "/a/{*y}"),
        ("/a/{x}", "/a/{*rest}"),
        ("/a/{x}/b", "/a/{*rest}"),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let errors = PolicyMap::builder()
                .path(first, policy("first"))
                .disable_path(second)
                .build()
                .expect_err(second);
            let [problem] = errors.problems() else {
                panic!("{first}, {second}: {errors}");
            };
            assert_eq!(problem.kind(), &ProblemKind::PathConflict(first.to_owned()));
            assert_eq!(problem.location().to_string(), "paths[1].path");
        }
    }
}

#[test]
fn a_problem_of_a_path_is_a_sentence() {
    let errors = PolicyMap::builder()
        .path("/a/*", policy("one"))
        .path("/caf\u{e9}", policy("two"))
        .path("/b", policy("three"))
        .path("/b", policy("four"))
        .build()
        .expect_err("three mistakes");
    assert_eq!(
        errors.to_string(),
        "paths[0].path: \"/a/*\": wildcards are in braces; write \"{name}\" for one segment, \
         \"{*name}\" at the end for all that follow\n\
         paths[1].path: \"/caf\\u{e9}\": browsers percent-encode some of these characters in a \
         path; write \"/caf%C3%A9\"\n\
         paths[3].path: \"/b\": the pattern overlaps with \"/b\", and neither is the more specific \
         one (no other wildcard can stand where \"{*name}\" does); leave one of them out, or write \
         a longer one"
    );
}

/// Which pattern a path has, the slow way: of all that match, the one that is most specific in the
/// first segment in which they differ.
fn slow<'a>(patterns: &'a [String], path: &str) -> Option<&'a String> {
    let matching = patterns.iter().filter(|pattern| matches(pattern, path));
    matching.max_by_key(|pattern| pattern.split('/').map(specificity).collect::<Vec<_>>())
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let mut rest = path.len();
    for (index, part) in pattern.split('/').enumerate() {
        if part.starts_with("{*") {
            return rest > 0 && segments.next().is_some();
        }
        let Some(segment) = segments.next() else {
            return false;
        };
        rest = rest.saturating_sub(segment.len() + 1);
        let last = pattern.split('/').count() == index + 1;
        let fits = match part.split_once('{') {
            None => segment == part,
            // Only at the end of a path must there be something.
            Some((prefix, _)) => segment
                .strip_prefix(prefix)
                .is_some_and(|end| !(last && end.is_empty())),
        };
        if !fits {
            return false;
        }
    }
    segments.next().is_none()
}

/// Text, then a wildcard behind more or less text, then all that follows.
fn specificity(part: &str) -> (u8, usize) {
    match part.split_once('{') {
        None => (2, 0),
        Some((prefix, name)) => (u8::from(!name.starts_with('*')), prefix.len()),
    }
}

fn pattern() -> impl Strategy<Value = String> {
    let part = select(vec!["a", "b", "ab", "{x}", "a{x}", "ab{x}"]);
    let end = select(vec!["", "/{*rest}"]);
    (vec(part, 1..4), end).prop_map(|(parts, end)| format!("/{}{end}", parts.join("/")))
}

fn path() -> impl Strategy<Value = String> {
    let segment = select(vec!["", "a", "b", "ab", "abc", "c", "A", "%61"]);
    vec(segment, 1..5).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn map(patterns: &[String]) -> Result<PolicyMap> {
    let named = patterns.iter().enumerate();
    named
        .fold(PolicyMap::builder(), |builder, (index, pattern)| {
            builder.path(pattern, policy(&format!("p{index}")))
        })
        .build()
}

proptest! {
    #[test]
    fn the_most_specific_pattern_wins_whatever_the_order(
        patterns in vec(pattern(), 1..6),
        paths in vec(path(), 1..12),
    ) {
        let mut reversed = patterns.clone();
        reversed.reverse();
        let (map, other) = (map(&patterns), map(&reversed));
        prop_assert_eq!(map.is_ok(), other.is_ok());
        let (Ok(map), Ok(other)) = (map, other) else {
            return Ok(());
        };
        for path in paths {
            let expected = slow(&patterns, &path);
            for (map, patterns) in [(&map, &patterns), (&other, &reversed)] {
                match expected {
                    None => prop_assert!(map.policy(&path).is_none(), "{path}"),
                    Some(pattern) => {
                        let index = patterns.iter().position(|found| found == pattern);
                        let name = format!("p{}", index.unwrap_or_default());
                        prop_assert!(has(map, &path, &name), "{path}: {pattern}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_path_and_no_pattern_makes_it_panic(pattern in "\\PC*", path in "\\PC*") {
        let map = PolicyMap::builder().path(pattern, policy("own")).build();
        if let Ok(map) = map {
            let _ = map.policy(&path);
        }
    }
}
