use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use cors_core::http::{Judged, Snapshot};
use cors_core::{PolicySource, ServeOptions, Served};
use http::header::{self, HeaderMap};
use http::uri::{self, Authority, Scheme};
use http::{Method, Request, StatusCode, Uri};
use warp::path::FullPath;
use warp::reject::Reject;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

/// Serves a [`Policy`](crate::Policy), or several, around a filter, for [`warp::serve`].
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
    served: Arc<Served<Arc<Snapshot>>>,
    options: ServeOptions,
}

impl Cors {
    /// For the filter of an app, or for a branch of one that has no other: a `Policy`, or, with
    /// the feature of that name, a `PolicyMap` (`paths`) or a `SharedPolicy` (`reload`).
    ///
    /// The paths of a map are whole paths, in a branch too.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        Self {
            served: Arc::new(Snapshot::serve(source)),
            options: ServeOptions::default(),
        }
    }

    /// For a branch inside an app that has a policy around it too: its decision on an actual
    /// request wins over the outer one's, whether it is narrower or wider.
    ///
    /// Preflights are answered by the outer one, which sees them first. Where they are to be the
    /// branch's own too, let the outer one serve a `PolicyMap` that has the policy for this path;
    /// or that switches the path off, and everything is left to the branch.
    #[must_use]
    pub fn for_route(source: impl Into<PolicySource>) -> Self {
        let mut cors = Self::new(source);
        cors.options.for_route = true;
        cors
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
        self.decide()
            .and(filter)
            .map(|judged: Option<Judged>, reply: R| {
                let mut response = reply.into_response();
                if let Some(mut judged) = judged {
                    judged.apply(&mut response);
                }
                response
            })
            .or_else(|rejection: Rejection| ready(Ok((answer(&rejection),))))
    }

    /// Rejects with an [`Answer`] where the app is not to be called.
    fn decide(
        &self,
    ) -> impl Filter<Extract = (Option<Judged>,), Error = Rejection> + Clone + Send + Sync + use<>
    {
        let Self { served, options } = self.clone();
        warp::method()
            .and(warp::path::full())
            .and(warp::header::headers_cloned())
            .and(authority())
            .and_then(move |method, path: FullPath, headers, authority| {
                let served = Arc::clone(&served);
                async move {
                    let request = head(method, &path, headers, authority);
                    decide(&served, options, request).await
                }
            })
    }
}

/// All that a filter can see of a request's head.
fn head(
    method: Method,
    path: &FullPath,
    mut headers: HeaderMap,
    authority: Option<Authority>,
) -> Request<()> {
    if authority.is_none() {
        headers.remove(header::HOST);
    }
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    *request.uri_mut() = uri(path, authority);
    request
}

fn uri(path: &FullPath, authority: Option<Authority>) -> Uri {
    let mut parts = uri::Parts::default();
    // It was part of an URI before.
    parts.path_and_query = path.as_str().parse().ok();
    if authority.is_some() {
        // No authority without a scheme, and none without a path. It is not looked at.
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = authority;
    }
    Uri::from_parts(parts).unwrap_or_default()
}

/// What is left to do for the response; nothing where there is no policy for the path.
async fn decide(
    served: &Served<Arc<Snapshot>>,
    options: ServeOptions,
    mut request: Request<()>,
) -> Result<Option<Judged>, Rejection> {
    let Some(snapshot) = served.of(&request) else {
        return Ok(None);
    };
    let mut judged = snapshot.judge(options, &request);
    if let Some(question) = judged.question(&request) {
        let answer = question.await;
        judged = judged.answered(&request, answer);
    }
    match judged.answer(&mut request) {
        ControlFlow::Continue(judged) => Ok(Some(judged)),
        ControlFlow::Break(response) => {
            let answer = Answer(Mutex::new(Some(response)));
            Err(warp::reject::custom(answer))
        }
    }
}

/// What the request's target names, or else its `Host`; `None` where they differ, since a filter
/// can't see which is which, and where they name nothing.
fn authority() -> impl Filter<Extract = (Option<Authority>,), Error = Infallible> + Copy {
    warp::host::optional().or_else(|_: Rejection| ready(Ok::<_, Infallible>((None,))))
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
