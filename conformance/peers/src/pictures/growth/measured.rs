//! The time of a request and of the set-up.

use std::time::{Duration, Instant};

use crate::case::Case;
use crate::contender::Contender;
use crate::place::Place;
use crate::scenario::Scenario;

const COUNTS: [usize; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// Nanoseconds by the number of origins.
pub type Curve = Vec<(f64, f64)>;

/// Those of this library, and those of the peer.
pub struct Curves {
    pub request: [Curve; 2],
    pub set_up: [Curve; 2],
}

impl Curves {
    pub fn of(place: Place) -> Self {
        let mut curves = Self {
            request: Default::default(),
            set_up: Default::default(),
        };
        for count in COUNTS {
            let scenario = Scenario::last_of(count);
            let bare = best(place, Contender::Bare, &scenario).request;
            for (index, contender) in [Contender::Ours, Contender::Peer].into_iter().enumerate() {
                let best = best(place, contender, &scenario);
                let count = count as f64;
                curves.request[index].push((count, (best.request - bare).max(1.0)));
                curves.set_up[index].push((count, best.set_up));
            }
        }
        curves
    }
}

/// Nanoseconds.
struct Times {
    request: f64,
    set_up: f64,
}

/// Returns the best of a few set-ups, and the best batch of requests of each: other work on the
/// machine spoils these least.
fn best(place: Place, contender: Contender, scenario: &Scenario) -> Times {
    let mut best = Times {
        request: f64::INFINITY,
        set_up: f64::INFINITY,
    };
    let start = Instant::now();
    for _ in 0..SET_UPS {
        let before = Instant::now();
        let case = place.case(contender, scenario);
        best.set_up = best.set_up.min(nanoseconds(before.elapsed()));
        let mut case = case.expect("everybody can list origins");
        best.request = best.request.min(best_batch(&mut *case));
        if start.elapsed() > ENOUGH {
            break;
        }
    }
    best
}

const SET_UPS: usize = 20;
const ENOUGH: Duration = Duration::from_secs(2);

/// Returns the time of a request in the best of many batches.
fn best_batch(case: &mut dyn Case) -> f64 {
    for _ in 0..16 {
        case.prepare();
        case.serve();
    }
    let mut size = 256;
    let mut best = f64::INFINITY;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(40) {
        let before = Instant::now();
        for _ in 0..size {
            case.prepare();
            case.serve();
        }
        let spent = before.elapsed();
        best = best.min(nanoseconds(spent) / f64::from(size));
        if spent > Duration::from_millis(1) {
            size = (size / 2).max(1);
        }
    }
    best
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}
