//! Nanoseconds per request, taken by criterion.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;

use crate::case::Case;

/// The best of criterion's samples, which other work on the machine spoils less than the median.
///
/// What it takes to read the clock is in every case, and so in no difference.
///
/// # Errors
///
/// When criterion has not written what it measured.
pub fn nanoseconds(name: &str, case: &mut dyn Case) -> io::Result<f64> {
    let directory = Path::new("target/criterion");
    Criterion::default()
        .without_plots()
        .output_directory(directory)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(20)
        .bench_function(name, |bencher| {
            bencher.iter_custom(|requests| spent(&mut *case, requests));
        });
    best_sample(&directory.join(name))
}

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
