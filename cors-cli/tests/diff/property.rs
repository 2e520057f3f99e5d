//! Whatever is called no wider never allows more: by the model of a browser, on random requests, for
//! files that differ in each of the settings.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use cors_core::browser::{Browser, Credentials, Request, Response};
use cors_core::{PolicyMap, PolicyMapConfig, probe};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;

use super::run::{Tested, diff};

/// How many pairs of files are compared. Each takes two processes, so it does not depend on the
/// environment, as proptest's number does.
const CASES: u32 = 100;

/// How many requests are tried under each pair.
const REQUESTS: usize = 120;

/// Every key with values to try. The first one is the default.
const KEYS: [(&str, &[&str]); 23] = [
    (
        "allow_origins",
        &[
            "[]",
            "['*']",
            "['https://a.example']",
            "['https://b.example:8443', 'http://localhost:3000-3010']",
            "['http://localhost:*', 'https://a.example']",
            "['https://*.a.example']",
            "['https://*.a.example:*', 'https://x.a.example']",
            "['https://*.b.a.example:8000-9000', 'https://*.a.example:8500']",
            "['app://.', 'moz-extension://*']",
            "['app://*:*', 'file://']",
            "['http://192.168.*.*:*']",
            "['http://192.168.1.*:3000', 'https://192.168.*.*']",
        ],
    ),
    (
        "allow_origin_regexes",
        &[
            "[]",
            "['https://[a-z]+\\.preview\\.example']",
            "['https?://[a-z0-9]+\\.lan\\.example(:[0-9]+)?']",
            "['https://pr-[0-9]+\\.a\\.example', 'https://x\\.a\\.example:9[0-9]+']",
        ],
    ),
    ("allow_null_origin", &["false", "true"]),
    (
        "allow_methods",
        &[
            "[]",
            "['*']",
            "['PUT']",
            "['put', 'DELETE', 'PATCH']",
            "['PURGE']",
        ],
    ),
    (
        "allow_headers",
        &[
            "[]",
            "['*']",
            "['*', 'authorization']",
            "['content-type']",
            "['accept', 'Accept-Language', 'range', 'x-b']",
            "['x-a-*']",
            "['x-a-b', 'x-a-other', 'x-a-b-*']",
        ],
    ),
    (
        "expose_headers",
        &["[]", "['*']", "['x-id']", "['x-a-*', 'etag']", "['X-A-1']"],
    ),
    ("allow_credentials", &["false", "true"]),
    (
        "allow_credentials_from",
        &[
            "[]",
            "['https://a.example']",
            "['https://*.a.example:*', 'http://localhost:3000']",
        ],
    ),
    ("max_age", &["5", "600", "0"]),
    ("allow_private_network", &["false", "true"]),
    ("preflight_status", &["204", "200"]),
    ("preflight_refusal_status", &["403", "200"]),
    ("preflight_passthrough", &["false", "true"]),
    ("keep_app_headers", &["false", "true"]),
    ("reject_disallowed_origins", &["false", "true"]),
    (
        "allow_hosts",
        &[
            "[]",
            "['*']",
            "['server.example']",
            "['server.example:8443', '*.in.example']",
            "['x.in.example', '[::1]']",
        ],
    ),
    ("check_public_suffixes", &["false", "true"]),
    (
        "dangerously_allow_any_origin_with_credentials",
        &["false", "true"],
    ),
    (
        "dangerously_allow_insecure_origins_with_credentials",
        &["false", "true"],
    ),
    (
        "dangerously_allow_null_origin_with_credentials",
        &["false", "true"],
    ),
    (
        "dangerously_allow_private_networks_with_credentials",
        &["false", "true"],
    ),
    // Tables, which come last.
    (
        "paths",
        &[
            "",
            "[[paths]]\npath = '/a/{x}'\nallow_methods = ['DELETE']\n",
            "[[paths]]\npath = '/{y}/b'\nallow_origins = ['https://a.example']\n",
            "[[paths]]\npath = '/{y}/b'\nenabled = false\n[[paths]]\npath = '/a/{x}'\n",
            "[[paths]]\npath = '/api/{*rest}'\nallow_headers = ['x-b']\n[[paths]]\npath = '/api'\n",
            "[[paths]]\npath = '/{one}/{two}/{*rest}'\nallow_null_origin = true\n\
             [[paths]]\npath = '/api/v1'\nenabled = false\n",
            "[[paths]]\npath = '/{*all}'\nallow_hosts = ['server.example']\n\
             [[paths]]\npath = '/%61/b'\nallow_methods = ['*']\n",
        ],
    ),
    ("shadow", &["", "[shadow]\nallow_methods = ['PATCH']\n"]),
];

