//! Section 2: which origins a policy's written forms allow.

use std::sync::LazyLock;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::NOBODY;
use super::request::{get, preflight_request};
use super::words::{ACAC, ACAO, APP, EVIL, ORIGIN, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for set in &SETS {
        let refused: Vec<_> = set.refused.iter().map(|text| text.as_bytes()).collect();
        cases.extend(set_cases(
            set.name,
            set.policy,
            set.credentials,
            set.allowed,
            &refused,
        ));
        cases.extend(set_cases(
            set.name,
            set.policy,
            set.credentials,
            &[],
            &NO_ORIGINS,
        ));
    }
    let longest = longest_host();
    let allowed = [
        format!("https://{longest}"),
        format!("https://{longest}:65535"),
    ];
    let allowed = allowed.each_ref().map(String::as_str);
    let too_long = format!("https://{}.example.com", "a.".repeat(200));
    let longer = format!("https://{}.example.com", "a".repeat(4096));
    let refused = [too_long.as_bytes(), longer.as_bytes()];
    cases.extend(set_cases(
        "length",
        SUBDOMAINS_ANY_PORT,
        false,
        &allowed,
        &refused,
    ));
    cases.extend(set_cases(
        "1600 origins",
        &MANY,
        false,
        &[
            "https://h0.many.example",
            "https://h800.many.example",
            "https://h1599.many.example",
        ],
        &[
            b"https://h1600.many.example",
            b"https://h.many.example",
            b"https://many.example",
            b"https://h0.many.example:8443",
        ],
    ));
    cases
}

/// Returns cases with each origin, in an actual request and in a preflight.
fn set_cases(
    name: &str,
    policy: &'static str,
    credentials: bool,
    allowed: &[&str],
    refused: &[&[u8]],
) -> Vec<Case> {
    let mut cases = Vec::new();
    for origin in allowed {
        let mut cors = vec![(ACAO, *origin)];
        if credentials {
            cors.push((ACAC, "true"));
        }
        cases.extend([
            case(
                format!("{name}: {} is allowed", shown(origin.as_bytes())),
                policy,
                get("/echo").line("Origin", origin),
                Expected::from_handler(200).cors(&cors).vary(ORIGIN),
            ),
            case(
                format!(
                    "{name}: {} is allowed a preflight",
                    shown(origin.as_bytes())
                ),
                policy,
                preflight_request("/echo", origin, "GET"),
                Expected::answer(204).cors(&cors).vary(PREFLIGHT),
            ),
        ]);
    }
    for origin in refused {
        cases.extend([
            case(
                format!("{name}: {} is refused", shown(origin)),
                policy,
                get("/echo").line("Origin", origin),
                Expected::from_handler(200).vary(ORIGIN),
            ),
            case(
                format!("{name}: {} is refused a preflight", shown(origin)),
                policy,
                preflight_request("/echo", origin, "GET"),
                Expected::answer(403)
                    .vary(PREFLIGHT)
                    .on_rocket_unless_text(origin, Expected::from_handler(200).vary(ORIGIN)),
            ),
        ]);
    }
    cases
}

fn shown(origin: &[u8]) -> String {
    let start = &origin[..origin.len().min(80)];
    format!("`{}` ({} bytes)", start.escape_ascii(), origin.len())
}

/// Returns a host of 253 bytes, in labels of at most 63.
fn longest_host() -> String {
    let label = "a".repeat(63);
    let host = format!("{label}.{label}.{label}.{}.example.com", "b".repeat(49));
    debug_assert_eq!(host.len(), 253);
    host
}

struct Set {
    name: &'static str,
    policy: &'static str,
    credentials: bool,
    allowed: &'static [&'static str],
    refused: &'static [&'static str],
}

