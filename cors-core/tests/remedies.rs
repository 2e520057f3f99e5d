//! Every remedy is right: what the text of a problem says to write is accepted, as it stands, in a
//! file; or the text names nothing to write.
//!
//! `PROPTEST_CASES=100000 cargo test -p cors-core --test remedies --all-features --release` runs
//! more cases.
#![cfg(feature = "serde")]

use cors_core::{Policy, PolicyErrors, PolicyMapConfig, Problem};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const CREDENTIALS: &str = "allow_credentials = true\n";

/// Returns a TOML file in which a key has these items.
fn file(key: &str, items: &[String], more: &str) -> String {
    let quoted = |item: &String| serde_json::to_string(item).expect("a text is JSON");
    // A TOML basic string has the escapes of a JSON string, but for one control character.
    let items: Vec<_> = items
        .iter()
        .map(|item| quoted(item).replace('\u{7f}', "\\u007f"))
        .collect();
    let items = items.join(", ");
    if key == "path" {
        format!("{more}[[paths]]\npath = {items}\n")
    } else {
        format!("{more}{key} = [{items}]\n")
    }
}

fn problems(file: &str) -> Vec<Problem> {
    let config: PolicyMapConfig = toml::from_str(file).expect("the file is TOML");
    let errors = config.build().err().map(PolicyErrors::into_iter);
    errors.into_iter().flatten().collect()
}

/// Returns the texts in quotes after the last "write" of a problem, with their escapes undone, and
/// the other key that they belong to.
fn remedy(problem: &Problem) -> (Vec<String>, Option<&'static str>) {
    let text = problem.kind().to_string();
    let Some((_, remedy)) = text.rsplit_once("; write ") else {
        return (Vec::new(), None);
    };
    let mut items = Vec::new();
    let mut rest = remedy;
    while let Some(start) = rest.find('"') {
        let from = &rest[start..];
        let mut ends = serde_json::Deserializer::from_str(from).into_iter::<String>();
        let item = ends
            .next()
            .expect("a quote")
            .expect("a text as JSON has it");
        items.push(item);
        rest = &from[ends.byte_offset()..];
    }
    let other = "allow_origin_regexes";
    (items, rest.ends_with(other).then_some(other))
}

/// Holds the property for one item.
fn is_remedied(key: &str, item: &str, more: &str) -> Result<(), TestCaseError> {
    let written = file(key, &[item.to_owned()], more);
    for problem in problems(&written) {
        let (items, other_key) = remedy(&problem);
        // A sample names more than one way to write it.
        let is_sample = problem.kind().to_string().contains(" as in ");
        let tried: Vec<_> = if is_sample {
            items.iter().map(std::slice::from_ref).collect()
        } else if items.is_empty() {
            Vec::new()
        } else {
            vec![items.as_slice()]
        };
        for items in tried {
            let remedied = file(other_key.unwrap_or(key), items, more);
            let left = problems(&remedied);
            prop_assert!(
                left.is_empty(),
                "{written}\n{problem}\n{remedied}\n{left:?}"
            );
        }
    }
    Ok(())
}

/// One of the texts, as it is or with a few characters changed.
fn mutated(texts: Vec<&'static str>) -> impl Strategy<Value = String> {
    let odd = "[ \\t\\n,;|*./:@#?%~_^$()<>{}\"'\\\\\\[\\]+=&a-cA-Z0-9\u{fc}\u{3b1}\u{4f8b}\u{645}\u{202e}\u{7f}-]{0,2}";
    let change = (any::<prop::sample::Index>(), 0..3_usize, odd);
    (select(texts), vec(change, 0..4)).prop_map(|(text, changes)| {
        let mut characters: Vec<char> = text.chars().collect();
        for (at, removed, added) in changes {
            let at = at.index(characters.len() + 1);
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, added.chars());
        }
        characters.into_iter().collect()
    })
}

/// One such text, or several with something between them.
fn joined(texts: Vec<&'static str>) -> impl Strategy<Value = String> {
    let separator = select(vec![",", ", ", ";", "|", " ", "\n", " , ", ",,", "\", \""]);
    let around = select(vec![
        ("", ""),
        ("[", "]"),
        ("[\"", "\"]"),
        (" ", "\n"),
        ("^", "$"),
    ]);
    let texts = prop_oneof![4 => vec(mutated(texts.clone()), 1), 1 => vec(mutated(texts), 2..5)];
    (texts, separator, around).prop_map(|(texts, separator, (start, end))| {
        format!("{start}{}{end}", texts.join(separator))
    })
}

