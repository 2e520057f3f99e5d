//! A thousand wrong policy files, made of right ones: each is refused in words that say where, and
//! what they say to write is right.
#![cfg(feature = "serde")]

use std::cell::Cell;
use std::ops::Range;

use cors_core::{PolicyMapConfig, Problem, Setting};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const RIGHT: [&str; 3] = [
    r#"
allow_origins = ["https://app.example.com", "https://*.example.com", "http://localhost:*"]
allow_null_origin = false
allow_methods = ["PUT", "DELETE"]
allow_headers = ["content-type", "authorization"]
expose_headers = ["x-request-id"]
allow_credentials = true
max_age = 600
preflight_status = 204
"#,
    r#"
allow_origins = ["https://app.example.com"]
preflight_refusal_status = 403
reject_disallowed_origins = true
allow_hosts = ["api.example.com", "*.example.com:8443", "[::1]"]

[[paths]]
path = "/feeds/{*feed}"
allow_origins = ["*"]
reject_disallowed_origins = false

[[paths]]
path = "/internal/{id}/x"
enabled = false
"#,
    r#"
allow_origins = ["tauri://localhost", "http://127.0.0.1:3000-3010", "http://192.168.*.*:*"]
allow_credentials = true
dangerously_allow_private_networks_with_credentials = true
keep_app_headers = true
preflight_passthrough = true

[shadow]
allow_origins = []
max_age = 0

[[shadow.paths]]
path = "/a"
allow_methods = ["*"]
"#,
];

/// Values of every type, some of which stand for another.
const VALUES: [&str; 23] = [
    "1",
    "0",
    "-1",
    "70000",
    "9223372036854775807",
    "1.5",
    "600.0",
    "nan",
    "true",
    "\"\"",
    "\"*\"",
    "\"yes\"",
    "\"10m\"",
    "\"204\"",
    "\"https://a.example, https://b.example\"",
    "\"PUT DELETE\"",
    "[]",
    "[1]",
    "[[\"PUT\"]]",
    "[\"https://a.example/\", \"b.example\"]",
    "[\"http://localhost:3010-3000\", \"http://10.0.0.0/8\", \"https://{a,b}.example\"]",
    "{ a = 1 }",
    "2026-01-01",
];

/// Keys of other libraries, and others that are none.
const KEYS: [&str; 10] = [
    "cors",
    "origins",
    "allowOrigins",
    "CORS_ALLOWED_ORIGINS",
    "allow_origin_regex",
    "supports_credentials",
    "Access-Control-Max-Age",
    "\"a\\u001bb\"",
    "database",
    "paths",
];

/// A change of a file's text.
#[derive(Clone, Debug)]
enum Change {
    /// A character of a key is left out, doubled or replaced.
    Misspelt(Index, Index, u8),
    /// A key is replaced.
    Key(Index, Index),
    /// A value is replaced.
    Value(Index, Index),
    /// A bracket, a quote, a comma or an equals sign is left out.
    Dropped(Index),
    /// A character of a text in quotes is left out, doubled, or gets another one before it.
    Item(Index, char),
    /// A line is there twice.
    Doubled(Index),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let index = any::<Index>;
        let odd: Vec<char> = " /*,;:@#?%.-|'^$A\u{fc}\u{1}\u{1f980}".chars().collect();
        prop_oneof![
            3 => (index(), index(), 0..3_u8).prop_map(|(a, b, how)| Self::Misspelt(a, b, how)),
            1 => (index(), index()).prop_map(|(a, b)| Self::Key(a, b)),
            3 => (index(), index()).prop_map(|(a, b)| Self::Value(a, b)),
            2 => index().prop_map(Self::Dropped),
            3 => (index(), proptest::sample::select(odd)).prop_map(|(a, odd)| Self::Item(a, odd)),
            1 => index().prop_map(Self::Doubled),
        ]
    }

    fn make(&self, text: &str) -> String {
        let lines = lines_with_a_value(text);
        if lines.is_empty() {
            return text.to_owned();
        }
        let line = |index: &Index| lines[index.index(lines.len())].clone();
        let parts = |line: &Range<usize>| {
            let equals = line.start + text[line.clone()].find(" = ").expect("a value");
            (line.start..equals, equals + 3..line.end)
        };
        match self {
            Self::Misspelt(at, place, how) => {
                let key = parts(&line(at)).0;
                let place = key.start + place.index(key.len());
                let one = text[place..].chars().next().map_or(0, char::len_utf8);
                let char = &text[place..place + one];
                let new = match how {
                    0 => String::new(),
                    1 => char.repeat(2),
                    _ => "q".to_owned(),
                };
                replaced(text, place..place + one, &new)
            }
            Self::Key(at, key) => replaced(text, parts(&line(at)).0, KEYS[key.index(KEYS.len())]),
            Self::Value(at, value) => {
                replaced(text, parts(&line(at)).1, VALUES[value.index(VALUES.len())])
            }
            Self::Dropped(at) => {
                let signs: Vec<_> = text
                    .match_indices(['[', ']', '"', ',', '=', '{', '}'])
                    .collect();
                match signs.as_slice() {
                    [] => text.to_owned(),
                    signs => {
                        let place = signs[at.index(signs.len())].0;
                        replaced(text, place..place + 1, "")
                    }
                }
            }
            Self::Item(at, odd) => {
                let inside: Vec<_> = text
                    .char_indices()
                    .filter(|(place, _)| text[..*place].matches('"').count() % 2 == 1)
                    .map(|(place, _)| place)
                    .collect();
                match inside.as_slice() {
                    [] => text.to_owned(),
                    inside => {
                        let place = inside[at.index(inside.len())];
                        replaced(text, place..place, &odd.to_string())
                    }
                }
            }
            Self::Doubled(at) => {
                let line = line(at);
                let again = format!("{}\n", &text[line.clone()]);
                replaced(text, line.start..line.start, &again)
            }
        }
    }
}

