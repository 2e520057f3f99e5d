//! What a request costs with this library, with its peers, and by hand.
//!
//! `cargo run --release --manifest-path conformance/peers/Cargo.toml` prints the table, and needs
//! valgrind; `-- --help` tells the rest.

mod allocator;
mod callgrind;
mod case;
mod check;
mod contender;
mod contract;
mod floor;
mod footprint;
mod load;
mod measure;
mod migrations;
mod pictures;
mod place;
mod places;
mod policy;
mod preflights;
mod scaling;
mod scenario;
mod servers;
mod session;
mod table;
mod threads;
mod time;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::contender::Contender;
use crate::pictures::Picture;
use crate::place::Place;

/// Below the directory that the command is run in.
const PROFILES: &str = "target/callgrind";

/// What a request costs with this library, with its peers, and by hand.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Instructions, heap allocations and nanoseconds per request, all places and scenarios (the
    /// default).
    Table {
        /// Only these places.
        #[arg(long, value_enum)]
        place: Vec<Place>,
        /// Where callgrind's profiles go.
        #[arg(long, default_value = PROFILES)]
        profiles: PathBuf,
        /// Leaves the nanoseconds out, which take most of the time and want an idle machine.
        #[arg(long)]
        without_time: bool,
    },
    /// Where the instructions of one case are, function by function, from the last table's profiles.
    Annotate {
        place: Place,
        contender: Contender,
        scenario: String,
        #[arg(long, default_value = PROFILES)]
        profiles: PathBuf,
    },
    /// Memory per origin, build time and look-up time, as the lists grow.
    Scaling,
    /// What a policy that can be replaced costs with one thread, and with as many as there are
    /// cores. Wants to be built without allocations being counted, and an idle machine.
    Threads,
    /// Draws the costs and the growth curves, into the pictures of the README.
    Pictures {
        /// Only these.
        #[arg(value_enum)]
        picture: Vec<Picture>,
        /// Where callgrind's profiles go.
        #[arg(long, default_value = PROFILES)]
        profiles: PathBuf,
    },
    /// Requests per second over loopback with and without CORS.
    Load {
        /// Of each measurement.
        #[arg(long, default_value_t = 6)]
        seconds: u64,
    },
    /// How many preflights a session of a hundred calls costs.
    Preflights {
        /// Not in the model of the browser alone, but in Chromium, whose driver has to be there.
        #[arg(long)]
        chromium: bool,
    },
    /// What CORS adds to a build: crates, seconds, bytes. Builds twelve small apps.
    Footprint {
        #[arg(long, default_values = footprint::FRAMEWORKS)]
        framework: Vec<String>,
    },
    /// What is wrong with the peers' answers.
    Check,
    /// The guide's page of services before and after.
    Migrations,
    /// Runs all cases of a place and prints nothing, for a profiler to look at.
    #[command(hide = true)]
    Run { place: Place },
}

fn main() -> io::Result<()> {
    let default = Command::Table {
        place: Vec::new(),
        profiles: PathBuf::from(PROFILES),
        without_time: false,
    };
    match Arguments::parse().command.unwrap_or(default) {
        Command::Table {
            place,
            profiles,
            without_time,
        } => {
            print_shortcomings();
            let places = if place.is_empty() {
                Place::ALL.to_vec()
            } else {
                place
            };
            table::print(&places, &profiles, !without_time)
        }
        Command::Check => {
            print_shortcomings();
            Ok(())
        }
        Command::Annotate {
            place,
            contender,
            scenario,
            profiles,
        } => callgrind::annotate(place, contender, &scenario, &profiles),
        Command::Scaling => {
            scaling::print();
            Ok(())
        }
        Command::Threads => threads::print(),
        Command::Pictures { picture, profiles } => pictures::draw(&picture, &profiles),
        Command::Load { seconds } => load::print(Duration::from_secs(seconds)),
        Command::Preflights { chromium } => preflights::print(chromium),
        Command::Footprint { framework } => footprint::print(&framework),
        Command::Migrations => {
            migrations::print();
            Ok(())
        }
        Command::Run { place } => {
            measure::run_all(place);
            Ok(())
        }
    }
}

fn print_shortcomings() {
    for ((place, fault), scenarios) in check::all() {
        println!("{place}, peer: {fault} in {}", scenarios.join(", "));
    }
    println!();
}
