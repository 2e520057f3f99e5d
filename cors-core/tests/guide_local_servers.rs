//! The guide `local_servers` names origins and files that are taken as they stand.
#![cfg(feature = "serde")]

use std::error::Error;

use cors_core::{Policy, PolicyConfig};

const GUIDE: &str = include_str!("../src/guide/local_servers.md");

/// Returns the policy files, or the rest of the page.
fn parts(files: bool) -> Vec<&'static str> {
    let mut parts = Vec::new();
    for (index, part) in GUIDE.split("```").enumerate() {
        if index % 2 == 0 && !files {
            parts.push(part);
        } else if index % 2 == 1 && files {
            parts.extend(part.strip_prefix("toml\n"));
        }
    }
    parts
}

#[test]
fn every_quoted_origin_is_taken() -> Result<(), Box<dyn Error>> {
    let mut taken = Vec::new();
    let quoted = parts(false)
        .into_iter()
        .flat_map(|part| part.split('`').skip(1).step_by(2));
    for text in quoted {
        // A scheme alone, the URL of a page and code are no origins.
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        if rest.is_empty() && text != "file://" || rest.contains(['/', '"']) {
            continue;
        }
        let policy = Policy::builder().allow_origins([text]).build()?;
        assert!(policy.allows_origin(text), "{text}");
        taken.push(text);
    }
    for origin in ["tauri://localhost", "app://bundle", "app://.", "app://-"] {
        assert!(taken.contains(&origin), "{origin}");
    }
    Ok(())
}

#[test]
fn the_file_of_the_preset_is_the_preset() -> Result<(), Box<dyn Error>> {
    let files = parts(true);
    let [preset, _] = files[..] else {
        panic!("the page has two files");
    };
    let file: PolicyConfig = toml::from_str(preset)?;
    let preset = Policy::builder().only_pages_of_this_machine().build()?;
    assert_eq!(file, preset.config());
    Ok(())
}

#[test]
fn the_file_of_made_up_ids_lets_in_what_the_code_does() -> Result<(), Box<dyn Error>> {
    let files = parts(true);
    let [_, made_up] = files[..] else {
        panic!("the page has two files");
    };
    let config: PolicyConfig = toml::from_str(made_up)?;
    let policy = config.build()?;
    for (origin, allowed) in [
        ("moz-extension://3c0a9d3e-9d4f-4d6c-8b0e-6f5d9a2b7c11", true),
        ("vscode-webview://1r4u2hn0qs0q3kt2v5g9ok1d8m6p7e3b", true),
        ("https://moz-extension.evil.example", false),
        ("chrome-extension://aapocclcgogkmnckokdopfmhonfmgoek", false),
    ] {
        assert_eq!(policy.allows_origin(origin), allowed, "{origin}");
    }
    Ok(())
}
