use std::cell::Cell;
use std::convert::Infallible;
use std::future::ready;

use warp::path::FullPath;
use warp::{Filter, Rejection};

thread_local! {
    /// Whether the request that is polled on this thread has a path.
    static HAS_PATH: Cell<bool> = const { Cell::new(true) };
}

/// Extracts the request's path, or nothing where the target has none, as in `CONNECT b.example:80`.
///
/// [`warp::path::full`], and every other filter that hands out a path, panics on such a target.
pub(crate) fn path()
-> impl Filter<Extract = (Option<FullPath>,), Error = Infallible> + Clone + Send + Sync {
    // Where something of the path is left to match, there is one.
    let nothing = warp::path::end().and(without_path()).map(|| None);
    nothing.or(warp::path::full().map(Some)).unify()
}

/// Rejects where the target has a path.
///
/// Of all that warp tells about a request, only the `Info` of a logger has the path of any target,
/// and a logger has no way to hand it to the filter behind. It is called, and what it has set is
/// read, in one call of `poll`, so that no other request comes between.
fn without_path() -> impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync {
    warp::any()
        .map(warp::reply)
        .with(warp::log::custom(|request| {
            HAS_PATH.set(!request.path().is_empty());
        }))
        .and_then(|_| {
            ready(if HAS_PATH.get() {
                Err(warp::reject())
            } else {
                Ok(())
            })
        })
        .untuple_one()
}
