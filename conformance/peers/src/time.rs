//! Nanoseconds per request, taken by criterion: the median of its samples, and the best of them,
//! which other work on the machine spoils less.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;

use crate::case::Case;
use crate::contender::{Contender, Place};
use crate::measure;

/// Prints the overhead over the bare app. What it takes to read the clock is in each of
/// them, and so in no difference.
///
/// # Errors
///
/// When criterion has not written what it measured.
pub fn print(places: &[Place]) -> io::Result<()> {
    let directory = Path::new("target/criterion");
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(directory)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(20);
    let mut rows = Vec::new();
    for place in places {
        for (contender, scenario) in measure::cases() {
            let Some(mut case) = place.case(contender, &scenario) else {
                continue;
            };
            let name = format!("{}-{}-{contender:?}", place.argument(), scenario.name);
            criterion.bench_function(&name, |bencher| {
                bencher.iter_custom(|requests| spent(&mut *case, requests));
            });
            let nanoseconds = samples(&directory.join(&name))?;
            rows.push((*place, scenario.name, contender, nanoseconds));
        }
    }
    println!("| place | scenario | bare, ns: median, best | floor | ours | peer |");
    println!("|---|---|---:|---:|---:|---:|");
    for row in rows.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let of = |contender| {
            row.iter()
                .find(|cell| cell.2 == contender)
                .map(|cell| cell.3)
        };
        let bare = of(Contender::Bare).unwrap_or_default();
        let over = |contender| match of(contender) {
            Some(found) => format!(
                "{:.0}, {:.0}",
                found.median - bare.median,
                found.best - bare.best
            ),
            None => "-".into(),
        };
        println!(
            "| {} | {} | {:.0}, {:.0} | {} | {} | {} |",
            row[0].0.name(),
            row[0].1,
            bare.median,
            bare.best,
            over(Contender::Floor),
            over(Contender::Ours),
            over(Contender::Peer),
        );
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Nanoseconds {
    median: f64,
    best: f64,
}

fn samples(benchmark: &Path) -> io::Result<Nanoseconds> {
    let file = fs::File::open(benchmark.join("new/sample.json"))?;
    let sample: serde_json::Value = serde_json::from_reader(file)?;
    let numbers = |key| {
        let list = sample[key].as_array().into_iter().flatten();
        list.filter_map(serde_json::Value::as_f64)
    };
    let mut each: Vec<_> = numbers("times")
        .zip(numbers("iters"))
        .map(|(time, requests)| time / requests)
        .collect();
    each.sort_by(f64::total_cmp);
    match (each.first(), each.get(each.len() / 2)) {
        (Some(&best), Some(&median)) => Ok(Nanoseconds { median, best }),
        _ => Err(io::Error::other("criterion has written no samples")),
    }
}

fn spent(case: &mut dyn Case, requests: u64) -> Duration {
    let mut spent = Duration::ZERO;
    for _ in 0..requests {
        case.prepare();
        let start = Instant::now();
        case.serve();
        spent += start.elapsed();
    }
    spent
}
