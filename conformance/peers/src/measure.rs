//! Instructions and heap allocations of a [`Case`].

use stats_alloc::Stats;

use crate::allocator;
use crate::case::Case;
use crate::contender::Contender;
use crate::place::Place;
use crate::scenario::Scenario;

/// How much of a case is measured.
///
/// A hash table is keyed at random, and what a reallocation costs hangs on what stands beside it on
/// the heap, so a case is set up several times, each instance has a profile of its own, and the
/// median counts.
#[derive(Clone, Copy)]
pub struct Amount {
    pub instances: usize,
    /// Requests of each instance before the first that is measured: pools fill, values become
    /// shared.
    warm_up: u32,
    /// Of each instance.
    pub requests: u32,
}

impl Amount {
    pub fn of(place: Place, scenario: &Scenario) -> Self {
        let (instances, warm_up, requests) = match (place, scenario.name) {
            // The list takes long to set up.
            (_, "C10k") => (3, 16, 8),
            (
                Place::Tower
                | Place::TowerListening
                | Place::TowerCounting
                | Place::TowerShared
                | Place::Axum
                | Place::AxumOuter,
                _,
            ) => (15, 16, 4),
            // A request is millions of instructions of some peers.
            (Place::Rocket, "G" | "G2" | "G3" | "G4") => (9, 4, 8),
            (_, "G" | "G2" | "G3" | "G4") => (9, 4, 2),
            // Each header map has a key of its own.
            (Place::Rocket, _) => (15, 16, 64),
            _ => (15, 16, 4),
        };
        Self {
            instances,
            warm_up,
            requests,
        }
    }
}

/// Returns the cases of every place, in the order of their profiles.
pub fn cases() -> impl Iterator<Item = (Contender, Scenario)> {
    Scenario::all()
        .into_iter()
        .flat_map(|scenario| Contender::ALL.map(|contender| (contender, scenario.clone())))
}

/// Runs every case of a place, for callgrind to look at.
pub fn run_all(place: Place) {
    for (contender, scenario) in cases() {
        let amount = Amount::of(place, &scenario);
        let mut neighbours = Vec::new();
        for instance in 0..amount.instances {
            neighbours.push(vec![0_u8; 40 + 56 * instance]);
            if let Some(mut case) = place.case(contender, &scenario) {
                run(&mut *case, amount);
            }
            peers_instance_ends();
        }
    }
}

fn run(case: &mut dyn Case, amount: Amount) {
    for _ in 0..amount.warm_up {
        case.prepare();
        case.serve();
    }
    for _ in 0..amount.requests {
        case.prepare();
        peers_measured_region(case);
    }
}

/// Serves the requests that callgrind counts. callgrind finds the function by its name.
#[inline(never)]
fn peers_measured_region(case: &mut dyn Case) {
    case.serve();
}

/// Marks the end of an instance, where callgrind writes a profile. It finds the function by its
/// name.
#[inline(never)]
fn peers_instance_ends() {
    std::hint::black_box(());
}

/// The allocations of one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap {
    /// Reallocations are counted too.
    pub allocations: i64,
    pub bytes: i64,
}

/// Returns the median of a few requests: a pool may grow in one of them.
pub fn heap(case: &mut dyn Case) -> Heap {
    for _ in 0..8 {
        case.prepare();
        case.serve();
    }
    let mut found = [(0, 0); 9];
    for slot in &mut found {
        case.prepare();
        let region = allocator::region();
        case.serve();
        let Stats {
            allocations,
            reallocations,
            bytes_allocated,
            ..
        } = region.change();
        *slot = (allocations + reallocations, bytes_allocated);
    }
    found.sort_unstable();
    let (allocations, bytes) = found[found.len() / 2];
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Heap {
        allocations: number(allocations),
        bytes: number(bytes),
    }
}