fn settings() -> impl Strategy<Value = String> {
    let switches = [
        "insecure_origins",
        "private_networks",
        "any_origin",
        "null_origin",
    ];
    (any::<bool>(), any::<[bool; 4]>()).prop_map(move |(credentials, on)| {
        let mut text = String::new();
        if credentials {
            text.push_str(CREDENTIALS);
        }
        for (switch, _) in switches.iter().zip(on).filter(|(_, on)| *on) {
            text.push_str(&format!(
                "dangerously_allow_{switch}_with_credentials = true\n"
            ));
        }
        text
    })
}

const ORIGINS: [&str; 61] = [
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com:443/path?q#f",
    "http://a.example:80",
    "HTTPS://Me:Pw@App.Example.com/",
    "https://*.example.com",
    "https://*.example.com:*/*",
    "https://*.com/",
    "https://*",
    "*",
    "*.example.com",
    "example.com",
    ".example.com",
    "localhost",
    "localhost:3000",
    "http://localhost:*",
    "http://localhost:3000-3010",
    "http://localhost:3010-3000",
    "http://localhost:3000-*",
    "http://localhost:1-65535",
    "https://*.example.com:08000-8999",
    "http://localhost:[3000,3001]",
    "http://localhost:3000,3001",
    "http://[::1]:{3000..3010}",
    "https://{a,b}.example.com",
    "https://app.{example.com,example.org}/",
    "127.0.0.1:8080",
    "http://127.0.0.01:3000/",
    "http://010.0.0.1",
    "http://192.168.0.0/16",
    "172.16.0.0/12",
    "http://10.0.0.0/9:3000",
    "http://192.168.*.*:*",
    "http://192.168.*:3000",
    "http://172.*.*.*",
    "http://[::1]:3000",
    "http://::1:3000",
    "http://[0:0:0:0:0:0:0:1]:3000/",
    "http://2001:db8::1",
    "http://[::ffff:1.2.3.4]",
    "*.127.0.0.1",
    "ws://localhost:3000",
    "wss://example.com/chat",
    "null",
    "file://",
    "file:///home/a",
    "app://.",
    "app://./index.html",
    "app://*",
    "chrome-extension://abcdefghijklmnop/*",
    "vscode-webview://123",
    "https://b\u{fc}cher.example",
    "https://\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}",
    "https://xn--bcher-kva.example",
    "https:\\\\app.example.com",
    "https:/app.example.com",
    "https://https://app.example.com",
    "*://example.com",
    "^https://app\\.example\\.com$",
    "/^https:\\/\\/(a|b)\\.example\\.com$/",
    "https?://localhost:\\d+",
];

/// Parts of a list, with origins that each is for.
const PARTS: [(&str, &[&str]); 30] = [
    ("https://app.example.com", &["https://app.example.com"]),
    ("https://app.example.com/", &["https://app.example.com"]),
    ("https://p.example/x?y#z", &["https://p.example"]),
    ("https://me:pw@i.example", &["https://i.example"]),
    ("b.example", &["https://b.example"]),
    ("http://localhost:3000", &["http://localhost:3000"]),
    ("http://localhost:3000/", &["http://localhost:3000"]),
    ("localhost:8080", &["http://localhost:8080"]),
    ("http://web:3000", &["http://web:3000"]),
    (
        "http://localhost:3000,3001",
        &["http://localhost:3000", "http://localhost:3001"],
    ),
    (
        "http://a.example:80,3001-3003/",
        &["http://a.example", "http://a.example:3002"],
    ),
    (
        "http://localhost:[4000, 4001]",
        &["http://localhost:4000", "http://localhost:4001"],
    ),
    (
        "https://{c,d}.example.com",
        &["https://c.example.com", "https://d.example.com"],
    ),
    (
        "https://{e,f}.example.com:{1,2}/",
        &["https://e.example.com:1", "https://f.example.com:2"],
    ),
    ("https://g.example/{a,b}", &["https://g.example"]),
    ("https://h.example?x={a,b}", &["https://h.example"]),
    ("app://a/{b,c}", &["app://a"]),
    ("app://{k,l}", &["app://k", "app://l"]),
    ("http://[::1]:3000", &["http://[::1]:3000"]),
    ("http://::1:3000-3010", &["http://[::1]:3005"]),
    (
        "http://192.168.0.0/16",
        &["http://192.168.0.0", "http://192.168.3.4"],
    ),
    (
        "http://192.168.0.0/16:3000/",
        &["http://192.168.0.0:3000", "http://192.168.3.4:3000"],
    ),
    (
        "http://192.168.2.0/28/",
        &["http://192.168.2.0", "http://192.168.2.15"],
    ),
    ("http://10.0.0.0/9", &["http://10.127.0.1"]),
    ("10.0.0.0/8", &["http://10.0.0.0", "http://10.9.8.7"]),
    ("http://127.0.0.0/255.0.0.0", &["http://127.9.9.9"]),
    ("http://192.168.7.x:*", &["http://192.168.7.9:3000"]),
    (
        "http://10.1.1.1-20",
        &["http://10.1.1.1", "http://10.1.1.20"],
    ),
    ("http://192.168.9.0-255", &["http://192.168.9.77"]),
    ("http://[fd00::]/8", &["http://[fd12::1]"]),
];

