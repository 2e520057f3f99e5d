//! Where the policies come from, and how much of them there may be.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use super::run::{Tested, cors, diff, text};

#[test]
fn every_problem_of_both_files_ends_with_2() -> Tested {
    let (status, said) = text("max_age = 90000\n", "allow_orgins = []\n")?;
    assert_eq!(status, Some(2));
    for part in [
        "old.toml: max_age: ",
        "new.toml: unknown field `allow_orgins`",
    ] {
        assert!(said.contains(part), "{said}");
    }
    Ok(())
}

/// What the README shows is what the command writes.
#[test]
fn the_readme_shows_what_is_written() -> Tested {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))?;
    let app = "allow_origins = [\"https://app.example.com\"";
    let old =
        format!("{app}]\nallow_methods = [\"PUT\"]\nallow_credentials = true\nmax_age = 600\n");
    let new = format!(
        "{app}, \"https://x.example\"]\nallow_methods = [\"PUT\", \"DELETE\"]\n\
         allow_credentials = true\nmax_age = 60\n"
    );
    let (status, said) = text(&old, &new)?;
    assert_eq!(status, Some(1));
    let console = format!("$ cors diff <(git show main:cors.toml) cors.toml\n{said}```\n");
    assert!(readme.contains(&console), "{console}");
    Ok(())
}

#[cfg(unix)]
mod pipes {
    use super::*;

    const OLD: &str = "allow_methods = [\"PUT\"]\n";

    fn shell(script: &str) -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        fs::write(directory.path().join("old.toml"), OLD)?;
        let output = Command::new("bash")
            .args(["-c", script])
            .env("CORS", env!("CARGO_BIN_EXE_cors"))
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8(said)?))
    }

    #[test]
    fn a_policy_can_come_from_a_command() -> Tested {
        let same = (Some(0), "Pages may do the same under both.\n".to_owned());
        for script in [
            "\"$CORS\" diff <(cat old.toml) old.toml",
            "\"$CORS\" diff old.toml <(cat old.toml)",
            "\"$CORS\" diff <(cat old.toml) <(cat old.toml)",
            "cat old.toml | \"$CORS\" diff - old.toml",
            "cat old.toml | \"$CORS\" diff /dev/stdin old.toml",
            "\"$CORS\" diff /dev/stdin old.toml < old.toml",
            "cp old.toml copy.toml; \"$CORS\" diff ./copy.toml old.toml",
        ] {
            assert_eq!(shell(script)?, same, "{script}");
        }
        let (status, said) = shell("cat old.toml | \"$CORS\" check -")?;
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains("stdin"), "{said}");
        Ok(())
    }

    /// A command that fails writes nothing, and nothing is a policy that allows nobody.
    #[test]
    fn what_is_no_policy_at_all_ends_with_2() -> Tested {
        for (script, expected) in [
            (
                "\"$CORS\" diff <(false) old.toml",
                ": nothing is written into it\n",
            ),
            (
                "false | \"$CORS\" diff - old.toml",
                "-: nothing is written into it\n",
            ),
            (
                "mkfifo p; \"$CORS\" diff p old.toml",
                "p: nothing is written into it\n",
            ),
            (
                "mkfifo p; \"$CORS\" check p",
                "p: nothing is written into it\n",
            ),
            (
                "\"$CORS\" diff /dev/zero old.toml",
                "/dev/zero: it is longer than 1 MB\n",
            ),
            (
                "yes | \"$CORS\" diff - old.toml",
                "-: it is longer than 1 MB\n",
            ),
            ("\"$CORS\" diff . old.toml", ".: it is a directory\n"),
            (
                "\"$CORS\" diff - - < old.toml",
                "stdin can't be both files\n",
            ),
            ("\"$CORS\" show missing.toml", "missing.toml: No such file"),
        ] {
            let (status, said) = shell(script)?;
            assert_eq!(status, Some(2), "{script}: {said}");
            assert!(said.contains(expected), "{script}: {said}");
        }
        Ok(())
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.map(|item| format!("\"{item}\"")).collect();
    items.join(", ")
}

/// Each of these takes longer than a test may, if something is compared with everything else.
#[test]
fn long_files_are_compared_as_far_as_is_bounded() -> Tested {
    let origins = |from: u32, count: u32| {
        let items = (from..from + count).map(|n| format!("https://n{n}.example"));
        format!("allow_origins = [{}]\n", listed(items))
    };
    let said = diff(&origins(0, 300), &origins(1, 300))?;
    assert_eq!(
        said.list("wider")[0]["who"][0],
        "https://n300.example",
        "{:#}",
        said.0
    );
    assert!(said.list("left_out").is_empty());

    let ports = |step: u32| {
        let items = (0..5_000)
            .map(|n| format!("http://localhost:{}-{}", 1000 + 4 * n, 1000 + 4 * n + step));
        format!("allow_origins = [{}]\n", listed(items))
    };
    assert!(diff(&ports(1), &ports(2))?.widens());

    let names = |key: &str, count: u32| {
        format!(
            "allow_origins = [\"https://a.example\"]\n{key} = [{}]\n",
            listed((0..count).map(|n| format!("X-{n}")))
        )
    };
    for key in [
        "allow_methods",
        "allow_headers",
        "expose_headers",
        "allow_hosts",
    ] {
        assert!(
            diff(&names(key, 20_000), &names(key, 20_001))?.widens(),
            "{key}"
        );
    }
    Ok(())
}

