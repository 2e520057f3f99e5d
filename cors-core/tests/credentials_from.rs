//! `allow_credentials_from`: credentials for some origins, and others without.
//!
//! The properties of `properties.rs` hold for it too.

mod meaning;
mod support;

use std::sync::mpsc::channel;

use cors_core::adapter::{BoundDecision, DecisionEvent, Difference, Listeners, Shadow};
use cors_core::{
    Policy, PolicyBuilder, PolicyConfig, PolicyErrors, ProblemKind, Refusal, RequestKind, Setting,
};
use meaning::{EXPOSED, HEADERS, METHODS, ORIGINS, PAGES};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::{Request, answer, apply};

type Result = std::result::Result<(), PolicyErrors>;

/// A page of the list.
const OWN: &str = "https://app.example.com";
/// A page that is allowed without credentials.
const OTHER: &str = "https://other.example";

fn public() -> PolicyBuilder {
    Policy::builder()
        .allow_origins(["*"])
        .allow_credentials_from([
            OWN,
            "https://*.example.org",
            "http://localhost:*",
            "app://.",
        ])
}

fn few() -> PolicyBuilder {
    Policy::builder()
        .allow_origins([OTHER])
        .allow_credentials_from([OWN])
}

fn pairs(lines: &[(String, String)]) -> Vec<(&str, &str)> {
    let lines = lines.iter();
    lines.map(|(name, value)| (&**name, &**value)).collect()
}

const ACAO: &str = "access-control-allow-origin";
const ACAC: (&str, &str) = ("access-control-allow-credentials", "true");
const ACAM: &str = "access-control-allow-methods";
const ACAH: &str = "access-control-allow-headers";
const VARY: (&str, &str) = ("vary", "Origin");
const PREFLIGHT_VARY: (&str, &str) = (
    "vary",
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
);

#[test]
fn a_listed_origin_has_credentials_and_others_have_the_star() -> Result {
    let policy = public().build()?;
    for own in [
        OWN,
        "https://a.example.org",
        "http://localhost:3000",
        "app://.",
    ] {
        let lines = answer(&policy, &Request::get(own));
        assert_eq!(pairs(&lines), [(ACAO, own), ACAC, VARY], "{own}");
    }
    for other in [
        OTHER,
        "null",
        "file://",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.net",
        "https://evilapp.example.com",
        "https://example.org",
        "https://evilexample.org",
        "http://localhost.evil.net",
        "app://.x",
    ] {
        let lines = answer(&policy, &Request::get(other));
        assert_eq!(pairs(&lines), [(ACAO, "*"), VARY], "{other}");
    }
    Ok(())
}

#[test]
fn a_listed_origin_has_credentials_and_others_by_name_have_none() -> Result {
    let policy = few().build()?;
    let lines = answer(&policy, &Request::get(OWN));
    assert_eq!(pairs(&lines), [(ACAO, OWN), ACAC, VARY]);
    let lines = answer(&policy, &Request::get(OTHER));
    assert_eq!(pairs(&lines), [(ACAO, OTHER), VARY]);
    for refused in ["https://evil.example", "null"] {
        let lines = answer(&policy, &Request::get(refused));
        assert_eq!(pairs(&lines), [VARY], "{refused}");
    }
    Ok(())
}

/// A cache would give a page with credentials the `*`.
#[test]
fn a_response_without_an_origin_names_none() -> Result {
    for policy in [public().build()?, few().build()?] {
        let (decision, lines) = apply(&policy, &Request::new("GET"), &[]);
        assert_eq!(decision.kind(), RequestKind::NotCors);
        assert_eq!(pairs(&lines), [VARY]);
    }
    Ok(())
}

/// The answer depends on `Origin`, so that it has to be an origin, under `*` too.
#[test]
fn what_is_no_single_origin_is_refused() -> Result {
    let policy = public()
        .allow_credentials_from(["app://*"])
        .dangerously_allow_any_origin_with_credentials(true)
        .build()?;
    assert!(policy.allows_origin("app://a"));
    let long_app = format!("app://{}", "a".repeat(5000));
    let two = Request::get(OWN).with("origin", OWN);
    assert_eq!(policy.decide(&two).refusal(), Some(Refusal::SeveralOrigins));
    let long = format!("https://{}", "a".repeat(5000));
    for malformed in [
        "",
        "https://app.example.com/",
        "HTTPS://APP.EXAMPLE.COM",
        "\u{fc}",
        &long,
        &long_app,
    ] {
        for request in [
            Request::get(malformed),
            Request::preflight(malformed, "GET"),
        ] {
            let (decision, lines) = apply(&policy, &request, &[]);
            let refusal = decision.refusal();
            assert!(
                matches!(refusal, Some(Refusal::MalformedOrigin(_))),
                "{malformed:?}"
            );
            assert!(lines.iter().all(|(name, _)| name == "vary"), "{lines:?}");
        }
    }
    Ok(())
}

