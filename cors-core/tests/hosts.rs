//! `allow_hosts`: which requests are for the server, whatever else they are.

mod support;

use cors_core::{Decision, Policy, PolicyErrors, PolicyMap, Refusal, RequestKind};
use proptest::prelude::*;
use support::{Request, answer};

const APP: &str = "https://app.example.com";

fn policy<const N: usize>(hosts: [&str; N]) -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins([APP])
        .allow_methods(["PUT"])
        .allow_hosts(hosts)
        .build()
}

fn allows(policy: &Policy, host: impl AsRef<[u8]>) -> bool {
    let decision = policy.decide(&Request::new("GET").with("host", host));
    decision.refusal() != Some(Refusal::HostNotAllowed)
}

#[test]
fn a_host_is_one_of_the_list_in_any_spelling_of_it() -> Result<(), PolicyErrors> {
    let policy = policy([
        "api.example.com",
        "old.example.com:8443",
        "shop.example.com:443",
        "*.apps.example.com",
        "*.dev.example.com:3000",
        "LOCALHOST",
        "127.0.0.1",
        "[::1]",
    ])?;
    let longest = format!("{}.apps.example.com", "a.".repeat(117) + "bb");
    for host in [
        "api.example.com",
        "API.Example.COM",
        "api.example.com.",
        "api.example.com:1",
        "api.example.com.:65535",
        "old.example.com:8443",
        "OLD.example.com.:8443",
        "shop.example.com",
        "shop.example.com:443",
        "x.apps.example.com",
        "x.Y.apps.example.com.:9",
        "x.dev.example.com:3000",
        "localhost:3000",
        "LocalHost",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
        &longest,
    ] {
        assert!(allows(&policy, host), "{host}");
    }
    for host in [
        "",
        ".",
        "evil.example",
        "example.com",
        "api.example.com.evil.example",
        "evilapi.example.com",
        "api.example.com..",
        "api.example.com:",
        "api.example.com:0",
        "api.example.com:080",
        "api.example.com:65536",
        "api.example.com:8a",
        "api.example.com:80:80",
        "api.example.com ",
        " api.example.com",
        "me@api.example.com",
        "api.example.com/",
        "api%2eexample.com",
        "api.example.com,evil.example",
        "old.example.com",
        "old.example.com:443",
        "shop.example.com:80",
        "apps.example.com",
        ".apps.example.com",
        "evil.example/.apps.example.com",
        "a b.apps.example.com",
        "x..apps.example.com",
        "x.dev.example.com",
        "x.dev.example.com:3001",
        "127.0.0.2",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "::1",
        "[::1",
        "[::1]x",
        "[::1]:",
        "[0:0:0:0:0:0:0:1]",
        "[::1%25lo]",
        "[::1%lo]",
        "http://api.example.com",
        &format!("x.{longest}"),
        &"a".repeat(64 * 1024),
        &"a.".repeat(32 * 1024),
        &".apps.example.com".repeat(4096),
    ] {
        assert!(!allows(&policy, host), "{host}");
    }
    for host in [
        &b"\xff.apps.example.com"[..],
        b"api.example.com\0",
        b"x\x1b.apps.example.com",
    ] {
        assert!(!allows(&policy, host), "{host:?}");
    }
    Ok(())
}

/// An address has colons of its own, and a port may have any length.
#[test]
fn an_address_has_every_port() -> Result<(), PolicyErrors> {
    for address in [
        "[::]",
        "[::1]",
        "[1::]",
        "[1::2]",
        "[a:b::c]",
        "[::ffff]",
        "[1:2:3:4:5:6:7:8]",
        "[fd12:3456::1]",
        "127.0.0.1",
        "1.2.3.4",
        "a",
    ] {
        let any = policy([address])?;
        assert!(allows(&any, address), "{address}");
        for port in [1_u16, 9, 10, 80, 99, 443, 999, 3000, 9999, 10_000, 65_535] {
            let host = format!("{address}:{port}");
            assert!(allows(&any, &host), "{host}");
            let exact = policy([&*host])?;
            assert!(allows(&exact, &host), "{host}");
            assert_eq!(allows(&exact, address), [80, 443].contains(&port), "{host}");
        }
    }
    Ok(())
}

