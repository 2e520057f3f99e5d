use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use cors_core::adapter::{
    self, AdapterOptions, DecisionEvent, Http1, Mistake, PolicySource, PreparedPolicies,
    RequestParts,
};
use http::header::{self, HeaderMap};
use http::uri::Authority;
use http::{Method, StatusCode};
use warp::path::FullPath;
use warp::reject::Reject;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use crate::path::path;

type Prepared = adapter::Prepared<Http1>;
type Exchange = adapter::Exchange<Http1, Arc<Prepared>>;

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
        self.begin()
            .and(filter)
            .map(|mut exchange: Exchange, reply: F::Reply| {
                let mut response = reply.into_response();
                exchange.finish(&mut response);
                response
            })
            .or_else(|rejection: Rejection| ready(Ok((take_answer(&rejection),))))
    }

    /// Extracts the exchange; rejects with a [`PolicyAnswer`] where the app is not to be called.
    fn begin(
        &self,
    ) -> impl Filter<Extract = (Exchange,), Error = Rejection> + Clone + Send + Sync + use<> {
        let Self { policies, options } = self.clone();
        warp::method()
            .and(path())
            .and(warp::header::headers_cloned())
            .and(authority())
            .and_then(move |method, path, headers, authority| {
                let policies = Arc::clone(&policies);
                let options = options.clone();
                async move {
                    let head = Head::new(method, path, headers, authority);
                    begin(&policies, &options, &head).await
                }
            })
    }
}

/// The parts of a request's head that a filter sees.
struct Head {
    method: Method,
    path: Option<FullPath>,
    headers: HeaderMap,
    authority: Option<Authority>,
}

impl Head {
    fn new(
        method: Method,
        path: Option<FullPath>,
        mut headers: HeaderMap,
        mut authority: Option<Authority>,
    ) -> Self {
        if headers.get_all(header::HOST).iter().count() > 1 {
            // warp has read the first line alone, and several name no host.
            authority = None;
        }
        if authority.is_none() {
            // The `Host` line contradicts the target, or there is none, or there are several.
            headers.remove(header::HOST);
        }
        Self {
            method,
            path,
            headers,
            authority,
        }
    }
}

impl RequestParts<Http1> for Head {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.path.as_ref().map_or("", FullPath::as_str)
    }

    fn authority(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::as_str)
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

async fn begin(
    policies: &PreparedPolicies<Arc<Prepared>>,
    options: &AdapterOptions,
    head: &Head,
) -> Result<Exchange, Rejection> {
    match policies.begin(options, head, empty_response).wait().await {
        ControlFlow::Continue(exchange) => Ok(exchange),
        ControlFlow::Break(answer) => {
            let answer = PolicyAnswer(Mutex::new(Some(answer)));
            Err(warp::reject::custom(answer))
        }
    }
}

fn empty_response(status: u16) -> Response {
    let mut response = Response::default();
    *response.status_mut() =
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
    response
}

/// Extracts the authority of the request's target, or else its `Host`; `None` where the two differ,
/// since a filter can't see which is which, and where there is neither.
fn authority() -> impl Filter<Extract = (Option<Authority>,), Error = Infallible> + Copy {
    warp::host::optional().or_else(|_: Rejection| ready(Ok::<_, Infallible>((None,))))
}

/// A rejection that bypasses the app's filter: it has the adapter's own answer, until it is taken.
struct PolicyAnswer(Mutex<Option<Response>>);

impl Reject for PolicyAnswer {}

impl fmt::Debug for PolicyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("answered by the CORS policy")
    }
}

fn take_answer(rejection: &Rejection) -> Response {
    let answer = rejection
        .find::<PolicyAnswer>()
        .and_then(|PolicyAnswer(response)| response.lock().ok()?.take());
    // Nothing else rejects: the app's filter can't.
    answer.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
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
