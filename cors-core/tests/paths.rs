//! Policies by path: which one a path has, and what keeps a map from being built.

use std::fmt;

use cors_core::{Policy, PolicyErrors, PolicyMap, ProblemKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestError, TestRunner};

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
            &["/api", "/api/", "/api//", "//api", "/%61pi", "/%61%70%69"][..],
            &["/apixyz", "/API", "/%41PI", "/", "api", "", "*"][..],
        ),
        ("/api/", &["/api", "/api/"], &["/api/x"]),
        (
            "/api/{id}",
            &["/api/7", "/api/7/", "/api//7", "/api/%20", "/api/\u{e9}"],
            &["/api/", "/api", "/api//", "/api/7/notes"],
        ),
        (
            "/api/{id}/notes",
            &["/api/7/notes", "/api/notes/notes"],
            &["/api/7/8/notes", "/api/notes", "/api//notes"],
        ),
        (
            "/api/{*rest}",
            &[
                "/api",
                "/api/",
                "/api/7",
                "/api/7/notes",
                "/api//",
                "//api/%61",
            ],
            &["/apix/y", "/", "/x/api"],
        ),
        ("/{*rest}", &["/", "//", "/a", "/a/b/"], &["", "*"]),
        ("/", &["/", "//", "///"], &["", "*", "/a"]),
        (
            "/caf%C3%A9",
            &["/caf%C3%A9", "/caf%c3%a9", "/caf\u{e9}"],
            &["/cafe", "/caf"],
        ),
        ("/100%25", &["/100%25", "/100%"], &["/100"]),
        (
            "/.well-known/{name}",
            &["/.well-known/x", "/%2ewell-known/x"],
            &["/well-known/x"],
        ),
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

/// The problem of a pattern, and that its remedy is accepted as it stands.
fn problem(pattern: &str) -> ProblemKind {
    let errors = PolicyMap::builder()
        .path("/fine", policy("fine"))
        .path(pattern, policy("own"))
        .build()
        .expect_err(pattern);
    assert_eq!(errors.problems().len(), 1, "{pattern}: {errors}");
    let problem = &errors.problems()[0];
    assert_eq!(problem.location().to_string(), "paths[1].path", "{pattern}");
    assert!(pattern.starts_with(problem.value()), "{pattern}");
    assert_eq!(problem.location().path(), Some(1));
    if let Some(remedy) = remedy(problem.kind()) {
        let map = PolicyMap::builder().path(remedy, policy("own")).build();
        assert!(map.is_ok(), "{pattern}: {remedy}");
        let text = problem.to_string();
        assert!(text.contains(&format!("write {remedy:?}")), "{text}");
    }
    problem.kind().clone()
}

fn remedy(problem: &ProblemKind) -> Option<&str> {
    match problem {
        ProblemKind::PathNotAbsolute(remedy)
        | ProblemKind::PathHasQuery(remedy)
        | ProblemKind::PathNotEncoded(remedy)
        | ProblemKind::PathHasDotSegment(remedy)
        | ProblemKind::PathHasEmptySegment(remedy)
        | ProblemKind::PathAmbiguous(remedy)
        | ProblemKind::PathWildcardInvalid(remedy) => Some(remedy),
        _ => None,
    }
}