#[test]
fn a_preflight_for_anything_is_echoed_to_the_one_and_has_the_star_for_the_other() -> Result {
    let any = |builder: PolicyBuilder| builder.allow_methods(["*"]).allow_headers(["*"]).build();
    let asking = |origin| Request::preflight(origin, "PUT").asking_for("x-a,x-b");
    for policy in [any(public())?, any(few())?] {
        let own = answer(&policy, &asking(OWN));
        let expected = [
            (ACAO, OWN),
            ACAC,
            (ACAM, "PUT"),
            (ACAH, "x-a,x-b"),
            PREFLIGHT_VARY,
        ];
        assert_eq!(pairs(&own), expected);
        let other = answer(&policy, &asking(OTHER));
        let origin = if policy.allows_origin("null") {
            "*"
        } else {
            OTHER
        };
        let expected = [(ACAO, origin), (ACAM, "*"), (ACAH, "*"), PREFLIGHT_VARY];
        assert_eq!(pairs(&other), expected);

        // `*` never covers it, and with credentials no `*` is sent.
        let authorized = |origin| Request::preflight(origin, "GET").asking_for("authorization");
        assert!(policy.decide(&authorized(OWN)).is_allowed());
        let refusal = policy.decide(&authorized(OTHER)).refusal();
        assert_eq!(refusal, Some(Refusal::HeaderNotAllowed));
        // With credentials the name would be echoed, and read as a wildcard.
        for (request, refusal) in [
            (
                Request::preflight(OWN, "*"),
                Some(Refusal::MethodNotAllowed),
            ),
            (Request::preflight(OTHER, "*"), None),
            (
                Request::preflight(OWN, "GET").asking_for("*"),
                Some(Refusal::HeaderNotAllowed),
            ),
            (Request::preflight(OTHER, "GET").asking_for("*"), None),
        ] {
            assert_eq!(policy.decide(&request).refusal(), refusal, "{request:?}");
        }
    }
    Ok(())
}

#[test]
fn a_list_refuses_both_in_the_same_words() -> Result {
    let policy = few()
        .allow_methods(["PUT"])
        .allow_headers(["x-a"])
        .build()?;
    for origin in [OWN, OTHER] {
        let delete = Request::preflight(origin, "DELETE");
        assert_eq!(
            policy.decide(&delete).refusal(),
            Some(Refusal::MethodNotAllowed)
        );
        let lines = answer(&policy, &delete);
        assert!(pairs(&lines).contains(&(ACAM, "PUT")) && pairs(&lines).contains(&(ACAH, "x-a")));
        assert_eq!(pairs(&lines).contains(&ACAC), origin == OWN);
        // It is refused all the same.
        assert!(!policy.decide(&delete).allows_credentials());
        let put = Request::preflight(origin, "PUT");
        assert_eq!(policy.decide(&put).allows_credentials(), origin == OWN);
        let get = Request::get(origin);
        assert_eq!(policy.decide(&get).allows_credentials(), origin == OWN);
    }
    Ok(())
}

/// Handlers ask it of what has cookies whatever a policy says.
#[test]
fn own_pages_and_what_is_of_no_page_may_have_credentials() -> Result {
    for others in ["*", OTHER] {
        let policy = Policy::builder()
            .allow_origins([others])
            .allow_credentials_from([OWN])
            .build()?;
        let from = |origin, site| {
            let request = Request::new("POST").with("origin", origin);
            policy
                .decide(&request.with("sec-fetch-site", site))
                .allows_credentials()
        };
        assert!(from("https://api.example", "same-origin"));
        assert!(from(OWN, "cross-site"));
        assert!(!from(OTHER, "cross-site"));
        assert!(!from("https://evil.example", "same-site"));
        assert!(policy.decide(&Request::new("POST")).allows_credentials());
    }
    Ok(())
}

