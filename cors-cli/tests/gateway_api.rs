//! `cors export gateway-api`: what is written is what the schema takes, and allows nobody else.
//!
//! No controller is asked. The schema is the one that a cluster checks an HTTPRoute against.

mod policy_files;

use std::error::Error;
use std::fs;
use std::process::Command;

use cors_core::probe;
use proptest::prelude::*;
use serde_json::Value;

use self::policy_files::check_some;

type Tested = Result<(), Box<dyn Error>>;

/// Returns the comments, and the HTTPRoutes.
fn export(policy: &str) -> Result<(String, Vec<Value>), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    fs::write(&file, policy)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    let output = command
        .args(["export", "gateway-api", "--lossy"])
        .arg(&file)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let comments = text.lines().filter(|line| line.starts_with('#'));
    let routes = text
        .split("---\n")
        .map(serde_saphyr::from_str)
        .collect::<Result<_, _>>()?;
    Ok((comments.collect::<Vec<_>>().join("\n"), routes))
}

/// The rules of the schema that are written in CEL, for what is exported.
fn holds_rules(route: &Value) -> bool {
    let rules = route["spec"]["rules"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    rules.iter().all(|rule| {
        let cors = &rule["filters"][0]["cors"];
        let lists = ["allowOrigins", "allowMethods", "allowHeaders"].map(|list| &cors[list]);
        let mut lists = lists.into_iter().filter_map(Value::as_array);
        let is_alone = |list: &Vec<Value>| list.len() == 1 || !list.contains(&Value::from("*"));
        let matches = rule["matches"].as_array().cloned().unwrap_or_default();
        let is_path = |path: &Value| {
            let value = path["path"]["value"].as_str().unwrap_or_default();
            let is_text = path["path"]["type"] != "RegularExpression";
            let wrong = ["//", "/./", "/../", "%2f", "%2F", "#"];
            value.len() <= 1024
                && (!is_text
                    || value.starts_with('/') && !wrong.iter().any(|it| value.contains(it)))
        };
        lists.all(is_alone) && !matches.is_empty() && matches.iter().all(is_path)
    })
}

const FILES: u32 = 24;

#[test]
fn the_schema_takes_what_is_exported() -> Tested {
    check_some(FILES, |policy, _| {
        let schema = include_str!("gateway_api/httproute.schema.json");
        let schema = serde_json::from_str(schema).expect("it is JSON");
        let schema = jsonschema::validator_for(&schema).expect("it is a schema");
        let (_, routes) = export(policy).expect("it is exported");
        for route in &routes {
            let errors: Vec<_> = schema
                .iter_errors(route)
                .map(|error| error.to_string())
                .collect();
            prop_assert!(errors.is_empty(), "{:?}\n{}\n{}", errors, route, policy);
            prop_assert!(holds_rules(route), "{}", route);
        }
        Ok(())
    })
}

/// The origins of the filter, read as the Gateway API says, are some of the policy's; all of
/// them, where no difference is named.
#[test]
fn the_filter_allows_nobody_else() -> Tested {
    check_some(FILES, |policy, policies| {
        let top = policies.default_policy().expect("there is one");
        let (comments, routes) = export(policy).expect("it is exported");
        let rules = routes
            .iter()
            .flat_map(|route| route["spec"]["rules"].as_array());
        let every = rules.flatten().find(|rule| {
            rule["matches"][0]["path"]["type"] == "PathPrefix"
                && rule["matches"][0]["path"]["value"] == "/"
        });
        let cors = &every.expect("it is for every path")["filters"][0]["cors"];
        let allowed = cors["allowOrigins"].as_array().cloned().unwrap_or_default();
        for origin in probe::sample_origins(top) {
            let is_allowed = allowed
                .iter()
                .filter_map(Value::as_str)
                .any(|item| matches_item(item, &origin));
            let expected = top.allows_origin(&origin);
            prop_assert!(expected || !is_allowed, "{}", origin);
            let is_named = comments.contains("narrower: allow_");
            prop_assert!(
                is_named || expected == is_allowed,
                "{}\n{}",
                origin,
                comments
            );
        }
        Ok(())
    })
}

#[test]
fn an_origin_is_written_as_browsers_send_it() -> Tested {
    let items = r#"allow_origins = ["HTTPS://A.Example:443", "http://*.b.example:80"]"#;
    let (_, routes) = export(items)?;
    let cors = &routes[0]["spec"]["rules"][0]["filters"][0]["cors"];
    let expected = ["http://*.b.example", "https://a.example"];
    assert_eq!(
        cors["allowOrigins"],
        serde_json::json!(expected),
        "{cors:#}"
    );
    Ok(())
}

/// Reads an item of a filter: `*` alone is for any origin, and before a name for all labels to its
/// left.
fn matches_item(item: &str, origin: &str) -> bool {
    match item.split_once('*') {
        None => item == origin,
        Some(("", "")) => true,
        Some((before, after)) => {
            origin.len() > before.len() + after.len()
                && origin.starts_with(before)
                && origin.ends_with(after)
        }
    }
}

#[test]
fn each_path_has_its_filter() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\n\
                  [[paths]]\npath = \"/api/{*rest}\"\nallow_origins = [\"https://b.example\"]\n\
                  [[paths]]\npath = \"/caf%C3%A9\"\nenabled = false\n";
    let (_, routes) = export(policy)?;
    let rules = routes[0]["spec"]["rules"]
        .as_array()
        .ok_or("there are rules")?;
    let found: Vec<_> = rules
        .iter()
        .map(|rule| {
            let path = &rule["matches"][0]["path"];
            let origin = &rule["filters"][0]["cors"]["allowOrigins"][0];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&path["type"]), text(&path["value"]), text(origin))
        })
        .collect();
    let rule = |kind: &str, path: &str, origin: &str| {
        (kind.to_owned(), path.to_owned(), origin.to_owned())
    };
    assert_eq!(
        found,
        [
            rule("PathPrefix", "/api", "https://b.example"),
            rule("Exact", "/caf%C3%A9", ""),
            rule("PathPrefix", "/", "https://a.example"),
        ]
    );
    Ok(())
}

/// An HTTPRoute has sixteen rules at most.
#[test]
fn many_paths_are_several_routes() -> Tested {
    let paths: String = (0..20)
        .map(|index| format!("[[paths]]\npath = \"/p{index}\"\nmax_age = {index}\n"))
        .collect();
    let (_, routes) = export(&format!("allow_origins = [\"https://a.example\"]\n{paths}"))?;
    let names: Vec<_> = routes
        .iter()
        .map(|route| &route["metadata"]["name"])
        .collect();
    assert_eq!(names, ["cors", "cors-1"]);
    Ok(())
}
