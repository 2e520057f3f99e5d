//! The table: one line for each place and scenario.

use std::io;
use std::path::Path;

use crate::callgrind;
use crate::contender::Contender;
use crate::measure::{self, Heap};
use crate::place::Place;
use crate::scenario::Scenario;
use crate::time;

/// The cost of one request of each contender; `None` if there is no such contender.
struct Row {
    place: Place,
    scenario: Scenario,
    instructions: [Option<f64>; CONTENDERS],
    nanoseconds: [Option<f64>; CONTENDERS],
    heap: [Option<Heap>; CONTENDERS],
}

/// Prints the table when everything is measured: criterion prints too.
///
/// # Errors
///
/// As [`callgrind::instructions`] and [`time::nanoseconds`].
pub fn print(places: &[Place], directory: &Path, with_time: bool) -> io::Result<()> {
    let mut all = Vec::new();
    for &place in places {
        all.extend(rows(place, directory, with_time)?);
    }
    println!(
        "| place | scenario | bare | floor | contract | contract, run time | ours | peer \
         | ours / contract | ours / peer | heap, ours | heap, peer \
         | ns, bare | ns, floor | ns, contract | ns, contract, run time | ns, ours | ns, peer \
         | ns, ours / contract, run time | ns, ours / peer |"
    );
    println!("|---|---|{}", "---:|".repeat(18));
    for row in &all {
        row.print(false);
        if row.scenario.is_preflight() {
            row.print(true);
        }
    }
    for place in places {
        let rows = all.iter().filter(|row| row.place == *place);
        if let Some(mean) = geometric_mean(rows) {
            let name = place.name();
            println!(
                "\n{name}: ours / contract, geometric mean of {}: {mean:.2}",
                MEAN_OF.join(" ")
            );
        }
    }
    Ok(())
}

/// The scenarios of the mean.
const MEAN_OF: [&str; 9] = ["A", "B", "C10k", "D", "E", "F", "G", "J", "K"];

/// Returns the mean of the ratios to the contract floor; `None` where there is none.
fn geometric_mean<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<f64> {
    let logarithms = rows
        .filter(|row| MEAN_OF.contains(&row.scenario.name))
        .map(|row| {
            let bare = row.instructions[Contender::Bare as usize]?;
            let beyond = |contender: Contender| Some(row.instructions[contender as usize]? - bare);
            Some((beyond(Contender::Ours)? / beyond(Contender::Contract)?).ln())
        });
    let logarithms: Vec<f64> = logarithms.collect::<Option<_>>()?;
    let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
    (!logarithms.is_empty()).then(|| mean.exp())
}

fn rows(place: Place, directory: &Path, with_time: bool) -> io::Result<Vec<Row>> {
    let instructions = callgrind::instructions(place, directory)?;
    let nanoseconds = if with_time {
        time::nanoseconds(place)?
    } else {
        time::Nanoseconds::new()
    };
    let cases = instructions.chunk_by(|(_, one, _), (_, other, _)| one.name == other.name);
    let rows = cases.map(|contenders| {
        let mut row = Row {
            place,
            scenario: contenders[0].1.clone(),
            instructions: [None; CONTENDERS],
            nanoseconds: [None; CONTENDERS],
            heap: [None; CONTENDERS],
        };
        for (contender, scenario, count) in contenders {
            if let Some(mut case) = place.case(*contender, scenario) {
                let index = *contender as usize;
                row.instructions[index] = Some(*count);
                row.nanoseconds[index] = nanoseconds.get(&(scenario.name, index)).copied();
                row.heap[index] = Some(measure::heap(&mut *case));
            }
        }
        row
    });
    Ok(rows.collect())
}

impl Row {
    /// Prints the row. A preflight is answered in the app's stead, so its overhead subtracts work
    /// that was not done; `in_full` subtracts nothing.
    fn print(&self, in_full: bool) {
        let heap_base = self.heap[Contender::Bare as usize]
            .filter(|_| !in_full)
            .unwrap_or_default();
        let heap = |contender: Contender| match self.heap[contender as usize] {
            Some(heap) => format!(
                "{} ({} B)",
                heap.allocations - heap_base.allocations,
                heap.bytes - heap_base.bytes
            ),
            None => "-".into(),
        };
        let in_full_text = if in_full { ", in full" } else { "" };
        let cells: Vec<_> = [
            self.place.name().to_owned(),
            format!("{}{in_full_text}", self.scenario.name),
        ]
        .into_iter()
        .chain(compared(self.instructions, Contender::Contract, in_full))
        .chain([Contender::Ours, Contender::Peer].map(heap))
        .chain(compared(
            self.nanoseconds,
            Contender::RunTimeContract,
            in_full,
        ))
        .collect();
        println!("| {} |", cells.join(" | "));
    }
}

/// Returns the cost of each contender and the ratios. All but the bare app's are beyond the bare
/// app's, unless in full. The ratios are to `floor` and to the peer.
fn compared(
    contenders: [Option<f64>; CONTENDERS],
    floor: Contender,
    in_full: bool,
) -> impl Iterator<Item = String> {
    let [bare, others @ ..] = contenders;
    let base = bare.filter(|_| !in_full).unwrap_or(0.0);
    let others = others.map(|count| Some(count? - base));
    let of = |contender: Contender| others.get(contender as usize - 1).copied().flatten();
    let ratios = [floor, Contender::Peer].map(|other| ratio(of(Contender::Ours), of(other)));
    let counts = [bare].into_iter().chain(others).map(whole);
    counts.collect::<Vec<_>>().into_iter().chain(ratios)
}

const CONTENDERS: usize = Contender::ALL.len();

fn whole(count: Option<f64>) -> String {
    count.map_or_else(|| "-".into(), |count| grouped(count.round()))
}

/// Writes a number with commas between thousands.
pub fn grouped(count: f64) -> String {
    let digits = format!("{:.0}", count.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if count < 0.0 {
        format!("-{text}")
    } else {
        text
    }
}

/// Returns a ratio; `None` if one of the two costs is below zero.
fn ratio(ours: Option<f64>, other: Option<f64>) -> String {
    match (ours, other) {
        (Some(ours), Some(other)) if ours > 0.0 && other > 0.0 => format!("{:.2}", ours / other),
        _ => "-".into(),
    }
}