#[test]
fn no_host_and_two_hosts_are_refused() -> Result<(), PolicyErrors> {
    let policy = policy(["localhost"])?;
    let refused =
        |request: &Request| policy.decide(request).refusal() == Some(Refusal::HostNotAllowed);
    assert!(refused(&Request::new("GET")));
    let one = Request::new("GET").with("host", "localhost");
    assert!(!refused(&one));
    assert!(refused(&one.clone().with("host", "localhost")));
    assert!(refused(&one.with("host", "evil.example")));
    Ok(())
}

/// The kinds of request, each with the host at its end.
fn kinds() -> [(RequestKind, Request); 5] {
    let with_body = Request::new("POST").with("sec-fetch-site", "same-origin");
    [
        (RequestKind::NotCors, Request::new("GET")),
        (RequestKind::Actual, Request::get(APP)),
        (
            RequestKind::Actual,
            with_body.with("origin", "http://evil.example:3000"),
        ),
        (
            RequestKind::Actual,
            Request::new("OPTIONS").with("origin", APP),
        ),
        (RequestKind::Preflight, Request::preflight(APP, "PUT")),
    ]
}

#[test]
fn a_request_of_any_kind_for_another_host_is_rejected() -> Result<(), PolicyErrors> {
    let settings = Policy::builder()
        .allow_origins(["*"])
        .allow_methods(["*"])
        .allow_hosts(["localhost"])
        .preflight_refusal_status(200);
    let open = settings.build()?;
    let passing = Policy::builder()
        .allow_origins([APP])
        .allow_hosts(["localhost"])
        .preflight_passthrough(true)
        .keep_app_headers(true)
        .build()?;
    for policy in [open, passing] {
        for (kind, request) in kinds() {
            let foreign = request.clone().with("host", "evil.example:3000");
            let decision: Decision = policy.decide(&foreign);
            assert_eq!(decision.kind(), kind, "{foreign:?}");
            assert_eq!(
                decision.refusal(),
                Some(Refusal::HostNotAllowed),
                "{foreign:?}"
            );
            assert_eq!(decision.status(), Some(403), "{foreign:?}");
            assert!(
                decision.is_rejected() && !decision.is_allowed(),
                "{foreign:?}"
            );
            // The page is of the re-bound name, and to its browser it is the server's own.
            assert!(!decision.is_same_origin(), "{foreign:?}");
            let lines = answer(&policy, &foreign);
            let cors = lines
                .iter()
                .find(|(name, _)| name.starts_with("access-control-"));
            assert_eq!(cors, None, "{foreign:?}");
            let no_store = ("cache-control".to_owned(), "no-store".to_owned());
            assert!(lines.contains(&no_store), "{foreign:?}: {lines:?}");

            let own = request.with("host", "localhost:3000");
            let decision = policy.decide(&own);
            assert_ne!(decision.refusal(), Some(Refusal::HostNotAllowed), "{own:?}");
        }
    }
    Ok(())
}

#[test]
fn no_list_and_a_star_are_any_host() -> Result<(), PolicyErrors> {
    for policy in [policy([])?, policy(["*"])?, policy(["localhost", "*"])?] {
        for (_, request) in kinds() {
            assert!(!policy.decide(&request).is_rejected(), "{policy:?}");
        }
        assert!(allows(&policy, "evil.example"), "{policy:?}");
    }
    Ok(())
}

#[test]
fn the_words_name_the_host_and_the_setting() -> Result<(), PolicyErrors> {
    let policy = policy(["localhost"])?;
    let explained = |request: Request| policy.explain(&request);
    let foreign = explained(Request::new("GET").with("host", "Evil.example:3000"));
    assert_eq!(foreign.value(), Some(&b"Evil.example:3000"[..]));
    let words = foreign.to_string();
    assert!(words.contains("\"Evil.example:3000\""), "{words}");
    let remedy = foreign.remedy().unwrap_or_default();
    assert!(
        remedy.contains("add \"evil.example\" to allow_hosts"),
        "{remedy}"
    );

    let hostile = "\u{1b}[31m\u{202e}".repeat(10_000);
    let words = explained(Request::new("GET").with("host", hostile)).to_string();
    assert!(words.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && words.len() < 1000);
    let missing = explained(Request::new("GET"));
    assert_eq!(missing.value(), Some(&b""[..]));
    assert!(missing.to_string().contains("no host"), "{missing}");
    Ok(())
}

