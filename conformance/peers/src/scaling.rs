//! How a policy grows with its origins, and that looking one up does not.

use std::hint::black_box;
use std::time::Instant;

use cors_core::Policy;
use stats_alloc::Stats;

use crate::allocator;

const EXACT: [usize; 4] = [1, 1_000, 100_000, 1_000_000];
const PATTERNS: [usize; 2] = [1, 100_000];

/// Prints memory, build time and look-up time as the lists grow.
///
/// # Panics
///
/// Panics if a look-up is answered wrongly.
pub fn print() {
    println!("| origins | heap, bytes | per origin | build, ms | look-up, ns | refused, ns |");
    println!("|---|---:|---:|---:|---:|---:|");
    for count in EXACT {
        let list = |index| format!("https://tenant-{index:07}.example.com");
        let last = list(count - 1);
        row("exact", count, list, &last);
    }
    for count in PATTERNS {
        let list = |index| format!("https://*.tenant-{index:07}.example.com");
        let below_last = list(count - 1).replace('*', "www");
        row("subdomain patterns", count, list, &below_last);
    }
}

fn row(kind: &str, count: usize, origin: impl Fn(usize) -> String, allowed: &str) {
    let origins: Vec<_> = (0..count).map(origin).collect();
    let refused = allowed.replace("example.com", "example.net");
    let region = allocator::region();
    let start = Instant::now();
    let policy = Policy::builder()
        .allow_origins(&origins)
        .build()
        .expect("every origin is well-formed");
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let Stats {
        bytes_allocated,
        bytes_deallocated,
        ..
    } = region.change();
    assert!(policy.allows_origin(allowed) && !policy.allows_origin(&refused));
    let bytes = bytes_allocated - bytes_deallocated;
    println!(
        "| {count} {kind} | {bytes} | {} | {milliseconds:.2} | {:.1} | {:.1} |",
        bytes / count,
        look_up(&policy, allowed),
        look_up(&policy, &refused),
    );
}

/// Returns the nanoseconds of a look-up: the best of many batches, to leave out other work on the
/// machine.
fn look_up(policy: &Policy, origin: &str) -> f64 {
    const BATCH: u32 = 1_000;
    let batch = || {
        let start = Instant::now();
        for _ in 0..BATCH {
            black_box(policy.allows_origin(black_box(origin)));
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH)
    };
    (0..500).map(|_| batch()).fold(f64::INFINITY, f64::min)
}
