//! Starter code is there to be copied: each starter builds in a folder elsewhere, after the edit that
//! its README names.
//!
//! The copying is slow and takes a shell, so it is ignored unless asked for:
//! `cargo test -p conformance --test starters -- --ignored`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

const STARTERS: [&str; 8] = [
    "actix",
    "axum",
    "mcp",
    "reload",
    "rocket",
    "shared-policy",
    "tenants",
    "warp",
];

type Outcome = Result<(), Box<dyn Error>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn folder(starter: &str) -> PathBuf {
    root().join("examples").join(starter)
}

/// Returns the commands of a README that copy its folder.
fn commands(readme: &str) -> Option<&str> {
    let mut blocks = readme.split("```sh\n").skip(1);
    let block = blocks.find(|block| block.starts_with("cp -r examples/"))?;
    block.split("```").next()
}

/// Returns the folders of the packages in a folder: itself, or those directly in it.
fn packages(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut folders = vec![folder.to_owned()];
    for entry in fs::read_dir(folder)? {
        folders.push(entry?.path());
    }
    folders.retain(|folder| folder.join("Cargo.toml").is_file());
    assert!(!folders.is_empty(), "{}", folder.display());
    folders.sort();
    Ok(folders)
}

fn manifest(folder: &Path) -> Result<Table, Box<dyn Error>> {
    Ok(fs::read_to_string(folder.join("Cargo.toml"))?.parse()?)
}

#[test]
fn every_example_that_says_how_to_copy_it_is_tested_here() -> Outcome {
    let mut copied = Vec::new();
    for entry in fs::read_dir(root().join("examples"))? {
        let entry = entry?;
        let readme = fs::read_to_string(entry.path().join("README.md")).unwrap_or_default();
        if let Some(commands) = commands(&readme) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let begins = format!("cp -r examples/{name} ~/");
            assert!(commands.starts_with(&begins), "{commands}");
            copied.push(name);
        }
    }
    copied.sort();
    assert_eq!(copied, STARTERS);
    Ok(())
}

#[test]
fn their_manifests_stand_alone_and_name_the_versions_of_the_workspace() -> Outcome {
    let workspace = manifest(&root())?;
    let own = workspace["workspace"]["package"].as_table();
    let known = workspace["workspace"]["dependencies"].as_table();
    let (own, known) = own.zip(known).ok_or("both are tables")?;
    for package in STARTERS.map(|starter| packages(&folder(starter))) {
        for package in package? {
            let manifest = manifest(&package)?;
            let name = package.display();
            for key in ["edition", "license", "publish", "rust-version"] {
                assert_eq!(manifest["package"][key], own[key], "{name}: {key}");
            }
            for table in ["dependencies", "dev-dependencies"] {
                let Some(table) = manifest.get(table).and_then(Value::as_table) else {
                    continue;
                };
                for (dependency, wanted) in table {
                    assert_dependency(&package, wanted, &known[dependency]);
                }
            }
        }
    }
    Ok(())
}

/// Asserts that a dependency is that of the workspace, with features of its own.
fn assert_dependency(package: &Path, wanted: &Value, of_workspace: &Value) {
    let say = format!("{}: {wanted}, and {of_workspace}", package.display());
    let version = |value: &Value| {
        value
            .get("version")
            .unwrap_or(value)
            .as_str()
            .map(String::from)
    };
    match (wanted.get("path"), of_workspace.get("path")) {
        (Some(path), Some(of_workspace)) => {
            let [path, of_workspace] = [
                package.join(path.as_str().expect(&say)),
                root().join(of_workspace.as_str().expect(&say)),
            ]
            .map(|path| path.canonicalize().expect(&say));
            assert_eq!(path, of_workspace, "{say}");
        }
        _ => assert_eq!(
            version(wanted).expect(&say),
            version(of_workspace).expect(&say),
            "{say}"
        ),
    }
    let defaults = |value: &Value| value.get("default-features").cloned();
    assert_eq!(defaults(wanted), defaults(of_workspace), "{say}");
}

/// `cargo generate` takes these for places to fill in.
#[test]
fn nothing_in_them_is_a_placeholder_of_a_template() -> Outcome {
    let mut folders = STARTERS.map(folder).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path)?;
            for placeholder in ["{{", "{%"] {
                assert!(
                    !text.contains(placeholder),
                    "{}: {placeholder}",
                    path.display()
                );
            }
        }
    }
    Ok(())
}

#[test]
#[ignore = "builds eight starters, in minutes: cargo test -p conformance --test starters -- --ignored"]
fn each_builds_and_passes_its_tests_elsewhere_after_the_edit_of_its_readme() -> Outcome {
    let homes = tempfile::tempdir()?;
    // With the profile of the workspace, whatever is built already need not be built again. It is
    // given by `--config`, which outranks the environment, so a key that is set there is left out.
    let profile = homes.path().join("profile.toml");
    let mut profiles =
        Table::from_iter([("profile".to_owned(), manifest(&root())?["profile"].clone())]);
    if env::var_os("CARGO_PROFILE_DEV_DEBUG").is_some() {
        let dev = profiles["profile"]["dev"].as_table_mut();
        dev.ok_or("a table")?.remove("debug");
    }
    fs::write(&profile, profiles.to_string())?;
    for starter in STARTERS {
        let home = homes.path().join(starter);
        fs::create_dir(&home)?;
        let home = home.canonicalize()?;
        let readme = fs::read_to_string(folder(starter).join("README.md"))?;
        let commands = commands(&readme).ok_or("it says how to copy it")?;
        let (copy, test) = commands.trim_end().rsplit_once('\n').ok_or("two lines")?;
        assert!(test.ends_with("cargo test"), "{test}");
        let copied = Command::new("sh")
            .args(["-euc", &format!("{copy}; pwd")])
            .current_dir(root())
            .env("HOME", &home)
            .output()?;
        assert!(copied.status.success(), "{starter}: {copied:?}");
        let copied = PathBuf::from(String::from_utf8(copied.stdout)?.trim_end());
        assert!(copied.starts_with(&home), "{copied:?}");
        if let Some((_, package)) = test.trim_end_matches(" && cargo test").split_once("cd ") {
            assert!(copied.join(package).join("Cargo.toml").is_file(), "{test}");
        }
        for package in packages(&copied)? {
            assert_tested(&package, &profile)?;
        }
    }
    Ok(())
}

/// Runs the tests of a copied package, with the versions that the workspace is tested with.
fn assert_tested(package: &Path, profile: &Path) -> Outcome {
    fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock"))?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let tested = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--config"])
        .arg(profile)
        .current_dir(package)
        .env("CARGO_TARGET_DIR", target)
        .output()?;
    let said = [&tested.stdout, &tested.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(
        tested.status.success(),
        "{}: {}{}",
        package.display(),
        said[0],
        said[1]
    );
    assert!(
        said[0].contains("test result: ok."),
        "{}: {}",
        package.display(),
        said[0]
    );
    Ok(())
}
