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
max_age = 600
allow_private_network = true
preflight_status = 200
preflight_refusal_status = 400
preflight_passthrough = true
keep_app_headers = true
reject_disallowed_origins = true
check_public_suffixes = true
dangerously_allow_any_origin_with_credentials = true
dangerously_allow_null_origin_with_credentials = true
dangerously_allow_insecure_origins_with_credentials = true
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
    config.max_age = Some(Duration::from_secs(600));
    config.allow_private_network = true;
    config.preflight_status = 200;
    config.preflight_refusal_status = 400;
    config.preflight_passthrough = true;
    config.keep_app_headers = true;
    config.reject_disallowed_origins = true;
    config.check_public_suffixes = true;
    config.dangerously_allow_any_origin_with_credentials = true;
    config.dangerously_allow_null_origin_with_credentials = true;
    config.dangerously_allow_insecure_origins_with_credentials = true;
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