#[test]
fn a_pattern_that_can_t_be_right_is_a_problem() {
    type Kind = fn(String) -> ProblemKind;
    for (pattern, kind, remedy) in [
        ("api", ProblemKind::PathNotAbsolute as Kind, "/api"),
        ("", ProblemKind::PathNotAbsolute, "/"),
        (
            "https://a.example/api",
            ProblemKind::PathNotAbsolute,
            "/api",
        ),
        ("https://a.example", ProblemKind::PathNotAbsolute, "/"),
        ("/api?x", ProblemKind::PathHasQuery, "/api"),
        ("/api#x/y", ProblemKind::PathHasQuery, "/api"),
        ("/a b", ProblemKind::PathNotEncoded, "/a%20b"),
        (
            "/caf\u{e9}/{x}",
            ProblemKind::PathNotEncoded,
            "/caf%C3%A9/{x}",
        ),
        ("/a\nb", ProblemKind::PathNotEncoded, "/a%0Ab"),
        ("/a/../b", ProblemKind::PathHasDotSegment, "/b"),
        ("/a/./b", ProblemKind::PathHasDotSegment, "/a/b"),
        ("/a/%2E.", ProblemKind::PathHasDotSegment, "/"),
        ("//a", ProblemKind::PathHasEmptySegment, "/a"),
        ("/a//b", ProblemKind::PathHasEmptySegment, "/a/b"),
        ("/a%2Fb", ProblemKind::PathAmbiguous, "/a/b"),
        ("/a\\b", ProblemKind::PathAmbiguous, "/a/b"),
        ("/a%5cb", ProblemKind::PathAmbiguous, "/a/b"),
        ("/a;v=1/b", ProblemKind::PathAmbiguous, "/a/b"),
        ("/a%3Bv", ProblemKind::PathAmbiguous, "/a"),
        ("/%2561", ProblemKind::PathAmbiguous, "/a"),
        ("/a%252Fb", ProblemKind::PathAmbiguous, "/a/b"),
    ] {
        assert_eq!(problem(pattern), kind(remedy.to_owned()), "{pattern}");
    }
    for pattern in ["/a/}", "/{", "/{}"] {
        let kind = problem(pattern);
        assert!(
            matches!(
                kind,
                ProblemKind::PathPatternInvalid | ProblemKind::PathWildcardInvalid(_)
            ),
            "{pattern}: {kind:?}"
        );
    }
    let segments = |bytes: &[usize]| -> String {
        let text = |bytes: &usize| format!("/{}", "a".repeat(*bytes));
        bytes.iter().map(text).collect()
    };
    for pattern in [
        segments(&[255; 8]) + "/",
        segments(&[256]),
        segments(&[1; 65]),
    ] {
        assert_eq!(problem(&pattern), ProblemKind::PathTooLong);
    }
    for pattern in [segments(&[255; 8]), segments(&[255]), "/{x}".repeat(64)] {
        let map = PolicyMap::builder().path(pattern, policy("own")).build();
        assert!(map.is_ok());
    }
}

/// The documentation of each router has these forms.
#[test]
fn the_syntax_of_another_router_is_a_problem_with_the_same_pattern_in_ours() {
    for (pattern, remedy) in [
        // axum before 0.8, Express.
        ("/users/:id", "/users/{id}"),
        ("/files/*path", "/files/{*path}"),
        // actix-web.
        ("/users/{id:[0-9]+}/posts", "/users/{id}/posts"),
        ("/users/{id:[^/]+}", "/users/{id}"),
        ("/files/{tail:.*}", "/files/{*tail}"),
        ("/files/{tail}*", "/files/{*tail}"),
        // Rocket.
        ("/users/<id>", "/users/{id}"),
        ("/files/<path..>", "/files/{*path}"),
        ("/files/<_..>", "/files/{*_}"),
        // warp's path!.
        ("\"users\" / u32 / \"posts\"", "/users/{u32}/posts"),
        ("\"files\" / String / ..", "/files/{string}/{*rest}"),
        // Django, Flask, Bottle.
        ("users/<int:id>/", "/users/{id}"),
        ("/files/<path:name>", "/files/{*name}"),
        ("/files/<name:path>", "/files/{*name}"),
        ("^users/(?P<id>[0-9]+)/$", "/users/{id}"),
        ("^/api/.*$", "/api/{*rest}"),
        (r"^/users/\d+/?$", "/users/{number}"),
        // Starlette, FastAPI.
        ("/users/{id:int}", "/users/{id}"),
        ("/files/{name:path}", "/files/{*name}"),
        // flask-cors, rack-cors, Spring.
        ("*", "/{*rest}"),
        ("/*", "/{*rest}"),
        ("/api/*", "/api/{*rest}"),
        ("/api/**", "/api/{*rest}"),
        ("/api/v*", "/api/v/{*rest}"),
        ("/api/*/posts", "/api/{*rest}"),
        // Nuxt, Next.
        ("/users/[id]", "/users/{id}"),
        ("/files/[...path]", "/files/{*path}"),
        ("path!(\"sum\" / u32 / ..)", "/sum/{u32}/{*rest}"),
        // A parameter that is called as a converter of Django.
        ("/files/{path:[^/]+}", "/files/{path}"),
        ("/posts/{slug:[a-z]+}", "/posts/{slug}"),
        ("^api/(?:v1|v2)/x$", "/api/{any}/x"),
        // Go.
        ("GET /items/{id}/{$}", "/items/{id}"),
        ("/{$}", "/"),
        ("/files/{path...}", "/files/{*path}"),
        // ASP.NET.
        ("/posts/{**slug:nonfile}", "/posts/{*slug}"),
        ("/posts/{id:int?}", "/posts/{id}"),
        // hapi, API Gateway.
        ("/files/{path*}", "/files/{*path}"),
        ("/{proxy+}", "/{*proxy}"),
        // Rails.
        ("/posts(.:format)", "/posts"),
        ("/posts/:id(.:format)", "/posts/{id}"),
        ("/*path(.:format)", "/{*path}"),
        // Nearly ours.
        ("/files/{rest..}", "/files/{*rest}"),
        ("/files/{*rest}/end", "/files/{*rest}"),
        ("/api/v{version}", "/api/{version}"),
        ("/files/{name}.json", "/files/{name}"),
        ("/a/{id}{other}", "/a/{id}"),
        ("/a/{user-id}", "/a/{user}"),
    ] {
        let kind = problem(pattern);
        assert!(
            matches!(
                kind,
                ProblemKind::PathWildcardInvalid(_) | ProblemKind::PathNotAbsolute(_)
            ),
            "{pattern}: {kind:?}"
        );
        assert_eq!(self::remedy(&kind), Some(remedy), "{pattern}");
    }
}