const PAGES: [&str; 32] = [
    "https://a.example",
    "http://a.example",
    "https://a.example:8443",
    "https://b.example",
    "https://b.example:8443",
    "https://x.a.example",
    "https://x.a.example:9",
    "https://x.a.example:999",
    "https://x.y.a.example",
    "https://x.y.a.example:8500",
    "https://pr-7.a.example",
    "https://c.b.a.example:8000",
    "https://c.b.a.example:8500",
    "https://c.b.a.example:9001",
    "http://localhost",
    "http://localhost:1",
    "http://localhost:3000",
    "http://localhost:3007",
    "http://localhost:3011",
    "https://localhost",
    "app://.",
    "app://x:5",
    "moz-extension://6a1e",
    "file://",
    "null",
    "http://192.168.7.7",
    "http://192.168.1.7:3000",
    "http://192.168.1.7:3001",
    "https://192.168.1.7",
    "https://abc.preview.example",
    "http://abc.lan.example",
    "https://abc.lan.example:8080",
];

const HOSTS: [&str; 6] = [
    "server.example",
    "server.example:8443",
    "server.example:9000",
    "x.in.example",
    "in.example:8443",
    "[::1]:8443",
];

/// Paths with other spellings of what they can be read as, if they can be read in several ways.
const PATHS: [(&str, &[&str]); 16] = [
    ("/", &[]),
    ("/a", &[]),
    ("/a/b", &[]),
    ("/%61/b/", &[]),
    ("/a/c", &[]),
    ("/c/b", &[]),
    ("/c/d", &[]),
    ("/c/d/e", &[]),
    ("/a/b/c", &[]),
    ("/api", &[]),
    ("//api/", &[]),
    ("/api/v1", &[]),
    ("/api/v1/c", &[]),
    ("/api/v2/c/d", &[]),
    ("/a%2Fb", &["/a/b", "/c"]),
    ("/a;v=1/b", &["/a/b", "/c/b"]),
];

const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "PURGE", "REPORT", "OPTIONS",
];

const HEADERS: [(&str, &str); 14] = [
    ("accept", "*/*"),
    ("content-type", "text/plain"),
    ("content-type", "application/json"),
    ("accept", "\"unsafe\""),
    ("accept-language", "(unsafe)"),
    ("range", "lines=1"),
    ("authorization", "Bearer x"),
    ("x-a-b", "1"),
    ("x-a-other", "1"),
    ("x-a-b-c", "1"),
    ("x-b", "1"),
    ("x-c", "1"),
    ("cookie", "a=b"),
    ("content-language", "<unsafe>"),
];

const READ: [&str; 5] = ["x-id", "x-a-1", "x-a-b", "etag", "x-none"];

/// How the app behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum App {
    RespondsToAll,
    HasNoOptions,
    AllowsAll,
}

/// A page's request to a server.
#[derive(Debug)]
struct Sent<'a> {
    page: &'a str,
    host: &'a str,
    request: Request,
    app: App,
}

/// What a page gets of a path: whether the app has its request, and what it reads of the response.
#[derive(Debug, Default, PartialEq, Eq)]
struct Got {
    has_reached: bool,
    read: Option<BTreeSet<String>>,
}

impl Got {
    fn is_more_than(&self, other: &Self) -> bool {
        let reads_more = match (&self.read, &other.read) {
            (Some(names), Some(others)) => !names.is_subset(others),
            (Some(_), None) => true,
            (None, _) => false,
        };
        reads_more || self.has_reached && !other.has_reached
    }
}