/// All that allows origins besides the list allows them without credentials.
#[test]
fn null_expressions_and_predicates_have_none() -> Result {
    let policy = few()
        .allow_null_origin(true)
        .allow_origin_if(|query| query.origin().host() == "asked.example");
    #[cfg(feature = "regex")]
    let policy = policy.allow_origin_regexes([r"http://pr-[0-9]+\.example\.com"]);
    let policy = policy.build()?;
    #[cfg(feature = "regex")]
    assert!(policy.allows_origin("http://pr-7.example.com"));
    for origin in ["null", "http://asked.example", "http://pr-7.example.com"] {
        let lines = answer(&policy, &Request::get(origin));
        assert!(!pairs(&lines).contains(&ACAC), "{origin}: {lines:?}");
    }
    assert!(policy.allows_origin("null") && policy.allows_origin("http://asked.example"));
    // No predicate is asked about an origin of the list.
    let policy = few().allow_origin_if(|query| query.origin().host() != "app.example.com");
    assert!(policy.build()?.allows_origin(OWN));
    Ok(())
}

fn kinds(config: &PolicyConfig) -> Vec<(String, ProblemKind, Option<Setting>)> {
    let problems = config.build().err().into_iter().flatten();
    problems
        .map(|problem| {
            let (location, kind) = (problem.location().to_string(), problem.kind().clone());
            (location, kind, problem.conflicts_with())
        })
        .collect()
}

#[test]
fn an_item_has_what_is_dangerous_with_credentials_and_others_have_not() {
    let mut config = PolicyConfig::default();
    let items = [
        "http://app.example.com",
        "moz-extension://*",
        "file://",
        "http://localhost:*",
        "https://*.example.com",
    ];
    config.allow_origins = items.map(str::to_owned).into();
    config.allow_credentials_from = items.map(str::to_owned).into();
    let secure = Some("https://app.example.com".to_owned());
    let expected = [
        ProblemKind::InsecureOriginWithCredentials(secure),
        ProblemKind::AnyHostWithCredentials,
        ProblemKind::NullOriginWithCredentials,
    ];
    let found = kinds(&config);
    assert_eq!(found.len(), 3, "{found:?}");
    for (index, (kind, found)) in expected.into_iter().zip(found).enumerate() {
        let location = format!("allow_credentials_from[{index}]");
        assert_eq!(found, (location, kind, None));
    }
    config.dangerously_allow_insecure_origins_with_credentials = true;
    config.dangerously_allow_any_origin_with_credentials = true;
    config.dangerously_allow_null_origin_with_credentials = true;
    config.dangerously_allow_private_networks_with_credentials = true;
    assert_eq!(kinds(&config), []);
}

#[test]
fn what_the_list_has_not_is_a_problem() {
    let of = |item: &str| {
        let mut config = PolicyConfig::default();
        config.allow_credentials_from = vec![item.to_owned()];
        config.dangerously_allow_any_origin_with_credentials = true;
        kinds(&config)
    };
    for (item, kind) in [
        ("*", ProblemKind::AnyOriginInCredentialsFrom),
        (
            r"^https://(a|b)\.example\.com$",
            ProblemKind::NoPatternInCredentialsFrom,
        ),
        (
            "https://pr-*.example.com",
            ProblemKind::NoPatternInCredentialsFrom,
        ),
        ("null", ProblemKind::NullAmongOrigins),
        ("https://*.com", ProblemKind::WildcardOverTopLevel),
    ] {
        assert_eq!(
            of(item),
            [("allow_credentials_from[0]".to_owned(), kind, None)],
            "{item}"
        );
    }
}

#[cfg(feature = "public-suffix")]
#[test]
fn a_public_suffix_is_one_in_the_list_alone() {
    let mut config = PolicyConfig::default();
    config.allow_origins = vec!["https://*.github.io".to_owned()];
    config.allow_credentials_from = config.allow_origins.clone();
    assert_eq!(kinds(&config), []);
    config.check_public_suffixes = true;
    let location = "allow_credentials_from[0]".to_owned();
    assert_eq!(
        kinds(&config),
        [(location, ProblemKind::PublicSuffixWithCredentials, None)]
    );
}

#[test]
fn it_stands_beside_no_credentials_for_all_and_no_star_of_exposed_headers() {
    let mut config = PolicyConfig::default();
    config.allow_credentials_from = vec![OWN.to_owned()];
    config.expose_headers = vec!["*".to_owned()];
    let exposed = (
        "expose_headers[0]".to_owned(),
        ProblemKind::AnyExposedHeaderWithCredentials,
    );
    let list = Some(Setting::AllowCredentialsFrom);
    assert_eq!(kinds(&config), [(exposed.0, exposed.1, list)]);
    config.expose_headers.clear();
    config.allow_credentials = true;
    let both = ProblemKind::CredentialsBesideCredentialsFrom;
    assert_eq!(
        kinds(&config),
        [("allow_credentials".to_owned(), both, list)]
    );
}