const SETS: [Set; 22] = [
    Set {
        name: "hosts that are no domains",
        policy: r#"
        allow_origins = ["app://.", "app://-", "vscode-webview://123", "capacitor://127.1:3000"]
        allow_credentials = true
        "#,
        credentials: true,
        allowed: &[
            "app://.",
            "app://-",
            "vscode-webview://123",
            "capacitor://127.1:3000",
        ],
        refused: &[
            "app://..",
            "app://",
            "app://./",
            "app://[::1]",
            "vscode-webview://124",
            "capacitor://127.0.0.1:3000",
            "http://-",
            "https://123",
        ],
    },
    Set {
        name: "any host of a scheme",
        policy: r#"allow_origins = ["moz-extension://*", "app://*:*"]"#,
        credentials: false,
        allowed: &[
            "moz-extension://6a1e5b0e-1f6e-4d3c-8f3b-0c9d5a7e2b11",
            "moz-extension://.",
            "app://127.0.0.1",
            "app://-:3000",
        ],
        refused: &[
            "moz-extension://",
            "moz-extension://a:3000",
            "moz-extension://A",
            "moz-extension://a/b",
            "moz-extensions://a",
            "chrome-extension://a",
            "https://a",
        ],
    },
    Set {
        name: "ranges of ports",
        policy: r#"
        allow_origins = [
            "http://localhost:3000-3010",
            "http://localhost:3008-3020",
            "http://[::1]:79-81",
            "https://*.example.com:8000-8999",
        ]
        "#,
        credentials: false,
        allowed: &[
            "http://localhost:3000",
            "http://localhost:3020",
            "http://[::1]",
            "http://[::1]:81",
            "https://a.b.example.com:8999",
        ],
        refused: &[
            "http://localhost",
            "http://localhost:2999",
            "http://localhost:3021",
            "http://localhost:3000-3010",
            "http://localhost:03000",
            "https://localhost:3000",
            "http://[::1]:80",
            "http://[::1]:82",
            "https://example.com:8000",
            "https://a.example.com",
            "https://a.example.com:9000",
        ],
    },
    Set {
        name: "private networks with credentials",
        policy: r#"
        allow_origins = ["http://192.168.*.*:*", "https://10.1.*.*:8443", "http://172.16.5.*"]
        allow_credentials = true
        dangerously_allow_private_networks_with_credentials = true
        "#,
        credentials: true,
        allowed: &[
            "http://192.168.0.0",
            "http://192.168.1.20:3000",
            "https://10.1.255.255:8443",
            "http://172.16.5.1",
        ],
        refused: &[
            "https://192.168.1.20",
            "http://192.169.1.20",
            "http://192.168.1.20.example.com",
            "http://192.168.1",
            "http://192.168.01.20",
            "http://192.168.*.*",
            "http://3232235796",
            "http://[::ffff:c0a8:114]",
            "https://10.2.0.1:8443",
            "https://10.1.0.1",
            "http://172.16.4.255",
            "http://172.16.5.1:8080",
        ],
    },
    Set {
        name: "names for local use",
        policy: r#"allow_origins = ["https://*.test", "http://*.local:*", "https://*.internal"]"#,
        credentials: false,
        allowed: &[
            "https://a.test",
            "https://a.b.test",
            "http://nas.local",
            "http://nas.local:8123",
            "https://a.internal",
        ],
        refused: &[
            "https://test",
            "https://a.test.example",
            "https://atest",
            "http://a.test",
            "https://nas.local",
            "https://a.lan",
        ],
    },
    Set {
        name: "exact",
        policy: r#"
        allow_origins = [
          "https://app.example.com",
          "http://localhost:3000",
          "http://192.0.2.7:8000",
          "http://[::1]:8080",
          "http://[2001:db8::1]",
          "http://[2001:db8:0:1:1:1:1:1]",
          "http://[::ffff:7f00:1]",
          "http://ports.example.com:1",
          "http://ports.example.com:65535",
          "https://xn--bcher-kva.example",
          "tauri://localhost",
          "capacitor://localhost",
          "chrome-extension://abcdefghijklmnop",
        ]
        "#,
        credentials: false,
        allowed: &[
            "https://app.example.com",
            "http://localhost:3000",
            "http://192.0.2.7:8000",
            "http://[::1]:8080",
            "http://[2001:db8::1]",
            "http://[2001:db8:0:1:1:1:1:1]",
            "http://[::ffff:7f00:1]",
            "http://ports.example.com:1",
            "http://ports.example.com:65535",
            "https://xn--bcher-kva.example",
            "tauri://localhost",
            "capacitor://localhost",
            "chrome-extension://abcdefghijklmnop",
        ],
        refused: &[
            // Another scheme, host or port.
            "http://app.example.com",
            "wss://app.example.com",
            "https://example.com",
            "https://sub.app.example.com",
            "https://evilapp.example.com",
            "https://app-example.com",
            "https://appxexample.com",
            "https://app.example.co",
            "https://app.example.comevil",
            "https://app.example.com.evil.net",
            "https://app.example.com:8443",
            "https://localhost:3000",
            "http://localhost",
            "http://localhost:3001",
            "http://localhost:30000",
            "http://localhost.evil.net:3000",
            "http://127.0.0.1:3000",
            "http://192.0.2.8:8000",
            "http://192.0.2.7",
            "http://[::2]:8080",
            "http://[::1]",
            "http://[::ffff:0:1]:8080",
            "tauri://evil.net",
            "tauri://localhost:1",
            "capacitor://localhost.evil.net",
            "chrome-extension://abcdefghijklmnoq",
            "moz-extension://abcdefghijklmnop",
            // The same to a lenient parser: nothing is trimmed, folded or decoded.
            "https://app.example.com.",
            "https://app.example.com:443",
            "HTTPS://app.example.com",
            "Https://app.example.com",
            "https://APP.example.com",
            "https://app.example.COM",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?",
            "https://app.example.com?q",
            "https://app.example.com#",
            "https://app.example.com#f",
            "https://@app.example.com",
            "https://user@app.example.com",
            "https://user:password@app.example.com",
            "https://app.example.com@evil.net",
            "https://app.example.com:443@evil.net",
            "https://app.example.com:",
            "https://app.example.com:0",
            "https://app.example.com:0443",
            "https://app.example.com:65536",
            "https://app.example.com:https",
            "https://app.example.com:-1",
            "https://app.example.com:+443",
            "https://app.example.com\\",
            "https://app.example.com\\.evil.net",
            "https:\\\\app.example.com",
            "https://app%2eexample.com",
            "https://app.example.com%00",
            "https://app.example.com%20",
            "https://app.example.com evil.net",
            "https://app.example.com\thttps://evil.net",
            "https://app.exam\tple.com",
            "https://app.example.com https://app.example.com",
            "https://app.example.com,",
            "https://app.example.com, https://evil.net",
            "https://evil.net,https://app.example.com",
            "\"https://app.example.com\"",
            "<https://app.example.com>",
            "app.example.com",
            "//app.example.com",
            "://app.example.com",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "https://",
            "https",
            "blob:https://app.example.com",
            "http://localhost:03000",
            "http://localhost.:3000",
            "http://localhost:3000.",
            "http://LOCALHOST:3000",
            "http://ports.example.com:65536",
            "http://ports.example.com:65537",
            "http://ports.example.com:01",
            "http://ports.example.com:00001",
            "http://ports.example.com:4294967297",
            "http://ports.example.com:18446744073709551617",
            "https://b\u{fc}cher.example",
            "https://XN--BCHER-KVA.example",
            "tauri:localhost",
            "tauri:///localhost",
            "tauri://localhost/",
            "TAURI://localhost",
            // The same address, not as a browser writes it.
            "http://192.0.2.007:8000",
            "http://192.0.2.7.:8000",
            "http://192.0.519:8000",
            "http://3221225991:8000",
            "http://0xc0.0.2.7:8000",
            "http://0300.0.2.7:8000",
            "http://[0:0:0:0:0:0:0:1]:8080",
            "http://[::0001]:8080",
            "http://[0::1]:8080",
            "http://[::0.0.0.1]:8080",
            "http://[::1%25lo]:8080",
            "http://[::1%lo]:8080",
            "http://[::1]:08080",
            "http://[::1]x:8080",
            "http://[::1:8080",
            "http://::1:8080",
            "http://[2001:DB8::1]",
            "http://[2001:0db8::1]",
            "http://[2001:db8:0::1]",
            "http://[2001:db8::1]:80",
            "http://[2001:db8::1:1:1:1:1]",
            "http://[::ffff:127.0.0.1]",
        ],
    },
    Set {
        name: "written otherwise",
        policy: r#"
        allow_origins = [
          "HTTPS://Upper.Example.COM",
          "https://ports.example.com:443",
          "http://ports.example.com:80",
          "http://swapped.example.com:443",
        ]
        "#,
        credentials: false,
        allowed: &[
            "https://upper.example.com",
            "https://ports.example.com",
            "http://ports.example.com",
            "http://swapped.example.com:443",
        ],
        refused: &[
            "HTTPS://Upper.Example.COM",
            "https://Upper.Example.COM",
            "https://ports.example.com:443",
            "http://ports.example.com:80",
            "http://swapped.example.com",
            "https://swapped.example.com",
        ],
    },
    Set {
        name: "subdomains",
        policy: r#"allow_origins = ["https://*.example.com"]"#,
        credentials: false,
        allowed: &[
            "https://a.example.com",
            "https://a.b.example.com",
            "https://a.b.c.d.e.f.g.example.com",
            "https://1.example.com",
            "https://a-b.example.com",
            "https://my_app.example.com",
            "https://xn--bcher-kva.example.com",
            "https://example.com.example.com",
            "https://example.example.com",
        ],
        refused: &[
            "https://example.com",
            "https://com",
            "https://evilexample.com",
            "https://a.evilexample.com",
            "https://a-example.com",
            "https://a.example.com.evil.net",
            "https://a.example.comevil.net",
            "https://a.example.co",
            "https://a.example.com.",
            "https://.example.com",
            "https://..example.com",
            "https://a..example.com",
            "https://.a.example.com",
            "https://*.example.com",
            "https://a.EXAMPLE.com",
            "https://A.example.com",
            "http://a.example.com",
            "https://a.example.com:443",
            "https://a.example.com:8443",
            "https://evil.net/.example.com",
            "https://evil.net/a.example.com",
            "https://evil.net?.example.com",
            "https://evil.net#.example.com",
            "https://evil.net\\.example.com",
            "https://evil.net@a.example.com",
            "https://evil.net:443@a.example.com",
            "https://evil.net%2f.example.com",
            "https://evil.net%00.example.com",
            "https://evil.net .example.com",
            "https://evil.net\t.example.com",
            "https://evil.net,.example.com",
            "https://evil.net,https://a.example.com",
            "https://evil.net:8443.example.com",
            "https://[::1].example.com",
            "https://a!.example.com",
            "https://a(.example.com",
            "https://a;.example.com",
            "https://a=.example.com",
            "https://a`.example.com",
            "https://a|.example.com",
            "https://a'.example.com",
            "https://a{}.example.com",
            "https://\u{fc}.example.com",
            "https://a\u{3002}example.com",
            "https:a.example.com",
            "https:///a.example.com",
        ],
    },
    Set {
        name: "any port",
        policy: r#"allow_origins = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]"#,
        credentials: false,
        allowed: &[
            "http://localhost",
            "http://localhost:1",
            "http://localhost:443",
            "http://localhost:3000",
            "http://localhost:65535",
            "http://127.0.0.1",
            "http://127.0.0.1:8080",
            "http://[::1]",
            "http://[::1]:8080",
        ],
        refused: &[
            "http://localhost:80",
            "http://localhost:",
            "http://localhost:*",
            "http://localhost:0",
            "http://localhost:01",
            "http://localhost:080",
            "http://localhost:00080",
            "http://localhost:65536",
            "http://localhost:99999",
            "http://localhost:100000",
            "http://localhost:18446744073709551617",
            "http://localhost:99999999999999999999999999999999999999",
            "http://localhost:-1",
            "http://localhost:+1",
            "http://localhost:1e3",
            "http://localhost:0x50",
            "http://localhost: 1",
            "http://localhost:1 x",
            "http://localhost:3000:3000",
            "http://localhost:3000.evil.net",
            "http://localhost:3000@evil.net",
            "http://localhost:3000/",
            "http://localhost:\u{0663}000",
            "https://localhost:3000",
            "http://localhost.evil.net:3000",
            "http://localhos",
            "http://localhos:3000",
            "http://evillocalhost:3000",
            "http://a.localhost:3000",
            "http://localhost.:3000",
            "http://127.0.0.2:8080",
            "http://127.0.0.1:80",
            "http://127.0.0.1.:8080",
            "http://127.1:8080",
            "http://2130706433:8080",
            "http://0x7f.0.0.1:8080",
            "http://a.127.0.0.1:8080",
            "http://127.0.0.1.evil.net:8080",
            "http://[::1]:80",
            "http://[::1]:0",
            "http://[::1]:",
            "http://[::01]:8080",
            "http://[::1]8080",
            "http://[::1].evil.net:8080",
            "http://[::ffff:127.0.0.1]:8080",
        ],
    },
    Set {
        name: "subdomains, any port",
        policy: SUBDOMAINS_ANY_PORT,
        credentials: false,
        allowed: &[
            "https://a.example.com",
            "https://a.b.example.com",
            "https://a.example.com:1",
            "https://a.example.com:80",
            "https://a.b.example.com:8443",
            "https://a.example.com:65535",
        ],
        refused: &[
            "https://example.com",
            "https://example.com:8443",
            "https://a.example.com:443",
            "https://a.example.com:0",
            "https://a.example.com:65536",
            "https://a.example.com:",
            "http://a.example.com:8443",
            "https://a.evilexample.com:8443",
            "https://evil.net:8443/.example.com:8443",
            "https://evil.net:8443@a.example.com:8443",
            "https://a.example.com:8443.evil.net",
            "https://a.example.com.:8443",
            "https://.example.com:8443",
        ],
    },
    Set {
        name: "neighbours",
        policy: r#"
        allow_origins = [
          "https://foo.example",
          "https://*.foo.example",
          "https://bar.example",
          "https://*.barfoo.example",
          "http://*.cat.example:*",
          "https://meerkat.example",
        ]
        "#,
        credentials: false,
        allowed: &[
            "https://foo.example",
            "https://a.foo.example",
            "https://bar.foo.example",
            "https://bar.example",
            "https://a.barfoo.example",
            "http://a.cat.example:8080",
            "https://meerkat.example",
        ],
        refused: &[
            "https://barfoo.example",
            "https://foobar.example",
            "https://a.foobar.example",
            "https://a.bar.example",
            "https://foo.bar.example",
            "https://oo.example",
            "https://r.example",
            "https://a.example",
            "https://example",
            "https://a.cat.example",
            "http://cat.example:8080",
            "http://meerkat.example:8080",
            "http://a.meerkat.example",
            "https://a.meerkat.example",
            "https://kat.example",
        ],
    },
    Set {
        name: "one domain",
        policy: r#"
        allow_origins = [
          "https://*.a.example",
          "http://*.a.example:8080",
          "tauri://*.a.example:*",
          "https://*.b.a.example:8443",
        ]
        "#,
        credentials: false,
        allowed: &[
            "https://x.a.example",
            "https://x.b.a.example",
            "https://x.b.a.example:8443",
            "http://x.a.example:8080",
            "http://x.b.a.example:8080",
            "tauri://x.a.example",
            "tauri://x.a.example:1",
        ],
        refused: &[
            "http://x.a.example",
            "https://x.a.example:8080",
            "https://x.a.example:8443",
            "https://b.a.example:8443",
            "http://x.a.example:8443",
            "wss://x.a.example",
        ],
    },
    Set {
        name: "with credentials",
        policy: r#"
        allow_origins = ["https://app.example.com", "https://*.example.org", "http://localhost:*"]
        allow_credentials = true
        "#,
        credentials: true,
        allowed: &[
            "https://app.example.com",
            "https://a.example.org",
            "https://a.b.example.org",
            "http://localhost",
            "http://localhost:3000",
        ],
        refused: &[
            "null",
            "http://app.example.com",
            "http://a.example.org",
            "https://example.org",
            "https://example.com",
            "https://localhost:3000",
            "https://evil.net/.example.org",
        ],
    },
    Set {
        name: "all ways at once",
        policy: r#"
        allow_origins = ["https://app.example.com", "https://*.example.org", "http://localhost:*"]
        allow_origin_regexes = ['https://pr-\d+\.example\.net', 'https://app\.example\.com']
        allow_null_origin = true
        "#,
        credentials: false,
        allowed: &[
            "https://app.example.com",
            "https://a.example.org",
            "http://localhost:3000",
            "https://pr-17.example.net",
            "null",
        ],
        refused: &[
            "https://pr-.example.net",
            "https://pr-17.example.org.evil.net",
            "https://pr-17xexample.net",
            "https://a.example.com",
            "https://example.org",
            "file://",
        ],
    },
    Set {
        name: "regular expression",
        policy: r#"
        allow_origin_regexes = [
          'https://[a-z]+\.example\.com',
          'https://one|https://two\.example\.org',
          'https://.*\.dotted\.example',
          'https?://either\.example(:\d+)?',
        ]
        "#,
        credentials: false,
        allowed: &[
            "https://abc.example.com",
            "https://one",
            "https://two.example.org",
            "https://a.dotted.example",
            "https://a.b.dotted.example",
            "http://either.example",
            "https://either.example",
            "https://either.example:8443",
        ],
        refused: &[
            // It must match the whole origin, each of its alternatives too.
            "https://abc.example.com.evil.net",
            "https://abc.example.comevil",
            "https://evil-abc.example.com",
            "https://one.evil.net",
            "https://evil.two.example.org",
            "https://two.example.org.evil.net",
            "https://twoxexample.org",
            "https://1.example.com",
            "https://ABC.example.com",
            "http://abc.example.com",
            "https://abc.example.com:8443",
            // Refused before it is asked.
            "https://abc.example.com:443",
            "https://abc.example.com.",
            "https://abc.example.com/",
            "https://either.example:443",
            "https://either.example:0",
            "https://either.example:65536",
            "https://either.example:080",
            "https://.dotted.example",
            "https://evil.net/.dotted.example",
            "https://evil.net/a.dotted.example",
            "https://evil.net#.dotted.example",
            "https://evil.net?.dotted.example",
            "https://evil.net\\.dotted.example",
            "https://evil.net@a.dotted.example",
            "https://evil.net%2f.dotted.example",
            "https://evil.net .dotted.example",
            "https://evil.net\t.dotted.example",
            "https://evil.net,.dotted.example",
            "https://A.dotted.example",
            "https://\u{fc}.dotted.example",
        ],
    },
    Set {
        name: "regular expression over null",
        policy: r"allow_origin_regexes = ['null|file://|https://c\.example']",
        credentials: false,
        allowed: &["https://c.example"],
        refused: &["null", "file://"],
    },
    Set {
        name: "null",
        policy: r#"
        allow_origins = ["https://app.example.com"]
        allow_null_origin = true
        "#,
        credentials: false,
        allowed: &["null", APP],
        refused: &[
            "NULL",
            "Null",
            "nul",
            "nulll",
            "\"null\"",
            "null null",
            "null,null",
            "null/",
            "null:80",
            "null://",
            "file://",
            "http://null",
            EVIL,
        ],
    },
    Set {
        name: "file",
        policy: r#"allow_origins = ["file://"]"#,
        credentials: false,
        allowed: &["file://"],
        refused: &[
            "null",
            "file:",
            "file:/",
            "file:///",
            "FILE://",
            "file://localhost",
            "file:///etc/passwd",
        ],
    },
    Set {
        name: "any origin with credentials",
        policy: r#"
        allow_origins = ["*"]
        allow_credentials = true
        dangerously_allow_any_origin_with_credentials = true
        "#,
        credentials: true,
        allowed: &[
            APP,
            EVIL,
            "http://evil.example.net",
            "http://localhost:3000",
            "http://192.0.2.7",
            "http://[2001:db8::1]:8080",
            "tauri://localhost",
            "chrome-extension://abcdefghijklmnop",
        ],
        refused: &[
            "null",
            "NULL",
            "file://",
            // Nothing but the grammar stands before them here.
            "https://evil.net/",
            "https://evil.net?",
            "https://evil.net#",
            "https://evil.net\\",
            "https://evil.net:",
            "https://evil.net:0",
            "https://evil.net:443",
            "http://evil.net:80",
            "https://evil.net:08443",
            "https://evil.net:65536",
            "https://evil.net:84x3",
            "https://evil.net https://app.example.com",
            "https://evil.net\thttps://app.example.com",
            "https://app.example.com,https://evil.net",
            "https://user@evil.net",
            "https://evil%2enet",
            "https://evil..net",
            "https://.evil.net",
            "https://evil!net",
            "https://EVIL.net",
            "HTTPS://evil.net",
            "1https://evil.net",
            "ht tps://evil.net",
            "ht_tps://evil.net",
            "://evil.net",
            "https:/evil.net",
            "https:evil.net",
            "https://",
            "evil.net",
            "https://evil.n\u{e9}t",
            "http://192.0.2.007",
            "http://192.0.2.256",
            "http://192.0.2",
            "http://0xc0.0.2.7",
            "http://3221225991",
            "http://evil.0x1",
            "http://[::1",
            "http://::1",
            "http://[]",
            "http://[::1]x",
            "http://[::0001]",
            "http://[0:0:0:0:0:0:0:1]",
            "http://[2001:DB8::1]",
            "http://[2001:db8::1:1:1:1:1]",
            "http://[::ffff:127.0.0.1]",
            "http://[fe80::1%25eth0]",
            "http://[1::2::3]",
            "http://[:::]",
        ],
    },
    Set {
        name: "null with credentials",
        policy: r#"
        allow_origins = ["https://app.example.com"]
        allow_null_origin = true
        allow_credentials = true
        dangerously_allow_null_origin_with_credentials = true
        "#,
        credentials: true,
        allowed: &["null", APP],
        refused: &["NULL", "file://", EVIL],
    },
    Set {
        name: "insecure origins with credentials",
        policy: r#"
        allow_origins = ["http://app.example.com", "http://*.example.org"]
        allow_credentials = true
        dangerously_allow_insecure_origins_with_credentials = true
        "#,
        credentials: true,
        allowed: &["http://app.example.com", "http://a.example.org"],
        refused: &[
            "https://app.example.com",
            "https://a.example.org",
            "http://example.org",
            "null",
        ],
    },
    Set {
        name: "nobody",
        policy: NOBODY,
        credentials: false,
        allowed: &[],
        refused: &[
            APP,
            "null",
            "http://localhost",
            "http://127.0.0.1",
            "file://",
        ],
    },
];

/// Texts that are not an origin under any policy of this file.
const NO_ORIGINS: [&[u8]; 10] = [
    b"",
    b"*",
    b"\xff",
    b"null\xff",
    b"https://app.example.com\xa0",
    b"\xa0https://app.example.com",
    b"https://\xe4pp.example.com",
    b"https://app.example.com\xef\xbb\xbf",
    b"https://app.example.com;",
    b"https://app.example.com\x80.example.com",
];

const SUBDOMAINS_ANY_PORT: &str = r#"allow_origins = ["https://*.example.com:*"]"#;

/// As many exact origins as a large company has.
static MANY: LazyLock<String> = LazyLock::new(|| {
    let origins: Vec<_> = (0..1600)
        .map(|number| format!("\"https://h{number}.many.example\""))
        .collect();
    format!("allow_origins = [{}]", origins.join(", "))
});
