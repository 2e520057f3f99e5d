//! The cost of finding the policy of a path: it does not grow with the number of patterns, and is
//! linear in the length of the path.
//!
//! `cargo bench -p conformance --bench paths`

use std::hint::black_box;

use cors_core::{Policy, PolicyMap};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Returns a map of these patterns. One of two has a policy of its own.
fn map(patterns: impl IntoIterator<Item = String>) -> PolicyMap {
    let policy = || Policy::builder().build().expect("nobody is a valid policy");
    let (one, other) = (policy(), policy());
    let mut builder = PolicyMap::builder().default_policy(policy());
    for (index, pattern) in patterns.into_iter().enumerate() {
        let policy = if index % 2 == 0 { &one } else { &other };
        builder = builder.path(pattern, policy.clone());
    }
    builder.build().expect("the patterns are well-formed")
}

/// Patterns of an app with so many resources.
fn resources(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|index| match index % 4 {
        0 => format!("/api/v1/resource-{index:05}"),
        1 => format!("/api/v1/resource-{index:05}/{{id}}"),
        2 => format!("/api/v1/resource-{index:05}/{{id}}/notes/{{note}}"),
        _ => format!("/files/folder-{index:05}/{{*rest}}"),
    })
}

/// Patterns that have a text or a `{name}` at each place, in every way.
fn mixed(segments: u32) -> impl Iterator<Item = String> {
    (0..1u32 << segments).map(move |kinds| {
        let segment = |index: u32| {
            if kinds & (1 << index) == 0 {
                "/text"
            } else {
                "/{name}"
            }
        };
        (0..segments).map(segment).collect()
    })
}

fn look_up(criterion: &mut Criterion) {
    let long_text = format!("/api/v1/{}", "a".repeat(32 * 1024));
    let long_path = "/text".repeat(32 * 1024 / 5);
    let mixed_miss = format!("{}/end", "/text".repeat(12));
    let paths = [
        ("a text", "/api/v1/resource-00000"),
        ("names", "/api/v1/resource-00002/1234567/notes/12"),
        ("a rest", "/files/folder-00003/images/logo.svg"),
        ("none", "/assets/main.js"),
        ("an escape", "/api/v1/resource-00001/J%C3%BCrgen"),
        ("dots", "/api/v1/../v1/resource-00000"),
        ("an escaped slash", "/files/folder-00003/images%2Flogo.svg"),
        ("32 KB in a segment", &long_text),
        ("32 KB of segments", &long_path),
        ("13 segments", &mixed_miss),
    ];
    let maps = [
        ("1 pattern", map(resources(1))),
        ("10 patterns", map(resources(10))),
        ("10000 patterns", map(resources(10_000))),
        ("8192 patterns, mixed", map(mixed(13))),
    ];
    for (path_name, path) in paths {
        let mut group = criterion.benchmark_group(path_name);
        group.throughput(Throughput::Bytes(path.len() as u64));
        for (map_name, map) in &maps {
            group.bench_with_input(
                BenchmarkId::from_parameter(map_name),
                path,
                |bencher, path| {
                    bencher.iter(|| map.policy(black_box(path)).is_some());
                },
            );
        }
    }
}

criterion_group!(benches, look_up);
criterion_main!(benches);