#[test]
fn the_words_name_the_list() -> Result {
    let policy = few().allow_methods(["*"]).build()?;
    let explain = |request: &Request| policy.explain(request).to_string();
    assert_eq!(
        explain(&Request::get(OWN)),
        "actual request allowed: allow_credentials_from lists \"https://app.example.com\"."
    );
    assert_eq!(
        explain(&Request::get(OTHER)),
        "actual request allowed: allow_origins lists \"https://other.example\"."
    );
    assert_eq!(
        explain(&Request::get("https://www.app.example.com")),
        "actual request refused: the policy allows no origin \"https://www.app.example.com\" (it \
         allows \"https://app.example.com\"). To allow it, add \"https://www.app.example.com\" to \
         allow_origins, or to allow_credentials_from if it is to have credentials."
    );
    let star = explain(&Request::preflight(OWN, "*"));
    assert!(
        star.contains("No policy with credentials allows this name"),
        "{star}"
    );
    let policy = few().allow_headers(["*"]).build()?;
    let star = Request::preflight(OWN, "GET").asking_for("x-a,*");
    let words = policy.explain(&star).to_string();
    assert!(words.contains("the request header \"*\""), "{words}");
    assert_eq!(told(&policy, &star), words);
    let summary = format!("{policy:?}");
    assert!(
        summary.contains("; credentials from: \"https://app.example.com\""),
        "{summary}"
    );
    Ok(())
}

/// Calls a listener with the event of a request, and returns what it makes of it.
fn heard<T: Send + 'static>(
    policy: &Policy,
    shadow: Option<&Shadow>,
    request: &Request,
    hear: fn(&DecisionEvent<'_>) -> T,
) -> T {
    let bound = support::block_on(BoundDecision::evaluate(policy.clone(), request));
    let (told, heard) = channel();
    let mut listeners = Listeners::default();
    listeners.add(move |event| told.send(hear(event)).expect("it is heard"));
    bound
        .beside_shadow(shadow, request)
        .tell(&listeners, request);
    heard.recv().expect("it is told")
}

fn told(policy: &Policy, request: &Request) -> String {
    heard(policy, None, request, |event| {
        event.explanation().to_string()
    })
}

#[test]
fn a_shadow_differs_in_the_headers_or_in_who_is_allowed() -> Result {
    let now = Policy::builder()
        .allow_origins([OTHER, "https://second.example"])
        .build()?;
    let next = Policy::builder()
        .allow_origins([OTHER])
        .allow_credentials_from([OWN, "https://second.example"])
        .build()?;
    let shadow = Shadow::new(next);
    for (origin, difference) in [
        (OTHER, None),
        ("https://second.example", Some(Difference::OtherHeaders)),
        (OWN, Some(Difference::WouldAllow)),
        ("https://evil.example", None),
    ] {
        let request = Request::get(origin);
        let found = heard(&now, Some(&shadow), &request, |event| {
            event.shadow_difference()
        });
        assert_eq!(found, difference, "{origin}");
    }
    Ok(())
}

#[cfg(feature = "serde")]
mod of_a_file {
    use super::*;
    use cors_core::{PolicyMap, PolicyMapConfig};

    fn read(text: &str) -> PolicyMapConfig {
        toml::from_str(text).expect(text)
    }

