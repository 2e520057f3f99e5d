//! Policy files, made at random.

use std::error::Error;

use cors_core::{PolicyMap, PolicyMapConfig};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A name with every character that names may have.
const NASTY: &str = "[a-z0-9!#$%&'*+.^_`|~-]{0,8}[a-z0-9!#$%&'+.^_`|~-]";

/// A policy file: whatever can be in one, and some of it that is hard to quote.
fn policy_file() -> impl Strategy<Value = String> {
    let origins = proptest::sample::subsequence(
        vec![
            "https://app.example.com",
            "http://localhost:*",
            "https://*.example.com:8000-9123",
            "web+app.x://a_b~c",
            "app://.",
            "http://10.*.*.*",
            "http://[::1]:*",
            "file://",
            "moz-extension://*:*",
            "*",
        ],
        0..6,
    );
    let regexes = proptest::sample::subsequence(
        vec![
            r"https://(?:a|b-\d+)\.example\.com",
            r"(?i)https://x\.example\.com",
            r"https://[^./]+\.example\.com(?::\d{4,5})?",
            r"(?-u:\w+)://local\.example\.com",
            r#"https://a[!-~&&[^"'$\\]]\.example\.com"#,
        ],
        0..4,
    );
    let names = || proptest::collection::vec(NASTY, 0..4);
    let paths = proptest::sample::subsequence(
        vec![
            "/api/{*rest}",
            "/api/{id}/x",
            "/a'$b|c",
            "/caf%C3%A9",
            "/%22%5E",
            "/{a}/{b}/{*c}",
            "/",
        ],
        0..4,
    );
    let switches = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(0..86_400_u32),
    );
    (origins, regexes, names(), names(), names(), paths, switches).prop_map(
        |(origins, regexes, methods, headers, exposed, paths, (private, null, age))| {
            let mut table = toml::Table::new();
            let mut set = |key: &str, value: toml::Value| table.insert(key.to_owned(), value);
            set("allow_origins", origins.into());
            set("allow_origin_regexes", regexes.into());
            set("allow_methods", methods.into());
            set("allow_headers", headers.into());
            set("expose_headers", exposed.into());
            set("allow_private_network", private.into());
            set("allow_null_origin", null.into());
            if let Some(age) = age {
                set("max_age", i64::from(age).into());
            }
            let paths = paths.into_iter().map(|path| {
                let mut table = toml::Table::new();
                table.insert("path".to_owned(), path.into());
                table.insert("max_age".to_owned(), 1.into());
                toml::Value::Table(table)
            });
            set("paths", toml::Value::Array(paths.collect()));
            toml::to_string(&table).expect("it is TOML")
        },
    )
}

/// Checks some policy files that can be built. A program is started for each, so there are few,
/// whatever the environment says about other tests.
pub(crate) fn check_some(
    cases: u32,
    check: impl Fn(&str, &PolicyMap) -> Result<(), TestCaseError>,
) -> Result<(), Box<dyn Error>> {
    let config = Config {
        cases,
        max_shrink_iters: 20,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let checked = runner.run(&policy_file(), |policy| {
        let config: PolicyMapConfig = toml::from_str(&policy).expect("it is a policy file");
        let policies = config.build();
        prop_assume!(policies.is_ok());
        check(&policy, &policies.expect("it is right"))
    });
    Ok(checked?)
}
