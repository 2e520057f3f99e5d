use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;

use cors_core::adapter::{AdapterOptions, DecisionEvent, Mistake, PolicySource, PreparedPolicies};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use crate::begin::{Exchange, Policies, Prepared, begin, take_answer};

/// A wrapper that applies a [`Policy`](crate::Policy), or several, to a filter, for
/// [`warp::serve`].
///
/// A clone is one reference count, however many origins the policy has.
///
/// [`warp::serve`]: https://docs.rs/warp/0.4/warp/fn.serve.html
///
/// ```
/// use cors_warp::{Cors, Policy};
/// use warp::Filter;
///
/// # fn main() -> Result<(), cors_warp::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let routes = warp::path("tasks").map(|| "[]").recover(async |_| {
///     Ok::<_, std::convert::Infallible>(warp::http::StatusCode::NOT_FOUND)
/// });
/// let server = warp::serve(Cors::new(policy).wrap(routes));
/// # let _ = server;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    policies: Arc<PreparedPolicies<Arc<Prepared>>>,
    options: AdapterOptions,
}

impl Cors {
    /// Makes the wrapper for the filter of an app, or for a branch of one that has no other, from a
    /// `Policy`, a `PolicyMap` or, with the feature `reload`, a `SharedPolicy`.
    ///
    /// The paths of a map are whole paths, in a branch too.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        let policies = PreparedPolicies::prepare(source, Arc::new);
        Self {
            policies: Arc::new(policies),
            options: AdapterOptions::default(),
        }
    }

    /// Makes the wrapper for a branch inside an app that has a policy around it too. Its decision
    /// on an actual request wins over the outer one's, whether it is narrower or wider.
    ///
    /// The outer one answers preflights, since it sees them first. For the branch's own policy to
    /// apply to them too, give the outer one a `PolicyMap` that has this policy for the path. Or
    /// give it one that disables the path, and everything is left to the branch.
    #[must_use]
    pub fn for_route(source: impl Into<PolicySource>) -> Self {
        let mut cors = Self::new(source);
        cors.options.for_route = true;
        cors
    }

    /// Calls `listener` with the decision on each request that has a policy, once, before the app
    /// is called: for a log, for counters, for a trace.
    ///
    /// It runs on the thread of the request, so it should not block. One that panics is not called
    /// again, and the request goes on. A second call adds a listener.
    ///
    /// Each adapter tells its own decisions. Around one [`for_route`](Self::for_route), whose
    /// decision wins, this one is told too: leave the path out of the app's policies
    /// ([`disable_path`](cors_core::PolicyMapBuilder::disable_path)), and only the winner tells.
    ///
    /// ```
    /// use cors_warp::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_warp::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).on_decision(|event| {
    ///     if event.decision().refusal().is_some() && !event.is_same_origin() {
    ///         eprintln!("{} {}: {}", event.method(), event.path(), event.explanation());
    ///     }
    /// });
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_decision(
        mut self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.options.listeners.add(listener);
        self
    }

    /// Calls `listener` with each [`Mistake`](crate::Mistake) in the stack, once for each kind: CORS
    /// headers that the app sets itself, another adapter inside, preflights that something else
    /// answers. Without a listener nothing is looked for. The `log` of a debug
    /// build is one.
    ///
    /// ```
    /// use cors_warp::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_warp::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).on_mistake(|mistake| eprintln!("{mistake}"));
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_mistake(mut self, listener: impl Fn(&Mistake) + Send + Sync + 'static) -> Self {
        self.options.mistakes.add(listener);
        self
    }

    /// Writes refusals, and the policies that are in use, as events of `tracing`: see
    /// [`Log`](crate::Log). Listeners are told all the same.
    ///
    /// ```
    /// use cors_warp::{Cors, Log, Policy};
    ///
    /// # fn main() -> Result<(), cors_warp::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).log(Log::new());
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn log(mut self, log: cors_core::Log) -> Self {
        log.start(&mut self.options, &self.policies.source());
        self
    }

    /// Puts policies into the shadow of those that decide, to try them on live traffic: a `Policy`, a
    /// `PolicyMap` or, with the feature `reload`, a `SharedPolicy`. They take the place of the table
    /// `[shadow]` of a policy file.
    ///
    /// No response depends on them. The [listener](Self::on_decision) is told what they would have
    /// decided, and where that is [another response](crate::Difference). Without a listener they are
    /// not asked, and an asynchronous predicate never is.
    ///
    /// ```
    /// use cors_warp::{Cors, Difference, Policy};
    ///
    /// # fn main() -> Result<(), cors_warp::PolicyErrors> {
    /// let wide = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
    /// let narrow = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(wide).shadow(narrow).on_decision(|event| {
    ///     let is_foreign = !event.is_same_origin();
    ///     if is_foreign && event.shadow_difference() == Some(Difference::WouldRefuse) {
    ///         eprintln!("{:?} is still in use", event.origin());
    ///     }
    /// });
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn shadow(mut self, source: impl Into<PolicySource>) -> Self {
        self.options.put_shadow(source);
        self
    }

    /// Wraps a filter. The wrapped filter responds to every request that reaches it, under the
    /// policy.
    ///
    /// `filter` must not reject, since a rejection has no response to put headers on:
    /// [`recover`](Filter::recover) from every rejection inside, 404 included. For the same reason
    /// nothing is left for an [`or`](Filter::or) behind the wrapped filter. To have a policy for
    /// each branch, put the path of the branch in front:
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use cors_warp::{Cors, Policy};
    /// use warp::http::StatusCode;
    /// use warp::{Filter, Rejection, Reply};
    ///
    /// async fn refuse(_: Rejection) -> Result<impl Reply, Infallible> {
    ///     Ok(StatusCode::NOT_FOUND)
    /// }
    ///
    /// # fn main() -> Result<(), cors_warp::PolicyErrors> {
    /// let partners = Policy::builder().allow_origins(["https://partner.example"]).build()?;
    /// let public = Policy::builder().allow_origins(["*"]).build()?;
    ///
    /// let orders = warp::path("list").map(|| "[]").recover(refuse);
    /// let status = warp::path::end().map(|| "fine").recover(refuse);
    /// let app = warp::path("orders")
    ///     .and(Cors::new(partners).wrap(orders))
    ///     .or(warp::path("status").and(Cors::new(public).wrap(status)));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn wrap<F>(
        &self,
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<F>
    where
        F: RecoveredFilter,
    {
        let Self { policies, options } = self.clone();
        let policies = Policies {
            prepared: policies,
            options,
        };
        begin(policies)
            .and(filter)
            .map(|mut exchange: Exchange, reply: F::Reply| {
                let mut response = reply.into_response();
                exchange.finish(&mut response);
                response
            })
            .or_else(|_: Rejection| ready(Ok((take_answer(),))))
    }
}

/// A filter that has recovered from all rejections: every filter of one reply whose error is
/// [`Infallible`].
#[diagnostic::on_unimplemented(
    message = "this filter may reject, and a rejection has no response for CORS headers",
    label = "not a filter that has recovered",
    note = "end it with `.recover(..)`, whose function answers every rejection and returns `Result<impl Reply, Infallible>`",
    note = "write `Cors::new(policy).wrap(filter)`, or put `CorsLayer` around `warp::service(filter)`, which recovers by itself"
)]
pub trait RecoveredFilter:
    Filter<Extract = (<Self as RecoveredFilter>::Reply,), Error = Infallible> + Clone + Send + Sync
{
    /// The filter's one reply.
    type Reply: Reply;
}

#[diagnostic::do_not_recommend]
impl<F, R> RecoveredFilter for F
where
    F: Filter<Extract = (R,), Error = Infallible> + Clone + Send + Sync,
    R: Reply,
{
    type Reply = R;
}