    /// Who has credentials on a path: of all, of the list of the top, of that of a table, of none.
    fn with_credentials(map: &PolicyMap, path: &str) -> Vec<&'static str> {
        let policy = map.policy(path).expect("the path has a policy");
        let pages = [OTHER, OWN, "https://table.example"];
        let has = |page: &&str| pairs(&answer(policy, &Request::get(page))).contains(&ACAC);
        pages.into_iter().filter(has).collect()
    }

    #[test]
    fn a_table_takes_who_has_credentials_over_as_a_whole() -> Result {
        const ALL: &str = "allow_origins = [\"https://other.example\", \"https://app.example.com\"]\n\
                           allow_credentials = true\n";
        const LIST: &str = "allow_origins = [\"https://other.example\"]\n\
                            allow_credentials_from = [\"https://app.example.com\"]\n";
        const OWN_LIST: &str = "allow_credentials_from = [\"https://table.example\"]";
        const TABLE: &str = "https://table.example";
        for (top, table, expected) in [
            (ALL, "max_age = 5", vec![OTHER, OWN]),
            (ALL, OWN_LIST, vec![TABLE]),
            (ALL, "allow_credentials_from = []", vec![]),
            (ALL, "allow_credentials = false", vec![]),
            (LIST, "max_age = 5", vec![OWN]),
            (LIST, OWN_LIST, vec![TABLE]),
            (LIST, "allow_credentials_from = []", vec![]),
            (LIST, "allow_credentials = true", vec![OTHER]),
            (LIST, "allow_credentials = false", vec![]),
            (
                LIST,
                "allow_credentials = false\nallow_credentials_from = [\"https://table.example\"]",
                vec![TABLE],
            ),
        ] {
            // As a path, as the shadow, and as what a variable stands for.
            let text = format!("{top}[[paths]]\npath = \"/a\"\n{table}\n");
            let map = read(&text).build()?;
            assert_eq!(with_credentials(&map, "/a"), expected, "{text}");
            let again = map.config().build()?;
            assert_eq!(with_credentials(&again, "/a"), expected, "{text}");
            assert_eq!(again.config(), map.config());
            let written = toml::to_string(&map.config()).expect("it can be written");
            assert_eq!(
                with_credentials(&read(&written).build()?, "/a"),
                expected,
                "{written}"
            );

            let map = read(&format!("{top}[shadow]\n{table}\n")).build()?;
            let shadow = map.shadow().expect("there is one");
            assert_eq!(with_credentials(shadow, "/"), expected, "{text}");
            let again = map.config().build()?;
            assert_eq!(
                again.shadow().expect("there is one").config(),
                shadow.config()
            );

            let vars = table.lines().map(|line| {
                let (key, value) = line.split_once(" = ").expect("a key");
                let value = value.replace(['[', ']', '"'], "");
                (format!("CORS_{}", key.to_uppercase()), value)
            });
            let config = read(top).with_vars("CORS_", vars)?;
            assert_eq!(with_credentials(&config.build()?, "/"), expected, "{table}");
        }
        Ok(())
    }

    #[test]
    fn a_table_that_writes_both_has_a_problem() {
        let text = "allow_origins = [\"https://app.example.com\"]\n[[paths]]\npath = \"/a\"\n\
                    allow_credentials = true\nallow_credentials_from = [\"https://app.example.com\"]";
        let errors = read(text).build().expect_err("both");
        let places: Vec<_> = errors
            .into_iter()
            .map(|problem| problem.location().to_string())
            .collect();
        assert_eq!(places, ["paths[0].allow_credentials"]);
    }

    /// A problem at the top is told once, and one that a table makes of what it inherits is told.
    #[test]
    fn a_table_that_inherits_the_list_has_the_problems_that_it_makes() {
        let places = |text: &str| -> Vec<String> {
            let problems = read(text).build().err().into_iter().flatten();
            problems
                .map(|problem| problem.location().to_string())
                .collect()
        };
        let insecure = "allow_credentials_from = [\"http://a.example\"]\n[[paths]]\npath = \"/a\"\nmax_age = 5";
        assert_eq!(places(insecure), ["allow_credentials_from[0]"]);
        let tolerated = format!(
            "dangerously_allow_insecure_origins_with_credentials = true\n{insecure}\n\
            dangerously_allow_insecure_origins_with_credentials = false"
        );
        assert_eq!(places(&tolerated), ["paths[0].allow_credentials_from[0]"]);
        let exposed = "allow_credentials_from = [\"https://a.example\"]\n[[paths]]\npath = \"/a\"\n\
            expose_headers = [\"*\"]";
        assert_eq!(places(exposed), ["paths[0].expose_headers[0]"]);
        let of_table = "expose_headers = [\"*\"]\n[[paths]]\npath = \"/a\"\n\
            allow_credentials_from = [\"https://a.example\"]";
        assert_eq!(places(of_table), ["paths[0].expose_headers[0]"]);
    }

    #[test]
    fn a_variable_that_makes_a_problem_is_named() {
        let text = "expose_headers = [\"*\"]";
        let vars = [(
            "CORS_ALLOW_CREDENTIALS_FROM",
            "https://a.example,http://b.example",
        )];
        let errors = read(text).with_vars("CORS_", vars).expect_err("two");
        let errors = errors.to_string();
        assert!(
            errors.contains("expose_headers[0] with CORS_ALLOW_CREDENTIALS_FROM: "),
            "{errors}"
        );
        assert!(
            errors.contains("CORS_ALLOW_CREDENTIALS_FROM[1]: \"http://b.example\": "),
            "{errors}"
        );
    }
}

