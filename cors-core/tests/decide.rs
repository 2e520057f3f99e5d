//! Decisions, without a framework: what the wire suite can't see or would see too late.

mod support;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cors_core::adapter::{
    MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_EMPTY, MAX_REQUEST_HEADERS_LINES,
    MAX_REQUEST_HEADERS_NAMES, RequestField, RequestHead,
};
use cors_core::{
    Decision, OriginError, OriginQuery, OriginRule, Policy, PolicyErrors, Predicate, Refusal,
    RequestKind,
};
use support::{Request, answer, apply};

type Result = std::result::Result<(), PolicyErrors>;

const ORIGIN: &str = "https://app.example.com";

fn pairs(lines: &[(String, String)]) -> Vec<(&str, &str)> {
    lines
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Returns the names in the Vary of a response that had none.
fn vary(policy: &Policy, request: &Request) -> Vec<String> {
    let lines = answer(policy, request);
    let vary = lines.iter().filter(|(name, _)| name == "vary");
    vary.flat_map(|(_, line)| line.split(", "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_three_kinds_are_told_apart() -> Result {
    let policy = Policy::builder().allow_origins([ORIGIN]).build()?;
    let preflight = "access-control-request-method";
    for (request, kind) in [
        (Request::new("GET"), RequestKind::NotCors),
        (Request::new("OPTIONS"), RequestKind::NotCors),
        (
            Request::new("OPTIONS").with(preflight, "PUT"),
            RequestKind::NotCors,
        ),
        (Request::get(ORIGIN), RequestKind::Actual),
        (Request::get(""), RequestKind::Actual),
        (
            Request::new("OPTIONS").with("origin", ORIGIN),
            RequestKind::Actual,
        ),
        (
            Request::get(ORIGIN).with(preflight, "PUT"),
            RequestKind::Actual,
        ),
        (
            Request::new("options")
                .with("origin", ORIGIN)
                .with(preflight, "PUT"),
            RequestKind::Actual,
        ),
        (Request::preflight(ORIGIN, "PUT"), RequestKind::Preflight),
        (Request::preflight(ORIGIN, ""), RequestKind::Preflight),
        (Request::preflight("", "a b"), RequestKind::Preflight),
        (
            Request::preflight(ORIGIN, "GET").with(preflight, "GET"),
            RequestKind::Preflight,
        ),
    ] {
        assert_eq!(policy.decide(&request).kind(), kind, "{request:?}");
    }
    Ok(())
}

#[test]
fn a_refusal_names_the_first_check_that_failed() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .allow_headers(["x-a"])
        .build()?;
    let many = "x-a,".repeat(MAX_REQUEST_HEADERS_NAMES + 1);
    let empty = ",".repeat(MAX_REQUEST_HEADERS_EMPTY + 1);
    let long = "a".repeat(MAX_REQUEST_HEADERS_BYTES + 1);
    for (request, refusal) in [
        (Request::get("https://b.example"), Refusal::OriginNotAllowed),
        (Request::get("null"), Refusal::NullOrigin),
        (
            Request::get(ORIGIN).with("Origin", ORIGIN),
            Refusal::SeveralOrigins,
        ),
        (
            Request::get("https://b.example/"),
            Refusal::MalformedOrigin(OriginError::Host),
        ),
        (
            Request::get(&long),
            Refusal::MalformedOrigin(OriginError::TooLong),
        ),
        (
            Request::preflight("x", "").asking_for("?"),
            Refusal::MalformedOrigin(OriginError::Scheme),
        ),
        (
            Request::preflight(ORIGIN, "").asking_for("x-b"),
            Refusal::MalformedMethod,
        ),
        (
            Request::preflight(ORIGIN, "PUT, GET"),
            Refusal::MalformedMethod,
        ),
        (
            Request::preflight(ORIGIN, "PUT").with("access-control-request-method", "PUT"),
            Refusal::MalformedMethod,
        ),
        (
            Request::preflight(ORIGIN, "trace"),
            Refusal::ForbiddenMethod,
        ),
        (Request::preflight(ORIGIN, "put"), Refusal::MethodNotAllowed),
        (
            Request::preflight(ORIGIN, "PUT").asking_for("x-a,x-b"),
            Refusal::HeaderNotAllowed,
        ),
        (
            Request::preflight(ORIGIN, "PUT").asking_for("x-a,x b"),
            Refusal::MalformedHeaderName,
        ),
        (
            Request::preflight(ORIGIN, "PUT").asking_for(many),
            Refusal::HeaderListTooLong,
        ),
        (
            Request::preflight(ORIGIN, "PUT").asking_for(empty),
            Refusal::HeaderListTooLong,
        ),
        (
            Request::preflight(ORIGIN, "PUT").asking_for(long),
            Refusal::HeaderListTooLong,
        ),
    ] {
        let decision = policy.decide(&request);
        assert_eq!(decision.refusal(), Some(refusal), "{request:?}");
    }
    Ok(())
}

#[test]
fn the_bounds_of_requested_headers_are_inclusive() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_headers(["x-a"])
        .build()?;
    let allowed = |list: String| {
        policy
            .decide(&Request::preflight(ORIGIN, "GET").asking_for(list))
            .is_allowed()
    };
    let names = vec!["x-a"; MAX_REQUEST_HEADERS_NAMES];
    assert!(allowed(names.join(",")));
    assert!(allowed(format!(
        "x-a{}",
        ",".repeat(MAX_REQUEST_HEADERS_EMPTY)
    )));
    assert!(allowed(format!(
        "x-a{}",
        " ".repeat(MAX_REQUEST_HEADERS_BYTES - 3)
    )));
    assert!(!allowed(format!(
        "x-a{}",
        " ".repeat(MAX_REQUEST_HEADERS_BYTES - 2)
    )));
    Ok(())
}

#[test]
fn the_bounds_hold_over_all_lines_together() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_headers(["x-a"])
        .build()?;
    let line = "x-a".to_owned() + &" ".repeat(MAX_REQUEST_HEADERS_BYTES / 2);
    let one = Request::preflight(ORIGIN, "GET").asking_for(&line);
    assert!(policy.decide(&one).is_allowed());
    assert_eq!(
        policy.decide(&one.asking_for(&line)).refusal(),
        Some(Refusal::HeaderListTooLong)
    );
    let lines = |count| {
        (0..count).fold(Request::preflight(ORIGIN, "GET"), |request, _| {
            request.asking_for("x-a")
        })
    };
    let most = policy.decide(&lines(MAX_REQUEST_HEADERS_LINES)).refusal();
    assert_eq!(most, None);
    assert_eq!(
        policy
            .decide(&lines(MAX_REQUEST_HEADERS_LINES + 1))
            .refusal(),
        Some(Refusal::HeaderListTooLong)
    );
    Ok(())
}

/// Whatever a list begins with, that it is too long is told first, and then what is no name: to
/// list a name would not help.
#[test]
fn what_is_wrong_under_any_policy_is_told_first() -> Result {
    let any = ["*"].as_slice();
    let listed = ["x-a", "x-p-*"].as_slice();
    for (headers, with_credentials, begins) in [
        (listed, false, ["x-a", "x-b", "x-p-b", "x b"]),
        (any, false, ["x-a", "authorization", "x-b", "x b"]),
        (any, true, ["x-a", "*", "x-b", "x b"]),
    ] {
        let policy = Policy::builder()
            .allow_origins([ORIGIN])
            .allow_headers(headers)
            .allow_credentials(with_credentials)
            .build()?;
        for begin in begins {
            let list = || Request::preflight(ORIGIN, "GET").asking_for(begin);
            let lines =
                (0..MAX_REQUEST_HEADERS_LINES).fold(list(), |list, _| list.asking_for("x-a"));
            for too_long in [
                lines,
                list().asking_for("x-a,".repeat(MAX_REQUEST_HEADERS_NAMES)),
                list().asking_for(",".repeat(MAX_REQUEST_HEADERS_EMPTY)),
                list().asking_for(" ".repeat(MAX_REQUEST_HEADERS_BYTES)),
            ] {
                let refusal = policy.decide(&too_long).refusal();
                let expected = Some(Refusal::HeaderListTooLong);
                assert_eq!(refusal, expected, "{headers:?}: {too_long:?}");
            }
            for malformed in [list().asking_for("x,y z"), list().asking_for("(")] {
                let refusal = policy.decide(&malformed).refusal();
                let expected = Some(Refusal::MalformedHeaderName);
                assert_eq!(refusal, expected, "{headers:?}: {malformed:?}");
            }
        }
    }
    Ok(())
}

/// A head that counts how often a line of it is read.
struct Counting {
    request: Request,
    lines: Cell<usize>,
}

impl RequestHead for Counting {
    fn method(&self) -> &str {
        self.request.method()
    }

    fn path(&self) -> &str {
        self.request.path()
    }

    fn authority(&self) -> Option<&str> {
        self.request.authority()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        self.request.each_line(field, &mut |line| {
            self.lines.set(self.lines.get() + 1);
            visit(line)
        });
    }
}

#[test]
fn each_requested_line_is_read_a_bounded_number_of_times() -> Result {
    for headers in [["x-a"], ["*"]] {
        let policy = Policy::builder()
            .allow_origins([ORIGIN])
            .allow_headers(headers)
            .build()?;
        for count in [1, 2, MAX_REQUEST_HEADERS_LINES] {
            let request = (0..count).fold(Request::preflight(ORIGIN, "GET"), |request, _| {
                request.asking_for("x-a")
            });
            let counting = Counting {
                request,
                lines: Cell::new(0),
            };
            assert!(policy.decide(&counting).is_allowed());
            // Origin, the method, the network; and the lines, once to count them.
            let read = counting.lines.get();
            assert!(read <= 8 + 3 * count, "{count} lines: {read} reads");
        }
    }
    Ok(())
}

#[test]
fn what_an_app_names_twice_in_vary_is_not_named_again() -> Result {
    let policy = Policy::builder().allow_origins([ORIGIN]).build()?;
    let (_, lines) = apply(
        &policy,
        &Request::get(ORIGIN),
        &[("vary", "origin, accept-encoding"), ("vary", "Origin")],
    );
    let vary = lines.iter().filter(|(name, _)| name == "vary");
    let vary: Vec<_> = vary.map(|(_, line)| line.as_str()).collect();
    assert_eq!(vary, ["origin, accept-encoding", "Origin"]);
    Ok(())
}

#[test]
fn fields_come_in_a_fixed_order() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["put", "x-method", "PUT"])
        .allow_headers(["X-B", "x-a", "x-b"])
        .expose_headers(["ETag", "X-Id"])
        .allow_credentials(true)
        .allow_private_network(true)
        .max_age(std::time::Duration::from_secs(60))
        .build()?;
    let preflight = Request::preflight(ORIGIN, "PUT")
        .asking_for("x-a,x-b")
        .with("access-control-request-private-network", "true");
    assert_eq!(
        pairs(&answer(&policy, &preflight)),
        [
            ("access-control-allow-origin", ORIGIN),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "PUT, x-method"),
            ("access-control-allow-headers", "x-b, x-a"),
            ("access-control-max-age", "60"),
            ("access-control-allow-private-network", "true"),
            (
                "vary",
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, \
                 Access-Control-Request-Private-Network"
            ),
        ]
    );
    assert_eq!(
        pairs(&answer(&policy, &Request::get(ORIGIN))),
        [
            ("access-control-allow-origin", ORIGIN),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "etag, x-id"),
            ("vary", "Origin"),
        ]
    );
    Ok(())
}