fn lines_with_a_value(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let range = start..start + line.len();
        start = range.end + 1;
        if line.find(" = ").is_some_and(|equals| equals > 0) {
            lines.push(range);
        }
    }
    lines
}

fn replaced(text: &str, range: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

/// More than any message needs: a list of all keys, or a problem with its value and its remedy.
const MOST_BYTES: usize = 1_200;

fn check_text(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.len() <= MOST_BYTES, "{} bytes: {}", text.len(), text);
    prop_assert!(!text.trim_end().contains(char::is_control), "{:?}", text);
    Ok(())
}

/// Checks the error about a file that can't be read.
fn check_error(error: &toml::de::Error) -> Result<(), TestCaseError> {
    let message = error.message();
    prop_assert!(error.span().is_some(), "{}", message);
    prop_assert!(error.to_string().contains("line "), "{}", error);
    // The parser has words of its own about syntax, on several lines.
    check_text(&message.replace('\n', " "))?;
    if let Some((before, value)) = message.rsplit_once("; write ") {
        let key = before.split([':', '[']).next().unwrap_or_default();
        let is_a_value = value.starts_with('[') || !value.contains(' ');
        if is_a_value && !before.starts_with("unknown field") {
            let file = match key {
                "enabled" => format!("[[paths]]\npath = \"/\"\n{key} = {value}"),
                _ => format!("{key} = {value}"),
            };
            let config = toml::from_str::<PolicyMapConfig>(&file);
            let config =
                config.map_err(|error| TestCaseError::fail(format!("{message}: {error}")))?;
            prop_assert!(config.build().is_ok(), "{}", message);
        }
    }
    for names in ["it is `", "the nearest key is `", ": write `"] {
        let named = message
            .split_once(names)
            .and_then(|(_, rest)| rest.split_once('`'));
        if let Some((key, _)) = named.filter(|_| message.starts_with("unknown field")) {
            let file = format!("[[paths]]\npath = \"/\"\n[shadow]\n[[paths]]\n{key} = 1.5");
            let top = toml::from_str::<PolicyMapConfig>(&format!("{key} = 1.5"));
            let path = toml::from_str::<PolicyMapConfig>(&file);
            let is_unknown = [top, path]
                .into_iter()
                .all(|read| read.is_err_and(|error| error.message().starts_with("unknown field")));
            prop_assert!(!is_unknown, "{}", message);
        }
    }
    Ok(())
}

/// Checks a problem of a file that can be read.
fn check_problem(problem: &Problem) -> Result<(), TestCaseError> {
    let text = problem.to_string();
    check_text(&text)?;
    prop_assert!(
        text.starts_with(&format!("{}: \"", problem.location())),
        "{}",
        text
    );
    // Of some kinds the remedy is prose. Texts in quotes are a list that TOML reads.
    let remedy = text.rsplit_once("; write \"").map(|(_, rest)| rest);
    if let Some((value, "")) = remedy.and_then(|rest| rest.rsplit_once('"')) {
        let read = toml::from_str::<toml::Table>(&format!("x = [\"{value}\"]"));
        prop_assert!(read.is_ok(), "{}", text);
        if problem.location().setting() == Setting::Path {
            let path = toml::from_str::<PolicyMapConfig>(&format!("[[paths]]\npath = \"{value}\""));
            let path = path.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            prop_assert!(path.build().is_ok(), "{}", text);
        }
    }
    Ok(())
}

#[test]
fn every_wrong_file_is_refused_in_words_that_hold() {
    for right in RIGHT {
        let config = toml::from_str::<PolicyMapConfig>(right).expect("the file can be read");
        assert!(config.build().is_ok(), "{right}");
    }
    let default = Config::default();
    let cases = default.cases.max(1_000);
    let config = Config {
        cases,
        max_global_rejects: 10 * cases,
        failure_persistence: None,
        ..default
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let files = (
        proptest::sample::select(&RIGHT[..]),
        proptest::collection::vec(Change::any(), 1..3),
    );
    let files = files.prop_map(|(right, changes)| {
        changes
            .iter()
            .fold(right.to_owned(), |text, change| change.make(&text))
    });
    let (unread, unbuilt) = (Cell::new(0), Cell::new(0));
    let result = runner.run(&files, |file| {
        match toml::from_str::<PolicyMapConfig>(&file) {
            Err(error) => {
                unread.set(unread.get() + 1);
                check_error(&error)
            }
            Ok(config) => {
                let Err(errors) = config.build() else {
                    return Err(TestCaseError::reject("the change left it right"));
                };
                unbuilt.set(unbuilt.get() + 1);
                errors.problems().iter().try_for_each(check_problem)
            }
        }
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    // Both sorts of mistakes are among them.
    assert!(
        unread.get() > 300 && unbuilt.get() > 100,
        "{unread:?}, {unbuilt:?}"
    );
}
