//! Policies that can't be built: every problem, at once, with its place, its value and a remedy.

use std::time::Duration;

use cors_core::{Policy, PolicyBuilder, PolicyConfig, Predicate, ProblemKind, Setting};

/// The problems of a policy, as place and kind.
fn problems(builder: PolicyBuilder) -> Vec<(String, ProblemKind)> {
    let errors = builder.build().expect_err("the policy has problems");
    let found = errors.problems().iter();
    found
        .map(|problem| (problem.location().to_string(), problem.kind().clone()))
        .collect()
}

fn one(builder: PolicyBuilder) -> (String, ProblemKind) {
    let mut found = problems(builder);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn every_mistake_is_a_problem_of_its_own() {
    let errors = Policy::builder()
        .allow_origins([
            "https://ok.example",
            "*",
            "https://a.example/",
            "http://b.example",
        ])
        .allow_null_origin(true)
        .allow_methods(["PUT", "TRACE", "GET POST"])
        .allow_headers(["x-ok", "cookie", "x:y"])
        .expose_headers(["Set-Cookie"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(86_401))
        .preflight_status(302)
        .build()
        .expect_err("eleven mistakes");
    let found: Vec<_> = errors
        .problems()
        .iter()
        .map(|problem| (problem.location().to_string(), problem.value()))
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|(location, value)| (location.as_str(), *value))
        .collect();
    assert_eq!(
        found,
        [
            ("allow_origins[1]", "*"),
            ("allow_origins[2]", "https://a.example/"),
            ("allow_origins[3]", "http://b.example"),
            ("allow_null_origin", "true"),
            ("allow_methods[1]", "TRACE"),
            ("allow_methods[2]", "GET POST"),
            ("allow_headers[1]", "cookie"),
            ("allow_headers[2]", "x:y"),
            ("expose_headers[0]", "Set-Cookie"),
            ("max_age", "86401s"),
            ("preflight_status", "302"),
        ]
    );
    assert_eq!(errors.to_string().lines().count(), errors.problems().len());
}

#[test]
fn a_mistake_in_two_settings_names_both() {
    let errors = Policy::builder()
        .allow_origins(["*", "http://a.example", "file://", "https://b.example/"])
        .allow_null_origin(true)
        .expose_headers(["*"])
        .allow_credentials(true)
        .build()
        .expect_err("five that credentials make, and one of its own");
    for problem in errors.problems() {
        let of_its_own = problem.location().to_string() == "allow_origins[3]";
        let expected = (!of_its_own).then_some(Setting::AllowCredentials);
        assert_eq!(problem.conflicts_with(), expected, "{problem}");
    }
    assert_eq!(errors.problems().len(), 6);
}

#[test]
fn a_problem_says_where_what_and_what_to_write() {
    let errors = Policy::builder()
        .allow_origins(["https://ok.example", "https://a.example/"])
        .build()
        .expect_err("a trailing slash");
    assert_eq!(
        errors.to_string(),
        "allow_origins[1]: \"https://a.example/\": an origin has no trailing slash; \
         write \"https://a.example\""
    );
}

#[test]
fn foreign_text_in_a_problem_is_escaped_and_shortened() {
    let long = "x".repeat(10_000);
    let errors = Policy::builder()
        .allow_origins(["https://a.example\u{1b}[31m\nallow_origins[9]: fine", &long])
        .build()
        .expect_err("two bad origins");
    let text = errors.to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text}");
    assert!(text.len() < 1_500, "{} bytes", text.len());
}

