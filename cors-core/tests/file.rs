//! Policies from files: the keys of `PolicyConfig`, in TOML and JSON.
#![cfg(feature = "serde")]

use std::time::Duration;

use cors_core::{Policy, PolicyConfig};

const TOML: &str = r#"
allow_origins = ["https://app.example.com", "https://*.example.com", "http://localhost:*"]
allow_origin_regexes = ['https://pr-\d+\.example\.net']
allow_null_origin = true
allow_methods = ["PUT", "DELETE"]
allow_headers = ["content-type", "authorization"]
expose_headers = ["x-request-id"]
allow_credentials = true
allow_credentials_from = ["https://www.example.com"]
max_age = 600
allow_private_network = true
preflight_status = 200
preflight_refusal_status = 400
preflight_passthrough = true
keep_app_headers = true
reject_disallowed_origins = true
allow_hosts = ["api.example.com", "*.example.com:8443"]
check_public_suffixes = true
dangerously_allow_any_origin_with_credentials = true
dangerously_allow_null_origin_with_credentials = true
dangerously_allow_insecure_origins_with_credentials = true
dangerously_allow_private_networks_with_credentials = true
"#;

fn all_keys() -> PolicyConfig {
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    let mut config = PolicyConfig::default();
    config.allow_origins = list(&[
        "https://app.example.com",
        "https://*.example.com",
        "http://localhost:*",
    ]);
    config.allow_origin_regexes = list(&[r"https://pr-\d+\.example\.net"]);
    config.allow_null_origin = true;
    config.allow_methods = list(&["PUT", "DELETE"]);
    config.allow_headers = list(&["content-type", "authorization"]);
    config.expose_headers = list(&["x-request-id"]);
    config.allow_credentials = true;
    config.allow_credentials_from = list(&["https://www.example.com"]);
    config.max_age = Some(Duration::from_secs(600));
    config.allow_private_network = true;
    config.preflight_status = 200;
    config.preflight_refusal_status = 400;
    config.preflight_passthrough = true;
    config.keep_app_headers = true;
    config.reject_disallowed_origins = true;
    config.allow_hosts = list(&["api.example.com", "*.example.com:8443"]);
    config.check_public_suffixes = true;
    config.dangerously_allow_any_origin_with_credentials = true;
    config.dangerously_allow_null_origin_with_credentials = true;
    config.dangerously_allow_insecure_origins_with_credentials = true;
    config.dangerously_allow_private_networks_with_credentials = true;
    config
}

#[test]
fn every_key_is_read_from_toml() {
    assert_eq!(toml::from_str::<PolicyConfig>(TOML), Ok(all_keys()));
}

#[test]
fn every_key_survives_toml_and_json() {
    let config = all_keys();
    let json = serde_json::to_string(&config).expect("a policy is plain data");
    assert_eq!(
        serde_json::from_str::<PolicyConfig>(&json).expect("it was just written"),
        config
    );
    let toml = toml::to_string(&config).expect("a policy is plain data");
    assert_eq!(toml::from_str::<PolicyConfig>(&toml), Ok(config));
    let default = toml::to_string(&PolicyConfig::default()).expect("a policy is plain data");
    assert_eq!(
        toml::from_str::<PolicyConfig>(&default),
        Ok(PolicyConfig::default())
    );
}

#[test]
fn what_a_file_can_not_say_is_not_written() {
    let mut config = PolicyConfig::default();
    config.max_age = Some(Duration::from_millis(1_500));
    assert!(serde_json::to_string(&config).is_err());
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(
        toml::from_str::<PolicyConfig>(""),
        Ok(PolicyConfig::default())
    );
}

