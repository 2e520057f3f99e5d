//! The manual, the completions and the help of the command.

use std::error::Error;
use std::fs;
use std::process::Command;

type Tested = Result<(), Box<dyn Error>>;

const COMMANDS: [&str; 8] = [
    "check",
    "completions",
    "diff",
    "explain",
    "export",
    "man",
    "probe",
    "show",
];

fn cors(arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = Command::new(env!("CARGO_BIN_EXE_cors"))
        .args(arguments)
        .output()?;
    assert!(output.status.success(), "{arguments:?}");
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn each_command_has_a_page_of_the_manual_and_help_with_an_example() -> Tested {
    let directory = tempfile::tempdir()?;
    let path = directory.path().to_str().ok_or("the path is a text")?;
    cors(&["man", path])?;
    let help = cors(&["--help"])?;
    for command in COMMANDS {
        let page = fs::read_to_string(directory.path().join(format!("cors-{command}.1")))?;
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
        assert!(help.contains(&format!("  {command}")), "{help}");
        let help = cors(&[command, "--help"])?;
        assert!(
            help.contains(&format!("Example:\n  cors {command} ")),
            "{help}"
        );
    }
    Ok(())
}

#[test]
fn each_shell_completes_each_command() -> Tested {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = cors(&["completions", shell])?;
        for command in COMMANDS {
            assert!(text.contains(command), "{shell}: {command}");
        }
    }
    Ok(())
}
