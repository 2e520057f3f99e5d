//! Policy files as people write them who know another library, or the type of a value no better:
//! the error names the key that is meant, and what to write.
#![cfg(feature = "serde")]

use cors_core::{PolicyConfig, PolicyMap, PolicyMapConfig};

/// The error about a file in TOML, of a single policy.
fn error(toml: &str) -> String {
    let error = toml::from_str::<PolicyConfig>(toml).expect_err(toml);
    // One of policies by path says the same.
    let by_path = toml::from_str::<PolicyMapConfig>(toml).expect_err(toml);
    let (error, by_path) = (error.to_string(), by_path.to_string());
    assert!(by_path.starts_with(error.trim_end()), "{by_path}");
    error
}

/// The names that other libraries have for a setting, by the setting.
const OF_OTHER_LIBRARIES: [(&str, &str, &[&str]); 11] = [
    (
        "django-cors-headers",
        "",
        &[
            "CORS_ALLOWED_ORIGINS: allow_origins",
            "CORS_ALLOWED_ORIGIN_REGEXES: allow_origin_regexes",
            "CORS_ALLOW_ALL_ORIGINS: allow_origins [\"*\"]",
            "CORS_ORIGIN_WHITELIST: allow_origins",
            "CORS_ORIGIN_REGEX_WHITELIST: allow_origin_regexes",
            "CORS_ORIGIN_ALLOW_ALL: allow_origins [\"*\"]",
            "CORS_URLS_REGEX: paths",
            "CORS_ALLOW_METHODS: allow_methods",
            "CORS_ALLOW_HEADERS: allow_headers",
            "CORS_EXPOSE_HEADERS: expose_headers",
            "CORS_PREFLIGHT_MAX_AGE: max_age",
            "CORS_ALLOW_CREDENTIALS: allow_credentials",
            "CORS_ALLOW_PRIVATE_NETWORK: allow_private_network",
            "ALLOWED_HOSTS: allow_hosts",
        ],
    ),
    (
        "Starlette, FastAPI",
        "",
        &[
            "allow_origin_regex: allow_origin_regexes",
            "allowed_hosts: allow_hosts",
        ],
    ),
    (
        "flask-cors",
        "",
        &[
            "resources: paths",
            "origins: allow_origins",
            "methods: allow_methods",
            "supports_credentials: allow_credentials",
            "send_wildcard: leave it out",
            "vary_header: leave it out",
            "automatic_options: preflight_passthrough opposite",
            "always_send: leave it out",
            "intercept_exceptions: leave it out",
        ],
    ),
    (
        "flask-cors, app.config",
        "CORS_",
        &[
            "RESOURCES: paths",
            "ORIGINS: allow_origins",
            "METHODS: allow_methods",
            "EXPOSE_HEADERS: expose_headers",
            "SUPPORTS_CREDENTIALS: allow_credentials",
            "MAX_AGE: max_age",
            "SEND_WILDCARD: leave it out",
        ],
    ),
    (
        "tower-http",
        "",
        &["allow_origin: allow_origins", "vary: leave it out"],
    ),
    (
        "actix-cors",
        "",
        &[
            "allowed_origin: allow_origins",
            "allow_any_origin: allow_origins [\"*\"]",
            "allowed_methods: allow_methods",
            "allow_any_method: allow_methods [\"*\"]",
            "allowed_headers: allow_headers",
            "allowed_header: allow_headers",
            "allow_any_header: allow_headers [\"*\"]",
            "expose_any_header: expose_headers [\"*\"]",
            "supports_credentials: allow_credentials",
            "block_on_origin_mismatch: reject_disallowed_origins",
            "disable_preflight: preflight_passthrough",
            "disable_vary_header: leave it out",
            "allow_private_network_access: allow_private_network",
        ],
    ),
    (
        "rocket_cors",
        "",
        &[
            "allowed_origins: allow_origins",
            "allow_null: allow_null_origin",
            "fairing_route_base: leave it out",
            "fairing_route_rank: leave it out",
        ],
    ),
    (
        "warp",
        "",
        &[
            "allow_method: allow_methods",
            "allow_header: allow_headers",
            "expose_header: expose_headers",
        ],
    ),
    (
        "Spring",
        "",
        &[
            "allowedOrigins: allow_origins",
            "allowedOriginPatterns: allow_origins",
            "allowedMethods: allow_methods",
            "allowedHeaders: allow_headers",
            "exposedHeaders: expose_headers",
            "allowCredentials: allow_credentials",
            "maxAge: max_age",
            "allowPrivateNetwork: allow_private_network",
        ],
    ),
    (
        "cors of npm",
        "",
        &[
            "origin: allow_origins",
            "credentials: allow_credentials",
            "optionsSuccessStatus: preflight_status",
            "preflightContinue: preflight_passthrough",
        ],
    ),
    (
        "the headers themselves",
        "Access-Control-",
        &[
            "Allow-Origin: allow_origins",
            "Allow-Methods: allow_methods",
            "Expose-Headers: expose_headers",
            "Max-Age: max_age",
        ],
    ),
];

