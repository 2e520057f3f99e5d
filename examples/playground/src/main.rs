//! `cargo run -p playground`: four servers under one policy, and a page to try it on.
//!
//! It opens the page in the browser, where somebody can see it. There, send the request from every
//! origin: the page's own is allowed, the other three are not, and below it stands why. Then change
//! the policy.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser;
use playground::{Options, Playground};

#[derive(Debug, Parser)]
#[command(
    about = "Serves a small app on four frameworks under one CORS policy, and a page that edits \
             the policy and calls them."
)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Leaves it to you to open the page.
    #[arg(long)]
    no_open: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let playground = Playground::start(&arguments.options)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", playground.announcement())?;
    stdout.flush()?;
    drop(stdout);
    if !arguments.no_open && sees_somebody() {
        // A browser that does not start is no reason to end: the address is printed.
        if let Err(error) = opener::open(playground.page()) {
            eprintln!("  No browser was opened ({error}): open the page above in one.");
        }
    }
    tokio::signal::ctrl_c().await
}

/// Returns whether somebody sits in front of this machine, and may have started this.
fn sees_somebody() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_display = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    io::stdout().is_terminal() && has_display && !is_set("SSH_CONNECTION") && !is_set("CI")
}