#[test]
fn every_kind_tells_a_remedy() {
    for builder in [
        Policy::builder().allow_origins([
            "",
            " https://a.example",
            "a.example",
            "ht tp://a",
            "h_t://a",
            "https://a.example/",
            "https://a.example/p",
            "https://a.example?q",
            "https://u@a.example",
            "https://b\u{fc}cher.example",
            "https://a..example",
            "http://127.1",
            "http://[0::1]",
            "https://a.example:b",
            "https://a.example:0",
            "https://a.*.example",
            "https://*.com",
            "http://*.127.0.0.1",
            "null",
        ]),
        Policy::builder().allow_hosts([
            "",
            "a b",
            "https://a.example",
            "a.example/",
            "a..b/",
            "b\u{fc}cher.example",
            "a..b",
            ".example.com",
            "127.0.0.01",
            "300.0.0.1",
            "a.example:0",
            "a.example:*",
            "a..b:*",
            "a.*.example",
            "*.com",
            "*.127.0.0.1",
        ]),
        Policy::builder()
            .allow_origins(["*", "file://", "http://a.example"])
            .allow_credentials(true)
            .expose_headers(["*"]),
        Policy::builder()
            .allow_origins(["app://*"])
            .allow_credentials(true),
        Policy::builder()
            .allow_methods(["", "TRACE", "P*"])
            .allow_headers(["", "host", "x-*"]),
        Policy::builder()
            .expose_headers(["set-cookie"])
            .max_age(Duration::from_millis(900)),
        Policy::builder().max_age(Duration::MAX),
        Policy::builder()
            .preflight_status(99)
            .preflight_refusal_status(500),
    ] {
        for problem in builder.build().expect_err("all are wrong").problems() {
            let text = problem.kind().to_string();
            let remedy = [
                "; write ",
                "; leave it out",
                ", or write ",
                " and leave ",
                ", or leave ",
                "; leave ",
                "; list ",
            ];
            assert!(
                remedy.iter().any(|remedy| text.contains(remedy)),
                "no remedy in: {text}"
            );
        }
    }
}

#[test]
fn any_origin_with_credentials_needs_its_dangerous_switch() {
    let policy = || {
        Policy::builder()
            .allow_origins(["*"])
            .allow_credentials(true)
    };
    assert_eq!(
        one(policy()),
        (
            "allow_origins[0]".to_owned(),
            ProblemKind::AnyOriginWithCredentials
        )
    );
    let policy = policy()
        .dangerously_allow_any_origin_with_credentials(true)
        .build();
    assert!(policy.is_ok_and(|policy| policy.allows_origin("https://any.example")));
}

/// Anybody can publish an extension.
#[test]
fn any_host_of_a_scheme_is_as_dangerous_as_any_origin() {
    for item in ["moz-extension://*", "app://*:*"] {
        let policy = || Policy::builder().allow_origins([item]);
        assert!(policy().build().is_ok(), "{item}");
        assert_eq!(
            one(policy().allow_credentials(true)),
            (
                "allow_origins[0]".to_owned(),
                ProblemKind::AnyHostWithCredentials
            )
        );
        let tolerated = policy()
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .build();
        assert!(
            tolerated.is_ok_and(|policy| !policy.allows_origin("https://a.example")),
            "{item}"
        );
    }
}

#[test]
fn null_with_credentials_needs_its_dangerous_switch() {
    let policy = || {
        Policy::builder()
            .allow_null_origin(true)
            .allow_credentials(true)
    };
    assert_eq!(
        one(policy()),
        (
            "allow_null_origin".to_owned(),
            ProblemKind::NullOriginWithCredentials
        )
    );
    let policy = policy()
        .dangerously_allow_null_origin_with_credentials(true)
        .build();
    assert!(policy.is_ok_and(|policy| policy.allows_origin("null")));
}

#[test]
fn every_local_file_is_as_dangerous_as_null() {
    let policy = || Policy::builder().allow_origins(["file://"]);
    assert!(
        policy()
            .build()
            .is_ok_and(|policy| policy.allows_origin("file://"))
    );
    assert_eq!(
        one(policy().allow_credentials(true)),
        (
            "allow_origins[0]".to_owned(),
            ProblemKind::NullOriginWithCredentials
        )
    );
    assert!(
        policy()
            .allow_credentials(true)
            .dangerously_allow_null_origin_with_credentials(true)
            .build()
            .is_ok()
    );
}