#[test]
fn any_method_and_header_with_credentials_are_echoed_after_a_check() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["*"])
        .allow_headers(["*"])
        .allow_credentials(true)
        .build()?;
    let preflight = Request::preflight(ORIGIN, "PURGE");
    let echoed = |request: &Request| {
        let lines = answer(&policy, request).into_iter();
        let lines = lines.filter(|(name, _)| name.starts_with("access-control-allow-"));
        lines.skip(2).map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(echoed(&preflight), ["PURGE"]);
    assert_eq!(echoed(&preflight.clone().asking_for(" ,")), ["PURGE"]);
    let two_lines = preflight.asking_for("x-a, Authorization").asking_for("x-b");
    assert_eq!(echoed(&two_lines), ["PURGE", "x-a, Authorization", "x-b"]);
    // In a response a `*` could be read as a wildcard.
    for more in ["x c", "*", "x-c, *"] {
        assert_eq!(echoed(&two_lines.clone().asking_for(more)), [""; 0]);
    }
    assert_eq!(echoed(&Request::preflight(ORIGIN, "*")), [""; 0]);
    Ok(())
}

#[test]
fn a_decision_says_which_rule_took_the_origin() -> Result {
    let policy = Policy::builder()
        .allow_origins([
            ORIGIN,
            "http://localhost:*",
            "https://*.example.org",
            "moz-extension://*",
        ])
        .allow_null_origin(true)
        .allow_origin_if(|query| query.origin().host() == "first.example")
        .allow_origin_if(|query| query.origin().host() == "second.example")
        .build()?;
    for (origin, rule) in [
        (ORIGIN, OriginRule::Exact),
        ("http://localhost:5173", OriginRule::AnyPort),
        ("https://a.b.example.org", OriginRule::Subdomain),
        ("moz-extension://6a1e5b0e", OriginRule::AnyHost),
        ("null", OriginRule::Null),
        ("https://second.example", OriginRule::Predicate(1)),
    ] {
        assert_eq!(
            policy.decide(&Request::get(origin)).origin_rule(),
            Some(rule),
            "{origin}"
        );
        assert!(policy.allows_origin(origin));
    }
    let any = Policy::builder().allow_origins(["*"]).build()?;
    assert_eq!(
        any.decide(&Request::get("?")).origin_rule(),
        Some(OriginRule::Any)
    );
    Ok(())
}