#[test]
fn the_preset_leaves_pages_of_the_own_machine() -> Result<(), PolicyErrors> {
    let policy = Policy::builder().only_pages_of_this_machine().build()?;
    let status = |host: &str, origin: Option<&str>| {
        let request = Request::new("POST").with("host", host);
        let request = match origin {
            Some(origin) => request.with("origin", origin),
            None => request,
        };
        policy.decide(&request).status()
    };
    for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"] {
        assert_eq!(status(host, None), None, "{host}");
        for origin in [
            "http://localhost:5173",
            "http://127.0.0.1",
            "http://[::1]:1",
        ] {
            assert_eq!(status(host, Some(origin)), None, "{origin}");
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
            "file://",
        ] {
            assert_eq!(status(host, Some(origin)), Some(403), "{origin}");
        }
    }
    // A re-bound name.
    let rebound = status("evil.example:3000", Some("http://evil.example:3000"));
    assert_eq!(rebound, Some(403));
    assert_eq!(status("evil.example:3000", None), Some(403));
    Ok(())
}

#[test]
fn a_path_that_may_be_read_as_one_with_hosts_is_rejected_for_them() -> Result<(), PolicyErrors> {
    let map = PolicyMap::builder()
        .default_policy(policy([])?)
        .path("/internal/{*rest}", policy(["localhost"])?)
        .build()?;
    let too_many = format!("/{}internal/x%2e", "a/..%2f%5c;/".repeat(40));
    for path in [
        "/internal/x",
        "/a/..%2finternal/x",
        "/a/..;/internal/x",
        &too_many,
    ] {
        for (host, allowed) in [("localhost", true), ("evil.example", false)] {
            let mut request = Request::get(APP).with("host", host);
            path.clone_into(&mut request.path);
            let installed = cors_core::adapter::PreparedPolicies::new(map.clone(), Clone::clone);
            let policy = installed.get(&request).expect("every path has a policy");
            let is_rejected = policy.decide(&request).is_rejected();
            assert_eq!(is_rejected, !allowed, "{path} for {host}");
        }
    }
    Ok(())
}

/// A path with too many readings may be read as any other one. Of many lists of hosts it is not
/// told which hold: the path is rejected.
#[test]
fn a_path_with_too_many_readings_needs_every_list() -> Result<(), PolicyErrors> {
    let is_rejected = |lists: usize, foreign: Option<usize>| {
        let mut map = PolicyMap::builder().default_policy(policy([])?);
        for list in 0..lists {
            let own = if foreign == Some(list) {
                "other"
            } else {
                "localhost"
            };
            map = map.path(format!("/{list}"), policy([own])?);
        }
        let policies = cors_core::adapter::PreparedPolicies::new(map.build()?, Clone::clone);
        let mut request = Request::new("GET").with("host", "localhost");
        request.path = format!("/{}x%2e", "a/..%2f%5c;/".repeat(40));
        let policy: Option<cors_core::adapter::InstalledPolicy> = policies.get(&request);
        let policy = policy.expect("every path has a policy");
        Ok(policy.decide(&request).is_rejected())
    };
    for lists in [1, 16] {
        assert!(!is_rejected(lists, None)?, "{lists}");
        for foreign in [0, lists - 1] {
            assert!(is_rejected(lists, Some(foreign))?, "{lists}, {foreign}");
        }
    }
    assert!(is_rejected(17, None)?);
    assert!(is_rejected(1_000, None)?);
    Ok(())
}

#[test]
fn a_predicate_is_asked_for_the_hosts_of_the_list_alone() -> Result<(), PolicyErrors> {
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hosts = std::sync::Arc::clone(&asked);
    let policy = Policy::builder()
        .allow_hosts(["localhost"])
        .allow_origin_if(move |query| {
            let host = query.host().map(str::to_owned);
            hosts.lock().expect("no test panics here").push(host);
            true
        })
        .build()?;
    for host in ["LocalHost.:3000", "evil.example", "localhost"] {
        let request = Request::get(APP).with("host", host);
        let decision = policy.decide(&request);
        assert_eq!(decision.is_allowed(), host != "evil.example", "{host}");
    }
    let asked = asked.lock().expect("no test panics here");
    let expected = ["LocalHost.:3000", "localhost"].map(|host| Some(host.to_owned()));
    assert_eq!(*asked, expected);
    Ok(())
}

