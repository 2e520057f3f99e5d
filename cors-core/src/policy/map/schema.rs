//! The JSON Schema of a policy file, for editors: [`PolicyMapConfig`] and its tables.
//!
//! Each table has the keys of a policy and a few others. Their schemas are those of
//! [`PolicyConfig`]'s fields, by reference, so that each key is described once.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::config::{PathConfig, PolicyMapConfig, ShadowConfig, with_settings};
use crate::policy::config::PolicyConfig;

impl JsonSchema for PolicyMapConfig {
    fn schema_name() -> Cow<'static, str> {
        "PolicyMapConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let paths = paths(
            generator,
            "Paths whose policy is another one, or none. The most specific pattern wins; the keys \
             at the top are for all other paths.",
        );
        let mut shadow = generator.subschema_for::<ShadowConfig>();
        shadow.insert("description".to_owned(), ShadowConfig::DESCRIPTION.into());
        let own = [("paths", paths), ("shadow", shadow.to_value())];
        table(
            generator,
            "The CORS policy of a server, and of its paths.",
            own,
        )
    }
}

impl ShadowConfig {
    const DESCRIPTION: &str = "Keys that are tried on live traffic in place of those at the top, \
                               and answer nothing; each event says what would be different.";
}

impl JsonSchema for ShadowConfig {
    fn schema_name() -> Cow<'static, str> {
        "Shadow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let paths = paths(generator, "Paths in place of those at the top.");
        table(generator, Self::DESCRIPTION, [("paths", paths)])
    }
}

impl JsonSchema for PathConfig {
    fn schema_name() -> Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let path = json!({
            "type": "string",
            "pattern": "^/",
            "description": "The paths that the table is for: \"/feeds\"; \"/users/{id}\" with one \
                            segment of any text; \"/api/{*rest}\" with the path \"/api\" and \
                            everything below.",
        });
        let enabled = json!({
            "type": "boolean",
            "default": true,
            "description": "False disables CORS for these paths: responses stay as the app makes \
                            them. Default: true.",
        });
        let description = "The policy of some paths: the one at the top, with these keys in place \
                           of its own.";
        let own = [("path", path), ("enabled", enabled)];
        let mut schema = table(generator, description, own);
        schema.insert("required".to_owned(), json!(["path"]));
        schema
    }
}

/// Returns the schema of a list of `[[paths]]`.
fn paths(generator: &mut SchemaGenerator, description: &str) -> Value {
    let items = generator.subschema_for::<PathConfig>();
    json!({ "type": "array", "items": items, "description": description })
}

/// Returns the schema of a table that has the keys of a policy and its own.
fn table<const N: usize>(
    generator: &mut SchemaGenerator,
    description: &str,
    own: [(&str, Value); N],
) -> Schema {
    let policy = generator.subschema_for::<PolicyConfig>();
    let policy = policy
        .get("$ref")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let reference = |key: &&str| {
        let value = json!({ "$ref": format!("{policy}/properties/{key}") });
        ((*key).to_owned(), value)
    };
    let mut properties: Map<_, _> = POLICY_KEYS.iter().map(reference).collect();
    properties.extend(own.map(|(key, value)| (key.to_owned(), value)));
    json_schema!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    })
}

macro_rules! names {
    ($($key:ident: $setting:ident),*) => {
        &[$(stringify!($key)),*]
    };
}

/// The keys of a policy.
const POLICY_KEYS: &[&str] = with_settings!(names);