#[test]
fn a_predicate_is_asked_once_and_only_where_nothing_else_decides() -> Result {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_origin_if(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            true
        })
        .build()?;
    for (request, asked) in [
        (Request::new("GET"), 0),
        (Request::get(ORIGIN), 0),
        (Request::get("null"), 0),
        (Request::get("file://"), 0),
        (Request::get("https://evil.com/.b.example"), 0),
        (Request::get("https://b.example").with("origin", ORIGIN), 0),
        (Request::get("https://b.example"), 1),
        (
            Request::preflight("https://b.example", "PUT").asking_for("x-a"),
            1,
        ),
    ] {
        calls.store(0, Ordering::Relaxed);
        let decision = policy.decide(&request);
        assert_eq!(
            calls.load(Ordering::Relaxed),
            asked,
            "{request:?} {decision:?}"
        );
    }
    Ok(())
}

#[test]
fn a_predicate_sees_the_headers_that_it_declared_and_they_join_vary() -> Result {
    let policy = Policy::builder()
        .allow_origin_predicate(
            Predicate::new(|query| {
                query.method() == "GET" && query.header("x-tenant") == Some(b"blue")
            })
            .reads(["X-Tenant", "origin"]),
        )
        .build()?;
    let request = Request::get(ORIGIN).with("x-secret", "1");
    let blue = request.clone().with("X-Tenant", "blue");
    assert!(policy.decide(&blue).is_allowed());
    assert!(!policy.decide(&request).is_allowed());
    assert!(
        !policy
            .decide(&blue.clone().with("x-tenant", "blue"))
            .is_allowed()
    );
    assert_eq!(vary(&policy, &blue), ["Origin", "x-tenant"]);
    assert_eq!(vary(&policy, &Request::new("GET")), ["Origin", "x-tenant"]);
    assert_eq!(
        vary(&policy, &Request::preflight(ORIGIN, "GET")),
        [
            "Origin",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers",
            "x-tenant"
        ]
    );
    Ok(())
}

