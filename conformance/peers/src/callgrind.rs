//! Runs this program again under callgrind, and reads what it has counted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::contender::Contender;
use crate::measure::{self, Amount};
use crate::place::Place;
use crate::scenario::Scenario;

/// The instructions of one request of each case, the fraction included.
pub type Instructions = Vec<(Contender, Scenario, f64)>;

/// Runs the cases of a place under callgrind, and returns the instructions of one request of each.
///
/// # Errors
///
/// Fails if there is no valgrind, or it does not write what it should.
pub fn instructions(place: Place, directory: &Path) -> io::Result<Instructions> {
    let directory = directory.join(place.argument());
    // What an earlier run has left would be taken for this one's.
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory)?;
    profile(&["run", &place.argument()], &directory)?;
    let mut first = 1;
    measure::cases()
        .map(|(contender, scenario)| {
            let amount = Amount::of(place, &scenario);
            let profiles = first..first + amount.instances;
            first = profiles.end;
            let totals: io::Result<Vec<_>> = profiles
                .map(|number| total(&profile_of(&directory, number)))
                .collect();
            let mut totals = totals?;
            totals.sort_by(f64::total_cmp);
            let median = totals[totals.len() / 2] / f64::from(amount.requests);
            Ok((contender, scenario, median))
        })
        .collect()
}

/// Prints the instructions of one request, function by function.
///
/// # Errors
///
/// Fails if the place was not measured before.
pub fn annotate(
    place: Place,
    contender: Contender,
    scenario: &str,
    directory: &Path,
) -> io::Result<()> {
    let mut number = 1;
    let mut cases = measure::cases();
    let requests = loop {
        let Some((other, found)) = cases.next() else {
            return Err(io::Error::other("there is no such scenario"));
        };
        let amount = Amount::of(place, &found);
        if other == contender && found.name == scenario {
            break amount.requests;
        }
        number += amount.instances;
    };
    // Below 100 the list would end after the callers of what is counted, each of which has it all.
    let status = Command::new("callgrind_annotate")
        .args(["--auto=yes", "--context=0", "--threshold=100"])
        .arg(profile_of(&directory.join(place.argument()), number))
        .status()?;
    println!("{status}: {requests} requests together");
    Ok(())
}

/// Returns the path of a profile. callgrind counts them from 1.
fn profile_of(directory: &Path, number: usize) -> PathBuf {
    directory.join(format!("profile.{number}"))
}

/// Runs this program under callgrind. Two runs are alike: there is no address space layout
/// randomisation, and the allocator keeps every small block for the next request, whatever is
/// beside it.
fn profile(arguments: &[&str], directory: &Path) -> io::Result<()> {
    let status = Command::new("setarch")
        .args(["-R", "valgrind", "--tool=callgrind", "--quiet"])
        .env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=4096")
        .arg("--toggle-collect=*peers_measured_region*")
        .arg("--dump-before=*peers_instance_ends*")
        .arg(format!(
            "--callgrind-out-file={}",
            directory.join("profile").display()
        ))
        .arg(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("valgrind: {status}")))
    }
}

fn total(profile: &Path) -> io::Result<f64> {
    let text = fs::read_to_string(profile)
        .map_err(|error| io::Error::other(format!("{}: {error}", profile.display())))?;
    let total = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("totals:")
                .or_else(|| line.strip_prefix("summary:"))
        })
        .next_back()
        .and_then(|total| total.trim().parse().ok());
    total.ok_or_else(|| io::Error::other("a profile without a total"))
}
