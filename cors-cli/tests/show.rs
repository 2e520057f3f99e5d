//! `cors show`: each effective setting with its origin, in words, and on the wire.

use std::error::Error;
use std::fs;
use std::process::Command;

type Tested = Result<(), Box<dyn Error>>;

fn show(policy: &str, variables: &[(&str, &str)]) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    fs::write(&file, policy)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    command.arg("show").arg(&file).env_clear();
    if !variables.is_empty() {
        command
            .args(["--variables", "CORS_"])
            .envs(variables.iter().copied());
    }
    let output = command.output()?;
    let said = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    Ok((output.status.code(), String::from_utf8(said)?))
}

fn assert_in_order(said: &str, parts: &[&str]) -> Tested {
    let mut rest = said;
    for part in parts {
        let (_, after) = rest
            .split_once(part)
            .ok_or(format!("{part}\nis not in\n{said}"))?;
        rest = after;
    }
    Ok(())
}

const POLICY: &str = "\
allow_origins = [\"https://app.example.com\"]
allow_methods = [\"PUT\"]
allow_credentials = true
max_age = 600

[[paths]]
path = \"/feeds/{*feed}\"
allow_origins = [\"*\"]
allow_credentials = false

[[paths]]
path = \"/internal\"
enabled = false
";

#[test]
fn each_setting_says_where_it_comes_from() -> Tested {
    let (status, said) = show(POLICY, &[("CORS_MAX_AGE", "60")])?;
    assert_eq!(status, Some(0), "{said}");
    assert_in_order(
        &said,
        &[
            "# /feeds/{*feed}\n",
            "allow_credentials = false # paths[0]\n",
            "allow_methods = [\"PUT\"] # the top\n",
            "allow_origins = [\"*\"] # paths[0]\n",
            "max_age = 60 # CORS_MAX_AGE\n",
            "Any page may read responses, without credentials.\n",
            "< access-control-allow-origin: *\n",
            "# /internal\n",
            "No policy",
            "# Every other path\n",
            "allow_credentials = true # the top\n",
            "Pages of https://app.example.com may read responses, with credentials.\n",
            "> OPTIONS ",
            "> access-control-request-method: PUT\n",
            "< access-control-max-age: 60\n",
            "> PUT ",
            "< access-control-allow-credentials: true\n",
        ],
    )?;
    // A default that no table writes is not shown.
    assert!(!said.contains("preflight_status"), "{said}");
    Ok(())
}

/// Thousands of paths may take over a list of thousands.
#[test]
fn what_a_path_takes_over_is_not_said_again() -> Tested {
    let origins: Vec<_> = (0..1_000)
        .map(|n| format!("\"https://h{n}.example\""))
        .collect();
    let paths: String = (0..2_000)
        .map(|n| {
            format!(
                "[[paths]]\npath = \"/p{n}\"\n{}\n",
                ["", "max_age = 5"][n % 2]
            )
        })
        .collect();
    let (_, said) = show(
        &format!("allow_origins = [{}]\n{paths}", origins.join(", ")),
        &[],
    )?;
    assert_in_order(
        &said,
        &[
            "# /p0\n\n# allow_origins: as at the top\nAll is as at the top.\n",
            "# /p1\n\n# allow_origins: as at the top\nmax_age = 5 # paths[1]\n",
            "Browsers keep a preflight for 5 seconds.\n",
            "> GET /p1 ",
            "# /p1998\n\n",
            "# Every other path\n\nallow_origins = [",
        ],
    )?;
    assert_eq!(said.matches("https://h999.example").count(), 1);
    Ok(())
}

#[test]
fn every_form_of_origin_has_a_page_that_shows_the_headers() -> Tested {
    for item in [
        "*",
        "https://a.example",
        "https://*.a.example",
        "https://*.a.example:*",
        "http://localhost:3000-3010",
        "http://192.168.*.*:*",
        "app://.",
        "moz-extension://*",
    ] {
        let (_, said) = show(&format!("allow_origins = [\"{item}\"]\n"), &[])?;
        assert_in_order(&said, &["> GET / ", "< access-control-allow-origin: "])?;
    }
    Ok(())
}

#[test]
fn problems_are_named_by_file_and_variable() -> Tested {
    let (status, said) = show("max_age = 90000\n", &[])?;
    assert_eq!(status, Some(2));
    assert!(said.contains("cors.toml: max_age: "), "{said}");
    let (status, said) = show("", &[("CORS_MAX_AGE", "10m")])?;
    assert_eq!(status, Some(2));
    assert!(
        said.contains("CORS_MAX_AGE") && said.contains("write 600"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_server_of_some_hosts_is_shown_under_one_of_them() -> Tested {
    let text = "allow_origins = [\"*\"]\nallow_hosts = [\"*.example.com\"]\n\n\
                [[paths]]\npath = \"/feeds/{*feed}\"\nmax_age = 5\n\n[shadow]\nallow_origins = []\n";
    let (_, said) = show(text, &[])?;
    assert_in_order(
        &said,
        &[
            "> GET /feeds/probe ",
            "< HTTP/1.1 200",
            "> GET / ",
            "[shadow]",
        ],
    )?;
    assert!(!said.contains("HTTP/1.1 403"), "{said}");
    Ok(())
}

#[test]
fn a_policy_of_expressions_says_how_to_see_headers() -> Tested {
    let (_, said) = show(
        "allow_origin_regexes = ['https://pr-[0-9]+\\.example\\.com']\n",
        &[],
    )?;
    assert_in_order(&said, &["whose origin matches", "cors explain --origin"])
}

#[test]
fn a_policy_for_nobody_still_rejects() -> Tested {
    let (_, said) = show("reject_disallowed_origins = true\n", &[])?;
    assert_in_order(&said, &["No page of another site", "answered with 403"])
}

/// A terminal is told nothing by a file.
#[test]
fn control_characters_are_escaped() -> Tested {
    let expression = r"https://(a|\u001b\\[31m\u0007\u009b)\\.example\\.org";
    let (_, said) = show(&format!("allow_origin_regexes = [\"{expression}\"]\n"), &[])?;
    let is_told = |char: char| char.is_control() && char != '\n';
    assert!(!said.contains(is_told), "{said:?}");
    Ok(())
}