#[test]
fn a_query_is_shown_with_the_names_that_it_has_and_without_their_values() -> Result {
    let shows = |query: &OriginQuery<'_>| {
        let shown = format!("{query:?}");
        shown.contains(r#"reads: ["x-tenant"]"#) && !shown.contains("blue")
    };
    let policy = Policy::builder()
        .allow_origin_predicate(Predicate::new(shows).reads(["X-Tenant"]))
        .build()?;
    assert!(
        policy
            .decide(&Request::get(ORIGIN).with("x-tenant", "blue"))
            .is_allowed()
    );
    Ok(())
}

/// A header that was not declared would not be in Vary, so nobody is shown it.
#[test]
fn a_predicate_that_reads_an_undeclared_header_is_told_in_a_debug_build() -> Result {
    let policy = Policy::builder()
        .allow_origin_if(|query| query.header("x-secret").is_some())
        .build()?;
    let refusal = policy
        .decide(&Request::get(ORIGIN).with("x-secret", "1"))
        .refusal();
    let expected = if cfg!(debug_assertions) {
        Refusal::PredicatePanicked
    } else {
        Refusal::OriginNotAllowed
    };
    assert_eq!(refusal, Some(expected));
    Ok(())
}

#[test]
fn a_name_that_is_declared_often_counts_once() -> Result {
    let predicate = Predicate::new(|query| query.header("x-tenant") == Some(b"blue"))
        .reads(["X-A"; 40])
        .reads(["origin", "X-Tenant"]);
    let policy = Policy::builder()
        .allow_origin_predicate(predicate)
        .build()?;
    let blue = Request::get(ORIGIN).with("x-tenant", "blue");
    assert!(policy.decide(&blue).is_allowed());
    assert_eq!(vary(&policy, &blue), ["Origin", "x-a", "x-tenant"]);
    Ok(())
}

