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
    let said = diff(&paths("1"), &paths("2"))?;
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
    Ok(())
}
