//! The table: one line for each place and scenario.

use std::io;
use std::path::Path;

use crate::callgrind;
use crate::contender::{Contender, Place};
use crate::measure::{self, Heap};
use crate::scenario::Scenario;

/// What one request of each contender costs; `None` where there is no such contender.
struct Row {
    place: Place,
    scenario: Scenario,
    instructions: [Option<f64>; 4],
    heap: [Option<Heap>; 4],
}

/// # Errors
///
/// As [`callgrind::instructions`].
pub fn print(places: &[Place], directory: &Path) -> io::Result<()> {
    println!(
        "| place | scenario | bare | floor | ours | peer | ours / floor | ours / peer | heap, ours | heap, peer |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for &place in places {
        for row in rows(place, directory)? {
            row.print(false);
            if row.scenario.is_preflight() {
                row.print(true);
            }
        }
    }
    Ok(())
}

fn rows(place: Place, directory: &Path) -> io::Result<Vec<Row>> {
    let instructions = callgrind::instructions(place, directory)?;
    let cases = instructions.chunk_by(|(_, one, _), (_, other, _)| one.name == other.name);
    let rows = cases.map(|contenders| {
        let mut row = Row {
            place,
            scenario: contenders[0].1.clone(),
            instructions: [None; 4],
            heap: [None; 4],
        };
        for (contender, scenario, count) in contenders {
            if let Some(mut case) = place.case(*contender, scenario) {
                row.instructions[*contender as usize] = Some(*count);
                row.heap[*contender as usize] = Some(measure::heap(&mut *case));
            }
        }
        row
    });
    Ok(rows.collect())
}

impl Row {
    /// A preflight is answered in the app's stead, so that its overhead subtracts work that was
    /// not done; `in_full` subtracts nothing.
    fn print(&self, in_full: bool) {
        let base = |contender| {
            if in_full {
                None
            } else {
                self.instructions[contender as usize]
            }
        };
        let of = |contender: Contender| {
            let count = self.instructions[contender as usize]?;
            Some(count - base(Contender::Bare).unwrap_or(0.0))
        };
        let heap_base = if in_full {
            None
        } else {
            self.heap[Contender::Bare as usize]
        };
        let heap = |contender: Contender| {
            let heap = self.heap[contender as usize]?;
            let base = heap_base.unwrap_or_default();
            Some(format!(
                "{} ({} B)",
                heap.allocations - base.allocations,
                heap.bytes - base.bytes
            ))
        };
        let [floor, ours, peer] = [Contender::Floor, Contender::Ours, Contender::Peer].map(of);
        println!(
            "| {} | {}{} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.place.name(),
            self.scenario.name,
            if in_full { ", in full" } else { "" },
            whole(self.instructions[Contender::Bare as usize]),
            whole(floor),
            whole(ours),
            whole(peer),
            ratio(ours, floor),
            ratio(ours, peer),
            heap(Contender::Ours).unwrap_or_else(|| "-".into()),
            heap(Contender::Peer).unwrap_or_else(|| "-".into()),
        );
    }
}

fn whole(count: Option<f64>) -> String {
    count.map_or_else(|| "-".into(), |count| grouped(count.round()))
}

/// With commas between thousands.
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

/// No ratio where one of the two costs less than nothing.
fn ratio(ours: Option<f64>, other: Option<f64>) -> String {
    match (ours, other) {
        (Some(ours), Some(other)) if ours > 0.0 && other > 0.0 => format!("{:.2}", ours / other),
        _ => "-".into(),
    }
}