#[test]
fn what_a_predicate_reads_is_in_vary_once() -> Result {
    let asked = [
        "access-control-request-method",
        "access-control-request-private-network",
    ];
    let policy = Policy::builder()
        .allow_origin_predicate(Predicate::new(|_| true).reads(asked))
        .allow_private_network(true)
        .build()?;
    assert_eq!(
        vary(&policy, &Request::preflight(ORIGIN, "GET")),
        [
            "Origin",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers",
            "Access-Control-Request-Private-Network"
        ]
    );
    let names = vary(&policy, &Request::get(ORIGIN));
    assert_eq!(names, ["Origin", asked[0], asked[1]]);
    Ok(())
}

/// What allows every origin does not concern a predicate: the answer is the same for everybody.
#[test]
fn a_predicate_beside_any_origin_changes_nothing() -> Result {
    let policy = Policy::builder()
        .allow_origins(["*"])
        .allow_origin_predicate(
            Predicate::new(|_| unreachable!("it is not asked")).reads(["x-tenant"]),
        )
        .build()?;
    let alone = Policy::builder().allow_origins(["*"]).build()?;
    for request in [
        Request::new("GET"),
        Request::get(ORIGIN),
        Request::get("null"),
    ] {
        assert_eq!(policy.decide(&request), alone.decide(&request));
        assert!(vary(&policy, &request).is_empty());
    }
    Ok(())
}

#[test]
fn a_predicate_that_panics_refuses() -> Result {
    let policy = Policy::builder()
        .allow_origin_if(|_| panic!("no such tenant"))
        .allow_origin_if(|_| true)
        .build()?;
    let refusal = policy.decide(&Request::get(ORIGIN)).refusal();
    assert_eq!(refusal, Some(Refusal::PredicatePanicked));
    Ok(())
}

#[test]
fn code_gives_no_credentials_to_plain_http() -> Result {
    let policy = |tolerate| {
        Policy::builder()
            .allow_origin_if(|_| true)
            .allow_credentials(true)
            .dangerously_allow_insecure_origins_with_credentials(tolerate)
            .build()
    };
    let insecure = Request::get("http://a.example");
    assert_eq!(
        policy(false)?.decide(&insecure).refusal(),
        Some(Refusal::InsecureOrigin)
    );
    assert!(policy(true)?.decide(&insecure).is_allowed());
    assert!(
        policy(false)?
            .decide(&Request::get("http://localhost:3000"))
            .is_allowed()
    );
    Ok(())
}