proptest! {
    /// What the text of a problem says to write is right as it stands.
    #[test]
    fn what_is_to_be_written_instead_is_a_host(
        written in "(https?://|\\*\\.|\\.|me@|)([aA*.:0-9_%-]{0,6}|\\[::1\\]|\\[0::1\\]|0?127\\.0\\.0?\\.1|a\\.example)(:\\*|:[0-9]{1,3}|:|)(/|\\?x|)"
    ) {
        let Err(errors) = Policy::builder().allow_hosts([&written]).build() else {
            return Ok(());
        };
        prop_assert_eq!(errors.problems().len(), 1);
        let text = errors.problems()[0].kind().to_string();
        let Some((_, remedy)) = text.rsplit_once("; write \"") else {
            return Ok(());
        };
        let hosts: Vec<_> = remedy.trim_end_matches('"').split("\", \"").collect();
        let built = Policy::builder().allow_hosts(&hosts).build();
        prop_assert!(built.is_ok(), "{}: {}", written, text);
    }
}

/// What the contract says of a host, written out: split, folded, compared item by item.
fn slow_twin(items: &[(String, Option<u16>, bool)], host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => {
            let number = port.parse::<u16>().ok().filter(|number| *number > 0);
            match number.filter(|number| number.to_string() == port) {
                Some(number) => (name, Some(number)),
                None => return false,
            }
        }
        None => (host, None),
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    items.iter().any(|(listed, listed_port, subdomains)| {
        let is_port = match (listed_port, port) {
            (None, _) => true,
            (Some(listed), Some(port)) => *listed == port,
            (Some(listed), None) => [80, 443].contains(listed),
        };
        let is_name = match subdomains {
            false => name == *listed,
            true => name
                .strip_suffix(&format!(".{listed}"))
                .is_some_and(|below| below.split('.').all(|label| !label.is_empty())),
        };
        is_port && is_name
    })
}

proptest! {
    #[test]
    fn a_list_of_hosts_agrees_with_a_slow_twin(
        items in prop::collection::vec(
            ("[ab]\\.[ab](\\.[ab])?", prop::option::of(prop::sample::select(vec![80, 443, 8080])), any::<bool>()),
            1..12,
        ),
        hosts in prop::collection::vec("[abAB]?(\\.[abAB]?){0,4}(:(0|1|80|080|443|8080|65536|))?", 1..20),
    ) {
        let written = items.iter().map(|(name, port, subdomains)| {
            let star = if *subdomains { "*." } else { "" };
            let port = port.map(|port: u16| format!(":{port}")).unwrap_or_default();
            format!("{star}{name}{port}")
        });
        let policy = Policy::builder().allow_hosts(written.collect::<Vec<_>>()).build();
        let policy = policy.expect("the hosts are valid");
        for host in hosts {
            prop_assert_eq!(allows(&policy, &host), slow_twin(&items, &host), "{}", host);
        }
    }
}

/// What is right for one of several hosts would have the others disappear.
#[test]
fn several_hosts_are_corrected_together_or_not_at_all() {
    for (written, expected) in [
        (
            "https://a.example/,b.example",
            vec!["a.example", "b.example"],
        ),
        ("https://a.example/,b..example", Vec::new()),
        ("https://a.example/x,127.0.0.999", Vec::new()),
        ("https://a.example/ b!example", Vec::new()),
    ] {
        let errors = Policy::builder().allow_hosts([written]).build();
        let errors = errors.expect_err(written);
        let text = errors.problems()[0].kind().remedy();
        let named: Vec<_> = text.split('"').skip(1).step_by(2).collect();
        if expected.is_empty() {
            let parts: Vec<_> = written.split([',', ' ', '/']).collect();
            assert!(
                named.iter().all(|named| !parts.contains(named)),
                "{written}: {text}"
            );
        } else {
            assert_eq!(named, expected, "{written}");
        }
    }
}
