//! What a problem says to write: the item itself, corrected, wherever it is nearly right.

use cors_core::{Policy, PolicyBuilder, ProblemKind};

/// The text of the only problem, after its place and the written value.
fn text(builder: PolicyBuilder) -> String {
    let errors = builder.build().expect_err("the policy has a problem");
    assert_eq!(errors.problems().len(), 1, "{errors}");
    errors.problems()[0].kind().to_string()
}

/// The remedy for one item of `allow_origins`.
fn remedy(item: &str) -> String {
    let text = text(Policy::builder().allow_origins([item]));
    let (_, remedy) = text.rsplit_once("; ").expect("a problem has a remedy");
    remedy.to_owned()
}

#[test]
fn an_item_that_is_nearly_an_origin_is_corrected() {
    for (item, expected) in [
        // Without a scheme.
        ("example.com", "https://example.com"),
        ("//example.com", "https://example.com"),
        ("*.example.com", "https://*.example.com"),
        ("localhost:3000", "http://localhost:3000"),
        ("localhost", "http://localhost"),
        ("app.localhost:*", "http://app.localhost:*"),
        ("192.168.0.7:8080", "http://192.168.0.7:8080"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("example.com:443", "https://example.com"),
        ("example.com:80", "http://example.com"),
        ("example.com/", "https://example.com"),
        ("*://example.com", "https://example.com"),
        // With a scheme that is misspelt.
        ("https:/example.com", "https://example.com"),
        ("https//example.com", "https://example.com"),
        ("http:localhost:3000", "http://localhost:3000"),
        ("https:\\\\example.com", "https://example.com"),
        ("https:///example.com", "https://example.com"),
        ("https://https://example.com", "https://example.com"),
        // With something around it.
        (" https://example.com\n", "https://example.com"),
        ("\"https://example.com\"", "https://example.com"),
        ("['https://example.com']", "https://example.com"),
        ("https://example.com,", "https://example.com"),
        ("https://backend/", "https://backend"),
        ("https://example.com/a,b", "https://example.com"),
        ("chrome-extension://abc/*", "chrome-extension://abc"),
        ("app://./index.html", "app://."),
        ("file:///home", "file://"),
        // Several at once.
        (
            "HTTPS://me:pw@Example.COM:443/path?q#f",
            "https://example.com",
        ),
        ("http://u@127.0.0.01:80/x", "http://127.0.0.1"),
        ("me@example.com:8443/x", "https://example.com:8443"),
        ("https://*.Example.com:443/*", "https://*.example.com"),
        // Addresses.
        ("http://::1", "http://[::1]"),
        ("http://::1:3000", "http://[::1]:3000"),
        ("http://::1:*", "http://[::1]:*"),
        ("http://::1:3000-3010", "http://[::1]:3000-3010"),
        ("app://a:3010-3000", "app://a:3000-3010"),
        ("http://localhost:[3000]", "http://localhost:3000"),
        ("http://localhost:{3000}", "http://localhost:3000"),
        ("http://[0:0:0:0:0:0:0:1]:3000/", "http://[::1]:3000"),
        ("http://2001:db8::1", "http://[2001:db8::1]"),
        ("http://*.127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.01:3000/", "http://127.0.0.1:3000"),
        // WebSockets.
        ("ws://localhost:3000", "http://localhost:3000"),
        ("wss://example.com/chat", "https://example.com"),
        // Anchors and escapes around a text that is nothing but an origin.
        ("^https://example\\.com$", "https://example.com"),
        ("https:\\/\\/example.com", "https://example.com"),
        ("^https://*.example.com$", "https://*.example.com"),
    ] {
        assert_eq!(remedy(item), format!("write \"{expected}\""), "{item}");
    }
}

#[test]
fn a_list_in_one_text_is_split() {
    for item in [
        "https://a.example,https://b.example",
        "https://a.example, https://b.example",
        "https://a.example;https://b.example;",
        "https://a.example|https://b.example",
        "https://a.example https://b.example",
        "[\"https://a.example\", \"https://b.example\"]",
        "a.example,b.example/",
        "https://a.example,https://b.example,https://a.example",
    ] {
        let expected = "write \"https://a.example\", \"https://b.example\"";
        assert_eq!(remedy(item), expected, "{item}");
    }
    // What other programs take for a domain and all names below.
    let expected = "write \"https://example.com\", \"https://*.example.com\"";
    assert_eq!(remedy("https://.example.com"), expected);
    let hosts = text(Policy::builder().allow_hosts(["localhost, Api.Example.com:*"]));
    assert!(
        hosts.ends_with("; write \"localhost\", \"api.example.com\""),
        "{hosts}"
    );
}

#[test]
fn of_a_list_in_one_text_nothing_disappears() {
    for (item, expected) in [
        (
            "https://app.example.com/,http://localhost:3000,3001",
            &[
                "https://app.example.com",
                "http://localhost:3000",
                "http://localhost:3001",
            ][..],
        ),
        (
            "https://a.example/,https://{b,c}.example.com",
            &[
                "https://a.example",
                "https://b.example.com",
                "https://c.example.com",
            ],
        ),
        (
            "http://192.168.1.0/31|https://{a,b}.example.com/",
            &[
                "http://192.168.1.0",
                "http://192.168.1.1",
                "https://a.example.com",
                "https://b.example.com",
            ],
        ),
        (
            "http://192.168.0.0/16:3000/,http://localhost:3000",
            &["http://192.168.*.*:3000", "http://localhost:3000"],
        ),
        (
            "192.168.1.0/24,10.0.0.0/8",
            &["http://192.168.1.*", "http://10.*.*.*"],
        ),
        (
            "http://192.168.1.0/24,http://localhost:3000",
            &["http://192.168.1.*", "http://localhost:3000"],
        ),
        (
            "127.0.0.0/8;http://192.168.7.x",
            &["http://127.*.*.*", "http://192.168.7.*"],
        ),
        (
            "http://localhost:3000;3001",
            &["http://localhost:3000", "http://localhost:3001"],
        ),
        (
            "localhost:3000|3001",
            &["http://localhost:3000", "http://localhost:3001"],
        ),
        (
            "https://{a,b}.example.com:{3000,3001}",
            &[
                "https://a.example.com:3000",
                "https://a.example.com:3001",
                "https://b.example.com:3000",
                "https://b.example.com:3001",
            ],
        ),
        (
            "{https://a.example,http://web:3000}",
            &["https://a.example", "http://web:3000"],
        ),
        ("192.168.0.0/16 192.168.0.0/16", &["http://192.168.*.*"]),
        // Such signs in a path separate nothing.
        (
            "https://app.example.com/{a,b}",
            &["https://app.example.com"],
        ),
        (
            "https://app.example.com/a;b|c",
            &["https://app.example.com"],
        ),
        ("https://x.example?x={a,b}", &["https://x.example"]),
        ("app://a/{b,c}", &["app://a"]),
        (
            "^https://a.example/,http://b.example$",
            &["https://a.example", "http://b.example"],
        ),
    ] {
        let expected: Vec<_> = expected.iter().map(|item| format!("{item:?}")).collect();
        assert_eq!(
            remedy(item),
            format!("write {}", expected.join(", ")),
            "{item}"
        );
    }
    // Nothing is said where one of them is not certain.
    for item in [
        "https://a.example/,*",
        "https://a.example/,foo",
        "https://a.example/x,b.example",
        "https://a.example/,http://localhost:99999",
        "https://a.example/,http://10.0.0.0/9",
        "https://a.example/ 3000",
        "http://localhost:3000 3001",
        "http://localhost/,3001",
        "http://localhost:3000,03001",
        "https://a.example,me@b.example",
        "https://{a,b}@c.example",
        "https://{a,a/}.example",
        "^https://a.example/,foo$",
        "https://a.example+https://b.example",
        "https://a.example/https://b.example",
        "https://a.example/&https://b.example/",
    ] {
        let text = remedy(item);
        assert!(!text.starts_with("write \""), "{item}: {text}");
    }
    let kind = |item: &str| {
        let errors = Policy::builder().allow_origins([item]).build();
        errors.expect_err(item).problems()[0].kind().clone()
    };
    let path = |origin: &str| ProblemKind::OriginHasPath(vec![origin.to_owned()]);
    assert_eq!(
        kind("https://app.example.com/{a,b}"),
        path("https://app.example.com")
    );
    assert_eq!(kind("app://a/{b,c}"), path("app://a"));
}

/// The remedy is a sample, or none.
#[test]
fn what_nobody_can_guess_is_not_corrected() {
    for item in [
        "",
        "null",
        "foo",
        "https://",
        "https://*",
        "https://*.com/",
        "https://a..example/",
        "https://exa mple.com",
        "*, https://a.example",
        "https://a.example null",
        "http://010.0.0.1",
        "http://2001:db8::1:3000",
        "ht_tp://example.com",
        "https://\u{645}\u{62b}\u{627}\u{644}.example",
        "https://*example.com",
    ] {
        let text = remedy(item);
        assert!(!text.starts_with("write \""), "{item}: {text}");
    }
    // What is wrong is what a correction would leave wrong.
    let kind = |item: &str| {
        let errors = Policy::builder().allow_origins([item]).build();
        errors.expect_err(item).problems()[0].kind().clone()
    };
    assert_eq!(kind("https://*.com/"), ProblemKind::WildcardOverTopLevel);
    assert_eq!(kind("example.com:0"), ProblemKind::OriginPortOutOfRange);
}

#[test]
fn a_remedy_is_right_under_credentials_too() {
    let under_credentials = |item: &str| {
        let builder = Policy::builder().allow_origins([item]);
        text(builder.allow_credentials(true))
    };
    for (item, expected) in [
        // Another scheme than the written one is said to be one, or not at all.
        (
            "http://a.example/",
            "write the scheme, the host and the port alone, as in \"https://app.example.com\"",
        ),
        (
            "ws://a.example",
            "write it as in \"https://app.example.com\"",
        ),
        ("http://a.example,b.example", "write them so"),
        (
            "http://192.168.1.0/28",
            "list the networks or the addresses",
        ),
        ("192.168.0.7", "write \"https://192.168.0.7\""),
        ("http://localhost:3000/", "write \"http://localhost:3000\""),
        (
            "http://192.168.1.5:80",
            "write \"https://192.168.1.5\", \
             or dangerously_allow_private_networks_with_credentials = true",
        ),
        (
            "HTTP://A.example:443",
            "write \"https://a.example\", \
             or dangerously_allow_insecure_origins_with_credentials = true",
        ),
        // `http://a.example` is one of these, and `https://a.example` would be none.
        (
            "http://a.example:80-90",
            "write https in the place of http, \
             or dangerously_allow_insecure_origins_with_credentials = true",
        ),
        (
            "http://10.0.0.1:79-80",
            "write https in the place of http, \
             or dangerously_allow_private_networks_with_credentials = true",
        ),
        (
            "http://a.example:81-90",
            "write \"https://a.example:81-90\", \
             or dangerously_allow_insecure_origins_with_credentials = true",
        ),
        ("localhost:3000", "write \"http://localhost:3000\""),
        (
            "http://a.example:8080",
            "write \"https://a.example:8080\", \
             or dangerously_allow_insecure_origins_with_credentials = true",
        ),
        // With credentials neither is right.
        ("file:///home", "write it as in \"https://app.example.com\""),
        (
            "app://*/",
            "write the scheme, the host and the port alone, as in \"https://app.example.com\"",
        ),
    ] {
        let text = under_credentials(item);
        assert!(text.ends_with(&format!("; {expected}")), "{item}: {text}");
    }
    let tolerated = Policy::builder()
        .allow_origins(["http://a.example/"])
        .allow_credentials(true)
        .dangerously_allow_insecure_origins_with_credentials(true);
    assert!(text(tolerated).ends_with("write \"http://a.example\""));
}

#[cfg(feature = "regex")]
#[test]
fn a_regular_expression_goes_to_its_own_setting() {
    for (item, expected) in [
        (
            r"^https://pr-\d+\.example\.com$",
            r"https://pr-\\d+\\.example\\.com",
        ),
        (
            r"/^https:\/\/(a|b)\.example\.com$/",
            r"https://(a|b)\\.example\\.com",
        ),
        (r"https?://localhost:\d+", r"https?://localhost:\\d+"),
        // A dot that stands for itself is escaped.
        ("https://.*.example.com", r"https://.*\\.example\\.com"),
        (
            r"^https://a\.example$|^https://b-\d\.example$",
            r"https://a\\.example|https://b-\\d\\.example",
        ),
    ] {
        let expected = format!("write \"{expected}\" in allow_origin_regexes");
        assert_eq!(remedy(item), expected, "{item}");
    }
    for item in ["^(https", ".+", r"^https://(.*)/path$"] {
        assert!(remedy(item).starts_with("leave it out"), "{item}");
    }
}

#[test]
fn a_value_is_shown_in_its_own_script() {
    let errors = Policy::builder()
        .allow_origins(["https://b\u{fc}cher.example/\u{202e}"])
        .build()
        .expect_err("letters beyond ASCII");
    assert_eq!(
        errors.to_string(),
        "allow_origins[0]: \"https://b\u{fc}cher.example/\\u{202e}\": browsers send \
         international host names in Punycode; write it as in \
         \"https://xn--bcher-kva.example\" for b\u{fc}cher.example"
    );
}