#[test]
fn the_app_s_own_headers_are_replaced_removed_or_kept() -> Result {
    let own: &[(&str, &str)] = &[
        ("Access-Control-Allow-Origin", "*"),
        ("access-control-allow-origin", "https://b.example"),
        ("Access-Control-Expose-Headers", "x-own"),
        ("Content-Type", "text/plain"),
    ];
    let exposing_only = &own[2..];
    let policy = |keep| {
        Policy::builder()
            .allow_origins([ORIGIN])
            .expose_headers(["x-id"])
            .keep_app_headers(keep)
            .build()
    };
    let lines = |keep, request: &Request, app| policy(keep).map(|it| apply(&it, request, app).1);

    let replaced = lines(false, &Request::get(ORIGIN), own)?;
    assert_eq!(
        pairs(&replaced),
        [
            ("Content-Type", "text/plain"),
            ("access-control-allow-origin", ORIGIN),
            ("access-control-expose-headers", "x-id"),
            ("vary", "Origin"),
        ]
    );
    let stripped = [("Content-Type", "text/plain"), ("vary", "Origin")];
    assert_eq!(
        pairs(&lines(false, &Request::get("https://b.example"), own)?),
        stripped
    );
    assert_eq!(pairs(&lines(false, &Request::new("GET"), own)?), stripped);

    let kept = lines(true, &Request::get(ORIGIN), own)?;
    assert_eq!(pairs(&kept), [own, &[("vary", "Origin")]].concat());
    let filled = lines(true, &Request::get(ORIGIN), exposing_only)?;
    assert_eq!(
        pairs(&filled),
        [
            exposing_only,
            &[("access-control-allow-origin", ORIGIN), ("vary", "Origin")]
        ]
        .concat()
    );
    Ok(())
}

#[test]
fn the_app_s_credentials_are_not_kept_beside_an_origin_of_ours() -> Result {
    let policy = |credentials| {
        Policy::builder()
            .allow_origins([ORIGIN])
            .allow_credentials(credentials)
            .keep_app_headers(true)
            .build()
    };
    let credentials: &[(&str, &str)] = &[("Access-Control-Allow-Credentials", "true")];
    let both = &[credentials, &[("Access-Control-Allow-Origin", ORIGIN)]].concat();
    let origin = ("access-control-allow-origin", ORIGIN);
    let vary = ("vary", "Origin");

    let (_, without) = apply(&policy(false)?, &Request::get(ORIGIN), credentials);
    assert_eq!(pairs(&without), [origin, vary]);
    let (_, with) = apply(&policy(true)?, &Request::get(ORIGIN), credentials);
    let ours = ("access-control-allow-credentials", "true");
    assert_eq!(pairs(&with), [origin, ours, vary]);
    let (_, kept) = apply(&policy(false)?, &Request::get(ORIGIN), both);
    assert_eq!(pairs(&kept), [both.as_slice(), &[vary]].concat());
    Ok(())
}

#[test]
fn vary_is_merged_token_by_token() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .preflight_passthrough(true)
        .build()?;
    let preflight = Request::preflight(ORIGIN, "GET");
    let merged = |app: &[(&str, &str)]| {
        let (_, lines) = apply(&policy, &preflight, app);
        let vary = lines
            .into_iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("vary"));
        vary.map(|(_, value)| value).collect::<Vec<_>>()
    };
    let all = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    assert_eq!(merged(&[]), [all]);
    assert_eq!(
        merged(&[("Vary", "Cookie"), ("vary", "Accept")]),
        ["Cookie", "Accept", all]
    );
    assert_eq!(
        merged(&[("vary", "Cookie, ORIGIN")]),
        [
            "Cookie, ORIGIN",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers"
        ]
    );
    assert_eq!(merged(&[("vary", all)]), [all]);
    assert_eq!(merged(&[("vary", "x-originate")]), ["x-originate", all]);
    assert_eq!(
        merged(&[("vary", "Cookie"), ("vary", " * ")]),
        ["Cookie", " * "]
    );
    Ok(())
}