#[test]
fn long_lists_of_paths_are_compared_as_far_as_is_bounded() -> Tested {
    let paths = |last: &str| {
        let mut text = origins_of_many();
        for n in 0..3_000 {
            let _ = write!(
                text,
                "[[paths]]\npath = \"/n{n}/{{*rest}}\"\nmax_age = {n}\n"
            );
        }
        let _ = write!(text, "[[paths]]\npath = \"/{{x}}/y\"\nmax_age = {last}\n");
        text
    };
    let said = diff(&paths("70001"), &paths("70002"))?;
    assert!(said.is_empty() && !said.widens(), "{:#}", said.0);
    // What all of them inherit is another list.
    let other = paths("1").replace("https://n0.", "https://m0.");
    let said = diff(&paths("1"), &other)?;
    assert!(said.widens() && !said.list("left_out").is_empty());
    assert!(diff(&paths("1"), &paths("1"))?.is_empty());

    // Names beside texts, so that there is a path for each choice of them.
    let mut crossed = String::new();
    for n in 0..40 {
        let segments = (0..40).map(|at| if at == n { "/t" } else { "/{n}" });
        let _ = write!(
            crossed,
            "[[paths]]\npath = \"{}\"\nmax_age = {n}\n",
            segments.collect::<String>()
        );
    }
    let said = diff(&crossed, &crossed.replace("max_age = 39", "max_age = 40"))?;
    assert!(said.widens() && !said.list("left_out").is_empty());
    Ok(())
}

/// A look-up of a path among patterns that cross takes long.
#[test]
fn patterns_that_cross_in_all_ways_are_compared_as_far_as_is_bounded() -> Tested {
    let crossed = |age: u32| {
        let mut text = "allow_origins = [\"https://a.example\"]\n".to_owned();
        for n in 0..10_000_u32 {
            let segments = (0..16).map(|at| match n >> at & 1 {
                0 => format!("/s{at}"),
                _ => "/{x}".to_owned(),
            });
            let path = segments.collect::<String>();
            let _ = write!(text, "[[paths]]\npath=\"{path}/{n}\"\nmax_age={age}\n");
        }
        text
    };
    let said = diff(&crossed(1), &crossed(2))?;
    assert!(said.widens() && !said.list("left_out").is_empty());
    Ok(())
}

fn origins_of_many() -> String {
    let items = (0..1_000).map(|n| format!("https://n{n}.example"));
    format!("allow_origins = [{}]\n", listed(items))
}

#[test]
fn nothing_of_a_file_reaches_the_terminal_as_it_is() -> Tested {
    let directory = tempfile::tempdir()?;
    let name = "a\u{1b}[31m.toml";
    let output = cors(&["diff", name, "b.toml"], directory.path())?;
    let said = String::from_utf8(output.stderr)?;
    assert!(
        !said.contains('\u{1b}') && said.contains("a\\u{1b}[31m.toml"),
        "{said}"
    );
    // A line end in a value makes no line, and nothing turns text around or hides it.
    let expression = "(?x)https://evil\\.example\\.com\n# NEW is no wider than OLD\n\
                      # \u{7f}\u{9b}31m\u{61c}\u{200b}\u{2028}\u{202e}\u{feff}\u{e0041}\n";
    let escapes = ["\u{7f}", "\u{9b}"].map(|char| {
        (
            char,
            format!(
                "\\u{:04x}",
                u32::from(char.chars().next().unwrap_or_default())
            ),
        )
    });
    let mut new = toml::Table::new();
    let items = toml::Value::Array(vec![expression.into()]);
    new.insert("allow_origin_regexes".to_owned(), items);
    let new = toml::to_string(&new)?;
    let (status, said) = text("", &new)?;
    assert_eq!(status, Some(1), "{said}");
    let is_forged = |line: &str| line.starts_with("# NEW") || line.starts_with("# \\u");
    assert!(!said.lines().any(is_forged), "{said}");
    fs::write(directory.path().join("new.toml"), &new)?;
    fs::write(directory.path().join("old.toml"), "")?;
    let json = cors(
        &["diff", "--format", "json", "old.toml", "new.toml"],
        directory.path(),
    )?;
    let json = String::from_utf8(json.stdout)?;
    for (char, escape) in escapes {
        assert!(json.contains(&escape) && !json.contains(char), "{json}");
    }
    let hidden = [
        '\u{61c}',
        '\u{200b}',
        '\u{2028}',
        '\u{202e}',
        '\u{feff}',
        '\u{e0041}',
    ];
    for said in [&said, &json] {
        let is_told = |char: char| char.is_control() && char != '\n' || hidden.contains(&char);
        assert!(!said.contains(is_told), "{said:?}");
    }
    let parsed: serde_json::Value = serde_json::from_str(&json)?;
    let who = &parsed["wider"][0]["who"][0];
    assert_eq!(who, &format!("pages whose origin matches {expression}"));
    Ok(())
}