#[test]
fn patterns_that_differ_in_names_alone_are_a_problem() -> Result {
    for (one, other) in [
        ("/a", "/a"),
        ("/a", "/a/"),
        ("/a", "/%61"),
        ("/caf%C3%A9", "/caf%c3%a9"),
        ("/a/{x}", "/a/{y}"),
        ("/a/{*x}", "/a/{*y}"),
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
    PolicyMap::builder()
        .path("/a/{x}", policy("one"))
        .path("/a/{*rest}", policy("two"))
        .path("/a/{x}/b", policy("three"))
        .path("/{x}/{*rest}", policy("four"))
        .build()?;
    Ok(())
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
        "paths[0].path: \"/a/*\": a wildcard is a segment of its own in braces, \"{name}\" for one \
         segment or \"{*name}\" at the end for everything below; write \"/a/{*rest}\"\n\
         paths[1].path: \"/caf\u{e9}\": browsers percent-encode some of these characters in a \
         path; write \"/caf%C3%A9\"\n\
         paths[3].path: \"/b\": the pattern matches the same paths as \"/b\"; leave one of them out"
    );
}

/// Which pattern a plain path has, the slow way: of all that match, the one that is most specific in
/// the first segment in which they differ.
fn slow<'a>(patterns: &'a [String], path: &str) -> Option<&'a String> {
    let path: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let matching = patterns.iter().filter(|pattern| matches(pattern, &path));
    matching.max_by_key(|pattern| {
        let parts = pattern.split('/').filter(|part| !part.is_empty());
        // That a pattern ends is more than that it has a rest.
        parts.map(specificity).chain([3]).collect::<Vec<_>>()
    })
}

fn matches(pattern: &str, path: &[&str]) -> bool {
    let mut path = path.iter();
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        if part.starts_with("{*") {
            return true;
        }
        let Some(segment) = path.next() else {
            return false;
        };
        if !part.starts_with('{') && part != *segment {
            return false;
        }
    }
    path.next().is_none()
}

/// Text, then a wildcard, then all that follows.
fn specificity(part: &str) -> u8 {
    if part.starts_with("{*") {
        1
    } else if part.starts_with('{') {
        2
    } else {
        3
    }
}

fn pattern() -> impl Strategy<Value = String> {
    let part = select(vec!["a", "b", "ab", "{x}"]);
    let end = select(vec!["", "/{*rest}"]);
    (vec(part, 0..6), end).prop_map(|(parts, end)| {
        let pattern: String = parts.iter().map(|part| format!("/{part}")).collect();
        format!(
            "{}{end}",
            if pattern.is_empty() && end.is_empty() {
                "/"
            } else {
                &pattern
            }
        )
    })
}

