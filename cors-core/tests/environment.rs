//! Settings from variables of the environment: what is read, over what, and what is said to a
//! mistake.

use std::ffi::OsString;
use std::time::Duration;

use cors_core::{PolicyConfig, PolicyErrors, Problem, ProblemKind, Setting};

fn read(variables: &[(&str, &str)]) -> Result<PolicyConfig, PolicyErrors> {
    PolicyConfig::from_vars("CORS_", variables.iter().copied())
}

/// The only problem.
fn problem(variables: &[(&str, &str)]) -> Problem {
    let errors = read(variables).expect_err("there is a mistake");
    assert_eq!(errors.problems().len(), 1, "{errors}");
    errors.problems()[0].clone()
}

/// A value for the variable of each key, and the same value as a file has it.
#[cfg(feature = "serde")]
const EACH_KEY: [(&str, &str, &str); 20] = [
    (
        "ALLOW_ORIGINS",
        "https://a.example, http://localhost:*",
        r#"["https://a.example", "http://localhost:*"]"#,
    ),
    ("ALLOW_NULL_ORIGIN", "1", "true"),
    ("ALLOW_METHODS", "PUT,DELETE", r#"["PUT", "DELETE"]"#),
    ("ALLOW_HEADERS", "*", r#"["*"]"#),
    ("EXPOSE_HEADERS", " x-a ,\tx-b ", r#"["x-a", "x-b"]"#),
    ("ALLOW_CREDENTIALS", "true", "true"),
    (
        "ALLOW_CREDENTIALS_FROM",
        "https://a.example,app://.",
        r#"["https://a.example", "app://."]"#,
    ),
    ("MAX_AGE", "600", "600"),
    ("ALLOW_PRIVATE_NETWORK", "true", "true"),
    ("PREFLIGHT_STATUS", "200", "200"),
    ("PREFLIGHT_REFUSAL_STATUS", "400", "400"),
    ("PREFLIGHT_PASSTHROUGH", "true", "true"),
    ("KEEP_APP_HEADERS", " true ", "true"),
    ("REJECT_DISALLOWED_ORIGINS", "true", "true"),
    (
        "ALLOW_HOSTS",
        "[::1],localhost:8080",
        r#"["[::1]", "localhost:8080"]"#,
    ),
    ("CHECK_PUBLIC_SUFFIXES", "0", "false"),
    (
        "DANGEROUSLY_ALLOW_ANY_ORIGIN_WITH_CREDENTIALS",
        "true",
        "true",
    ),
    (
        "DANGEROUSLY_ALLOW_NULL_ORIGIN_WITH_CREDENTIALS",
        "true",
        "true",
    ),
    (
        "DANGEROUSLY_ALLOW_INSECURE_ORIGINS_WITH_CREDENTIALS",
        "true",
        "true",
    ),
    (
        "DANGEROUSLY_ALLOW_PRIVATE_NETWORKS_WITH_CREDENTIALS",
        "true",
        "true",
    ),
];

#[cfg(feature = "serde")]
#[test]
fn a_variable_says_what_the_key_says_in_a_file() -> Result<(), Box<dyn std::error::Error>> {
    for (name, value, in_a_file) in EACH_KEY {
        let config = read(&[(&format!("CORS_{name}"), value)])?;
        let key = name.to_ascii_lowercase();
        let file: PolicyConfig = toml::from_str(&format!("{key} = {in_a_file}"))?;
        assert_eq!(config, file, "{name}");
    }
    let all: Vec<_> = EACH_KEY
        .iter()
        // Who has credentials is said by one of two.
        .filter(|(name, ..)| *name != "ALLOW_CREDENTIALS")
        .map(|(name, value, _)| (format!("CORS_{name}"), *value))
        .collect();
    let config = PolicyConfig::from_vars("CORS_", all)?;
    // Every key but that of the regular expressions, which need their feature.
    let written = toml::Table::try_from(&config)?;
    assert_eq!(written.len(), EACH_KEY.len() + 1);
    Ok(())
}

#[test]
fn what_has_another_prefix_does_not_count() -> Result<(), PolicyErrors> {
    let variables = [
        ("PATH", "/bin"),
        ("MAX_AGE", "5"),
        ("APP_CORS_MAX_AGE", "10m"),
        ("COR", ""),
    ];
    assert_eq!(read(&variables)?, PolicyConfig::default());
    let config = PolicyConfig::from_vars("APP_CORS_", [("APP_CORS_MAX_AGE", "7")])?;
    assert_eq!(config.max_age, Some(Duration::from_secs(7)));
    // Without a prefix any program's variables are there.
    let config = PolicyConfig::from_vars("", [("MAX_AGE", "7"), ("PATH", "/bin")])?;
    assert_eq!(config.max_age, Some(Duration::from_secs(7)));
    Ok(())
}

#[test]
fn the_variables_of_the_process_are_taken() -> Result<(), PolicyErrors> {
    // No variable of a test has this prefix.
    let prefix = "CORS_CORE_TEST_OF_THE_ENVIRONMENT_";
    for config in [
        PolicyConfig::from_vars(prefix, std::env::vars())?,
        PolicyConfig::from_vars(prefix, std::env::vars_os())?,
    ] {
        assert_eq!(config, PolicyConfig::default());
    }
    Ok(())
}

#[test]
fn an_empty_variable_is_an_empty_list_and_no_number_and_no_switch() -> Result<(), PolicyErrors> {
    let mut config = PolicyConfig::default();
    config.allow_origins.push("*".to_owned());
    let config = config.with_vars("CORS_", [("CORS_ALLOW_ORIGINS", "")])?;
    assert!(config.allow_origins.is_empty());
    for name in [
        "CORS_MAX_AGE",
        "CORS_PREFLIGHT_STATUS",
        "CORS_ALLOW_CREDENTIALS",
    ] {
        assert_eq!(problem(&[(name, "")]).variable(), Some(name));
    }
    Ok(())
}

#[cfg(feature = "regex")]
#[test]
fn a_regular_expression_keeps_its_commas() -> Result<(), PolicyErrors> {
    let value = r"https://pr-[0-9]{1,3}\.a\.example, https://(x|y{2,})\.b\.example";
    let config = read(&[("CORS_ALLOW_ORIGIN_REGEXES", value)])?;
    assert_eq!(
        config.allow_origin_regexes,
        [
            r"https://pr-[0-9]{1,3}\.a\.example",
            r"https://(x|y{2,})\.b\.example"
        ]
    );
    Ok(())
}

/// What stands for several origins is one item, so that the origins can be named.
#[test]
fn a_list_of_origins_keeps_the_commas_of_its_items() {
    for (value, items) in [
        (
            "http://localhost:3000,3001",
            &["http://localhost:3000", "http://localhost:3001"][..],
        ),
        (
            "https://a.example, http://localhost:3000, 3001, 3005-3010",
            &[
                "http://localhost:3000",
                "http://localhost:3001",
                "http://localhost:3005-3010",
            ],
        ),
        (
            "http://localhost:[3000,3001],https://a.example",
            &["http://localhost:3000", "http://localhost:3001"],
        ),
        (
            "https://{a,b}.example",
            &["https://a.example", "https://b.example"],
        ),
    ] {
        for variable in ["CORS_ALLOW_ORIGINS", "CORS_ALLOW_CREDENTIALS_FROM"] {
            let problem = problem(&[(variable, value)]);
            let items = items.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(
                *problem.kind(),
                ProblemKind::SeveralInItem(items),
                "{problem}"
            );
            assert_eq!(problem.variable(), Some(variable));
        }
    }
    // There is no host that they could be ports of.
    let problem = problem(&[("CORS_ALLOW_ORIGINS", "https://a.example,3001")]);
    assert_eq!(problem.value(), "3001");
}

/// The switch may be meant to be on.
#[test]
fn what_an_unreadable_switch_may_tolerate_is_no_problem_yet() {
    for (item, switch) in [
        ("*", "ANY_ORIGIN"),
        ("file://", "NULL_ORIGIN"),
        ("http://a.example", "INSECURE_ORIGINS"),
        ("http://192.168.*.*", "PRIVATE_NETWORKS"),
    ] {
        let switch = format!("CORS_DANGEROUSLY_ALLOW_{switch}_WITH_CREDENTIALS");
        let variables = |value| {
            [
                ("CORS_ALLOW_ORIGINS", item),
                ("CORS_ALLOW_CREDENTIALS", "true"),
                (&*switch, value),
            ]
        };
        assert_eq!(problem(&variables("maybe")).variable(), Some(&*switch));
        let off = problem(&variables("false"));
        assert_eq!(off.variable(), Some("CORS_ALLOW_ORIGINS"), "{off}");
    }
}

#[test]
fn a_value_that_is_wrong_names_its_variable_and_what_to_write() {
    use ProblemKind as P;
    let text = |text: &str| Some(text.to_owned());
    for (name, value, kind, end) in [
        (
            "ALLOW_CREDENTIALS",
            "yes",
            P::VariableNotSwitch(Some(true)),
            "; write true",
        ),
        (
            "ALLOW_CREDENTIALS",
            "TRUE",
            P::VariableNotSwitch(Some(true)),
            "; write true",
        ),
        (
            "ALLOW_CREDENTIALS",
            "off",
            P::VariableNotSwitch(Some(false)),
            "; write false",
        ),
        (
            "ALLOW_CREDENTIALS",
            "2",
            P::VariableNotSwitch(None),
            "write one of them",
        ),
        (
            "MAX_AGE",
            "10m",
            P::VariableNotNumber(Some(600)),
            "; write 600",
        ),
        ("MAX_AGE", "2d", P::VariableNotNumber(None), "as in 600"),
        ("MAX_AGE", "-1", P::VariableNotNumber(None), "as in 600"),
        ("MAX_AGE", "+600", P::VariableNotNumber(None), "as in 600"),
        (
            "PREFLIGHT_STATUS",
            "+204",
            P::PreflightStatusOutOfRange,
            "leave it at 204",
        ),
        (
            "PREFLIGHT_STATUS",
            "70000",
            P::PreflightStatusOutOfRange,
            "leave it at 204",
        ),
        (
            "PREFLIGHT_REFUSAL_STATUS",
            "none",
            P::RefusalStatusOutOfRange,
            "leave it at 403",
        ),
        (
            "ALLOW_CREDENTIALS",
            "\"true\"",
            P::VariableQuoted(text("true")),
            "; write true",
        ),
        (
            "ALLOW_METHODS",
            "'PUT,DELETE'",
            P::VariableQuoted(text("PUT,DELETE")),
            "; write PUT,DELETE",
        ),
        (
            "ALLOW_ORIGINS",
            r#"["https://a.example", 'https://b.example']"#,
            P::VariableQuoted(text("https://a.example,https://b.example")),
            "; write https://a.example,https://b.example",
        ),
        (
            "MAX_AGE",
            "\"10m\"",
            P::VariableQuoted(text("600")),
            "; write 600",
        ),
        (
            "ALLOW_CREDENTIALS",
            "' Yes '",
            P::VariableQuoted(text("true")),
            "; write true",
        ),
    ] {
        let variable = format!("CORS_{name}");
        let problem = problem(&[(&variable, value)]);
        assert_eq!(problem.kind(), &kind, "{problem}");
        assert_eq!(problem.variable(), Some(&*variable));
        assert_eq!(problem.value(), value);
        assert_eq!(problem.location().to_string(), name.to_ascii_lowercase());
        let text = problem.to_string();
        assert!(
            text.starts_with(&format!("{variable}: ")) && text.ends_with(end),
            "{text}"
        );
        if let Some((_, write)) = text.split_once("; write ").filter(|_| end.starts_with(';')) {
            assert!(read(&[(&variable, write)]).is_ok(), "{text}");
        }
    }
}

/// Of what is in quotes nothing is named that is wrong without them too.
#[test]
fn what_is_wrong_in_quotes_too_is_named_no_more() {
    for (name, value) in [
        ("ALLOW_METHODS", "\"\u{fc}\""),
        ("MAX_AGE", "\"an hour\""),
        ("MAX_AGE", "\"86401\""),
        ("MAX_AGE", "\"2d\""),
        ("PREFLIGHT_STATUS", "\"999\""),
        ("PREFLIGHT_STATUS", "\"ok\""),
        ("ALLOW_CREDENTIALS", "\"maybe\""),
        ("ALLOW_CREDENTIALS", "''"),
        ("ALLOW_ORIGINS", "[\"example.com\"]"),
        ("ALLOW_ORIGINS", "'https://a.example/'"),
        ("ALLOW_ORIGINS", "\"\""),
        ("ALLOW_ORIGINS", "[\"\", \"\"]"),
        ("ALLOW_HEADERS", "[\"cookie\"]"),
    ] {
        let problem = problem(&[(&format!("CORS_{name}"), value)]);
        assert_eq!(
            problem.kind(),
            &ProblemKind::VariableQuoted(None),
            "{value}"
        );
        let text = problem.to_string();
        assert!(text.ends_with("; write it without them"), "{text}");
    }
}

#[test]
fn what_allows_any_is_meant_by_what_is_true_alone() {
    for (name, meant) in [
        ("CORS_ALLOW_ALL_ORIGINS", "CORS_ALLOW_ORIGINS"),
        ("CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOW_ORIGINS"),
        ("CORS_ORIGIN_ALOW_ALL", "CORS_ALLOW_ORIGINS"),
        ("CORS_ALLOW_ANY_METHOD", "CORS_ALLOW_METHODS"),
        ("CORS_ALLOW_ANY_HEADER", "CORS_ALLOW_HEADERS"),
        ("CORS_EXPOSE_ALL_HEADERS", "CORS_EXPOSE_HEADERS"),
    ] {
        for value in ["false", "False", "0", " off ", "\"false\"", "'no'"] {
            let problem = problem(&[(name, value)]);
            assert_eq!(problem.kind(), &ProblemKind::VariableNotNeeded, "{value}");
            assert_eq!(problem.value(), name);
            let text = problem.to_string();
            assert!(
                text.ends_with("; leave it out") && !text.contains('*'),
                "{text}"
            );
        }
        for value in ["true", "True", "1", "\"true\""] {
            let text = problem(&[(name, value)]).to_string();
            assert!(text.ends_with(&format!("; write {meant}=*")), "{text}");
        }
        for value in ["", "https://a.example", "hush"] {
            let text = problem(&[(name, value)]).to_string();
            assert!(
                text.ends_with(&format!("; write {meant}=* if it is true")),
                "{text}"
            );
        }
    }
}

#[test]
fn an_unknown_variable_is_told_which_one_is_meant() {
    for (name, meant) in [
        ("CORS_ALLOW_ORGINS", Some("CORS_ALLOW_ORIGINS")),
        ("cors_allow_origins", Some("CORS_ALLOW_ORIGINS")),
        ("CORS_ALLOWED_ORIGINS", Some("CORS_ALLOW_ORIGINS")),
        ("CORS_ORIGINS", Some("CORS_ALLOW_ORIGINS")),
        (
            "CORS_ALLOW_ALL_ORIGINS",
            Some("CORS_ALLOW_ORIGINS=* if it is true"),
        ),
        (
            "CORS_ALLOWED_ORIGIN_REGEXES",
            Some("CORS_ALLOW_ORIGIN_REGEXES"),
        ),
        ("CORS_PREFLIGHT_MAX_AGE", Some("CORS_MAX_AGE")),
        ("CORS_SUPPORTS_CREDENTIALS", Some("CORS_ALLOW_CREDENTIALS")),
        ("CORS_SEND_WILDCARD", None),
        ("CORS_PATHS", None),
        ("CORS_", None),
    ] {
        // The value may be a secret of something else.
        let problem = problem(&[(name, "hush")]);
        assert_eq!(
            problem.kind(),
            &ProblemKind::VariableUnknown(meant.map(str::to_owned))
        );
        assert_eq!(problem.location().setting(), Setting::Environment);
        assert_eq!((problem.value(), problem.variable()), (name, Some(name)));
        let text = problem.to_string();
        assert!(
            text.starts_with(&format!("environment: \"{name}\": ")),
            "{text}"
        );
        assert!(!text.contains("hush"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_unicode_is_a_problem() {
    use std::os::unix::ffi::OsStringExt as _;
    let bytes = OsString::from_vec(b"PU\xff".to_vec());
    for name in [
        "CORS_ALLOW_METHODS",
        "CORS_ALLOW_ORIGINS",
        "CORS_MAX_AGE",
        "CORS_ALLOW_HOSTS",
    ] {
        let errors = PolicyConfig::from_vars("CORS_", [(name, &bytes)]).expect_err(name);
        assert_eq!(errors.problems()[0].variable(), Some(name));
    }
}

#[test]
fn every_problem_of_every_layer_names_its_layer() {
    let mut file = PolicyConfig::default();
    file.allow_origins = ["https://a.example", "http://b.example", "*"]
        .map(str::to_owned)
        .to_vec();
    file.preflight_status = 404;
    let variables = [
        ("CORS_ALLOW_METHODS", "PUT,TRACE"),
        ("CORS_ALLOW_CREDENTIALS", "true"),
        ("CORS_EXPOSE_HEADERS", "*"),
        ("CORS_MAX_AGE", "1h"),
        ("CORS_FOO", "1"),
    ];
    let errors = file
        .clone()
        .with_vars("CORS_", variables)
        .expect_err("seven mistakes");
    let begins: Vec<_> = errors
        .problems()
        .iter()
        .map(|problem| {
            let text = problem.to_string();
            text.split_once(": ").expect("a place").0.to_owned()
        })
        .collect();
    assert_eq!(
        begins,
        [
            "CORS_MAX_AGE",
            "environment",
            "allow_origins[1] with CORS_ALLOW_CREDENTIALS",
            "allow_origins[2] with CORS_ALLOW_CREDENTIALS",
            "CORS_ALLOW_METHODS[1]",
            "CORS_EXPOSE_HEADERS[0] with CORS_ALLOW_CREDENTIALS",
            "preflight_status",
        ]
    );
    // Whether there are credentials is not known, so nothing is said about them.
    let errors = file.with_vars("CORS_", [("CORS_ALLOW_CREDENTIALS", "sometimes")]);
    assert_eq!(errors.expect_err("two mistakes").problems().len(), 2);
}

#[cfg(feature = "serde")]
mod by_path {
    use cors_core::{PolicyMap, PolicyMapConfig};

    use super::*;

    fn file(text: &str) -> PolicyMapConfig {
        toml::from_str(text).expect("the file can be read")
    }

    fn allows(map: &PolicyMap, path: &str, origin: &str) -> bool {
        let policy = map.policy(path);
        policy.is_some_and(|policy| policy.allows_origin(origin))
    }

    #[test]
    fn a_variable_stands_in_place_of_a_key_at_the_top() -> Result<(), PolicyErrors> {
        let file = file(
            "allow_origins = [\"https://a.example\"]\n[[paths]]\npath = \"/own\"\n\
             allow_origins = [\"https://b.example\"]\n[[paths]]\npath = \"/inherited\"\nmax_age = 1\n",
        );
        let map = file
            .with_vars("CORS_", [("CORS_ALLOW_ORIGINS", "https://c.example")])?
            .build()?;
        for (path, origin) in [
            ("/", "https://c.example"),
            ("/own", "https://b.example"),
            ("/inherited", "https://c.example"),
        ] {
            for other in [
                "https://a.example",
                "https://b.example",
                "https://c.example",
            ] {
                assert_eq!(
                    allows(&map, path, other),
                    other == origin,
                    "{path}, {other}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn a_variable_makes_a_policy_at_the_top_and_none_makes_none() -> Result<(), PolicyErrors> {
        let text = "[[paths]]\npath = \"/a\"\nallow_origins = [\"https://b.example\"]\n";
        let none = file(text).with_vars("CORS_", [("PATH", "/bin")])?;
        assert!(none == file(text) && none.build()?.policy("/").is_none());
        let some = file(text).with_vars("CORS_", [("CORS_ALLOW_ORIGINS", "*")])?;
        assert!(allows(&some.build()?, "/", "https://x.example"));
        Ok(())
    }

    #[test]
    fn a_problem_in_a_table_names_the_variable_unless_the_key_is_the_table_s_own() {
        let file = file(
            "[[paths]]\npath = \"/a\"\nallow_credentials = true\n\
             [[paths]]\npath = \"/b\"\nallow_origins = [\"http://b.example\"]\n\
             [shadow]\nallow_origins = [\"http://s.example\"]\nallow_credentials = true\n",
        );
        let places = |variables: &[(&str, &str)]| -> Vec<String> {
            let errors = file.clone().with_vars("CORS_", variables.iter().copied());
            let errors = errors.expect_err("there are problems");
            let places = errors.into_iter().map(|problem| {
                let text = problem.to_string();
                text.split_once(": ").expect("a place").0.to_owned()
            });
            places.collect()
        };
        assert_eq!(
            places(&[("CORS_ALLOW_ORIGINS", "*")]),
            [
                "CORS_ALLOW_ORIGINS[0] in paths[0]",
                "shadow.allow_origins[0]"
            ]
        );
        assert_eq!(
            places(&[("CORS_ALLOW_CREDENTIALS", "true")]),
            [
                "paths[1].allow_origins[0] with CORS_ALLOW_CREDENTIALS",
                "shadow.allow_origins[0]",
            ]
        );
    }
}

/// Who has credentials is said by two settings. Where one of them can't be read, nobody knows whether
/// anything is a problem beside them.
#[cfg(feature = "serde")]
#[test]
fn an_unreadable_half_of_the_pair_is_the_only_problem() {
    let config = |text: &str| toml::from_str::<PolicyConfig>(text).expect(text);
    for (file, variables) in [
        (
            "allow_origins = [\"https://a.example\"]\nallow_credentials = true",
            [
                ("CORS_ALLOW_ORIGINS", "*"),
                ("CORS_ALLOW_CREDENTIALS_FROM", "'https://a.example'"),
            ],
        ),
        (
            "allow_credentials_from = [\"https://a.example\"]",
            [
                ("CORS_EXPOSE_HEADERS", "*"),
                ("CORS_ALLOW_CREDENTIALS", "sometimes"),
            ],
        ),
    ] {
        let errors = config(file).with_vars("CORS_", variables);
        let errors = errors.expect_err("a variable can't be read");
        let named: Vec<_> = errors.problems().iter().map(Problem::variable).collect();
        assert_eq!(named, [Some(variables[1].0)], "{errors}");
    }
}