#[test]
fn same_origin_requests_are_not_rejected() -> Result {
    let policy = Policy::builder().reject_disallowed_origins(true).build()?;
    let lenient = Policy::builder().build()?;
    let post = |origin: &str, host: &str| {
        Request::new("POST")
            .with("origin", origin)
            .with("host", host)
    };
    let status = |request: &Request| policy.decide(request).status();
    for same in [
        post("https://a.example", "a.example"),
        post("https://a.example", "A.Example:443"),
        post("http://a.example:8080", "a.example:8080"),
        post("http://[::1]:8080", "[::1]:8080"),
        post("https://b.example", "a.example").with("sec-fetch-site", "same-origin"),
        post("https://b.example", "a.example").with("sec-fetch-site", "none"),
    ] {
        assert_eq!(status(&same), None, "{same:?}");
        assert!(policy.decide(&same).is_same_origin(), "{same:?}");
        // Whether it is does not depend on what becomes of it.
        assert!(lenient.decide(&same).is_same_origin(), "{same:?}");
    }
    for other in [
        post("https://b.example", "a.example"),
        post("https://a.example:8443", "a.example"),
        post("http://a.example", "a.example:443"),
        post("https://b.example", "a.example").with("sec-fetch-site", "same-site"),
        post("https://a.example", "a.example").with("sec-fetch-site", "same-site"),
        // A page of whoever is on the network.
        post("http://a.example", "a.example").with("sec-fetch-site", "cross-site"),
        post("https://a.example", "a.example").with("sec-fetch-site", ""),
        post("https://a.example", "a.example").with("sec-fetch-site", "Same-Origin"),
        post("https://a.example", "a.example")
            .with("sec-fetch-site", "same-origin")
            .with("sec-fetch-site", "same-origin"),
        post("https://a.example", "user@a.example"),
        post("https://a.example", "a.example").with("host", "a.example"),
        post("null", "null"),
        post("null", ""),
        post("file://", ""),
        post("https://a.example/", "a.example"),
        post("https://a.example", "a.example").with("origin", "https://a.example"),
    ] {
        assert_eq!(status(&other), Some(403), "{other:?}");
        assert!(!policy.decide(&other).is_same_origin(), "{other:?}");
        assert!(!lenient.decide(&other).is_same_origin(), "{other:?}");
    }
    Ok(())
}

/// Nobody looks where nothing is refused, and no browser sends a preflight to its page's own server.
#[test]
fn only_a_refused_actual_request_is_told_to_be_same_origin() -> Result {
    let policy = Policy::builder().allow_origins([ORIGIN]).build()?;
    let same = |request: Request| request.with("sec-fetch-site", "same-origin");
    for request in [
        Request::new("POST"),
        Request::get(ORIGIN),
        Request::preflight("https://b.example", "PUT"),
        Request::preflight(ORIGIN, "PUT"),
    ] {
        let decision = policy.decide(&same(request.clone()));
        assert!(!decision.is_same_origin(), "{request:?}");
    }
    assert!(
        policy
            .decide(&same(Request::get("https://b.example")))
            .is_same_origin()
    );
    Ok(())
}

/// The same request may be rejected or not by what the browser says about its page, which no Vary
/// names.
#[test]
fn a_rejection_is_stored_by_no_cache_and_nothing_else_is_told_so() -> Result {
    let rejecting = |passthrough| {
        Policy::builder()
            .allow_origins([ORIGIN])
            .preflight_passthrough(passthrough)
            .reject_disallowed_origins(true)
            .build()
    };
    let stored = ("cache-control", "max-age=60");
    for (request, app, expected) in [
        (Request::get("https://b.example"), None, Some("no-store")),
        (Request::get(ORIGIN), Some(stored), Some("max-age=60")),
        (Request::new("GET"), Some(stored), Some("max-age=60")),
        (
            Request::get("https://b.example").with("sec-fetch-site", "same-origin"),
            Some(stored),
            Some("max-age=60"),
        ),
        (Request::preflight("https://b.example", "PUT"), None, None),
        (Request::preflight(ORIGIN, "PUT"), None, None),
        (Request::preflight(ORIGIN, "GET"), None, None),
    ] {
        let (decision, lines) = apply(&rejecting(false)?, &request, app.as_slice());
        assert_eq!(decision.status().is_none(), app.is_some(), "{request:?}");
        let found = lines.iter().find(|(name, _)| name == "cache-control");
        let found = found.map(|(_, value)| value.as_str());
        assert_eq!(found, expected, "{request:?}");
    }
    let preflight = Request::preflight("https://b.example", "PUT");
    let (_, lines) = apply(&rejecting(true)?, &preflight, &[stored]);
    assert!(pairs(&lines).contains(&stored), "{lines:?}");
    Ok(())
}

#[test]
fn a_decision_is_small_and_goes_anywhere() {
    fn anywhere<T: Send + Sync + Copy + 'static>() {}
    anywhere::<Decision>();
    assert!(
        size_of::<Decision>() <= 16,
        "{} bytes",
        size_of::<Decision>()
    );
    assert_eq!(size_of::<Policy>(), size_of::<usize>());
}