fn path() -> impl Strategy<Value = String> {
    let segment = select(vec!["", "a", "b", "ab", "c", "A"]);
    vec(segment, 1..8).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// Patterns of which some have many more texts beside each other than others.
fn wide_pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        2 => Just("{x}".to_owned()),
        3 => (0..40u8).prop_map(|text| format!("t{text}")),
        2 => (0..2u8).prop_map(|text| format!("t{text}")),
    ];
    let end = select(vec!["", "", "/{*rest}"]);
    (vec(part, 1..5), end).prop_map(|(parts, end)| format!("/{}{end}", parts.join("/")))
}

fn wide_path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![(0..2u8), (0..40u8)];
    vec(segment, 1..6).prop_map(|segments| {
        segments
            .iter()
            .map(|segment| format!("/t{segment}"))
            .collect()
    })
}

fn map(patterns: &[String]) -> Result<PolicyMap> {
    let named = patterns.iter().enumerate();
    named
        .fold(PolicyMap::builder(), |builder, (index, pattern)| {
            builder.path(pattern, policy(&format!("p{index}")))
        })
        .build()
}

/// Leaves out patterns that another one repeats.
fn without_repeats(mut patterns: Vec<String>) -> Vec<String> {
    patterns.sort();
    patterns.dedup();
    patterns
}

/// Checks that each path has the policy of the pattern that it has the slow way.
fn check(patterns: Vec<String>, paths: &[String]) -> Result<(), TestCaseError> {
    let fail = |errors: PolicyErrors| TestCaseError::fail(errors.to_string());
    let patterns = without_repeats(patterns);
    let mut reversed = patterns.clone();
    reversed.reverse();
    for patterns in [&patterns, &reversed] {
        let map = map(patterns).map_err(fail)?;
        for path in paths {
            match slow(patterns, path) {
                None => prop_assert!(map.policy(path).is_none(), "{path}"),
                Some(pattern) => {
                    let index = patterns.iter().position(|found| found == pattern);
                    let name = format!("p{}", index.unwrap_or_default());
                    prop_assert!(has(&map, path, &name), "{path}: {pattern}");
                }
            }
        }
    }
    Ok(())
}

/// Whether matchit, the router of axum, may differ from ours for this pattern: it does not match the
/// path itself by `{*rest}`.
fn is_at_rest(pattern: &str, path: &str) -> bool {
    let count = |path: &str| path.split('/').filter(|part| !part.is_empty()).count();
    let above = pattern.strip_suffix("/{*rest}");
    above.is_some_and(|above| count(above) >= count(path))
}

#[test]
fn the_most_specific_of_many_patterns_wins() -> std::result::Result<(), TestError<impl fmt::Debug>>
{
    let many = (vec(wide_pattern(), 1..250), vec(wide_path(), 1..40));
    // Each case has as many patterns as a hundred others, so there are few.
    let cases = ProptestConfig::default().cases / 10;
    let mut runner = TestRunner::new(ProptestConfig::with_cases(cases.max(200)));
    runner.run(&many, |(patterns, paths)| check(patterns, &paths))
}

proptest! {
    #[test]
    fn the_most_specific_pattern_wins_whatever_the_order(
        patterns in vec(pattern(), 1..40),
        paths in vec(path(), 1..20),
    ) {
        check(patterns, &paths)?;
    }

    #[test]
    fn axum_s_router_agrees_where_both_have_a_meaning(
        patterns in vec(pattern(), 1..12),
        segments in vec(select(vec!["a", "b", "ab", "c", "A"]), 1..8),
    ) {
        let path = format!("/{}", segments.join("/"));
        let mut patterns = without_repeats(patterns);
        let mut router = matchit::Router::new();
        // It refuses some patterns beside each other.
        patterns.retain(|pattern| {
            !is_at_rest(pattern, &path) && router.insert(pattern, pattern.clone()).is_ok()
        });
        let map = map(&patterns)?;
        match router.at(&path) {
            Err(_) => prop_assert!(map.policy(&path).is_none(), "{path}"),
            Ok(found) => {
                let index = patterns.iter().position(|pattern| pattern == found.value);
                let name = format!("p{}", index.unwrap_or_default());
                prop_assert!(has(&map, &path, &name), "{path}: {}", found.value);
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