/// Holds that no part disappears from a remedy: it allows what each is for, whatever it names.
fn keeps_all(
    key: &str,
    item: &str,
    parts: &[(&str, &[&str])],
    more: &str,
) -> Result<(), TestCaseError> {
    let written = file(key, &[item.to_owned()], more);
    for problem in problems(&written) {
        let (items, other_key) = remedy(&problem);
        let text = problem.kind().to_string();
        let is_sample = text.contains(" as in ");
        // What is right but for credentials may have another scheme.
        let is_hazard = text.contains(", or dangerously_");
        // Another expression is for what the expression that was written is for.
        let is_expression = key == "allow_origin_regexes" && !text.ends_with(" in allow_origins");
        if items.is_empty() || is_hazard || is_sample || is_expression || other_key.is_some() {
            continue;
        }
        let policy = Policy::builder().allow_origins(&items).build()?;
        for (part, origins) in parts {
            for origin in *origins {
                // What is written without a scheme has that which is right beside the settings.
                let secure = origin.replace("http://", "https://");
                let is_free = !part.contains("://");
                prop_assert!(
                    policy.allows_origin(origin) || is_free && policy.allows_origin(&secure),
                    "{written}\n{problem}\nlacks {origin}"
                );
            }
        }
    }
    Ok(())
}

const METHODS: [&str; 14] = [
    "GET", "put", "patch", "Patch", "PROPFIND", "propfind", "query", "TRACE", "connect", "*",
    "x-method", "GET,POST", "GET|POST", "GET POST",
];

const HEADERS: [&str; 20] = [
    "content-type",
    "Content-Type",
    "Content-Type:",
    "Content Type",
    "authorization",
    "X-Acme-*",
    "*",
    "cookie",
    "Set-Cookie",
    "sec-fetch-site",
    "x_a",
    "x-a|x-b",
    "x*",
    "x-acme*",
    "x-**",
    "*-x",
    "x-*-y",
    "x-acme-.*",
    "sec-*",
    "set-*, proxy-*",
];

const HOSTS: [&str; 22] = [
    "api.example.com",
    "API.example.com.",
    "api.example.com:8443",
    "https://me@api.example.com:443/x",
    "*.example.com",
    ".example.com",
    "*.com",
    "*",
    "localhost",
    "localhost:*",
    "localhost:0",
    "*.localhost",
    "backend",
    "127.0.0.1",
    "127.0.0.01:80",
    "*.127.0.0.1",
    "10.0.0.0/8",
    "[::1]",
    "::1",
    "::1:3000",
    "[0:0:0:0:0:0:0:1]:3000",
    "b\u{fc}cher.example",
];

const PATHS: [&str; 24] = [
    "/api",
    "api",
    "/api/{id}",
    "/api/{*rest}",
    "/api/:id",
    "/api/<id>",
    "/api/<rest..>",
    "/api/{id:[0-9]+}",
    "/{tail:.*}",
    "/{rest..}",
    "/api/*",
    "/api/**",
    "GET /api/{id}",
    "/{path...}",
    "/{$}",
    "/posts(.:format)",
    "^api/(?P<id>[0-9]+)/$",
    "/api/[id]",
    "/a/../b",
    "/a//b/",
    "/a%2Fb",
    "/a;b=c",
    "/caf\u{e9}",
    "https://example.com/api?q#f",
];

fn long(text: &'static str, most: usize) -> impl Strategy<Value = String> {
    (0..most).prop_map(move |times| text.repeat(times))
}

