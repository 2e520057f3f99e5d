//! The cost of a decision does not grow with the number of origins: alone, and over a socket.
//!
//! `cargo bench -p conformance --bench origins`

use std::hint::black_box;

use conformance_client::raw::{Connection, Request};
use conformance_servers::Framework;
use conformance_servers::serve::Server;
use cors_core::Policy;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// Returns a policy of `exact` origins and `patterns` subdomain patterns.
fn policy(exact: usize, patterns: usize) -> Policy {
    let exact = (0..exact).map(|index| format!("https://app-{index:05}.example.com"));
    let patterns = (0..patterns).map(|index| format!("https://*.team-{index:05}.example.org"));
    Policy::builder()
        .allow_origins(exact)
        .allow_origins(patterns)
        .build()
        .expect("every origin is well-formed")
}

const SIZES: [(usize, usize); 3] = [(1, 1), (10_000, 1), (10_000, 1_000)];

/// Origins of equal length for every size: the first exact one, a subdomain, a foreign one.
const ORIGINS: [(&str, &str); 3] = [
    ("exact", "https://app-00000.example.com"),
    ("subdomain", "https://a.team-00000.example.org"),
    ("refused", "https://app-99999.example.net"),
];

fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    for (exact, patterns) in SIZES {
        let policy = policy(exact, patterns);
        for (name, origin) in ORIGINS {
            let id = BenchmarkId::new(name, format!("{exact} origins, {patterns} patterns"));
            group.bench_with_input(id, origin, |bencher, origin| {
                bencher.iter(|| policy.allows_origin(black_box(origin)));
            });
        }
    }
}

fn serve(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("serve-axum");
    for (exact, patterns) in SIZES {
        let server = Server::start(Framework::Axum, policy(exact, patterns))
            .expect("loopback has a free port");
        let mut connection = Connection::open(server.address()).expect("the server listens");
        let request = Request::new("GET", "/only-get").line("Origin", ORIGINS[0].1);
        let id = BenchmarkId::new("exact", format!("{exact} origins, {patterns} patterns"));
        group.bench_with_input(id, &request, |bencher, request| {
            bencher.iter(|| connection.exchange(request).expect("the server answers"));
        });
    }
}

criterion_group!(benches, decide, serve);
criterion_main!(benches);
