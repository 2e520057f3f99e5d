//! Whoever answers a request, in whatever spelling of its path, the response grants nobody more
//! than the policy of that handler's own path, and where that policy rejects, the handler does not
//! run.
//!
//! What answers is found out first, by requests without an origin, which no policy touches. So no
//! test has to know how a router reads a path.

mod client;
mod files;
mod judge;
mod normalized;
mod rules;
mod spellings;
mod test_app;
