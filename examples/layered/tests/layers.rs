//! The program, with files and variables as its user writes them.

use std::error::Error;
use std::fs;
use std::process::Command;

use cors_core::PolicyConfig;

/// What the program makes of a `cors.toml` and of variables: what it prints, or what it complains of.
fn run(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Outcome, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    if let Some(text) = file {
        fs::write(directory.path().join("cors.toml"), text)?;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_example-layered"))
        .current_dir(directory.path())
        .env_clear()
        .envs(variables.iter().copied())
        .output()?;
    if output.status.success() {
        return Ok(Ok(String::from_utf8(output.stdout)?));
    }
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    Ok(Err(String::from_utf8(output.stderr)?))
}

type Outcome = Result<String, String>;

#[test]
fn each_layer_overrides_the_one_before_key_by_key() -> Result<(), Box<dyn Error>> {
    let printed = run(None, &[])??;
    let policy: PolicyConfig = toml::from_str(&printed)?;
    assert_eq!(policy.allow_headers, ["content-type"]);
    assert!(printed.contains("max_age = 600 # default\n"), "{printed}");

    let file = r#"
        allow_origins = ["https://file.example", "https://other.example"]
        max_age = 60
    "#;
    let printed = run(Some(file), &[])??;
    let policy: PolicyConfig = toml::from_str(&printed)?;
    assert_eq!(policy.allow_headers, ["content-type"]);
    assert!(printed.contains("max_age = 60 # cors.toml\n"), "{printed}");

    let variables = [
        ("CORS_ALLOW_CREDENTIALS", "true"),
        ("CORS_ALLOW_ORIGINS", r#"["https://a.example"]"#),
    ];
    let printed = run(Some(file), &variables)??;
    let policy: PolicyConfig = toml::from_str(&printed)?;
    assert_eq!(policy.allow_headers, ["content-type"]);
    assert_eq!(policy.allow_origins, ["https://a.example"]);
    assert!(policy.allow_credentials);
    assert!(printed.contains("max_age = 60 # cors.toml\n"), "{printed}");
    let line = "allow_credentials = true # CORS_ALLOW_CREDENTIALS\n";
    assert!(printed.contains(line), "{printed}");
    Ok(())
}

#[test]
fn what_cannot_be_read_names_its_layer_and_its_key() -> Result<(), Box<dyn Error>> {
    for (file, variable, begins) in [
        (
            None,
            Some(("CORS_ALLOW_ORGINS", "[]")),
            "CORS_ALLOW_ORGINS: unknown field `allow_orgins`: the nearest key is `allow_origins`",
        ),
        (
            Some("allow_orgins = []"),
            None,
            "cors.toml: unknown field `allow_orgins`: the nearest key is `allow_origins`",
        ),
        (
            Some("max_age = 60"),
            Some(("CORS_MAX_AGE", "an hour")),
            "CORS_MAX_AGE: max_age: \"an hour\": it is a whole number of seconds",
        ),
        (
            None,
            Some(("CORS_ALLOW_ORIGINS", "https://a.example")),
            "CORS_ALLOW_ORIGINS: allow_origins: \"https://a.example\": it is a list",
        ),
        (
            Some("allow_credentials = 1"),
            Some(("CORS_MAX_AGE", "60")),
            "cors.toml: allow_credentials: 1: it is true or false",
        ),
        (Some("allow_origins = ["), None, "cors.toml: "),
    ] {
        let complaint = run(file, variable.as_slice())?.expect_err(begins);
        assert!(complaint.starts_with(begins), "{complaint}");
    }
    Ok(())
}

#[test]
fn every_problem_of_the_policy_names_its_layer() -> Result<(), Box<dyn Error>> {
    let file = r#"
        allow_methods = ["PUT", "TRACE"]
        preflight_status = 404
    "#;
    let variables = [("CORS_ALLOW_ORIGINS", r#"["https://a.example/"]"#)];
    let complaint = run(Some(file), &variables)?.expect_err("three problems");
    let lines: Vec<&str> = complaint.lines().collect();
    let begins = [
        "CORS_ALLOW_ORIGINS: allow_origins[0]: ",
        "cors.toml: allow_methods[1]: ",
        "cors.toml: preflight_status: ",
    ];
    assert_eq!(lines.len(), begins.len(), "{complaint}");
    for (line, begins) in lines.iter().zip(begins) {
        assert!(line.starts_with(begins), "{line}");
    }
    Ok(())
}

#[test]
fn a_mistake_that_two_layers_make_together_names_both() -> Result<(), Box<dyn Error>> {
    let credentials = ("CORS_ALLOW_CREDENTIALS", "true");
    let any = r#"allow_origins = ["*"]"#;
    let complaint = run(Some(any), &[credentials])?.expect_err("any origin with credentials");
    let begins = "cors.toml with CORS_ALLOW_CREDENTIALS: allow_origins[0]: ";
    assert!(complaint.starts_with(begins), "{complaint}");

    let file = format!("{any}\nallow_credentials = true");
    let complaint = run(Some(&file), &[])?.expect_err("any origin with credentials");
    assert!(
        complaint.starts_with("cors.toml: allow_origins[0]: "),
        "{complaint}"
    );
    Ok(())
}

#[test]
fn a_file_that_was_asked_for_has_to_be_there() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let output = Command::new(env!("CARGO_BIN_EXE_example-layered"))
        .arg("absent.toml")
        .current_dir(directory.path())
        .env_clear()
        .output()?;
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr)?;
    assert!(complaint.contains("absent.toml"), "{complaint}");
    Ok(())
}