#[test]
fn the_name_of_another_library_is_told_the_key_here() {
    for (library, prefix, rows) in OF_OTHER_LIBRARIES {
        for row in rows {
            let (name, here) = row.split_once(": ").expect(row);
            let name = format!("{prefix}{name}");
            let text = error(&format!("max_age = 5\n{name} = []\n"));
            let (key, rest) = here.split_once(' ').unwrap_or((here, ""));
            for part in ["line 2, column 1", &format!("unknown field `{name}`"), rest] {
                assert!(text.contains(part), "{library}, {part}: {text}");
            }
            let json = format!("{{\n\"{name}\": 1}}");
            let json = serde_json::from_str::<PolicyMapConfig>(&json).expect_err(&json);
            let parts = ["line 2 column", rest];
            let json = json.to_string();
            assert!(parts.iter().all(|part| json.contains(part)), "{json}");
            match key {
                // It may be false.
                _ if rest == "[\"*\"]" => {
                    let end =
                        format!("`{key}` here, with the value {rest} if it is true; leave it");
                    assert!(text.contains(&end), "{text}");
                }
                "leave" => assert!(text.contains("leave it out"), "{text}"),
                "paths" => assert!(text.contains("`[[paths]]`"), "{text}"),
                key => {
                    assert!(text.contains(&format!("`{key}`")), "{text}");
                    // The key is known: what is wrong is the value alone.
                    let error = error(&format!("{key} = {{}}"));
                    assert!(!error.contains("unknown field"), "{error}");
                }
            }
        }
    }
}

