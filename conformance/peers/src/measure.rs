//! Counting, and the table.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::process::Command;

use clap::ValueEnum;

use crate::Place;
use crate::scenario::Scenario;

/// Whose CORS it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    Bare,
    Floor,
    Ours,
    Peer,
}

/// Instructions and allocations, over the bare app.
#[derive(Clone, Copy)]
struct Cost {
    instructions: i64,
    allocations: i64,
}

/// Prints what every scenario costs in every place.
pub(crate) fn table() -> Result<(), Box<dyn Error>> {
    println!(
        "| place | scenario | floor | ours | peer | ours / floor | ours / peer | allocations: ours | peer |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for place in Place::value_variants() {
        for scenario in Scenario::value_variants() {
            println!("{}", row(*place, *scenario)?);
        }
    }
    Ok(())
}

fn row(place: Place, scenario: Scenario) -> Result<String, Box<dyn Error>> {
    check(place, scenario)?;
    let bare = cost(place, Contender::Bare, scenario)?;
    let over = |contender| -> Result<Cost, Box<dyn Error>> {
        let cost = cost(place, contender, scenario)?;
        Ok(Cost {
            instructions: cost.instructions - bare.instructions,
            allocations: cost.allocations - bare.allocations,
        })
    };
    let (ours, peer) = (over(Contender::Ours)?, over(Contender::Peer)?);
    let floor = if place.has_floor() {
        Some(over(Contender::Floor)?)
    } else {
        None
    };
    let text = |count: Option<i64>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
    let floor = floor.map(|floor| floor.instructions);
    let mut row = format!("| {place:?} | {scenario:?} | {} ", text(floor));
    write!(
        row,
        "| {} | {} | {} | {} | {} | {} |",
        ours.instructions,
        peer.instructions,
        ratio(ours.instructions, floor),
        ratio(ours.instructions, Some(peer.instructions)),
        ours.allocations,
        peer.allocations,
    )?;
    Ok(row)
}

/// Where less is done than by the bare app, as in a preflight that the app never sees, a ratio says
/// nothing.
fn ratio(ours: i64, other: Option<i64>) -> String {
    match other {
        Some(other) if ours > 0 && other > 0 => format!("{:.2}", ours as f64 / other as f64),
        _ => "-".to_owned(),
    }
}

/// Nobody is fast by being wrong.
fn check(place: Place, scenario: Scenario) -> Result<(), Box<dyn Error>> {
    for contender in Contender::value_variants() {
        if *contender == Contender::Floor && !place.has_floor() {
            continue;
        }
        let lines = place.run(*contender, scenario, 1);
        let names_origin = lines
            .iter()
            .any(|line| line.starts_with("access-control-allow-origin: https://"));
        let expected = scenario.is_allowed() && *contender != Contender::Bare;
        // A refusal of tower-http's is an answer that names other origins' rights; it never names
        // an origin that is not listed.
        let known = scenario.is_preflight() && *contender == Contender::Peer;
        if names_origin != expected && !known {
            return Err(format!("{place:?} {contender:?} {scenario:?}: {lines:?}").into());
        }
    }
    Ok(())
}

/// A request, what it is made of included: the difference of so many and twice as many.
fn cost(place: Place, contender: Contender, scenario: Scenario) -> io::Result<Cost> {
    let count = |requests| instructions(place, contender, scenario, requests);
    let allocations = |requests| {
        let run = || {
            place.run(contender, scenario, requests);
        };
        allocation_counter::measure(run).count_total as i64
    };
    let per = REQUESTS as i64;
    Ok(Cost {
        instructions: (count(2 * REQUESTS)? - count(REQUESTS)?) / per,
        allocations: (allocations(2 * REQUESTS) - allocations(REQUESTS)) / per,
    })
}

const REQUESTS: usize = 200;

/// Counted by valgrind in a process of its own, which has its memory where it always has it.
fn instructions(
    place: Place,
    contender: Contender,
    scenario: Scenario,
    requests: usize,
) -> io::Result<i64> {
    let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
        value().map(|value| value.get_name().to_owned())
    };
    let output = Command::new("setarch")
        .args([
            "-R",
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
        ])
        .arg(std::env::current_exe()?)
        .arg("run")
        .args(name(&|| place.to_possible_value()))
        .args(name(&|| contender.to_possible_value()))
        .args(name(&|| scenario.to_possible_value()))
        .arg(requests.to_string())
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    report
        .lines()
        .find_map(|line| line.split("Collected :").nth(1)?.trim().parse().ok())
        .ok_or_else(|| io::Error::other(format!("valgrind counted nothing: {report}")))
}
