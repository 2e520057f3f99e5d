//! A policy can be read back: its configuration builds the same policy, and its `Debug` is short.

use std::time::Duration;

use cors_core::{Policy, PolicyConfig, PolicyErrors, Predicate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn config() -> impl Strategy<Value = PolicyConfig> {
    let origins = select(vec![
        "https://app.example.com",
        "HTTPS://Other.Example.com:443",
        "https://*.example.net:*",
        "http://localhost:*",
        "tauri://localhost",
        "app://.",
        "https://*.test",
        "http://LocalHost:3000-3010",
        "http://192.168.*.*:*",
    ]);
    let texts = |texts: Vec<&'static str>| {
        let count = texts.len();
        subsequence(texts, 0..=count)
            .prop_map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    (
        vec(origins.prop_map(str::to_owned), 0..4),
        texts(vec!["PUT", "delete", "PATCH"]),
        texts(vec!["Content-Type", "x-a", "X-Acme-*", "x-a-*"]),
        texts(vec!["x-id", "ETag", "X-Acme-*", "x-i-*"]),
        texts(vec!["LocalHost", "*.example.com:8443"]),
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        proptest::option::of(0..=86_400u64),
        select(vec![200u16, 204, 299]),
    )
        .prop_map(
            |(origins, methods, headers, exposed, hosts, flags, age, status)| {
                let mut config = PolicyConfig::default();
                let (credentials, keep, reject, origins_apart) = flags;
                config.allow_origins = origins;
                config.allow_methods = methods;
                config.allow_headers = headers;
                config.expose_headers = exposed;
                config.allow_hosts = hosts;
                if !credentials && origins_apart {
                    config.allow_credentials_from = config
                        .allow_origins
                        .split_off(1.min(config.allow_origins.len()));
                }
                (
                    config.allow_credentials,
                    config.keep_app_headers,
                    config.reject_disallowed_origins,
                ) = (credentials, keep, reject);
                config.dangerously_allow_private_networks_with_credentials = true;
                config.max_age = age.map(Duration::from_secs);
                config.preflight_status = status;
                config
            },
        )
}

proptest! {
    #[test]
    fn a_policy_gives_back_its_settings(config in config()) {
        let policy = config.build()?;
        prop_assert_eq!(policy.config(), config.clone());
        prop_assert_eq!(policy.predicate_count(), 0);
    }

    #[test]
    fn a_map_gives_back_settings_that_build_the_same_map(
        default in proptest::option::of(config()),
        paths in vec(proptest::option::of(config()), 0..4),
    ) {
        let mut builder = cors_core::PolicyMap::builder();
        if let Some(default) = &default {
            builder = builder.default_policy(default.build()?);
        }
        for (index, path) in paths.iter().enumerate() {
            let pattern = format!("/{index}");
            builder = match path {
                Some(config) => builder.path(pattern, config.build()?),
                None => builder.disable_path(pattern),
            };
        }
        let map = builder.build()?;
        let again = map.config().build()?;
        prop_assert_eq!(map.config(), again.config());
        for path in ["/0", "/1", "/2", "/3", "/other"] {
            let config = |map: &cors_core::PolicyMap| map.policy(path).map(Policy::config);
            prop_assert_eq!(config(&map), config(&again), "{}", path);
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_map_is_written_as_the_file_that_has_it(
        default in config(),
        paths in vec(proptest::option::of(config()), 0..4),
    ) {
        let mut builder = cors_core::PolicyMap::builder().default_policy(default.build()?);
        for (index, path) in paths.iter().enumerate() {
            let pattern = format!("/{index}");
            builder = match path {
                Some(config) => builder.path(pattern, config.build()?),
                None => builder.disable_path(pattern),
            };
        }
        let config = builder.build()?.config();
        // The one thing that a file can't say, and is told.
        let unsayable = default.max_age.is_some()
            && paths.iter().flatten().any(|path| path.max_age.is_none());
        match toml::to_string(&config) {
            Ok(text) => {
                let read: cors_core::PolicyMapConfig = toml::from_str(&text)?;
                prop_assert_eq!(read.build()?.config(), config, "{}", text);
                prop_assert!(!unsayable);
            }
            Err(error) => prop_assert!(unsayable && error.to_string().contains("max_age = 5"), "{}", error),
        }
    }
}

#[test]
fn predicates_are_counted() -> Result<(), PolicyErrors> {
    let policy = Policy::builder()
        .allow_origin_if(|_| true)
        .allow_origin_predicate(Predicate::new(|_| false).reads(["x-a"]))
        .build()?;
    assert_eq!(policy.predicate_count(), 2);
    assert_eq!(policy.config().build()?.predicate_count(), 0);
    Ok(())
}

#[test]
fn debug_is_a_summary_whatever_the_number_of_origins() -> Result<(), PolicyErrors> {
    let few = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_credentials(true)
        .build()?;
    assert_eq!(
        format!("{few:?}"),
        "Policy(origins: \"https://app.example.com\"; methods: \"PUT\"; headers: none listed; \
         credentials)"
    );
    let many = Policy::builder()
        .allow_origins(
            (0..10_000).map(|index| format!("https://{}{index}.example", "a".repeat(50))),
        )
        .allow_headers((0..10_000).map(|index| format!("x-{index}")))
        .allow_origin_if(|_| true)
        .build()?;
    let summary = format!("{many:?}");
    assert!(summary.len() < 400, "{summary}");
    assert!(summary.contains("and 9997 more, 1 predicate"), "{summary}");
    let map = format!("{:?}", cors_core::PolicyMap::from(many));
    assert!(map.len() < 500, "{map}");
    Ok(())
}

/// A file's key, the field and the builder's method have one name.
#[test]
fn every_setting_has_a_method_of_its_name() {
    let config = include_str!("../src/policy/config.rs");
    let builder = include_str!("../src/policy/builder.rs");
    let (_, fields) = config
        .split_once("pub struct PolicyConfig {")
        .expect("the struct");
    let (fields, _) = fields.split_once("\n}").expect("its end");
    let fields: Vec<_> = fields
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'))
        .map(|(field, _)| field)
        .collect();
    assert!(fields.len() > 10, "{fields:?}");
    for field in fields {
        let method = format!("pub fn {field}");
        let found = builder.match_indices(&method).any(|(start, _)| {
            let rest = &builder[start + method.len()..];
            rest.starts_with(['(', '<'])
        });
        assert!(found, "PolicyBuilder has no {field}");
    }
}
