use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex};

use cors_core::http::Snapshot;
use cors_core::{Decision, Echoes, Policy};
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, StatusCode, Uri, uri};
use warp::reject::Reject;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

/// Serves a [`Policy`] around a filter, for [`warp::serve`].
///
/// A clone is one reference count, however many origins the policy has.
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
    snapshot: Arc<Snapshot>,
}

impl Cors {
    /// For the filter of an app, or for a branch of one that has no other.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            snapshot: Arc::new(Snapshot::new(policy)),
        }
    }

    /// For a branch inside an app that has a policy around it too: its decision on an actual
    /// request wins over the outer one's, whether it is narrower or wider.
    ///
    /// Preflights are answered by the outer one, unless its policy has `preflight_passthrough`:
    /// then they reach this one.
    #[must_use]
    pub fn for_route(policy: Policy) -> Self {
        Self {
            snapshot: Arc::new(Snapshot::for_route(policy)),
        }
    }

    /// The filter under the policy: it answers every request that reaches it.
    ///
    /// `filter` must not reject, since what rejects has no response that headers could be put on:
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
    pub fn wrap<F, R>(
        &self,
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + use<F, R>
    where
        F: Filter<Extract = (R,), Error = Infallible> + Clone + Send + Sync,
        R: Reply,
    {
        let snapshot = Arc::clone(&self.snapshot);
        self.decide()
            .and(filter)
            .map(move |decided: Decided, reply: R| {
                let mut response = reply.into_response();
                snapshot.apply(decided.decision, decided.echoes, &mut response);
                response
            })
            .or_else(|rejection: Rejection| ready(Ok((answer(&rejection),))))
    }

    /// Rejects with an [`Answer`] where the app is not to be called.
    fn decide(
        &self,
    ) -> impl Filter<Extract = (Decided,), Error = Rejection> + Clone + Send + Sync + use<> {
        let snapshot = Arc::clone(&self.snapshot);
        warp::method()
            .and(warp::header::headers_cloned())
            .and(authority())
            .and_then(move |method, headers, authority| {
                ready(decide(&snapshot, method, headers, authority))
            })
    }
}

/// The decision on a request that the app is called for.
struct Decided {
    decision: Decision,
    echoes: Echoes<HeaderValue>,
}

fn decide(
    snapshot: &Snapshot,
    method: Method,
    mut headers: HeaderMap,
    authority: Option<Authority>,
) -> Result<Decided, Rejection> {
    if authority.is_none() {
        headers.remove(header::HOST);
    }
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    *request.uri_mut() = authority.map(uri_of).unwrap_or_default();
    let decision = snapshot.decide(&request);
    match snapshot.answer(decision, request.headers()) {
        Some(response) => Err(warp::reject::custom(Answer(Mutex::new(Some(response))))),
        None => Ok(Decided {
            decision,
            echoes: snapshot.echoes(decision, request.headers()),
        }),
    }
}

/// What the request's target names, or else its `Host`; `None` where they differ, since a filter
/// can't see which is which, and where they name nothing.
fn authority() -> impl Filter<Extract = (Option<Authority>,), Error = Infallible> + Copy {
    warp::host::optional().or_else(|_: Rejection| ready(Ok::<_, Infallible>((None,))))
}

fn uri_of(authority: Authority) -> Uri {
    let mut parts = uri::Parts::default();
    parts.authority = Some(authority);
    Uri::from_parts(parts).unwrap_or_default()
}

/// The way past the app's filter: the policy's own answer, until it is taken.
struct Answer(Mutex<Option<Response>>);

impl Reject for Answer {}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("answered by the CORS policy")
    }
}

fn answer(rejection: &Rejection) -> Response {
    let answer = rejection
        .find::<Answer>()
        .and_then(|Answer(response)| response.lock().ok()?.take());
    // Nothing else rejects: the app's filter can't.
    answer.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
