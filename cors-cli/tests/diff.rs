//! `cors diff`: what is said of two files, and how the command ends.

use std::error::Error;
use std::fs;
use std::process::Command;

type Tested = Result<(), Box<dyn Error>>;

const OLD: &str = "\
allow_origins = [\"https://app.example.com\"]
allow_methods = [\"PUT\"]
allow_credentials = true
";

/// Returns the exit status, and what was written to stdout and stderr.
fn diff(old: &str, new: &str) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    for (name, text) in [("old.toml", old), ("new.toml", new)] {
        fs::write(directory.path().join(name), text)?;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    let command = command
        .args(["diff", "old.toml", "new.toml"])
        .current_dir(directory.path());
    let output = command.output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(said)?))
}

/// Holds for changes of one line of a file, in both directions.
fn assert_widens(new: &str, expected: &str) -> Tested {
    let (status, said) = diff(OLD, new)?;
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(expected), "{expected}\n{said}");
    let (status, back) = diff(new, OLD)?;
    assert_eq!(status, Some(0), "{back}");
    let lost = expected
        .replace("may now", "may no longer")
        .replacen('+', "-", 1);
    assert!(back.contains(&lost), "{lost}\n{back}");
    Ok(())
}

#[test]
fn what_is_allowed_afterwards_is_named_and_fails() -> Tested {
    assert_widens(
        &OLD.replace("[\"PUT\"]", "[\"PUT\", \"DELETE\"]"),
        "every other path\n+ https://app.example.com may now send DELETE\n",
    )?;
    assert_widens(
        &format!("{OLD}expose_headers = [\"x-id\"]\n"),
        "+ https://app.example.com may now read the header x-id\n",
    )
}

#[test]
fn a_new_origin_gets_all_that_the_policy_allows() -> Tested {
    assert_widens(
        &OLD.replace("]\nallow_m", ", \"https://x.example\"]\nallow_m"),
        "+ https://x.example may now send GET, POST, PUT\n",
    )
}

#[test]
fn a_new_path_is_named_by_its_pattern() -> Tested {
    let new = format!("{OLD}\n[[paths]]\npath = \"/feeds/{{*feed}}\"\nallow_headers = [\"x-a\"]\n");
    assert_widens(
        &new,
        "/feeds/{*feed}\n+ https://app.example.com may now set the header x-a\n",
    )
}

#[test]
fn what_a_file_no_longer_allows_is_no_failure() -> Tested {
    let (status, said) = diff(OLD, &format!("{OLD}reject_disallowed_origins = true\n"))?;
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("may no longer reach the app\n"), "{said}");
    let (status, said) = diff(OLD, &format!("{OLD}allow_hosts = [\"api.example\"]\n"))?;
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("reach the app by the name evil.example\n"),
        "{said}"
    );
    let same = diff(OLD, &OLD.replace("\"PUT\"", "\"put\""))?;
    assert_eq!(
        same,
        (Some(0), "Nothing that was tried changes.\n".to_owned())
    );
    Ok(())
}

#[test]
fn every_problem_of_both_files_ends_with_2() -> Tested {
    let (status, said) = diff("max_age = 90000\n", "allow_orgins = []\n")?;
    assert_eq!(status, Some(2));
    for part in [
        "old.toml: max_age: ",
        "new.toml: unknown field `allow_orgins`",
    ] {
        assert!(said.contains(part), "{said}");
    }
    Ok(())
}
