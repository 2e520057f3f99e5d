//! The pictures in README.md show what the command writes to a terminal.

use std::fs;
use std::path::Path;
use std::process::Command;

use anstyle_svg::Term;

use super::corpus;
use super::cors::APP;
use super::server::Server;
use crate::Tested;

/// Set, it accepts what the command writes now.
const OVERWRITE: &str = "SCREENSHOTS";

#[test]
fn the_pictures_show_what_is_written() -> Tested {
    let directory = tempfile::tempdir()?;
    let policy = "allow_origins = [\"https://app.example.com/\", \"http://localhost:*\"]\n\
                  allow_methods = [\"patch\"]\n";
    fs::write(directory.path().join("cors.toml"), policy)?;
    let check = shown(&["check", "cors.toml"], directory.path())?;
    compare("check.svg", &check)?;

    let broken = corpus::all().into_iter();
    let broken = broken.filter(|broken| broken.of.starts_with("Spring Security"));
    let broken = broken.map(|broken| (broken.handler)()).next();
    let server = Server::start(broken.ok_or("it is in the corpus")?)?;
    let url = server.url("/orders");
    let probe = shown(&["probe", &url, "--origin", APP], directory.path())?;
    compare(
        "probe.svg",
        &probe.replace(&url, "https://api.example.com/orders"),
    )
}

/// Returns a command with its colours, and what it writes.
fn shown(arguments: &[&str], directory: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let output = Command::new(env!("CARGO_BIN_EXE_cors"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("NO_COLOR")
        .env("CLICOLOR_FORCE", "1")
        .output()?;
    let written = String::from_utf8(output.stdout)?;
    Ok(format!("$ cors {}\n{written}", arguments.join(" ")))
}

fn compare(name: &str, text: &str) -> Tested {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("screenshots")
        .join(name);
    let picture = Term::new().render_svg(text);
    if std::env::var_os(OVERWRITE).is_some() {
        fs::write(&path, &picture)?;
    }
    let committed = fs::read_to_string(&path)?;
    assert!(
        committed == picture,
        "{OVERWRITE}=1 in the environment writes {name} anew"
    );
    Ok(())
}
