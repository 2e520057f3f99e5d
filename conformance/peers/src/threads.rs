//! Nanoseconds of a request with one thread, and with as many as there are cores at once.
//!
//! The threads share a policy, as those of a server do. Each has a clone of the service and
//! requests of its own, and nothing else in common with the others.

use std::fmt::Debug;
use std::hint::{black_box, spin_loop};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use bytes::Bytes;
use cors_axum::{CorsLayer, Policy, SharedPolicy};
use http::{Request, Response};
use http_body_util::Full;
use tower_layer::Layer;
use tower_service::Service;

use crate::allocator;
use crate::case::Case;
use crate::places::tower::{App, exchange};
use crate::policy::policy;
use crate::scenario::Scenario;

const SCENARIOS: [&str; 4] = ["A", "B", "D", "E"];
const ROUNDS: usize = 2_000;
/// Of a thread in a round: few, so that some rounds are not disturbed.
const REQUESTS: u32 = 512;
/// Of a thread before those.
const WARM_UP: u32 = 256;

/// The nanoseconds of a request of each service: the bare app, a fixed policy, one that can be
/// replaced, and a fixed one with a pointer to it that is counted.
type Costs = [f64; 4];

/// Prints the cost of a policy that can be replaced, beside a fixed one.
///
/// # Errors
///
/// Fails where allocations are counted, in a place that all threads would write.
pub fn print() -> io::Result<()> {
    if allocator::counts() {
        return Err(io::Error::other(
            "threads share the counts of allocations: build with --no-default-features",
        ));
    }
    println!(
        "| scenario | threads | bare, ns | fixed | replaceable | counted \
         | replaceable / fixed | counted / fixed |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let cores = thread::available_parallelism()?.get();
    let measured = |scenario: &Scenario| SCENARIOS.contains(&scenario.name);
    for scenario in Scenario::all().iter().filter(|scenario| measured(scenario)) {
        // They take turns, so that what else the machine does meets all of them.
        let mut best = [[f64::INFINITY; 4]; 2];
        for _ in 0..ROUNDS {
            for (best, threads) in best.iter_mut().zip([1, cores]) {
                let found = round(scenario, threads);
                *best = std::array::from_fn(|service| best[service].min(found[service]));
            }
        }
        for (best, threads) in best.into_iter().zip([1, cores]) {
            let [bare, beyond @ ..] = best;
            let [fixed, replaceable, counted] = beyond.map(|cost| cost - bare);
            println!(
                "| {} | {threads} | {bare:.0} | {fixed:.0} | {replaceable:.0} | {counted:.0} \
                 | {:.2} | {:.2} |",
                scenario.name,
                replaceable / fixed,
                counted / fixed,
            );
        }
    }
    Ok(())
}

/// Measures each service once, with policies of its own: some are unlucky with what stands where on
/// the heap.
fn round(scenario: &Scenario, threads: usize) -> Costs {
    let policy = policy(&scenario.rules);
    let fixed = CorsLayer::new(policy.clone()).layer(App);
    let replaceable = CorsLayer::new(SharedPolicy::new(policy.clone())).layer(App);
    let counted = Counted {
        inner: fixed.clone(),
        policy: Arc::new(policy),
    };
    [
        nanoseconds(&App, scenario, threads),
        nanoseconds(&fixed, scenario, threads),
        nanoseconds(&replaceable, scenario, threads),
        nanoseconds(&counted, scenario, threads),
    ]
}

/// Returns the time from the first thread's start to the last one's end, for each of the requests
/// of a thread. Threads that are not at work at once, or wait for a core, take longer.
fn nanoseconds<S>(service: &S, scenario: &Scenario, threads: usize) -> f64
where
    S: Service<Request<Full<Bytes>>, Response = Response<Full<Bytes>>> + Clone + Send + 'static,
    S::Error: Debug,
{
    let awaited = AtomicUsize::new(threads);
    let times: Vec<_> = thread::scope(|scope| {
        let start = |_| {
            let service = service.clone();
            scope.spawn(|| serve(&mut *exchange(service, scenario), &awaited))
        };
        let running: Vec<_> = (0..threads).map(start).collect();
        let times = running.into_iter().map(ScopedJoinHandle::join);
        times.map(|times| times.expect("no app panics")).collect()
    });
    let first = times.iter().map(|(start, _)| *start).min();
    let last = times.iter().map(|(_, end)| *end).max();
    let spent = last.zip(first).map(|(last, first)| last - first);
    spent.unwrap_or_default().as_secs_f64() * 1e9 / f64::from(REQUESTS)
}

/// Serves requests, and returns when it started and ended. What it takes to make them is in every
/// service's time, and so in no difference.
fn serve(case: &mut dyn Case, awaited: &AtomicUsize) -> (Instant, Instant) {
    let mut serve = |requests| {
        for _ in 0..requests {
            case.prepare();
            case.serve();
        }
    };
    // One that panics is waited for no longer.
    let warm = AtWork(awaited);
    serve(WARM_UP);
    drop(warm);
    // A thread that sleeps would start late.
    while awaited.load(Ordering::Acquire) > 0 {
        spin_loop();
    }
    let start = Instant::now();
    serve(REQUESTS);
    (start, Instant::now())
}

/// A thread that the others wait for, until this is dropped.
struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What it would cost to clone a pointer to the policy for each request: all threads count in one
/// place.
#[derive(Clone)]
struct Counted<S> {
    inner: S,
    policy: Arc<Policy>,
}

impl<S: Service<R>, R> Service<R> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        let policy = black_box(Arc::clone(&self.policy));
        let future = self.inner.call(request);
        drop(policy);
        future
    }
}
