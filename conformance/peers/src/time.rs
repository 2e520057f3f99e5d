//! Nanoseconds per request, taken by criterion.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;

use crate::case::Case;
use crate::measure;
use crate::place::Place;

/// By scenario and contender.
pub type Nanoseconds = HashMap<(&'static str, usize), f64>;

/// Returns the best of criterion's samples of each case, which other work on the machine spoils less than
/// the median.
///
/// All cases take turns, so that none of them has a bad time to itself, and each turn has instances
/// of its own, since some are unlucky with what stands where on the heap. What it takes to read the
/// clock is in every case, and so in no difference.
///
/// # Errors
///
/// Fails if criterion has not written what it measured.
pub fn nanoseconds(place: Place) -> io::Result<Nanoseconds> {
    let directory = Path::new("target/criterion");
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(directory)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(150))
        .sample_size(10);
    let mut neighbours = Vec::new();
    let mut best = Nanoseconds::new();
    for turn in 0..TURNS {
        neighbours.push(vec![0_u8; 40 + 56 * turn]);
        for (contender, scenario) in measure::cases() {
            let Some(mut case) = place.case(contender, &scenario) else {
                continue;
            };
            let place = place.argument();
            let name = format!("{place}-{}-{contender:?}-{turn}", scenario.name);
            criterion.bench_function(&name, |bencher| {
                bencher.iter_custom(|requests| spent(&mut *case, requests));
            });
            let found = best_sample(&directory.join(&name))?;
            let best = best.entry((scenario.name, contender as usize));
            let best = best.or_insert(found);
            *best = best.min(found);
        }
    }
    Ok(best)
}

const TURNS: usize = 6;

fn best_sample(benchmark: &Path) -> io::Result<f64> {
    let file = fs::File::open(benchmark.join("new/sample.json"))?;
    let sample: serde_json::Value = serde_json::from_reader(file)?;
    let numbers = |key| {
        let list = sample[key].as_array().into_iter().flatten();
        list.filter_map(serde_json::Value::as_f64)
    };
    let each = numbers("times").zip(numbers("iters"));
    each.map(|(time, requests)| time / requests)
        .min_by(f64::total_cmp)
        .ok_or_else(|| io::Error::other("criterion has written no samples"))
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