#[test]
fn mistakes_in_a_file_have_key_line_and_column() {
    for (toml, parts) in [
        (
            "allow_credentials = true\nallow_orgins = []\n",
            ["allow_orgins", "line 2, column 1"],
        ),
        (
            "\nallow_credentials = \"yes\"\n",
            ["allow_credentials", "line 2, column 21"],
        ),
        (
            "allow_origins = [\"https://a.example\"\nmax_age = 1\n",
            ["array", "line 2, column 1"],
        ),
        ("max_age = -1\n", ["max_age", "line 1, column 11"]),
    ] {
        let text = toml::from_str::<PolicyConfig>(toml)
            .expect_err(toml)
            .to_string();
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
    let json = "{\n  \"allow_orgins\": []\n}";
    let text = serde_json::from_str::<PolicyConfig>(json)
        .expect_err(json)
        .to_string();
    assert!(
        text.contains("allow_orgins") && text.contains("line 2 column 16"),
        "{text}"
    );
}

#[test]
fn a_file_of_policies_by_path_is_told_from_a_single_policy() {
    const KEYS: [(&str, &str); 3] = [
        ("[[paths]]\npath = \"/a\"\n", "`paths`"),
        ("[shadow]\nmax_age = 60\n", "`shadow`"),
        ("paths = []\n", "`paths`"),
    ];
    for (table, key) in KEYS {
        let toml = format!("max_age = 5\n{table}");
        let errors = [
            toml::from_str::<Policy>(&toml).map(drop),
            toml::from_str::<PolicyConfig>(&toml).map(drop),
        ];
        for error in errors {
            let text = error.expect_err(&toml).to_string();
            for part in [key, "`PolicyMap`", "line 2"] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
    // What is no key of such a file either is an unknown one.
    let text = toml::from_str::<Policy>("enabled = false").expect_err("it is unknown");
    assert!(
        text.to_string()
            .contains("unknown field `enabled`, expected one of `allow_origins`")
    );
}

#[test]
fn a_key_is_written_once() {
    let json = r#"{"max_age": 1, "max_age": 2}"#;
    let error = serde_json::from_str::<PolicyConfig>(json).expect_err("it is there twice");
    assert!(
        error.to_string().contains("duplicate field `max_age`"),
        "{error}"
    );
}

#[test]
fn a_policy_is_read_and_built_in_one_step() {
    let policy: Policy =
        toml::from_str("allow_origins = [\"https://a.example\"]").expect("the policy is right");
    assert!(policy.allows_origin("https://a.example"));
    let text = toml::from_str::<Policy>("allow_origins = [\"a\"]\nallow_methods = [\"TRACE\"]")
        .expect_err("two problems")
        .to_string();
    assert!(
        text.contains("allow_origins[0]") && text.contains("allow_methods[0]"),
        "{text}"
    );
}

mod by_path {
    use cors_core::{PolicyMap, PolicyMapConfig, Problem, ProblemKind, Setting};

    fn map(text: &str) -> PolicyMap {
        toml::from_str(text).expect("the file is right")
    }

    fn problems(text: &str) -> Vec<Problem> {
        let config: PolicyMapConfig = toml::from_str(text).expect("the file can be read");
        let errors = config.build().expect_err("the file has problems");
        errors.into_iter().collect()
    }

    fn allows(map: &PolicyMap, path: &str, origin: &str) -> bool {
        let policy = map.policy(path);
        policy.is_some_and(|policy| policy.allows_origin(origin))
    }

    const APP: &str = "https://app.example.com";

    #[test]
    fn the_keys_at_the_top_are_the_policy_of_all_other_paths() {
        let map = map(
            "allow_origins = [\"https://app.example.com\"]\n[[paths]]\npath = \"/a\"\nallow_origins = []\n",
        );
        assert!(allows(&map, "/", APP));
        assert!(!allows(&map, "/a", APP));
        assert!(map.policy("/a").is_some());
    }

    #[test]
    fn without_keys_at_the_top_other_paths_have_no_policy() {
        let map = map("[[paths]]\npath = \"/a\"\nallow_origins = [\"https://app.example.com\"]\n");
        assert!(allows(&map, "/a", APP));
        assert!(map.policy("/b").is_none());
    }

    #[test]
    fn a_file_without_paths_is_one_policy() {
        for (text, allowed) in [
            ("", false),
            ("paths = []", false),
            ("allow_origins = [\"https://app.example.com\"]", true),
        ] {
            let map = map(text);
            assert!(map.policy("/a").is_some());
            assert_eq!(allows(&map, "/a", APP), allowed);
        }
    }

    #[test]
    fn a_path_that_is_switched_off_has_none() {
        let map = map(
            "allow_origins = [\"*\"]\n[[paths]]\npath = \"/a\"\nenabled = false\n[[paths]]\npath = \"/b\"\nenabled = true\n",
        );
        assert!(map.policy("/a").is_none());
        assert!(allows(&map, "/b", APP));
    }

    /// Each key is replaced by itself: a table that has one of them keeps all others. Where a key
    /// is not built in, it is a problem at the top already.
    #[cfg(all(feature = "public-suffix", feature = "regex"))]
    #[test]
    fn a_path_takes_over_every_key_that_it_does_not_have() {
        use cors_core::{PolicyConfig, PolicyErrors};

        // Who has credentials is taken over as a whole: `credentials_from.rs` has that.
        let top: Vec<_> = super::TOML
            .lines()
            .filter(|line| !line.starts_with("allow_credentials_from"))
            .collect();
        let top = top.join("\n") + "\n";
        for line in top.lines().filter(|line| !line.is_empty()) {
            let (key, value) = line
                .split_once(" = ")
                .expect("a line is a key and its value");
            let other = match value {
                "true" => "false",
                "600" => "0",
                "200" => "204",
                "400" => "403",
                _ => "[]",
            };
            let own = format!("{}[[paths]]\npath = \"/a\"\n{key} = {other}\n", top);
            let own: PolicyMapConfig = toml::from_str(&own).expect(key);
            let whole = top.replace(line, &format!("{key} = {other}"));
            let whole: PolicyConfig = toml::from_str(&whole).expect(key);
            let kinds = |errors: PolicyErrors| -> Vec<_> {
                errors
                    .into_iter()
                    .map(|problem| problem.kind().clone())
                    .collect()
            };
            match (own.build(), whole.build()) {
                (Ok(own), Ok(whole)) => {
                    let own = own.policy("/a").expect("the path has a policy");
                    assert_eq!(own.config(), whole.config(), "{key}");
                }
                (Err(own), Err(whole)) => assert_eq!(kinds(own), kinds(whole), "{key}"),
                (own, whole) => panic!("{key}: {own:?}, {whole:?}"),
            }
        }
    }

    #[test]
    fn a_problem_of_a_path_has_its_place_there() {
        let found = problems(
            "allow_credentials = true\n\
             [[paths]]\npath = \"/a\"\nallow_origins = [\"*\"]\n\
             [[paths]]\npath = \"b\"\nmax_age = 86401\nallow_methods = [\"PUT\", \"TRACE\"]\n",
        );
        let locations: Vec<_> = found
            .iter()
            .map(|problem| problem.location().to_string())
            .collect();
        assert_eq!(
            locations,
            [
                "paths[0].allow_origins[0]",
                "paths[1].allow_methods[1]",
                "paths[1].max_age",
                "paths[1].path",
            ]
        );
    }

    #[test]
    fn a_mistake_at_the_top_is_reported_once_and_one_that_a_path_makes_of_it_there() {
        let mistake = "allow_origins = [\"http://a.example\"]\nmax_age = 86401\n";
        let found = problems(&format!(
            "{mistake}[[paths]]\npath = \"/a\"\n[[paths]]\npath = \"/b\"\nallow_credentials = true\n"
        ));
        let locations: Vec<_> = found
            .iter()
            .map(|problem| problem.location().to_string())
            .collect();
        assert_eq!(locations, ["max_age", "paths[1].allow_origins[0]",]);
        let secure = Some("https://a.example".to_owned());
        let expected = ProblemKind::InsecureOriginWithCredentials(secure);
        assert_eq!(found[1].kind(), &expected);
    }

    #[test]
    fn a_key_of_a_path_that_is_switched_off_is_a_problem() {
        let found = problems(
            "[[paths]]\npath = \"/a\"\nenabled = false\nallow_methods = [\"PUT\"]\nmax_age = 1\n",
        );
        let locations: Vec<_> = found
            .iter()
            .map(|problem| problem.location().to_string())
            .collect();
        assert_eq!(locations, ["paths[0].allow_methods", "paths[0].max_age",]);
        for problem in found {
            assert_eq!(problem.kind(), &ProblemKind::SettingOfDisabledPath);
            assert_eq!(problem.conflicts_with(), Some(Setting::Enabled));
        }
    }

    #[test]
    fn json_says_the_same() {
        let text = r#"{"paths": [{"path": "/a", "allow_origins": ["*"]}], "max_age": 5}"#;
        let map: PolicyMap = serde_json::from_str(text).expect("the file is right");
        assert!(allows(&map, "/a", APP));
        assert!(!allows(&map, "/b", APP));
        for wrong in [
            r#"{"paths": [{"path": "/a", "pathes": 1}]}"#,
            r#"{"paths": [{"path": "/a", "paths": []}]}"#,
            r#"{"paths": [{"path": "/a", "path": "/b"}]}"#,
            r#"{"paths": [{}]}"#,
            r#"{"paths": {"path": "/a"}}"#,
            r#"{"path": "/a"}"#,
            r#"{"enabled": true}"#,
        ] {
            assert!(serde_json::from_str::<PolicyMap>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_key_of_a_table_is_told_what_is_near() {
        for (toml, parts) in [
            ("[[path]]\npath = \"/a\"\n", ["`path`", "`paths`", "line 1"]),
            (
                "[[paths]]\npath = \"/a\"\nenable = false\n",
                ["`enable`", "`enabled`", "line 3"],
            ),
        ] {
            let text = toml::from_str::<PolicyMap>(toml)
                .expect_err(toml)
                .to_string();
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
    }
}
