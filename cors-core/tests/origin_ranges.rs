//! Items of `allow_origins` for many origins: ranges of ports, and private networks. What they match,
//! what is said about those that are wrong, and what they need beside credentials.

use std::net::Ipv4Addr;

use cors_core::{
    OriginRule, Policy, PolicyBuilder, PolicyErrors, ProblemKind as P, Refusal, Setting,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

mod support;

use support::Request;

fn policy(items: &[&str]) -> Policy {
    let builder = Policy::builder().allow_origins(items);
    builder.build().expect("the items are right")
}

fn problem(builder: PolicyBuilder) -> cors_core::Problem {
    let problems = builder.build().expect_err("a problem").into_iter();
    let [problem] = problems
        .collect::<Vec<_>>()
        .try_into()
        .expect("one problem");
    problem
}

/// An item, origins that it matches, and others that it does not.
const ITEMS: &[(&str, &[&str], &[&str])] = &[
    (
        "http://localhost:3000-3010",
        &[
            "http://localhost:3000",
            "http://localhost:3007",
            "http://localhost:3010",
        ],
        &[
            "http://localhost",
            "http://localhost:2999",
            "http://localhost:3011",
            "http://localhost:30000",
            "https://localhost:3000",
            "http://a.localhost:3000",
            "http://localhost.example:3000",
        ],
    ),
    // The default port is never named.
    (
        "HTTP://A.example:1-1024",
        &[
            "http://a.example",
            "http://a.example:1",
            "http://a.example:443",
        ],
        &["https://a.example", "http://a.example:1025"],
    ),
    (
        "https://a.example:443-444",
        &["https://a.example", "https://a.example:444"],
        &["https://a.example:445", "http://a.example:443"],
    ),
    (
        "https://*.example.com:8000-8999",
        &["https://a.example.com:8000", "https://b.a.example.com:8999"],
        &[
            "https://example.com:8000",
            "https://a.example.com",
            "https://a.example.com:9000",
            "http://a.example.com:8000",
            "https://aexample.com:8000",
        ],
    ),
    (
        "http://[::1]:3000-3010",
        &["http://[::1]:3000", "http://[::1]:3010"],
        &["http://[::1]", "http://[::1]:3011", "http://[::2]:3000"],
    ),
    (
        "http://a.example:1-65534",
        &["http://a.example", "http://a.example:65534"],
        &["http://a.example:65535"],
    ),
    // A scheme without a default port.
    (
        "app://a:1-5000",
        &["app://a:1", "app://a:80", "app://a:5000"],
        &["app://a", "app://a:5001", "app://b:1"],
    ),
    (
        "app://*:3000-3010",
        &["app://a:3000", "app://.:3010"],
        &["app://a", "app://a:3011", "http://a:3000"],
    ),
    (
        "http://192.168.*.*:*",
        &[
            "http://192.168.0.0",
            "http://192.168.1.20:3000",
            "http://192.168.255.255:65535",
        ],
        &[
            "https://192.168.1.20",
            "http://192.169.0.1",
            "http://192.167.255.255",
            "http://10.192.168.1",
            "http://192.168.1.1.example.com",
            "http://192.168.example.com",
            "app://192.168.1.20",
        ],
    ),
    (
        "http://192.168.1.*",
        &["http://192.168.1.0", "http://192.168.1.255"],
        &[
            "http://192.168.1.1:3000",
            "http://192.168.0.255",
            "http://192.168.2.0",
        ],
    ),
    (
        "http://10.*.*.*:3000",
        &["http://10.0.0.0:3000", "http://10.255.255.255:3000"],
        &[
            "http://10.0.0.1",
            "http://10.0.0.1:3001",
            "http://9.255.255.255:3000",
            "http://11.0.0.0:3000",
        ],
    ),
    (
        "http://10.1.*.*:80",
        &["http://10.1.0.1"],
        &["http://10.2.0.1", "http://10.1.0.1:8080"],
    ),
    (
        "https://172.16.*.*:8000-8010",
        &["https://172.16.9.9:8000", "https://172.16.0.0:8010"],
        &[
            "https://172.16.9.9",
            "https://172.17.0.0:8000",
            "http://172.16.9.9:8000",
        ],
    ),
    (
        "http://172.31.*.*",
        &["http://172.31.255.255"],
        &["http://172.32.0.0"],
    ),
    (
        "http://172.20.5.*",
        &["http://172.20.5.7"],
        &["http://172.20.6.7"],
    ),
    (
        "http://169.254.*.*",
        &["http://169.254.1.1"],
        &["http://169.253.1.1"],
    ),
    (
        "http://127.*.*.*:*",
        &["http://127.0.0.1:3000"],
        &["http://128.0.0.1:3000"],
    ),
];

#[test]
fn items_match_what_they_say() {
    for (item, allowed, refused) in ITEMS {
        let policy = policy(&[item]);
        for origin in *allowed {
            assert!(policy.allows_origin(origin), "{item} {origin}");
        }
        for origin in *refused {
            assert!(!policy.allows_origin(origin), "{item} {origin}");
        }
        assert_eq!(policy.config().allow_origins, [*item]);
    }
}

#[test]
fn the_rule_is_the_kind_of_the_item() {
    let policy = policy(&[
        "http://localhost:3000",
        "http://localhost:3000-3010",
        "http://a.example:*",
        "http://a.example:3000-3010",
        "https://*.example.com:3000-3010",
        "http://192.168.*.*",
    ]);
    for (origin, rule) in [
        ("http://localhost:3000", OriginRule::Exact),
        ("http://localhost:3001", OriginRule::PortRange),
        ("http://a.example:3001", OriginRule::AnyPort),
        ("https://a.example.com:3001", OriginRule::Subdomain),
        ("http://192.168.1.1", OriginRule::PrivateNetwork),
    ] {
        let decision = policy.decide(&Request::get(origin));
        assert_eq!(decision.origin_rule(), Some(rule), "{origin}");
    }
}

/// Makes the kind of a problem, of the items that are to be written instead.
type Kind = fn(Vec<String>) -> P;

/// An item, the kind of its problem, and what to write instead.
const WRONG: &[(&str, Kind, &[&str])] = &[
    (
        "http://localhost:3010-3000",
        P::OriginPortRangeInvalid,
        &["http://localhost:3000-3010"],
    ),
    (
        "http://localhost:3000-3000",
        P::OriginPortRangeInvalid,
        &["http://localhost:3000"],
    ),
    (
        "http://localhost:80-80",
        P::OriginPortRangeInvalid,
        &["http://localhost"],
    ),
    (
        "https://*.example.com:08000-8999",
        P::OriginPortRangeInvalid,
        &["https://*.example.com:8000-8999"],
    ),
    (
        "http://localhost:3000-*",
        P::OriginPortRangeInvalid,
        &["http://localhost:3000-65535"],
    ),
    (
        "http://localhost:*-3000",
        P::OriginPortRangeInvalid,
        &["http://localhost:1-3000"],
    ),
    ("http://localhost:3000-", P::OriginPortRangeInvalid, &[]),
    ("http://localhost:a-b", P::OriginPortRangeInvalid, &[]),
    (
        "http://localhost:1-65535",
        P::OriginPortRangeIsAny,
        &["http://localhost:*"],
    ),
    (
        "http://localhost:0-65535",
        P::OriginPortRangeIsAny,
        &["http://localhost:*"],
    ),
    (
        "http://localhost:65535-1",
        P::OriginPortRangeIsAny,
        &["http://localhost:*"],
    ),
    ("http://localhost:0-3000", |_| P::OriginPortOutOfRange, &[]),
    (
        "http://localhost:3000-65536",
        |_| P::OriginPortOutOfRange,
        &[],
    ),
    (
        "http://localhost:{3000..3010}",
        P::OriginPortInvalid,
        &["http://localhost:3000-3010"],
    ),
    (
        "localhost:3000-3010",
        P::OriginHasNoScheme,
        &["http://localhost:3000-3010"],
    ),
    (
        "http://localhost:[3000,3001]",
        P::SeveralInItem,
        &["http://localhost:3000", "http://localhost:3001"],
    ),
    (
        "http://localhost:3000, 3005-3010",
        P::SeveralInItem,
        &["http://localhost:3000", "http://localhost:3005-3010"],
    ),
    (
        "http://[::1]:{80,3001}/",
        P::SeveralInItem,
        &["http://[::1]", "http://[::1]:3001"],
    ),
    ("http://localhost:3000,0", P::OriginPortInvalid, &[]),
    (
        "https://{a,b}.example.com",
        P::SeveralInItem,
        &["https://a.example.com", "https://b.example.com"],
    ),
    (
        "https://app.{example.com,example.org}",
        P::SeveralInItem,
        &["https://app.example.com", "https://app.example.org"],
    ),
    (
        "{http,https}://{www.,}example.com",
        P::SeveralInItem,
        &[
            "http://www.example.com",
            "http://example.com",
            "https://www.example.com",
            "https://example.com",
        ],
    ),
    ("https://{a,b c}.example.com", P::OriginHasWhitespace, &[]),
    ("https://{a,}.example.com", P::OriginHostInvalid, &[]),
    ("https://{a}.example.com", P::OriginHostInvalid, &[]),
    (
        "https://{a,b,c,d}{a,b,c,d,e}.example.com",
        P::OriginHostInvalid,
        &[],
    ),
    (
        "http://192.168.0.0/16",
        P::NetworkInCidr,
        &["http://192.168.*.*"],
    ),
    (
        "http://192.168.1.7/24:3000",
        P::NetworkInCidr,
        &["http://192.168.1.*:3000"],
    ),
    (
        "https://192.168.1.0:*/24",
        P::NetworkInCidr,
        &["https://192.168.1.*:*"],
    ),
    ("10.0.0.0/8", P::NetworkInCidr, &["http://10.*.*.*"]),
    (
        "http://192.168.4.0/22",
        P::NetworkInCidr,
        &[
            "http://192.168.4.*",
            "http://192.168.5.*",
            "http://192.168.6.*",
            "http://192.168.7.*",
        ],
    ),
    (
        "http://8.8.8.8/31",
        P::NetworkInCidr,
        &["http://8.8.8.8", "http://8.8.8.9"],
    ),
    ("http://10.0.0.0/9", P::NetworkInCidr, &[]),
    ("http://192.168.1.0/27", P::NetworkInCidr, &[]),
    (
        " HTTP://192.168.0.0/16/\n",
        P::NetworkInCidr,
        &["http://192.168.*.*"],
    ),
    // What may be a network is never one address.
    ("http://192.168.0.0/16?x", P::OriginHasPath, &[]),
    ("http://192.168.0.0/255.255.0.0", P::OriginHasPath, &[]),
    ("http://192.168.0.0/33", P::OriginHasPath, &[]),
    ("http://me@192.168.0.0/16", P::OriginHasUserinfo, &[]),
    ("http://[fd00::]/8", P::OriginHasPath, &[]),
    ("app://10.0.0.0/8", P::OriginHasPath, &[]),
    (
        "http://192.168.0.1/a",
        P::OriginHasPath,
        &["http://192.168.0.1"],
    ),
    ("http://8.8.0.0/16", |_| P::NetworkNotPrivate, &[]),
    ("http://172.0.0.0/8", |_| P::NetworkNotPrivate, &[]),
    ("http://192.168.0.0/15", |_| P::NetworkNotPrivate, &[]),
    ("0.0.0.0/0", |_| P::NetworkNotPrivate, &[]),
    ("http://8.8.*.*", |_| P::NetworkNotPrivate, &[]),
    ("http://192.*.*.*", |_| P::NetworkNotPrivate, &[]),
    ("http://172.*.*.*", |_| P::NetworkNotPrivate, &[]),
    ("http://172.15.*.*", |_| P::NetworkNotPrivate, &[]),
    ("http://172.32.1.*", |_| P::NetworkNotPrivate, &[]),
    ("http://*.*.*.*", |_| P::NetworkNotPrivate, &[]),
    ("http://192.168.*.1", P::NetworkWildcardMisplaced, &[]),
    ("http://*.168.1.1:3000", P::NetworkWildcardMisplaced, &[]),
    (
        "http://192.168.*",
        P::NetworkWildcardMisplaced,
        &["http://192.168.*.*"],
    ),
    (
        "http://10.*:3000",
        P::NetworkWildcardMisplaced,
        &["http://10.*.*.*:3000"],
    ),
    (
        "192.168.*.*:3000",
        P::OriginHasNoScheme,
        &["http://192.168.*.*:3000"],
    ),
    ("http://192.168.01.*", P::OriginAddressInvalid, &[]),
    ("http://192.168.256.*", P::OriginAddressInvalid, &[]),
    ("http://192.168.1.**", P::WildcardMisplaced, &[]),
    (
        "http://192.168.*.*:3010-3000",
        P::OriginPortRangeInvalid,
        &["http://192.168.*.*:3000-3010"],
    ),
    ("app://192.168.*.*", P::WildcardMisplaced, &[]),
    (
        "http://192.168.1.x",
        P::NetworkWildcardMisplaced,
        &["http://192.168.1.*"],
    ),
    (
        "http://10.X.X.X:3000",
        P::NetworkWildcardMisplaced,
        &["http://10.*.*.*:3000"],
    ),
    (
        "http://192.168.x",
        P::NetworkWildcardMisplaced,
        &["http://192.168.*.*"],
    ),
    (
        "http://192.168.*.0-255",
        P::NetworkWildcardMisplaced,
        &["http://192.168.*.*"],
    ),
    ("192.168.1.x", P::OriginHasNoScheme, &["http://192.168.1.*"]),
    ("http://192.168.1.1-20", P::NetworkWildcardMisplaced, &[]),
    ("http://192.168.1.1-20:*", P::NetworkWildcardMisplaced, &[]),
    ("http://192.168.1._", P::NetworkWildcardMisplaced, &[]),
    ("http://192.168.1-2.*", P::NetworkWildcardMisplaced, &[]),
    ("http://8.8.8.x", |_| P::NetworkNotPrivate, &[]),
];

#[test]
fn names_of_numbers_and_hosts_of_other_schemes_stay_right() {
    for item in [
        "http://1.2.3.example",
        "http://1.2.3.x1",
        "http://1-2.3.example",
        "http://x.example",
        "http://10.xxx",
        "http://a.x",
        "app://192.168.1.x",
        "app://192.168.1.1-20",
    ] {
        assert!(policy(&[item]).allows_origin(item), "{item}");
    }
}

#[test]
fn wrong_items_are_told_what_to_write() {
    for (item, kind, remedy) in WRONG {
        let found = problem(Policy::builder().allow_origins([item]));
        let remedy: Vec<_> = remedy.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(*found.kind(), kind(remedy.clone()), "{item}");
        let as_list = remedy
            .iter()
            .map(|item| format!("{item:?}"))
            .collect::<Vec<_>>();
        let as_text = format!("; write {}", as_list.join(", "));
        let text = found.to_string();
        assert!(remedy.is_empty() || text.ends_with(&as_text), "{text}");
        assert!(
            Policy::builder().allow_origins(remedy).build().is_ok(),
            "{item}"
        );
    }
}

#[test]
fn the_large_private_network_is_written_as_sixteen() {
    let found = problem(Policy::builder().allow_origins(["172.16.0.0/12"]));
    let expected = (16..32).map(|octet| format!("http://172.{octet}.*.*"));
    assert_eq!(*found.kind(), P::NetworkInCidr(expected.collect()));
}

#[test]
fn networks_of_the_internet_are_told_which_ones_there_are() {
    let found = problem(Policy::builder().allow_origins(["http://172.*.*.*"]));
    assert_eq!(
        found.to_string(),
        "allow_origins[0]: \"http://172.*.*.*\": only a private network can be allowed as a whole: \
         10.*.*.*, 192.168.*.*, 169.254.*.*, 127.*.*.*, and of 172.*.*.* those from 172.16.*.* to \
         172.31.*.*, each an item of its own; list these, or the addresses"
    );
}

#[test]
fn a_network_beside_credentials_needs_its_own_switch() {
    for item in [
        "http://192.168.*.*",
        "https://192.168.*.*:*",
        "http://10.*.*.*:3000-3010",
        "https://169.254.7.*",
    ] {
        let builder = || {
            Policy::builder()
                .allow_origins([item])
                .allow_credentials(true)
        };
        let insecure = builder().dangerously_allow_insecure_origins_with_credentials(true);
        for builder in [builder(), insecure] {
            let found = problem(builder);
            assert_eq!(*found.kind(), P::PrivateNetworkWithCredentials, "{item}");
            assert_eq!(found.conflicts_with(), Some(Setting::AllowCredentials));
            let remedy = "; list the origins, or write \
                          dangerously_allow_private_networks_with_credentials = true";
            assert!(found.to_string().ends_with(remedy), "{found}");
        }
        let tolerated = builder().dangerously_allow_private_networks_with_credentials(true);
        assert!(tolerated.build().is_ok(), "{item}");
    }
    let own = Policy::builder().allow_origins(["http://127.*.*.*:*", "http://127.0.0.*"]);
    assert!(own.allow_credentials(true).build().is_ok());
}

/// Plain-http origins with an address that is not everybody's.
const PRIVATE: [&str; 9] = [
    "http://192.168.1.20:3000",
    "http://192.168.1.20:*",
    "http://10.0.0.1:3000-3010",
    "http://172.31.255.255",
    "http://169.254.0.1",
    "http://[fc00::1]",
    "http://[fdff::1]:3000",
    "http://[fe80::1]",
    "http://[febf::1]",
];

/// Other plain-http origins.
const PUBLIC: [&str; 8] = [
    "http://8.8.8.8",
    "http://172.32.0.0",
    "http://192.169.0.1:3000",
    "http://[2001:db8::1]",
    "http://[fec0::1]",
    "http://[fbff::1]",
    "http://printer.local",
    "http://*.example.com:3000-3010",
];

#[test]
fn the_switch_of_networks_tolerates_private_addresses_and_nothing_else() {
    let builder = |item: &str| {
        Policy::builder()
            .allow_origins([item])
            .allow_credentials(true)
    };
    for item in PRIVATE {
        let found = problem(builder(item));
        let secure = item.replace("http:", "https:");
        assert_eq!(
            *found.kind(),
            P::PrivateAddressWithCredentials(Some(secure.clone()))
        );
        assert_eq!(found.conflicts_with(), Some(Setting::AllowCredentials));
        let remedy = format!(
            "; write \"{secure}\", or dangerously_allow_private_networks_with_credentials = true"
        );
        assert!(found.to_string().ends_with(&remedy), "{found}");
        let insecure = builder(item).dangerously_allow_insecure_origins_with_credentials(true);
        assert!(insecure.build().is_ok(), "{item}");
        let private = builder(item).dangerously_allow_private_networks_with_credentials(true);
        assert!(private.build().is_ok(), "{item}");
    }
    for item in PUBLIC {
        let private = builder(item).dangerously_allow_private_networks_with_credentials(true);
        let found = problem(private);
        assert!(
            matches!(found.kind(), P::InsecureOriginWithCredentials(_)),
            "{found}"
        );
    }
}

#[test]
fn predicates_serve_private_addresses_under_the_switch() -> Result<(), PolicyErrors> {
    let builder = || {
        Policy::builder()
            .allow_origin_if(|_| true)
            .allow_credentials(true)
    };
    let refused = builder().build()?;
    let served = builder()
        .dangerously_allow_private_networks_with_credentials(true)
        .build()?;
    for origin in ["http://192.168.1.20:3000", "http://[fd00::1]"] {
        let decision = refused.decide(&Request::get(origin));
        assert_eq!(decision.refusal(), Some(Refusal::InsecureOrigin));
        let remedy = "Serve the page over https, or write \
                      dangerously_allow_private_networks_with_credentials = true.";
        assert!(
            refused
                .explain(&Request::get(origin))
                .to_string()
                .ends_with(remedy)
        );
        assert!(served.allows_origin(origin), "{origin}");
    }
    for origin in ["http://8.8.8.8", "http://a.example", "http://[2001:db8::1]"] {
        let decision = served.decide(&Request::get(origin));
        assert_eq!(
            decision.refusal(),
            Some(Refusal::InsecureOrigin),
            "{origin}"
        );
    }
    Ok(())
}

#[test]
fn a_refusal_names_the_range_of_the_same_host() {
    let policy = policy(&["http://localhost:3000-3010", "http://localhost:5000-5010"]);
    for (origin, range) in [
        ("http://localhost:80", "3000-3010"),
        ("http://localhost:3011", "5000-5010"),
        ("http://localhost:9000", "5000-5010"),
    ] {
        // A browser leaves the default port out.
        let origin = origin.trim_end_matches(":80");
        let text = policy.explain(&Request::get(origin)).to_string();
        let allows = format!("(it allows \"http://localhost:{range}\")");
        assert!(text.contains(&allows), "{text}");
    }
}

const SCHEMES: [&str; 3] = ["http", "https", "app"];

/// The ports of an item, as they are written and as the lowest and the highest one.
fn ports() -> impl Strategy<Value = (String, u16, u16)> {
    let port = || prop_oneof![1..20_u16, 75..90_u16, 440..450_u16, 65_520..=65_535_u16];
    prop_oneof![
        6 => (port(), port()).prop_map(|(a, b)| (a.min(b), a.max(b))).prop_filter_map(
            "a range, and not of all",
            |(a, b)| (a < b && (a, b) != (1, 65_535)).then(|| (format!(":{a}-{b}"), a, b)),
        ),
        2 => port().prop_map(|port| (format!(":{port}"), port, port)),
        1 => Just((":*".to_owned(), 0, 65_535)),
    ]
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Writes an origin as browsers do; without a port where it is 0.
fn origin(scheme: &str, host: &str, port: u16) -> String {
    if port == 0 || default_port(scheme) == Some(port) {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}

proptest! {
    /// Ports are tried at and beside the ends of all items.
    #[test]
    fn ranges_match_their_union(
        items in vec((select(SCHEMES.to_vec()), select(vec!["a.test", "*.a.test"]), ports()), 0..12),
    ) {
        let written = items.iter().map(|(scheme, host, (ports, ..))| format!("{scheme}://{host}{ports}"));
        let policy = Policy::builder().allow_origins(written).build()?;
        let ends = items.iter().flat_map(|(_, _, (_, first, last))| [*first, *last]);
        let mut tried: Vec<u16> = ends
            .flat_map(|end| [end.saturating_sub(1), end, end.saturating_add(1)])
            .chain([0, 1, 80, 443, 3000, 65_535])
            .collect();
        tried.sort_unstable();
        tried.dedup();
        for scheme in SCHEMES {
            for (host, pattern) in [("a.test", "a.test"), ("x.a.test", "*.a.test")] {
                for &port in &tried {
                    let meant = if port == 0 { default_port(scheme).unwrap_or(0) } else { port };
                    let expected = items.iter().any(|(of_scheme, of_host, (_, first, last))| {
                        *of_scheme == scheme && *of_host == pattern
                            && (*first..=*last).contains(&meant)
                    });
                    let origin = origin(scheme, host, port);
                    prop_assert_eq!(policy.allows_origin(&origin), expected, "{}", origin);
                }
            }
        }
    }

    #[test]
    fn networks_match_their_union(
        items in vec((select(SCHEMES[..2].to_vec()), networks(), ports()), 0..12),
        others in vec(any::<u32>(), 8),
    ) {
        let written = items.iter().map(|(scheme, (host, ..), (ports, ..))| format!("{scheme}://{host}{ports}"));
        let policy = Policy::builder().allow_origins(written).build()?;
        let near = items.iter().flat_map(|(_, (_, first, bits), _)| {
            let last = first | (u32::MAX >> bits);
            [first.wrapping_sub(1), *first, first + 77, last, last.wrapping_add(1)]
        });
        for address in near.chain(others) {
            for scheme in ["http", "https"] {
                for port in [0, 1, 79, 81, 445, 3000, 65_530] {
                    let meant = if port == 0 { default_port(scheme).unwrap_or(0) } else { port };
                    let expected = items.iter().any(|(of_scheme, (_, network, bits), (_, first, last))| {
                        *of_scheme == scheme
                            && address >> (32 - bits) == network >> (32 - bits)
                            && (*first..=*last).contains(&meant)
                    });
                    let origin = origin(scheme, &Ipv4Addr::from_bits(address).to_string(), port);
                    prop_assert_eq!(policy.allows_origin(&origin), expected, "{}", origin);
                }
            }
        }
    }

    /// A network is right exactly where all of its addresses are private.
    #[test]
    fn only_private_networks_are_right(
        first in prop_oneof![any::<u8>(), select(vec![10_u8, 127, 169, 172, 192])],
        second in prop_oneof![any::<u8>(), select(vec![15_u8, 16, 31, 32, 168, 254])],
        third: u8,
        octets in 1..=3_usize,
    ) {
        let fixed = [first, second, third];
        let is_private = match fixed[..octets] {
            [10 | 127, ..] => true,
            [172, second, ..] => (16..=31).contains(&second),
            [192, 168, ..] | [169, 254, ..] => true,
            _ => false,
        };
        let item = format!("http://{}", network(&fixed[..octets]));
        prop_assert_eq!(Policy::builder().allow_origins([&item]).build().is_ok(), is_private, "{}", item);
    }
}

fn network(fixed: &[u8]) -> String {
    let fixed = fixed.iter().map(u8::to_string);
    let parts: Vec<_> = fixed
        .chain(std::iter::repeat("*".to_owned()))
        .take(4)
        .collect();
    parts.join(".")
}

/// A private network as it is written, its lowest address, and how many bits its addresses share.
fn networks() -> impl Strategy<Value = (String, u32, u32)> {
    let starts = vec![
        vec![10],
        vec![127],
        vec![192, 168],
        vec![172, 16],
        vec![172, 31],
        vec![169, 254],
    ];
    (select(starts), vec(prop_oneof![0..3_u8, Just(255)], 0..3)).prop_map(|(start, more)| {
        let fixed: Vec<u8> = start.into_iter().chain(more).take(3).collect();
        let mut address = [0; 4];
        address[..fixed.len()].copy_from_slice(&fixed);
        let bits = 8 * u32::try_from(fixed.len()).expect("three at most");
        (network(&fixed), u32::from_be_bytes(address), bits)
    })
}