fn get(policies: &PolicyMap, path: &str, sent: &Sent<'_>) -> Got {
    let mut got = Got::default();
    let mut app = |is_preflight: bool| {
        got.has_reached |= !is_preflight;
        let is_missing = is_preflight && sent.app == App::HasNoOptions;
        let mut response = Response::new(if is_missing { 405 } else { 200 });
        for name in READ {
            response.headers_mut().append(name, "1");
        }
        if sent.app == App::AllowsAll {
            for (name, value) in [
                ("access-control-allow-origin", sent.page),
                ("access-control-allow-credentials", "true"),
                ("access-control-allow-methods", "PUT, DELETE, REPORT"),
                ("access-control-allow-headers", "x-c, authorization"),
                ("access-control-expose-headers", "x-none"),
            ] {
                response.headers_mut().append(name, value);
            }
        }
        response
    };
    let url = format!("https://{}{path}", sent.host);
    let mut browser = Browser::new();
    let read = browser.fetch(Duration::ZERO, sent.page, &url, &sent.request, |request| {
        let is_preflight = request.is_preflight();
        match policies.policy(path) {
            Some(policy) => request.respond(policy, |_| app(is_preflight)),
            None => app(is_preflight),
        }
    });
    got.read = read.ok().map(|response| {
        let names = response.headers().iter().map(|(name, _)| name);
        // A policy adds some of its own.
        let names = names.filter(|name| READ.contains(name));
        names.map(str::to_owned).collect()
    });
    got
}

/// Returns whether a page gets more of a path under the second policies. Of a path with several
/// readings that is to read more than it read of one of them: whether such a request is rejected is
/// known to adapters alone.
fn gets_more([old, new]: [&PolicyMap; 2], path: (&str, &[&str]), sent: &Sent<'_>) -> bool {
    let (path, readings) = path;
    // Where nothing replaces the app's headers, what it allows is its own.
    let is_off = |policies: &PolicyMap| policies.policy(path).is_none();
    if sent.app == App::AllowsAll && (is_off(old) || is_off(new)) {
        return false;
    }
    let mut after = get(new, path, sent);
    after.has_reached &= readings.is_empty();
    let is_more = |before: &str| after.is_more_than(&get(old, before, sent));
    if readings.is_empty() {
        is_more(path)
    } else {
        readings.iter().any(|reading| is_more(reading))
    }
}

fn build(text: &str) -> Option<PolicyMap> {
    toml::from_str::<PolicyMapConfig>(text).ok()?.build().ok()
}

/// Returns a file with these values of the keys. Defaults are left out, so that it has no policy at
/// the top where there is nothing else.
fn file(values: &[usize]) -> String {
    let lines = KEYS.iter().zip(values).filter(|(_, value)| **value > 0);
    let lines = lines.map(|((key, values), value)| match *key {
        "paths" | "shadow" => values[*value].to_owned(),
        key => format!("{key} = {}\n", values[*value]),
    });
    lines.collect()
}

fn values() -> impl Strategy<Value = Vec<usize>> {
    let of = |(_, values): &(&str, &[&str])| prop_oneof![3 => Just(0), 2 => 0..values.len()];
    KEYS.iter().map(of).collect::<Vec<_>>()
}

/// Two files that can be built and differ in one to three keys. Most have an origin.
fn files() -> impl Strategy<Value = [String; 2]> {
    let changed = prop::collection::vec((0..KEYS.len(), any::<Index>()), 1..4);
    let origin = 0..KEYS[0].1.len();
    let files = (values(), origin, changed).prop_map(|(mut values, origin, changed)| {
        values[0] = origin;
        let old = file(&values);
        for (key, value) in changed {
            values[key] = value.index(KEYS[key].1.len());
        }
        [old, file(&values)]
    });
    files.prop_filter(
        "a file has a problem, or both are the same",
        |[old, new]| old != new && build(old).is_some() && build(new).is_some(),
    )
}

/// What a request is chosen by.
type Choice = ([Index; 4], Option<Index>, bool, u8);

fn sent<'a>(choice: &Choice, pages: &'a [String]) -> Result<Sent<'a>, Box<dyn Error>> {
    let ([page, host, method, _], header, has_credentials, app) = choice;
    let mode = if *has_credentials {
        Credentials::Include
    } else {
        Credentials::Omit
    };
    let mut request = Request::new(METHODS[method.index(METHODS.len())])?.credentials(mode);
    if let Some(header) = header {
        let (name, value) = HEADERS[header.index(HEADERS.len())];
        request = request.header(name, value)?;
    }
    Ok(Sent {
        page: page.get::<String>(pages),
        host: HOSTS[host.index(HOSTS.len())],
        request,
        app: match app % 4 {
            0 => App::HasNoOptions,
            1 => App::AllowsAll,
            _ => App::RespondsToAll,
        },
    })
}