#[cfg(feature = "regex")]
const REGEXES: [&str; 18] = [
    "https://app.example.com",
    "^app.example.com$",
    "*",
    "http://localhost:*",
    "https://*.example.com",
    "https://pr-*.example.com",
    "https?://pr-*.example.com:*",
    "https://(a|b).example.com",
    "https://[a-z]+.example.com(:[0-9]+)?",
    "https://pr-[0-9]+\\.example\\.com",
    "moz-extension://*",
    "https://*.github.io",
    "http://a.example.com",
    "http://pr-*.example.com",
    "https://(b\u{fc}cher|a).example.com",
    "https://pr-[0-9]+\\.example\\.com/.*",
    "/^https:\\/\\/[a-z]+.example.com$/",
    "https://([a-z]+\\.)?example\\.com:443",
];

#[cfg(feature = "regex")]
proptest! {
    /// A problem that asks for another text than what an expression should be has only samples.
    #[test]
    fn of_a_regex(
        item in mutated(REGEXES.to_vec()),
        more in settings(),
        checks_suffixes in any::<bool>(),
    ) {
        use cors_core::ProblemKind as P;

        let checks_suffixes = checks_suffixes && cfg!(feature = "public-suffix");
        let more = format!("{more}check_public_suffixes = {checks_suffixes}\n");
        let found = problems(&file("allow_origin_regexes", &[item], &more));
        for problem in &found {
            let (key, items) = match problem.kind() {
                P::RegexIsItem(items) => ("allow_origins", items.clone()),
                P::RegexIsGlob(right)
                | P::RegexDotUnescaped(Some(right))
                | P::RegexMatchesNoOrigin(Some(right)) => {
                    ("allow_origin_regexes", vec![right.clone()])
                }
                _ => continue,
            };
            prop_assert_eq!(&remedy(problem).0, &items, "{}", &problem);
            let mut left = problems(&file(key, &items, &more));
            if key == "allow_origin_regexes" {
                // What is wrong beside credentials is a problem of its own.
                left.retain(|left| found.iter().all(|found| found.kind() != left.kind()));
            }
            prop_assert!(left.is_empty(), "{problem}\n{left:?}");
        }
    }
}

proptest! {
    #[test]
    fn of_an_origin(item in joined(ORIGINS.to_vec()), more in settings()) {
        is_remedied("allow_origins", &item, &more)?;
    }

    #[test]
    fn of_an_origin_with_credentials(item in joined(ORIGINS.to_vec()), more in settings()) {
        let more = more.replace(CREDENTIALS, "");
        is_remedied("allow_credentials_from", &item, &more)?;
    }

    #[test]
    fn of_several_origins(
        parts in vec(select(PARTS.to_vec()), 1..4),
        separator in select(vec![",", ", ", ";", "|", " ", "\n"]),
        around in select(vec![("", ""), ("[\"", "\"]"), (" ", ","), ("^", "$"), ("{", "}")]),
        key in select(vec!["allow_origins", "allow_credentials_from", "allow_origin_regexes"]),
        more in settings(),
    ) {
        let texts: Vec<_> = parts.iter().map(|(text, _)| *text).collect();
        let item = format!("{}{}{}", around.0, texts.join(separator), around.1);
        let more = if key == "allow_credentials_from" { more.replace(CREDENTIALS, "") } else { more };
        if key != "allow_origin_regexes" {
            is_remedied(key, &item, &more)?;
        }
        keeps_all(key, &item, &parts, &more)?;
    }

    #[test]
    fn of_a_long_origin(
        start in select(vec!["https://", "http://a@", "", "^https://"]),
        labels in long("a-long-label.", 25),
        list in long(",https://a.example", 70),
    ) {
        is_remedied("allow_origins", &format!("{start}{labels}example/{list}"), "")?;
    }

    #[test]
    fn of_a_method(item in joined(METHODS.to_vec()), more in settings()) {
        is_remedied("allow_methods", &item, &more)?;
    }

    #[test]
    fn of_a_header(
        key in select(vec!["allow_headers", "expose_headers"]),
        item in joined(HEADERS.to_vec()),
        more in settings(),
    ) {
        is_remedied(key, &item, &more)?;
    }

    #[test]
    fn of_a_host(item in joined(HOSTS.to_vec()), more in settings()) {
        is_remedied("allow_hosts", &item, &more)?;
    }

    #[test]
    fn of_a_path(item in mutated(PATHS.to_vec())) {
        is_remedied("path", &item, "")?;
    }

    #[test]
    fn of_a_long_path(start in select(PATHS.to_vec()), rest in long("/\u{e9}b", 600)) {
        is_remedied("path", &format!("{start}{rest}"), "")?;
    }
}
