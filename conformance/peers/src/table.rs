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
    instructions: [Option<f64>; 4],
    nanoseconds: [Option<f64>; 4],
    heap: [Option<Heap>; 4],
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
        "| place | scenario | bare | floor | ours | peer | ours / floor | ours / peer \
         | heap, ours | heap, peer \
         | ns, bare | ns, floor | ns, ours | ns, peer | ns, ours / floor | ns, ours / peer |"
    );
    println!("|---|---|{}", "---:|".repeat(14));
    for row in all {
        row.print(false);
        if row.scenario.is_preflight() {
            row.print(true);
        }
    }
    Ok(())
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
            instructions: [None; 4],
            nanoseconds: [None; 4],
            heap: [None; 4],
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
        .chain(compared(self.instructions, in_full))
        .chain([Contender::Ours, Contender::Peer].map(heap))
        .chain(compared(self.nanoseconds, in_full))
        .collect();
        println!("| {} |", cells.join(" | "));
    }
}

/// Returns the cost of each contender and the ratios. All but the bare app's are beyond the bare
/// app's, unless in full.
fn compared(contenders: [Option<f64>; 4], in_full: bool) -> [String; 6] {
    let [bare, others @ ..] = contenders;
    let base = bare.filter(|_| !in_full).unwrap_or(0.0);
    let [floor, ours, peer] = others.map(|count| Some(count? - base));
    [
        whole(bare),
        whole(floor),
        whole(ours),
        whole(peer),
        ratio(ours, floor),
        ratio(ours, peer),
    ]
}

fn whole(count: Option<f64>) -> String {
    count.map_or_else(|| "-".into(), |count| grouped(count.round()))
}

/// Writes a number with commas between thousands.
fn grouped(count: f64) -> String {
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
