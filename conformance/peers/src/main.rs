//! What CORS costs a request: instructions, counted by valgrind, and heap allocations; ours, a
//! hand-written floor and the peer, each over the bare app in the same place.
//!
//! `cargo run --release --manifest-path conformance/peers/Cargo.toml` prints the table. It needs
//! valgrind (`apt-get install valgrind`).

mod actix;
mod floor;
mod measure;
mod scenario;
mod tower;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use measure::Contender;
use scenario::Scenario;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sends so many requests, for valgrind to count.
    #[command(hide = true)]
    Run {
        place: Place,
        contender: Contender,
        scenario: Scenario,
        requests: usize,
    },
}

/// Where CORS stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Place {
    /// Around a tower service that answers at once.
    Tower,
    /// In axum's `Router::layer`.
    Axum,
    /// In actix-web's `App::wrap`.
    Actix,
}

impl Place {
    fn run(self, contender: Contender, scenario: Scenario, requests: usize) -> Vec<String> {
        match self {
            Self::Tower => tower::run(contender, scenario, requests),
            Self::Axum => tower::run_router(contender, scenario, requests),
            Self::Actix => actix::run(contender, scenario, requests),
        }
    }

    const fn has_floor(self) -> bool {
        !matches!(self, Self::Actix)
    }
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Some(Command::Run {
            place,
            contender,
            scenario,
            requests,
        }) => {
            place.run(contender, scenario, requests);
            Ok(())
        }
        None => measure::table(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