/// Returns the pages to try: some that both files know nothing of, and near-misses.
fn pages(sides: [&PolicyMap; 2]) -> Vec<String> {
    let near = sides.into_iter().flat_map(|policies| {
        let of_paths = policies.paths().filter_map(|(_, policy)| policy);
        let all = policies.default_policy().into_iter().chain(of_paths);
        all.flat_map(probe::sample_origins)
    });
    let near: BTreeSet<_> = near.collect();
    PAGES.map(str::to_owned).into_iter().chain(near).collect()
}

#[test]
fn every_key_of_a_file_is_tried() -> Tested {
    let schema = include_str!("../../../cors-core/policy.schema.json");
    let schema: Value = serde_json::from_str(schema)?;
    let keys = schema["properties"].as_object().ok_or("it has keys")?;
    let keys: BTreeSet<_> = keys.keys().map(String::as_str).collect();
    assert_eq!(keys, KEYS.map(|(key, _)| key).into());
    Ok(())
}

/// Also holds that the same file allows the same, and that both directions say the same.
#[test]
fn no_request_gets_more_under_what_is_called_no_wider() -> Tested {
    let mut config = Config::default();
    config.cases = CASES;
    config.failure_persistence = None;
    config.max_shrink_iters = 100;
    let choices = (
        any::<[Index; 4]>(),
        any::<Option<Index>>(),
        any::<bool>(),
        any::<u8>(),
    );
    let choices = prop::collection::vec(choices, REQUESTS).no_shrink();
    let mut count = [0; 2];
    let counts = std::cell::RefCell::new(&mut count);
    let mut runner = TestRunner::new(config);
    let tried = runner.run(&(files(), choices), |([old, new], choices)| {
        let failed = |error: Box<dyn Error>| TestCaseError::fail(error.to_string());
        let said = diff(&old, &new).map_err(failed)?;
        let back = diff(&new, &old).map_err(failed)?;
        prop_assert_eq!(said.list("wider"), back.list("narrower"));
        prop_assert_eq!(said.list("narrower"), back.list("wider"));
        prop_assert_eq!(said.list("left_out").len(), 0);
        counts.borrow_mut()[usize::from(said.widens())] += 1;
        let (Some(before), Some(after)) = (build(&old), build(&new)) else {
            return Err(TestCaseError::reject("a file has a problem"));
        };
        let pages = pages([&before, &after]);
        for choice in &choices {
            let path = PATHS[choice.0[3].index(PATHS.len())];
            let sent = sent(choice, &pages).map_err(failed)?;
            for (sides, said) in [([&before, &after], &said), ([&after, &before], &back)] {
                let is_more = gets_more(sides, path, &sent);
                prop_assert!(said.widens() || !is_more, "{path:?} {sent:?}");
            }
        }
        Ok(())
    });
    match tried {
        Err(TestError::Fail(why, ([old, new], _))) => {
            return Err(format!("{why}\n# OLD\n{old}\n# NEW\n{new}").into());
        }
        Err(TestError::Abort(why)) => return Err(why.message().into()),
        Ok(()) => {}
    }
    // To call everything wider would be right, and of no use.
    assert!(count.into_iter().min() > Some(CASES / 8), "{count:?}");
    Ok(())
}

#[test]
fn the_same_file_allows_the_same() -> Tested {
    for values in (0..12).map(|value| KEYS.map(|(_, values)| value % values.len())) {
        let text = file(&values);
        if build(&text).is_some() {
            assert!(diff(&text, &text)?.is_empty(), "{text}");
        }
    }
    for (key, values) in &KEYS[..KEYS.len() - 2] {
        let text = format!("{key} = {}\n", values[1]);
        if build(&text).is_some() {
            let other = format!("\n{text}# The same.\n");
            assert!(diff(&text, &other)?.is_empty(), "{text}");
        }
    }
    Ok(())
}
