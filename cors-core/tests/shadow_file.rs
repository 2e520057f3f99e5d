//! The table `[shadow]` of a policy file.
#![cfg(feature = "serde")]

use cors_core::{Policy, PolicyConfig, PolicyMap, PolicyMapConfig, ProblemKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn map(text: &str) -> PolicyMap {
    toml::from_str(text).expect(text)
}

fn shadow(text: &str) -> PolicyMap {
    map(text).shadow().expect("there is a shadow").clone()
}

fn settings(map: &PolicyMap, path: &str) -> Option<PolicyConfig> {
    map.policy(path).map(Policy::config)
}

fn problems(text: &str) -> Vec<(String, ProblemKind)> {
    let config: PolicyMapConfig = toml::from_str(text).expect("the file can be read");
    let errors = config.build().expect_err("the file has problems");
    let problems = errors
        .into_iter()
        .map(|problem| (problem.location().to_string(), problem.kind().clone()));
    problems.collect()
}

fn locations(text: &str) -> Vec<String> {
    let problems = problems(text).into_iter();
    problems.map(|(location, _)| location).collect()
}

const TOP: &str =
    "allow_origins = [\"https://a.example\", \"https://b.example\"]\nallow_credentials = true\n";

#[test]
fn a_file_without_the_table_has_no_shadow() {
    assert!(map(TOP).shadow().is_none());
}

#[test]
fn a_shadow_takes_over_every_key_that_it_does_not_have() {
    let text = format!("{TOP}[shadow]\nallow_origins = [\"https://a.example\"]\n");
    let promoted = "allow_origins = [\"https://a.example\"]\nallow_credentials = true\n";
    assert_eq!(settings(&shadow(&text), "/"), settings(&map(promoted), "/"));
    // What decides is as it was.
    assert_eq!(settings(&map(&text), "/"), settings(&map(TOP), "/"));
}

#[test]
fn the_tables_of_the_file_stand_in_the_shadow_too() {
    let paths = "[[paths]]\npath = \"/a\"\nallow_methods = [\"PUT\"]\n\
                 [[paths]]\npath = \"/off\"\nenabled = false\n";
    let shadow = shadow(&format!("{TOP}[shadow]\nallow_origins = []\n{paths}"));
    let of_path = settings(&shadow, "/a").expect("the path has a policy");
    assert_eq!(of_path.allow_origins, [""; 0]);
    assert_eq!(of_path.allow_methods, ["PUT"]);
    assert!(of_path.allow_credentials);
    assert!(shadow.policy("/off").is_none());
}

#[test]
fn a_shadow_can_have_tables_of_its_own_in_their_place() {
    let text = format!(
        "{TOP}[[shadow.paths]]\npath = \"/b\"\nallow_origins = [\"https://b.example\"]\n\
         [[paths]]\npath = \"/off\"\nenabled = false\n"
    );
    let shadow = shadow(&text);
    assert!(shadow.policy("/off").is_some());
    let of_path = settings(&shadow, "/b").expect("the path has a policy");
    assert_eq!(of_path.allow_origins, ["https://b.example"]);
    assert!(map(&text).policy("/off").is_none());
}

#[test]
fn a_shadow_may_be_the_first_policy_of_all_other_paths() {
    let paths = "[[paths]]\npath = \"/a\"\nallow_origins = [\"https://a.example\"]\n";
    let without = map(&format!("[shadow]\n{paths}"));
    assert!(without.policy("/").is_none());
    assert!(
        without
            .shadow()
            .is_some_and(|shadow| shadow.policy("/").is_none())
    );
    let with = map(&format!("[shadow]\nallow_origins = []\n{paths}"));
    assert!(with.policy("/").is_none());
    assert!(
        with.shadow()
            .is_some_and(|shadow| shadow.policy("/").is_some())
    );
}

#[test]
fn a_problem_of_the_shadow_has_its_place_there() {
    let text = "allow_origins = [\"https://a.example\"]\n\
                [shadow]\nallow_origins = [\"https://a.example/\"]\nmax_age = 86401\n\
                [[shadow.paths]]\npath = \"b\"\nallow_methods = [\"TRACE\"]\n";
    assert_eq!(
        locations(text),
        [
            "shadow.allow_origins[0]",
            "shadow.max_age",
            "shadow.paths[0].allow_methods[0]",
            "shadow.paths[0].path",
        ]
    );
    let config: PolicyMapConfig = toml::from_str(text).expect("the file can be read");
    let errors = config.build().expect_err("the file has problems");
    assert!(
        errors
            .into_iter()
            .all(|problem| problem.location().is_in_shadow())
    );
}

#[test]
fn a_problem_of_the_file_is_told_once_and_one_that_the_shadow_makes_of_it_there() {
    // The shadow takes it over.
    let text = "max_age = 86401\n[shadow]\nallow_origins = []\n[[paths]]\npath = \"a\"\n";
    assert_eq!(locations(text), ["max_age", "paths[0].path"]);
    for (text, location) in [
        (
            "allow_origins = [\"*\"]\n[shadow]\nallow_credentials = true\n",
            "shadow.allow_origins[0]",
        ),
        (
            "[shadow]\nallow_credentials = true\n[[paths]]\npath = \"/a\"\nallow_origins = [\"*\"]\n",
            "shadow.paths[0].allow_origins[0]",
        ),
    ] {
        let expected = (location.to_owned(), ProblemKind::AnyOriginWithCredentials);
        assert_eq!(problems(text), [expected], "{text}");
    }
}

#[test]
fn an_unknown_key_of_the_shadow_is_named_with_its_place() {
    for (toml, parts) in [
        (
            "max_age = 1\n[shadow]\nallow_orgins = []\n",
            ["`allow_orgins`", "`allow_origins`", "line 3"],
        ),
        (
            "[shadow]\n[shadow.shadow]\nmax_age = 1\n",
            ["`shadow`", "at the top of the file", "line 2"],
        ),
        (
            "[shadows]\nmax_age = 1\n",
            ["`shadows`", "`shadow`", "line 1"],
        ),
    ] {
        let text = toml::from_str::<PolicyMap>(toml)
            .expect_err(toml)
            .to_string();
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
}

#[test]
fn json_says_the_same() {
    let text = r#"{"max_age": 5, "shadow": {"max_age": 6, "paths": [{"path": "/a"}]}}"#;
    let map: PolicyMap = serde_json::from_str(text).expect("the file is right");
    let shadow = map.shadow().expect("there is a shadow");
    let age = |map: &PolicyMap| settings(map, "/a").and_then(|policy| policy.max_age);
    assert_eq!(age(shadow), Some(std::time::Duration::from_secs(6)));
    assert_eq!(age(&map), Some(std::time::Duration::from_secs(5)));
    for wrong in [
        r#"{"shadow": {}, "shadow": {}}"#,
        r#"{"shadow": []}"#,
        r#"{"shadow": {"path": "/a"}}"#,
        r#"{"paths": [{"path": "/a", "shadow": {}}]}"#,
    ] {
        assert!(serde_json::from_str::<PolicyMap>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn debug_shows_the_shadow() {
    let text = format!(
        "{:?}",
        map("[shadow]\nallow_origins = [\"https://a.example\"]\n")
    );
    assert!(text.contains("shadow: PolicyMap"), "{text}");
    assert!(text.contains("https://a.example"), "{text}");
}

/// Keys of a table, with two values each.
const KEYS: [(&str, [&str; 2]); 6] = [
    ("allow_origins", ["[]", "[\"https://a.example\"]"]),
    ("allow_methods", ["[]", "[\"PUT\", \"DELETE\"]"]),
    ("expose_headers", ["[]", "[\"x-id\"]"]),
    ("allow_credentials", ["true", "false"]),
    ("preflight_status", ["200", "204"]),
    ("reject_disallowed_origins", ["true", "false"]),
];

/// A table: for each key the value, or none.
type Keys = [Option<usize>; 6];

fn keys() -> impl Strategy<Value = Keys> {
    proptest::array::uniform6(proptest::option::weighted(0.4, 0..2usize))
}

/// One of the paths: disabled, or its keys.
fn path() -> impl Strategy<Value = Option<Keys>> {
    proptest::option::weighted(0.8, keys())
}

fn written(keys: &Keys) -> String {
    let lines = KEYS.iter().zip(keys).filter_map(|((key, values), chosen)| {
        let chosen = (*chosen)?;
        Some(format!("{key} = {}\n", values[chosen]))
    });
    lines.collect()
}

fn tables(name: &str, paths: &[Option<Keys>]) -> String {
    let tables = paths.iter().enumerate().map(|(index, keys)| {
        let keys = match keys {
            Some(keys) => written(keys),
            None => "enabled = false\n".to_owned(),
        };
        format!("[[{name}]]\npath = \"/{index}\"\n{keys}")
    });
    tables.collect()
}

const PATHS: [&str; 4] = ["/", "/0", "/1", "/2"];

proptest! {
    /// To promote a shadow is to move its keys up.
    #[test]
    fn a_shadow_is_the_file_with_its_keys_at_the_top(
        top in keys(),
        over in keys(),
        paths in vec(path(), 0..3),
        own in proptest::option::of(vec(path(), 1..3)),
    ) {
        let of_shadow = own.as_ref().map(|own| tables("shadow.paths", own)).unwrap_or_default();
        let text = format!(
            "{}[shadow]\n{}{of_shadow}{}",
            written(&top), written(&over), tables("paths", &paths)
        );
        let mut merged = top;
        for (merged, over) in merged.iter_mut().zip(over) {
            *merged = over.or(*merged);
        }
        let moved = format!(
            "{}{}",
            written(&merged), tables("paths", own.as_ref().unwrap_or(&paths))
        );
        let shadow = shadow(&text);
        let moved = map(&moved);
        // Where no key is written at all, the number of tables says whether there is a default policy,
        // and that is taken over as it is.
        prop_assume!(merged.iter().any(Option::is_some));
        for path in PATHS {
            prop_assert_eq!(settings(&shadow, path), settings(&moved, path), "{} {}", path, text);
        }
    }

    #[test]
    fn a_map_with_a_shadow_is_written_as_the_file_that_has_it(
        top in keys(),
        over in keys(),
        paths in vec(path(), 0..3),
        own in proptest::option::of(vec(path(), 1..3)),
        name in select(vec!["shadow", "other"]),
    ) {
        let of_shadow = own.as_ref().map(|own| tables("shadow.paths", own)).unwrap_or_default();
        let of_shadow = match name {
            "shadow" => format!("[shadow]\n{}{of_shadow}", written(&over)),
            _ => String::new(),
        };
        let text = format!("{}{of_shadow}{}", written(&top), tables("paths", &paths));
        let one = map(&text);
        let config = one.config();
        let again = toml::to_string(&config).expect("a file can say all of it");
        let read: PolicyMapConfig = toml::from_str(&again)?;
        let other = read.build()?;
        prop_assert_eq!(other.config(), config.clone(), "{}", again);
        let rebuilt = config.build()?;
        for other in [&other, &rebuilt] {
            prop_assert_eq!(one.shadow().is_some(), other.shadow().is_some());
            for path in PATHS {
                prop_assert_eq!(settings(&one, path), settings(other, path), "{}", path);
                let [of_one, of_other] = [&one, other].map(|map| {
                    map.shadow().and_then(|shadow| settings(shadow, path))
                });
                prop_assert_eq!(of_one, of_other, "{} of {}", path, again);
            }
        }
    }
}
