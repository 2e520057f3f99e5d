//! `policy.schema.json` is what the code says, and describes every key.
#![cfg(feature = "schema")]

use cors_core::{PolicyConfig, PolicyMapConfig};
use schemars::generate::SchemaSettings;
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policy.schema.json");

/// In the draft that every editor knows.
fn generated() -> String {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<PolicyMapConfig>();
    schema.insert("title".to_owned(), "CORS policy".into());
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
}

/// With `POLICY_SCHEMA=overwrite` in the environment, writes the file.
#[test]
fn the_file_is_what_the_code_says() {
    let generated = generated();
    if std::env::var("POLICY_SCHEMA").is_ok_and(|value| value == "overwrite") {
        std::fs::write(FILE, &generated).expect("the file can be written");
    }
    let file = std::fs::read_to_string(FILE).expect("the file is there");
    assert!(
        // Not as texts: other crates may have `serde_json` keep the order of keys.
        serde_json::from_str::<Value>(&file).ok() == serde_json::from_str(&generated).ok(),
        "run POLICY_SCHEMA=overwrite cargo test -p cors-core --features schema --test schema"
    );
}

/// Every key of the schema is described, in words that need no documentation of Rust around them.
#[test]
fn every_key_is_described() {
    let schema: Value = serde_json::from_str(&generated()).expect("JSON");
    let tables = ["", "/definitions/Path", "/definitions/Shadow"];
    for table in tables {
        let table = schema.pointer(table).expect(table);
        assert_eq!(table["additionalProperties"], false);
        for (key, value) in table["properties"].as_object().expect("keys") {
            let value = match value["$ref"].as_str() {
                Some(reference) if value["description"].is_null() => {
                    schema.pointer(&reference[1..]).expect(reference)
                }
                _ => value,
            };
            let text = value["description"].as_str().expect(key);
            assert!(text.ends_with('.') || text.ends_with('|'), "{key}: {text}");
            assert!(!text.contains("](crate::"), "{key}: {text}");
        }
    }
}

/// The keys that a file is read by, and those of the schema.
#[test]
fn every_table_has_the_keys_that_are_read() {
    let schema: Value = serde_json::from_str(&generated()).expect("JSON");
    let written = serde_json::to_value(PolicyConfig::default()).expect("JSON");
    let mut policy: Vec<_> = written.as_object().expect("keys").keys().cloned().collect();
    // The one key that is left out by default.
    policy.push("max_age".to_owned());
    for (table, own) in [
        ("", &["paths", "shadow"][..]),
        ("/definitions/Path", &["enabled", "path"]),
        ("/definitions/Shadow", &["paths"]),
        ("/definitions/PolicyConfig", &[]),
    ] {
        let mut expected: Vec<_> = policy
            .iter()
            .map(String::as_str)
            .chain(own.iter().copied())
            .collect();
        expected.sort_unstable();
        let properties = &schema.pointer(table).expect(table)["properties"];
        let mut keys: Vec<_> = properties.as_object().expect("keys").keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, expected, "{table}");
    }
}