#[test]
fn plain_http_with_credentials_needs_its_dangerous_switch_beyond_loopback() {
    for insecure in [
        "http://a.example",
        "http://*.a.example",
        "http://8.8.8.8:*",
        "http://[::2]",
    ] {
        let policy = || Policy::builder().allow_origins([insecure]);
        assert!(policy().build().is_ok(), "{insecure}");
        let secure = insecure.replace("http:", "https:");
        assert_eq!(
            one(policy().allow_credentials(true)),
            (
                "allow_origins[0]".to_owned(),
                ProblemKind::InsecureOriginWithCredentials(Some(secure))
            )
        );
        let tolerated = policy()
            .allow_credentials(true)
            .dangerously_allow_insecure_origins_with_credentials(true);
        assert!(tolerated.build().is_ok(), "{insecure}");
    }
    for secure in [
        "http://localhost",
        "http://localhost:*",
        "http://app.localhost:3000",
        "http://127.9.8.7:*",
        "http://[::1]:*",
        "https://a.example",
        "tauri://localhost",
    ] {
        let policy = Policy::builder()
            .allow_origins([secure])
            .allow_credentials(true);
        assert!(policy.build().is_ok(), "{secure}");
    }
}

#[test]
fn any_exposed_header_with_credentials_is_refused() {
    let policy = Policy::builder()
        .expose_headers(["x-a", "*"])
        .allow_credentials(true);
    assert_eq!(
        one(policy),
        (
            "expose_headers[1]".to_owned(),
            ProblemKind::AnyExposedHeaderWithCredentials
        )
    );
}

#[test]
fn rejecting_beside_any_origin_does_nothing() {
    let policy = || {
        Policy::builder()
            .allow_origins(["https://a.example", "*"])
            .reject_disallowed_origins(true)
    };
    let expected = (
        "reject_disallowed_origins".to_owned(),
        ProblemKind::RejectBesideAnyOrigin,
    );
    assert_eq!(one(policy()), expected);
    // With credentials `null` and `file://` are rejected.
    let with_credentials = policy()
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true);
    assert!(with_credentials.build().is_ok());
}

#[cfg(feature = "serde")]
#[test]
fn a_path_that_inherits_the_rejecting_has_no_problem_and_reads_back() {
    let build = |text: &str| {
        let config: cors_core::PolicyMapConfig = toml::from_str(text).expect("TOML");
        config.build()
    };
    let path = "[[paths]]\npath = \"/feeds\"\nallow_origins = [\"*\"]\n";
    let map = build(&format!("reject_disallowed_origins = true\n{path}"));
    let map = map.expect("the path inherits it");
    let feeds = map.policy("/feeds").expect("it has a policy");
    assert!(feeds.config().build().is_ok());
    assert!(map.config().build().is_ok());
    let errors = build(&format!("{path}reject_disallowed_origins = true"));
    let errors = errors.expect_err("the path writes it");
    let place = errors.problems()[0].location().to_string();
    assert_eq!(place, "paths[0].reject_disallowed_origins");
}

#[test]
fn a_registered_method_is_in_upper_case() {
    for (written, expected) in [
        ("patch", "PATCH"),
        ("Patch", "PATCH"),
        ("propfind", "PROPFIND"),
    ] {
        assert_eq!(
            one(Policy::builder().allow_methods([written])).1,
            ProblemKind::MethodNotUpperCase(vec![expected.to_owned()])
        );
    }
    // Browsers upper-case six, and one of the app's own is as it is.
    let right = Policy::builder().allow_methods(["put", "options", "x-Method"]);
    assert!(right.build().is_ok());
}

