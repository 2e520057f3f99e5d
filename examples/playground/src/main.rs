//! `cargo run -p playground`: four servers under one policy, and a page to try it on.
//!
//! Open the page that it prints, and send the request from every origin: the page's own is
//! allowed, the other three are not, and below it stands why. Then change the policy.
#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use playground::{Options, Playground};

#[derive(Debug, Parser)]
#[command(
    about = "Serves the test app on four frameworks under one CORS policy, and a page that edits the policy and calls them."
)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse().options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> io::Result<()> {
    let playground = Playground::start(options)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", playground.announcement())?;
    stdout.flush()?;
    drop(stdout);
    tokio::signal::ctrl_c().await
}
