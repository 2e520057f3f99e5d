//! `cors check`: what is found in a file, where, and how the command ends.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

type Tested = Result<(), Box<dyn Error>>;

/// Four problems, one of them in a path.
const WRONG: &str = "\
allow_origins = [
    \"https://a.example/\",
    \"\u{fc}.example\",
]
max_age = 90000

[[paths]]
path = \"/x\"
allow_methods = [\"patch\"]
";

fn cors(arguments: &[&str], directory: &Path) -> Result<Output, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    Ok(command.args(arguments).current_dir(directory).output()?)
}

fn check(format: &str, text: &str) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("cors.toml"), text)?;
    let output = cors(
        &["check", "--format", format, "cors.toml"],
        directory.path(),
    )?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?))
}

fn findings(text: &str) -> Result<(Option<i32>, Vec<Value>), Box<dyn Error>> {
    let (status, json) = check("json", text)?;
    let json: Value = serde_json::from_str(&json)?;
    let findings = json["findings"].as_array().ok_or("there is a list")?;
    Ok((status, findings.clone()))
}

#[test]
fn each_problem_has_its_line_and_its_remedy() -> Tested {
    let (status, found) = findings(WRONG)?;
    let found: Vec<_> = found
        .iter()
        .map(|finding| {
            let place = &finding["where"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            assert_eq!(finding["level"], "problem");
            assert_eq!(place["file"], "cors.toml");
            (
                text(&finding["kind"]),
                text(&place["setting"]),
                (place["line"].as_u64(), place["column"].as_u64()),
            )
        })
        .collect();
    let place = |line, column| (Some(line), Some(column));
    let expected = [
        ("OriginHasTrailingSlash", "allow_origins[0]", place(2, 5)),
        ("OriginHasNoScheme", "allow_origins[1]", place(3, 5)),
        ("MaxAgeTooLong", "max_age", place(5, 11)),
        (
            "MethodNotUpperCase",
            "paths[0].allow_methods[0]",
            place(9, 18),
        ),
    ];
    let expected =
        expected.map(|(kind, setting, place)| (kind.to_owned(), setting.to_owned(), place));
    assert_eq!(found, expected);
    assert_eq!(status, Some(1));
    Ok(())
}

#[test]
fn a_remedy_stands_apart_from_the_reason() -> Tested {
    let (_, found) = findings("allow_origins = [\"https://a.example/\"]\n")?;
    assert_eq!(found[0]["remedy"], "write \"https://a.example\"");
    let (_, found) = findings("max_age = \"10m\"\n")?;
    assert_eq!(found[0]["remedy"], "write 600");
    assert_eq!(found[0]["where"]["column"], 11);
    let (_, found) = findings("allow_orgins = []\n")?;
    assert!(
        found[0]["why"].to_string().contains("allow_origins"),
        "{found:?}"
    );
    Ok(())
}

#[test]
fn people_see_the_line_underlined() -> Tested {
    let (_, text) = check("text", WRONG)?;
    for part in [
        "error[OriginHasTrailingSlash]",
        "cors.toml:2:5",
        "2 |     \"https://a.example/\",",
        "|     ^^^^^^^^^^^^^^^^^^^^",
        "write \"https://a.example\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    Ok(())
}

#[test]
fn a_policy_that_is_likely_not_meant_has_warnings() -> Tested {
    let app = "max_age = 60\nallow_origins = [\"https://a.example\"";
    for (kind, text) in [
        ("NobodyAllowed", "max_age = 60\n".to_owned()),
        ("AnyBesideNamed", format!("{app}, \"*\"]\n")),
        (
            "AnyBesideNamed",
            format!("{app}]\nallow_methods = [\"*\", \"PUT\"]\n"),
        ),
        (
            "AnyBesideNamed",
            format!("{app}]\nallow_headers = [\"x-a\", \"*\"]\n"),
        ),
        (
            "AnyBesideNamed",
            format!("{app}]\nexpose_headers = [\"x-a\", \"*\"]\n"),
        ),
        (
            "NullBesideNamed",
            format!("{app}]\nallow_null_origin = true\n"),
        ),
        (
            "HttpBesideHttps",
            format!("{app}, \"http://*.b.example:8080\"]\n"),
        ),
        (
            "HttpBesideHttps",
            format!("{app}, \"HTTP://B.Example:80\"]\n"),
        ),
        (
            "LoopbackBesideOthers",
            format!("{app}, \"http://localhost:*\"]\n"),
        ),
        (
            "LoopbackBesideOthers",
            format!("{app}, \"HTTP://LocalHost:*\"]\n"),
        ),
        ("TauriInPart", format!("{app}, \"Tauri://LocalHost\"]\n")),
        (
            "LoopbackBesideOthers",
            format!("{app}, \"http://[::1]:3000-3010\"]\n"),
        ),
        ("TauriInPart", format!("{app}, \"tauri://localhost\"]\n")),
        (
            "NoMaxAge",
            "allow_origins = [\"*\"]\nallow_methods = [\"PUT\"]\n".to_owned(),
        ),
        (
            "CredentialsBesideTokens",
            format!("{app}]\nallow_credentials = true\nallow_headers = [\"Authorization\"]\n"),
        ),
    ] {
        let (status, found) = findings(&text)?;
        let kinds: Vec<_> = found.iter().map(|finding| &finding["kind"]).collect();
        assert_eq!(kinds, [kind], "{text}");
        assert_eq!(found[0]["level"], "warning", "{text}");
        assert_eq!(status, Some(0), "{text}");
    }
    for right in [
        format!("{app}]\n"),
        format!("{app}, \"http://localhost:3000\", \"http://192.168.*.*\"]\n"),
        format!("{app}, \"http://*.printer.local\", \"http://10.0.0.1:8080\"]\n"),
        format!("{app}]\nallow_headers = [\"*\", \"Authorization\"]\n"),
        "max_age = 60\nallow_origins = [\"tauri://localhost\", \"http://*.localhost\", \
         \"https://tauri.localhost\"]\n"
            .to_owned(),
        "max_age = 60\nallow_origins = [\"http://localhost:*\"]\n".to_owned(),
        "allow_origins = [\"tauri://localhost\", \"http://tauri.localhost\", \"https://tauri.localhost\"]\n"
            .to_owned(),
    ] {
        assert_eq!(findings(&right)?, (Some(0), Vec::new()), "{right}");
    }
    Ok(())
}

/// A table of a path says nothing again that it takes over from the top.
#[test]
fn a_warning_is_said_once() -> Tested {
    let text = "allow_origins = [\"*\"]\nallow_methods = [\"PUT\"]\n\n\
                [[paths]]\npath = \"/x\"\nexpose_headers = [\"x-a\"]\n\n\
                [[paths]]\npath = \"/y\"\nallow_origins = []\n";
    let (_, found) = findings(text)?;
    let places: Vec<_> = found
        .iter()
        .map(|finding| &finding["where"]["setting"])
        .collect();
    assert_eq!(places, ["allow_methods", "paths[1].allow_origins"]);
    Ok(())
}

/// Also of the policies that answer nothing yet.
#[test]
fn the_shadow_has_warnings_of_its_own() -> Tested {
    let text = "allow_origins = [\"https://a.example\"]\nallow_methods = [\"PUT\"]\n\n\
                [shadow]\nallow_origins = [\"*\", \"https://a.example\"]\n";
    let (_, found) = findings(text)?;
    let places: Vec<_> = found
        .iter()
        .map(|finding| &finding["where"]["setting"])
        .collect();
    assert_eq!(places, ["allow_methods", "shadow.allow_origins[0]"]);
    Ok(())
}

#[test]
fn a_byte_order_mark_is_no_column() -> Tested {
    let (_, found) = findings("\u{feff}max_age = 90000\n")?;
    assert_eq!(found[0]["where"]["column"], 11);
    Ok(())
}

#[test]
fn hosts_of_code_get_commands_and_sarif() -> Tested {
    let (_, commands) = check("github", WRONG)?;
    assert_eq!(commands.lines().count(), 4);
    let first =
        "::error file=cors.toml,line=2,col=5,title=OriginHasTrailingSlash::allow_origins[0]: ";
    assert!(commands.starts_with(first), "{commands}");

    let (_, sarif) = check("sarif", WRONG)?;
    let sarif: Value = serde_json::from_str(&sarif)?;
    assert_eq!(sarif["version"], "2.1.0");
    let results = &sarif["runs"][0]["results"];
    assert_eq!(results.as_array().map(Vec::len), Some(4));
    let region = &results[1]["locations"][0]["physicalLocation"]["region"];
    // The columns count characters.
    assert_eq!(
        (&region["startLine"], &region["endColumn"]),
        (&3.into(), &16.into())
    );
    Ok(())
}

/// Each of these takes minutes, if the text is read again for each place.
#[test]
fn thousands_of_findings_have_their_lines() -> Tested {
    let tables: String = (0..12_000)
        .map(|n| format!("[[paths]]\npath = \"/p{n}\"\nallow_methods = [\"PUT\"]\n"))
        .collect();
    let text = format!("allow_origins = [\"https://a.example\"]\n{tables}");
    let (status, said) = check("text", &text)?;
    assert_eq!(status, Some(0));
    for part in [
        "--> cors.toml:36001:17\n",
        "36001 | allow_methods = [\"PUT\"]\n",
        "cors.toml: 12000 warnings\n",
    ] {
        assert!(said.contains(part), "{part}");
    }
    for format in ["json", "sarif", "github"] {
        let (_, said) = check(format, &text)?;
        assert!(said.contains("36001"), "{format}");
    }
    Ok(())
}

/// Of a place of many lines the first is shown, and of a long line its place alone.
#[test]
fn long_lines_are_not_shown() -> Tested {
    let long = format!(
        "# {}\nmax_age = 90000 # {}\n",
        "x".repeat(9_000),
        "y".repeat(9_000)
    );
    let (_, said) = check("text", &long)?;
    assert!(said.contains("--> cors.toml:2:11\n"), "{said}");
    assert!(said.len() < 1_000, "{said}");
    let list = format!("allow_origins = [\n{}]\n", "  # nobody\n".repeat(1_000));
    let (_, said) = check("text", &format!("{list}max_age = 60\n"))?;
    assert!(said.contains("--> cors.toml:1:"), "{said}");
    assert!(said.len() < 5_000, "{said}");
    Ok(())
}

#[test]
fn what_is_not_seen_is_not_written() -> Tested {
    let text = "# \u{7f}\u{9b}31m\u{61c}\u{200b}\u{2028}\u{202e}\u{e0041}\u{2060}\u{2062}\u{ad}\n\
                max_age = 90000\n[[paths]]\n\
                path = \"/a\u{2028}\u{e0041}\u{200b}\u{61c}\u{9b}\u{2060}\u{2062}\u{ad}/%zz\"\n";
    for format in ["text", "json", "sarif", "github"] {
        let (_, said) = check(format, &text.replace('#', "max_age = 5 #"))?;
        let hidden = [
            '\u{61c}',
            '\u{200b}',
            '\u{2028}',
            '\u{202e}',
            '\u{e0041}',
            '\u{2060}',
            '\u{2062}',
            '\u{ad}',
        ];
        let is_told = |char: char| char.is_control() && char != '\n' || hidden.contains(&char);
        assert!(!said.contains(is_told), "{format}: {said:?}");
        let (_, said) = check(format, &text.replace('\u{7f}', ""))?;
        assert!(!said.contains(is_told), "{format}: {said:?}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_read_ends_with_2() -> Tested {
    let directory = tempfile::tempdir()?;
    fs::write(
        directory.path().join("right.toml"),
        "allow_origins = [\"*\"]\n",
    )?;
    fs::write(directory.path().join("large.toml"), "#".repeat(10_000_000))?;
    fs::write(directory.path().join("bytes.toml"), b"\xff\xfe")?;
    for name in ["absent.toml", ".", "large.toml", "bytes.toml"] {
        let output = cors(&["check", "right.toml", name], directory.path())?;
        assert_eq!(output.status.code(), Some(2), "{name}");
        let stderr = String::from_utf8(output.stderr)?;
        assert!(stderr.starts_with(&format!("{name}: ")), "{stderr}");
        assert_eq!(String::from_utf8(output.stdout)?, "right.toml: right\n");
        let output = cors(&["check", "--format", "json", name], directory.path())?;
        let json: Value = serde_json::from_slice(&output.stdout)?;
        assert_eq!(json["findings"][0]["kind"], "Unread", "{name}");
        assert_eq!(json["findings"][0]["where"]["file"], name);
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_tells_a_terminal_nothing() -> Tested {
    let directory = tempfile::tempdir()?;
    let name = "sp ace %41#?\u{1b}[31m\nother.toml: right.toml";
    fs::write(directory.path().join(name), WRONG)?;
    for format in ["text", "json", "sarif", "github"] {
        for name in [name, "absent\u{1b}\n"] {
            let output = cors(&["check", "--format", format, "--", name], directory.path())?;
            let said = String::from_utf8([output.stdout, output.stderr].concat())?;
            let is_told = |char: char| char.is_control() && char != '\n';
            assert!(!said.contains(is_told), "{said:?}");
            assert!(
                !said.lines().any(|line| line.starts_with("other.toml")),
                "{said}"
            );
            if format == "sarif" && name.starts_with("sp") {
                assert!(said.contains("sp%20ace%20%2541%23%3F"), "{said}");
            }
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_ends_with_2() -> Tested {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("cors.toml"), WRONG)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    let full = fs::OpenOptions::new().write(true).open("/dev/full")?;
    let command = command
        .args(["check", "cors.toml"])
        .current_dir(directory.path());
    assert_eq!(command.stdout(full).status()?.code(), Some(2));
    Ok(())
}
