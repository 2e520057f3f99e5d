//! [`AsyncPredicate`]: origins that a database or another service decides on.

use std::fmt;
use std::future::{Future, ready};
use std::mem;
use std::pin::Pin;

use super::predicate::{OriginQuery, Panicked, drop_foreign, unless_panicked};
use super::setting_text::SettingTexts;

/// A predicate that waits for its result: for a database, for another service. See
/// [`PolicyBuilder::allow_origin_if_async`](crate::PolicyBuilder::allow_origin_if_async).
///
/// `Ok(true)` allows the origin. Everything else refuses it: `Ok(false)`, an error, a panic, or no
/// result by the time that the future of its [timeout](Self::timeout_with) completes. The
/// [explanation](crate::Policy::explain_async) has the text of an error, escaped and shortened.
///
/// ```
/// use std::time::Duration;
///
/// use cors_core::{AsyncPredicate, OriginQuery, Policy};
///
/// # async fn is_known(_: OriginQuery<'static>) -> std::io::Result<bool> { Ok(true) }
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let known = AsyncPredicate::new(async |query| is_known(query).await)
///     .timeout_with(|| tokio::time::sleep(Duration::from_millis(250)));
/// let policy = Policy::builder().allow_origin_if_async(known).build()?;
/// # let _ = policy;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct AsyncPredicate {
    reads: Vec<String>,
    ask: Box<Ask>,
    timeout: Option<Box<Timeout>>,
}

/// The future of a predicate's result; an error is its text.
pub(crate) type Asked = Pin<Box<dyn Future<Output = Result<bool, String>> + Send>>;
pub(crate) type TimedOut = Pin<Box<dyn Future<Output = ()> + Send>>;
type Ask = dyn Fn(OriginQuery<'static>) -> Asked + Send + Sync;
type Timeout = dyn Fn() -> TimedOut + Send + Sync;

impl AsyncPredicate {
    /// Makes a predicate that reads no request headers. It still needs a
    /// [timeout](Self::timeout_with).
    pub fn new<F, E>(predicate: impl Fn(OriginQuery<'static>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<bool, E>> + Send + 'static,
        E: fmt::Display,
    {
        Self {
            reads: Vec::new(),
            ask: Box::new(move |query| {
                let result = predicate(query);
                Box::pin(async move { result.await.map_err(|error| error.to_string()) })
            }),
            timeout: None,
        }
    }

    /// Declares request headers that the predicate reads; see
    /// [`Predicate::reads`](crate::Predicate::reads).
    pub fn reads<M>(mut self, names: impl SettingTexts<M>) -> Self {
        names.push_to(&mut self.reads);
        self
    }

    /// Sets the future that ends the wait: `timeout` is called when the predicate is asked.
    ///
    /// The core has no runtime, so the timer comes from yours, as in
    /// `|| tokio::time::sleep(Duration::from_millis(250))`. For a predicate that always ends by
    /// itself, use `std::future::pending`.
    pub fn timeout_with<T>(mut self, timeout: impl Fn() -> T + Send + Sync + 'static) -> Self
    where
        T: Future<Output = ()> + Send + 'static,
    {
        self.timeout = Some(Box::new(move || Box::pin(timeout())));
        self
    }

    pub(crate) fn declared(&self) -> &[String] {
        &self.reads
    }

    /// Replaces the names by their checked and normalised form.
    pub(crate) fn set_declared(&mut self, names: Vec<String>) {
        self.reads = names;
    }

    pub(crate) const fn has_timeout(&self) -> bool {
        self.timeout.is_some()
    }

    /// Calls the predicate and its timeout; nothing is polled yet.
    pub(crate) fn ask(&self, query: OriginQuery<'static>) -> Result<(Asked, TimedOut), Panicked> {
        unless_panicked(|| {
            let timed_out: TimedOut = match &self.timeout {
                Some(timeout) => timeout(),
                // A policy is not built with a predicate that has no timeout.
                None => Box::pin(ready(())),
            };
            ((self.ask)(query), timed_out)
        })
    }
}

impl Drop for AsyncPredicate {
    /// Ends a panic here: the last one to use a policy is a request, or who replaces the policy.
    fn drop(&mut self) {
        let none = Box::new(|_| -> Asked { Box::pin(ready(Ok(false))) });
        drop_foreign(mem::replace(&mut self.ask, none));
        drop_foreign(self.timeout.take());
    }
}

impl fmt::Debug for AsyncPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncPredicate")
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}