#[test]
fn lists_of_names_in_one_text_are_split() {
    let several = |items: [&str; 2]| ProblemKind::SeveralInItem(items.map(str::to_owned).into());
    for written in [
        "PUT,patch",
        "PUT, PATCH",
        "PUT;PATCH",
        "PUT|PATCH",
        "PUT patch",
    ] {
        let found = one(Policy::builder().allow_methods([written])).1;
        assert_eq!(found, several(["PUT", "PATCH"]), "{written}");
    }
    for written in [
        "x-a,Authorization",
        "x-a|Authorization",
        "x-a Authorization",
    ] {
        for policy in [
            Policy::builder().allow_headers([written]),
            Policy::builder().expose_headers([written]),
        ] {
            assert_eq!(
                one(policy).1,
                several(["x-a", "Authorization"]),
                "{written}"
            );
        }
    }
    // One name with a space in it, perhaps.
    let found = one(Policy::builder().allow_headers(["Content Type"])).1;
    assert_eq!(found, ProblemKind::HeaderNameNotToken(Vec::new()));
    let found = one(Policy::builder().allow_headers(["Content-Type:"])).1;
    let named = vec!["Content-Type".to_owned()];
    assert_eq!(found, ProblemKind::HeaderNameNotToken(named));
}

#[test]
fn the_bounds_of_numbers_are_inclusive() {
    for status in [200, 204, 299] {
        assert!(
            Policy::builder().preflight_status(status).build().is_ok(),
            "{status}"
        );
    }
    for status in [0, 199, 300, 404] {
        let found = one(Policy::builder().preflight_status(status));
        assert_eq!(
            found,
            (
                "preflight_status".to_owned(),
                ProblemKind::PreflightStatusOutOfRange
            )
        );
    }
    for status in [200, 299, 400, 403, 499] {
        assert!(
            Policy::builder()
                .preflight_refusal_status(status)
                .build()
                .is_ok(),
            "{status}"
        );
    }
    for status in [199, 300, 399, 500] {
        let found = one(Policy::builder().preflight_refusal_status(status));
        assert_eq!(
            found,
            (
                "preflight_refusal_status".to_owned(),
                ProblemKind::RefusalStatusOutOfRange
            )
        );
    }
    assert!(
        Policy::builder()
            .max_age(Duration::from_secs(86_400))
            .build()
            .is_ok()
    );
    assert!(Policy::builder().max_age(Duration::ZERO).build().is_ok());
    let found = one(Policy::builder().max_age(Duration::from_millis(900)));
    assert_eq!(found.1, ProblemKind::MaxAgeNotWholeSeconds);
    let found = one(Policy::builder().max_age(Duration::from_secs(86_401)));
    assert_eq!(found.1, ProblemKind::MaxAgeTooLong);
}

#[test]
fn a_policy_that_allows_nobody_is_valid() {
    let policy = PolicyConfig::default().build();
    assert!(policy.is_ok_and(|policy| !policy.allows_origin("https://a.example")));
}

#[test]
fn predicates_declare_header_names() {
    let policy =
        Policy::builder().allow_origin_predicate(Predicate::new(|_| true).reads(["x tenant"]));
    assert_eq!(
        one(policy),
        (
            "allow_origin_if[0]".to_owned(),
            ProblemKind::HeaderNameNotToken(Vec::new())
        )
    );
    let policy = Policy::builder().allow_origin_predicate(Predicate::new(|_| true).reads(["*"]));
    assert_eq!(one(policy).1, ProblemKind::WildcardInName);
    let many: Vec<String> = (0..29).map(|index| format!("x-{index}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let reading = |names| Predicate::new(|_| true).reads(names);
    let most = Policy::builder().allow_origin_predicate(reading(&many[1..]));
    assert!(most.build().is_ok());
    let policy = Policy::builder().allow_origin_predicate(reading(&many));
    assert_eq!(
        one(policy),
        (
            "allow_origin_if".to_owned(),
            ProblemKind::TooManyDeclaredHeaders
        )
    );
}

#[cfg(feature = "regex")]
#[test]
fn regular_expressions_are_checked_one_by_one() {
    let found = problems(Policy::builder().allow_origin_regexes([
        "https://(",
        ".*",
        r"https://a\d\.example",
    ]));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].0, "allow_origin_regexes[0]");
    assert!(matches!(&found[0].1, ProblemKind::RegexInvalid(reason) if reason.contains("group")));
    let any = (
        "allow_origin_regexes[1]".to_owned(),
        ProblemKind::RegexMatchesAnyOrigin,
    );
    assert_eq!(found[1], any);
}