#[test]
fn an_unknown_key_is_told_the_nearest_one() {
    for (key, nearest) in [
        ("allow_orgins", "allow_origins"),
        ("allow_orignis", "allow_origins"),
        ("alow_credentials", "allow_credentials"),
        ("max_ages", "max_age"),
        ("maxage", "max_age"),
        ("expose_heders", "expose_headers"),
        ("preflight_staus", "preflight_status"),
        ("reject_disalowed_origins", "reject_disallowed_origins"),
        ("suports_credentials", "allow_credentials"),
        ("allow_origin_regexs", "allow_origin_regexes"),
    ] {
        let text = error(&format!("\n{key} = true\n"));
        for part in [key, &format!("`{nearest}`"), "line 2, column 1"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    // What is near to nothing is told all keys.
    let text = error("database = 1");
    assert!(text.contains("expected one of `allow_origins`, "), "{text}");
    for (toml, part) in [
        ("[[paths]]\npath = \"/\"\nenable = true", "`enabled`"),
        ("[[pathes]]\npath = \"/\"", "`paths`"),
        ("[[path]]\npath = \"/\"", "`[[paths]]`"),
        ("path = \"/\"", "`[[paths]]`"),
        ("enabled = true", "`[[paths]]`"),
        (
            "[[paths]]\npath = \"/\"\npaths = []",
            "at the top of the file",
        ),
        (
            "[[paths]]\npath = \"/\"\n[paths.shadow]",
            "at the top of the file",
        ),
        ("[[paths]]\nallow_origins = []", "missing field `path`"),
        ("[shadow]\nshadow = 1", "at the top of the file"),
        ("[shdow]\nmax_age = 1", "`shadow`"),
    ] {
        let text = toml::from_str::<PolicyMap>(toml)
            .expect_err(toml)
            .to_string();
        assert!(
            text.contains(part) && text.contains("line "),
            "{part}: {text}"
        );
    }
}

#[test]
fn a_table_around_the_keys_is_to_be_left_out() {
    for toml in [
        "[cors]\nallow_origins = []",
        "[cors.policy]\nallow_origins = []",
        "[policy]\nallow_origins = []",
        "[CORS]\nallow_origins = []",
        "[settings]\nmax_age = 1",
    ] {
        let text = error(toml);
        assert!(text.contains("stand at the top"), "{text}");
        assert!(text.contains("line 1, column 2"), "{text}");
    }
    let json = r#"{"cors": {"allow_origins": []}}"#;
    let text = serde_json::from_str::<PolicyConfig>(json).expect_err(json);
    assert!(text.to_string().contains("stand at the top"), "{text}");
}

/// A value of the wrong type, and what the error says to write.
const WRITE: [(&str, &str, &str); 41] = [
    ("allow_origins", r#""*""#, r#"["*"]"#),
    (
        "allow_origins",
        r#""https://a.example""#,
        r#"["https://a.example"]"#,
    ),
    (
        "allow_origins",
        r#""https://a.example, https://b.example""#,
        r#"["https://a.example", "https://b.example"]"#,
    ),
    (
        "allow_origins",
        r#""https://a.example,https://b.example;http://localhost:*|tauri://localhost""#,
        r#"["https://a.example", "https://b.example", "http://localhost:*", "tauri://localhost"]"#,
    ),
    ("allow_origins", r#""""#, "[]"),
    ("allow_origins", "false", "[]"),
    (
        "allow_origin_regexes",
        r#""https://pr-[0-9]{1,3}[.]example[.]com""#,
        r#"["https://pr-[0-9]{1,3}[.]example[.]com"]"#,
    ),
    ("allow_methods", r#""PUT, DELETE""#, r#"["PUT", "DELETE"]"#),
    ("allow_methods", r#""*""#, r#"["*"]"#),
    ("allow_headers", r#""content-type""#, r#"["content-type"]"#),
    (
        "allow_headers",
        r#""content-type authorization""#,
        r#"["content-type", "authorization"]"#,
    ),
    ("expose_headers", r#""x-a,x-b""#, r#"["x-a", "x-b"]"#),
    (
        "allow_hosts",
        r#""localhost,[::1]""#,
        r#"["localhost", "[::1]"]"#,
    ),
    ("allow_credentials", r#""true""#, "true"),
    ("allow_credentials", r#""yes""#, "true"),
    ("allow_credentials", r#""False""#, "false"),
    ("allow_credentials", "1", "true"),
    ("allow_credentials", "0", "false"),
    ("keep_app_headers", r#""on""#, "true"),
    ("max_age", r#""600""#, "600"),
    ("max_age", r#""10m""#, "600"),
    ("max_age", r#""10 minutes""#, "600"),
    ("max_age", r#""1h 30m""#, "5400"),
    ("max_age", r#""1d""#, "86400"),
    ("max_age", "600.0", "600"),
    ("max_age", "-1", "0"),
    ("max_age", "-0.5", "0"),
    ("max_age", "0.0", "0"),
    ("preflight_status", r#""200""#, "200"),
    ("preflight_status", "200.0", "200"),
    ("preflight_refusal_status", r#""400""#, "400"),
    ("preflight_refusal_status", "404.0", "404"),
    ("allow_null_origin", r#""off""#, "false"),
    ("allow_private_network", r#""1""#, "true"),
    ("preflight_passthrough", r#""true""#, "true"),
    ("reject_disallowed_origins", r#""true""#, "true"),
    ("check_public_suffixes", r#""true""#, "true"),
    ("dangerously_allow_any_origin_with_credentials", "1", "true"),
    (
        "dangerously_allow_null_origin_with_credentials",
        "1",
        "true",
    ),
    (
        "dangerously_allow_insecure_origins_with_credentials",
        "1",
        "true",
    ),
    (
        "dangerously_allow_private_networks_with_credentials",
        "1",
        "true",
    ),
];

/// A value that nothing right follows from, and a part of what the error says.
const NO_REMEDY: [(&str, &str, &str); 29] = [
    ("allow_origins", "true", "each in quotes, as in [\"https://"),
    ("allow_origins", "1", "allow_origins: 1: "),
    (
        "allow_origins",
        r#""example.com/""#,
        "allow_origins: \"example.com/\": it is a list",
    ),
    ("allow_origins", r#"{"a": 1}"#, "allow_origins: a table: "),
    (
        "allow_origins",
        "[1]",
        "allow_origins[0]: 1: each item is a text in quotes",
    ),
    (
        "allow_origins",
        r#"["*", ["a"]]"#,
        "allow_origins[1]: a list: each item",
    ),
    (
        "allow_methods",
        r#"["PUT", true]"#,
        "allow_methods[1]: true: each item is a text in quotes, as in \"PUT\"",
    ),
    ("allow_methods", r#""TRACE""#, "as in [\"PUT\"]"),
    ("allow_headers", "{}", "as in [\"content-type\"]"),
    ("expose_headers", "3", "as in [\"x-request-id\"]"),
    (
        "allow_credentials_from",
        "true",
        "as in [\"https://app.example.com\"]",
    ),
    (
        "allow_hosts",
        r#""https://a.example/""#,
        "as in [\"api.example.com\"]",
    ),
    ("allow_origin_regexes", "3", "as in [\"https://pr-"),
    (
        "allow_credentials",
        r#""maybe""#,
        "it is true or false, without quotes",
    ),
    ("allow_credentials", "2", "it is true or false"),
    ("allow_credentials", "[true]", "a list: it is true or false"),
    ("allow_credentials", "{}", "a table: it is true or false"),
    (
        "max_age",
        r#""an hour""#,
        "a whole number of seconds, without quotes, as in 600",
    ),
    ("max_age", r#""500ms""#, "a whole number of seconds"),
    ("max_age", r#""2d""#, "write 86400 or less"),
    ("max_age", "1.5", "counts whole seconds"),
    ("max_age", "1e11", "write 86400 or less"),
    ("max_age", "1e300", "max_age: 1e300: "),
    ("max_age", "true", "a whole number of seconds"),
    ("max_age", "[600]", "a whole number of seconds"),
    ("preflight_status", "70000", "from 200 to 299"),
    ("preflight_status", r#""404""#, "from 200 to 299"),
    (
        "preflight_status",
        r#""ok""#,
        "a number without quotes, as in 204",
    ),
    ("preflight_refusal_status", "-1", "400 to 499"),
];

/// The errors about one value, in TOML and in JSON, at the top and in a path.
fn value_errors(key: &str, value: &str) -> Vec<String> {
    // The values are right in both, but for a table.
    let toml = value.replace("\": ", "\" = ");
    let at_the_top = error(&format!("\n{key} = {toml}\n"));
    assert!(at_the_top.contains("line 2, column "), "{at_the_top}");
    let in_a_path = format!("[[paths]]\npath = \"/a\"\n{key} = {toml}\n");
    let in_a_path = toml::from_str::<PolicyMap>(&in_a_path).expect_err(&toml);
    assert!(
        in_a_path.to_string().contains("line 3, column "),
        "{in_a_path}"
    );
    let json = format!("{{\n\"{key}\": {value}}}");
    let json = serde_json::from_str::<PolicyConfig>(&json).expect_err(&json);
    assert_eq!(json.line(), 2, "{json}");
    [at_the_top, in_a_path.to_string(), json.to_string()].to_vec()
}

#[test]
fn a_value_of_the_wrong_type_is_told_what_to_write() {
    for (key, value, write) in WRITE {
        if cfg!(not(feature = "regex")) && key == "allow_origin_regexes" {
            continue;
        }
        for text in value_errors(key, value) {
            assert!(text.contains(&format!("{key}: ")), "{text}");
            let (_, after) = text.split_once("; write ").expect(&text);
            assert!(after.starts_with(write), "{write}: {text}");
        }
        let remedy = toml::from_str::<PolicyConfig>(&format!("{key} = {write}"));
        let alone = remedy.expect(write).build();
        assert!(
            alone.is_ok() || key == "check_public_suffixes",
            "{write}: {alone:?}"
        );
    }
}

#[test]
fn a_value_that_stands_for_nothing_is_told_what_belongs_there() {
    for (key, value, part) in NO_REMEDY {
        for text in value_errors(key, value) {
            assert!(text.contains(part) && text.contains(key), "{part}: {text}");
        }
    }
    for toml in ["max_age = 2026-01-01", "allow_origins = 10:00:00"] {
        let text = error(toml);
        assert!(text.contains("a date: it is "), "{text}");
    }
}

#[test]
fn null_in_json_is_no_age_and_no_list() {
    let age = serde_json::from_str::<PolicyConfig>(r#"{"max_age": null}"#);
    assert_eq!(age.expect("it is none"), PolicyConfig::default());
    let list = serde_json::from_str::<PolicyConfig>(r#"{"allow_origins": null}"#);
    let text = list.expect_err("it is no list").to_string();
    assert!(
        text.contains("allow_origins: null: ") && text.contains("; write []"),
        "{text}"
    );
}

#[test]
fn what_belongs_to_a_path_is_told_too() {
    for (toml, json, part) in [
        (
            "[[paths]]\npath = 1",
            r#"{"paths": [{"path": 1}]}"#,
            "path: 1: it is a text in quotes, as in \"/api/{*rest}\"",
        ),
        (
            "[[paths]]\npath = [\"/a\", \"/b\"]",
            r#"{"paths": [{"path": ["/a", "/b"]}]}"#,
            "each path has a table of its own",
        ),
        (
            "[[paths]]\npath = \"/a\"\nenabled = \"no\"",
            r#"{"paths": [{"path": "/a", "enabled": "no"}]}"#,
            "enabled: \"no\": it is true or false, without quotes; write false",
        ),
        (
            "[paths]\npath = \"/a\"",
            r#"{"paths": {"path": "/a"}}"#,
            "expected `paths` to be a list of tables",
        ),
        (
            "paths = \"/a\"",
            r#"{"paths": "/a"}"#,
            "found \"/a\", expected `paths` to be a list",
        ),
        (
            "paths = [\"/a\"]",
            r#"{"paths": ["/a"]}"#,
            "found \"/a\", expected a table with a `path`",
        ),
        (
            "shadow = true",
            r#"{"shadow": true}"#,
            "expected `shadow` to be a table",
        ),
        ("paths = [{}]", r#"{"paths": [{}]}"#, "missing field `path`"),
    ] {
        let toml = toml::from_str::<PolicyMap>(toml)
            .expect_err(toml)
            .to_string();
        let json = serde_json::from_str::<PolicyMap>(json)
            .expect_err(json)
            .to_string();
        assert!(
            toml.contains(part) && toml.contains("line "),
            "{part}: {toml}"
        );
        assert!(
            json.contains(part) && json.contains("line 1"),
            "{part}: {json}"
        );
    }
}

#[test]
fn however_long_a_mistake_is_the_error_is_not() {
    let long = "x".repeat(100_000);
    for json in [
        format!("{{\"{long}\": 1}}"),
        format!("{{\"max_age\": \"{long}\"}}"),
        format!("{{\"allow_origins\": \"{long}\"}}"),
        format!(
            "{{\"allow_origins\": \"{}\"}}",
            "https://a.example,".repeat(5_000)
        ),
        format!("{{\"paths\": \"{long}\"}}"),
        format!("{{\"paths\": [\"{long}\"]}}"),
    ] {
        let text = serde_json::from_str::<PolicyMap>(&json)
            .expect_err("it is wrong")
            .to_string();
        assert!(text.len() < 1_200, "{} bytes: {text}", text.len());
    }
    let control = r#"{"max_age": "\u001b[31m\n", "a": 1}"#;
    let text = serde_json::from_str::<PolicyConfig>(control)
        .expect_err(control)
        .to_string();
    assert!(!text.contains(['\u{1b}', '\n']), "{text}");
    let control = r#"{"a\u001b[31m\nb": 1}"#;
    let text = serde_json::from_str::<PolicyConfig>(control)
        .expect_err(control)
        .to_string();
    assert!(!text.contains(['\u{1b}', '\n']), "{text}");
}
