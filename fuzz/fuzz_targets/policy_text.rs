//! Any text as a policy file, in TOML or JSON: it is refused with words, or it builds, and what it
//! builds can be written down and read again.

#![no_main]

use cors_core::{PolicyMap, PolicyMapConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    // No file in TOML begins with a brace.
    let is_json = text.trim_start().starts_with('{');
    let read = if is_json {
        from_json(text)
    } else {
        from_toml(text)
    };
    let config = match read {
        Ok(config) => config,
        Err(words) => {
            assert!(!words.is_empty());
            return;
        }
    };
    match config.build() {
        Ok(map) => check_round_trip(&map),
        Err(errors) => {
            let words = errors.to_string();
            let is_plain = |char: char| char == '\n' || !char.is_control();
            assert!(
                !words.is_empty() && words.chars().all(is_plain),
                "{words:?}"
            );
        }
    }
});

fn from_json(text: &str) -> Result<PolicyMapConfig, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn from_toml(text: &str) -> Result<PolicyMapConfig, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

/// Only one thing can be built and not be written as a file: a path without the `max_age` that it
/// would inherit.
fn check_round_trip(map: &PolicyMap) {
    let config = map.config();
    assert_eq!(rebuilt(&config), config);
    match toml::to_string(&config) {
        Ok(text) => {
            let again = from_toml(&text);
            assert_eq!(again.as_ref().map(rebuilt), Ok(config.clone()), "{text}");
        }
        Err(error) => assert!(error.to_string().contains("max_age"), "{error}"),
    }
    if let Ok(text) = serde_json::to_string(&config) {
        let again = from_json(&text);
        assert_eq!(again.as_ref().map(rebuilt), Ok(config), "{text}");
    }
}

fn rebuilt(config: &PolicyMapConfig) -> PolicyMapConfig {
    match config.build() {
        Ok(map) => map.config(),
        Err(errors) => panic!("what was read back does not build: {errors} {config:?}"),
    }
}