#[cfg(feature = "public-suffix")]
#[test]
fn public_suffixes_are_refused_where_asked_and_with_credentials() {
    for suffix in [
        "https://*.github.io",
        "https://*.co.uk",
        "https://*.co.uk.:*",
        // Every name right below these is a public suffix, but for a few exceptions.
        "https://*.sch.uk",
        "https://*.kawasaki.jp",
    ] {
        let policy = || {
            Policy::builder()
                .allow_origins([suffix])
                .check_public_suffixes(true)
        };
        assert!(policy().build().is_ok(), "{suffix}");
        assert_eq!(
            one(policy().allow_credentials(true)),
            (
                "allow_origins[0]".to_owned(),
                ProblemKind::PublicSuffixWithCredentials
            )
        );
        let unasked = policy()
            .allow_credentials(true)
            .check_public_suffixes(false);
        assert!(unasked.build().is_ok(), "{suffix}");
    }
    let registered = Policy::builder()
        .allow_origins([
            "https://*.yours.github.io",
            "https://*.example.com",
            "https://github.io",
            "https://*.city.kawasaki.jp",
        ])
        .allow_credentials(true)
        .check_public_suffixes(true);
    assert!(registered.build().is_ok());
}

/// What a file can say although the build can't do it is a problem, never ignored.
#[cfg(not(any(feature = "regex", feature = "public-suffix")))]
#[test]
fn settings_of_features_that_are_off_are_refused() {
    let mut config = PolicyConfig::default();
    config.allow_origin_regexes = vec!["https://a".to_owned()];
    config.check_public_suffixes = true;
    let found = problems(PolicyBuilder::from(config));
    assert_eq!(
        found,
        [
            (
                "allow_origin_regexes[0]".to_owned(),
                ProblemKind::RegexNotBuiltIn
            ),
            (
                "check_public_suffixes".to_owned(),
                ProblemKind::PublicSuffixesNotBuiltIn
            ),
        ]
    );
}

/// `unwrap()` and `fn main() -> Result<(), PolicyErrors>` print `Debug`.
#[test]
fn debug_shows_the_lines_of_display() {
    let errors = Policy::builder()
        .allow_origins(["example.com", "https://a.example/"])
        .build()
        .expect_err("two mistakes");
    assert_eq!(format!("{errors:?}"), errors.to_string());
    assert_eq!((&errors).into_iter().count(), 2);
    for problem in &errors {
        assert_eq!(problem.to_string().lines().count(), 1);
    }
}

#[test]
fn a_location_has_its_parts() {
    let errors = Policy::builder()
        .allow_origins(["https://a.example", "a.example"])
        .preflight_status(1)
        .build()
        .expect_err("two mistakes");
    let parts: Vec<_> = errors
        .into_iter()
        .map(|problem| problem.location())
        .map(|location| (location.setting(), location.item(), location.path()))
        .collect();
    assert_eq!(
        parts,
        [
            (Setting::AllowOrigins, Some(1), None),
            (Setting::PreflightStatus, None, None)
        ]
    );
}

#[cfg(not(all(feature = "public-suffix", feature = "regex")))]
#[test]
fn a_build_without_a_feature_names_it() {
    let mut texts = Vec::new();
    if cfg!(not(feature = "regex")) {
        let policy = Policy::builder().allow_origin_regexes(["https://a\\.example"]);
        texts.push((policy.build().map(drop), "\"regex\""));
    }
    if cfg!(not(feature = "public-suffix")) {
        let policy = Policy::builder().check_public_suffixes(true);
        texts.push((policy.build().map(drop), "\"public-suffix\""));
    }
    for (built, feature) in texts {
        let text = built.expect_err(feature).to_string();
        assert!(
            text.contains(feature) && text.contains("cors-axum"),
            "{text}"
        );
    }
}