/// A subset of a list, in any order.
fn some(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(all, 0..=all.len().min(5))
        .prop_shuffle()
        .prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

/// Settings without credentials, and a list of those that have them.
fn policies() -> impl Strategy<Value = (PolicyConfig, Vec<String>)> {
    let lists = (
        some(ORIGINS),
        some(METHODS),
        some(HEADERS),
        some(EXPOSED),
        some(ORIGINS),
    );
    (lists, any::<[bool; 5]>()).prop_map(|(lists, switches)| {
        let (origins, methods, headers, exposed, mut list) = lists;
        let [null, keep, passthrough, network, age] = switches;
        list.retain(|origin| origin != "*");
        if list.is_empty() {
            list.push(OWN.to_owned());
        }
        let mut config = PolicyConfig::default();
        config.allow_origins = origins;
        config.allow_methods = methods;
        config.allow_headers = headers;
        config.expose_headers = exposed.into_iter().filter(|name| name != "*").collect();
        config.allow_null_origin = null;
        config.keep_app_headers = keep;
        config.preflight_passthrough = passthrough;
        config.allow_private_network = network;
        config.max_age = age.then_some(std::time::Duration::from_secs(600));
        config.dangerously_allow_any_origin_with_credentials = true;
        config.dangerously_allow_null_origin_with_credentials = true;
        config.dangerously_allow_insecure_origins_with_credentials = true;
        config.dangerously_allow_private_networks_with_credentials = true;
        (config, list)
    })
}

fn requests() -> impl Strategy<Value = Request> {
    let page = prop_oneof![select(PAGES), Just(OWN)];
    let method = select(vec![
        "GET", "PUT", "put", "DELETE", "QUERY", "*", "TRACE", "a b",
    ]);
    let header = select(vec![
        "content-type",
        "authorization",
        "x-a",
        "X-B",
        "*",
        "a b",
        "",
    ]);
    (page, method, vec(header, 0..4), any::<[bool; 2]>()).prop_map(
        |(page, method, headers, [preflight, network])| {
            if !preflight {
                return Request::new(method).with("origin", page);
            }
            let request = Request::preflight(page, method).asking_for(headers.join(","));
            if network {
                request.with("access-control-request-private-network", "true")
            } else {
                request
            }
        },
    )
}

proptest! {
    /// It is two policies, of which the origin picks one; but for Vary.
    #[test]
    fn it_answers_as_the_policy_of_the_list_or_as_the_one_without(
        (others, list) in policies(),
        request in requests(),
        app in select(vec![&[][..], &[("access-control-allow-credentials", "true")]]),
    ) {
        let build = |config: &PolicyConfig| config.build().expect("every switch is on");
        let mut both = others.clone();
        both.allow_credentials_from = list.clone();
        let mut of_list = others.clone();
        of_list.allow_origins = list;
        of_list.allow_null_origin = false;
        of_list.allow_credentials = true;
        let page = request.lines.first().map(|(_, value)| String::from_utf8_lossy(value));
        let page = page.unwrap_or_default();
        let is_listed = build(&of_list).allows_origin(&page);
        let twin = build(if is_listed { &of_list } else { &others });
        let both = build(&both);

        let (decision, lines) = apply(&both, &request, app);
        let (expected, expected_lines) = apply(&twin, &request, app);
        let without_vary = |lines: Vec<(String, String)>| -> Vec<_> {
            lines.into_iter().filter(|(name, _)| name != "vary").collect()
        };
        prop_assert_eq!(decision.refusal(), expected.refusal());
        prop_assert_eq!(decision.is_allowed(), expected.is_allowed());
        prop_assert_eq!(decision.status(), expected.status());
        let vary = lines.iter().find(|(name, _)| name == "vary");
        prop_assert!(vary.is_some_and(|(_, value)| value.starts_with("Origin")), "{:?}", lines);
        prop_assert_eq!(without_vary(lines), without_vary(expected_lines));
        // The words are those of the same policy, but for the names of the lists.
        let words = [&both, &twin].map(|policy| policy.explain(&request));
        prop_assert_eq!(words[0].value(), words[1].value());
        // What a listener is told is found anew, from the request.
        prop_assert_eq!(told(&both, &request), words[0].to_string());
        if decision.refusal() != Some(Refusal::OriginNotAllowed) && !decision.is_allowed() {
            prop_assert_eq!(words[0].to_string(), words[1].to_string());
        }
    }
}
