//! How a filter begins an exchange with the request itself, of which it copies nothing.
//!
//! warp has no filter that lends a request: each extracts a copy of a part. Only the `Info` of a
//! logger has the method, the path of any target, and the headers, and a logger has no way to hand
//! anything to the filter behind. So it leaves what it has made in a place of the thread. All is
//! left and taken in one call of `poll`, so that no other request comes between.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::ready;
use std::ops::ControlFlow;
use std::sync::Arc;

use cors_core::adapter::{self, AdapterOptions, Http1, PreparedPolicies, RequestParts};
use http::header::{self, HeaderMap};
use http::uri::Authority;
use warp::filters::log::Info;
use warp::http::StatusCode;
use warp::reply::{Reply as _, Response};
use warp::{Filter, Rejection};

pub(crate) type Prepared = adapter::Prepared<Http1>;
type Pointer = Arc<Prepared>;
pub(crate) type Exchange = adapter::Exchange<Http1, Pointer>;
type Begun = adapter::Begun<Response, Http1, Pointer>;

thread_local! {
    /// Nothing where the decision takes more than the headers of the protocol.
    static BEGUN: RefCell<Option<Begun>> = const { RefCell::new(None) };
    static AUTHORITY: Cell<Option<Authority>> = const { Cell::new(None) };
    static ANSWER: Cell<Option<Response>> = const { Cell::new(None) };
}

/// What every filter of a wrapper has. warp clones filters for each request.
pub(crate) struct Policies {
    pub(crate) prepared: Arc<PreparedPolicies<Pointer>>,
    pub(crate) options: AdapterOptions,
}

/// Extracts the exchange. Rejects where the app is not to be called, and leaves the answer for
/// [`take_answer`].
pub(crate) fn begin(
    policies: Policies,
) -> impl Filter<Extract = (Exchange,), Error = Rejection> + Clone + Send + Sync + use<> {
    let policies = Arc::new(policies);
    begin_plain(Arc::clone(&policies))
        .and(begin_otherwise(policies))
        .and_then(async || {
            let begun = BEGUN.take().ok_or_else(warp::reject)?;
            match begun.wait().await {
                ControlFlow::Continue(exchange) => Ok(exchange),
                ControlFlow::Break(answer) => {
                    ANSWER.set(Some(answer));
                    Err(warp::reject())
                }
            }
        })
}

/// Returns the answer to the request for which [`begin`] has just rejected.
pub(crate) fn take_answer() -> Response {
    let answer = ANSWER.take();
    // Nothing else rejects: the app's filter can't.
    answer.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Begins the exchange of a request whose authority is not read.
fn begin_plain(
    policies: Arc<Policies>,
) -> impl Filter<Extract = (), Error = Infallible> + Clone + Send + Sync {
    lent(move |request| {
        let Policies { prepared, options } = &*policies;
        let begun = prepared.begin_plain(options, &Head::of(&request), empty_response);
        BEGUN.set(begun.map(Begun::Ready));
    })
}

/// Begins the exchange of a request for which [`begin_plain`] has not.
fn begin_otherwise(
    policies: Arc<Policies>,
) -> impl Filter<Extract = (), Error = Infallible> + Clone + Send + Sync {
    let has_not_begun = || {
        ready(if has_begun() {
            Err(warp::reject())
        } else {
            Ok(())
        })
    };
    let begin = lent(move |request| {
        let Policies { prepared, options } = &*policies;
        let head = Head::with_authority(&request, AUTHORITY.take());
        BEGUN.set(Some(prepared.begin(options, &head, empty_response)));
    });
    warp::any()
        .and_then(has_not_begun)
        .untuple_one()
        .and(authority())
        .map(|authority| AUTHORITY.set(authority))
        .untuple_one()
        .and(begin)
        .or_else(|_: Rejection| ready(Ok::<_, Infallible>(())))
}

fn has_begun() -> bool {
    BEGUN.with_borrow(Option::is_some)
}

/// Calls a function with the request.
fn lent(
    look: impl Fn(Info<'_>) + Clone + Send + Sync,
) -> impl Filter<Extract = (), Error = Infallible> + Clone + Send + Sync {
    warp::any()
        .map(warp::reply)
        .with(warp::log::custom(look))
        .map(|_| ())
        .untuple_one()
}

/// Extracts the authority of the request's target, or else its `Host`; `None` where the two differ,
/// since a filter can't see which is which, and where there is neither.
fn authority() -> impl Filter<Extract = (Option<Authority>,), Error = Infallible> + Copy {
    warp::host::optional().or_else(|_: Rejection| ready(Ok::<_, Infallible>((None,))))
}

/// The head of a request that a filter has lent.
struct Head<'a> {
    request: &'a Info<'a>,
    authority: Option<Authority>,
    headers: Cow<'a, HeaderMap>,
}

impl<'a> Head<'a> {
    #[inline]
    fn of(request: &'a Info<'a>) -> Self {
        Self {
            request,
            authority: None,
            headers: Cow::Borrowed(request.request_headers()),
        }
    }

    fn with_authority(request: &'a Info<'a>, authority: Option<Authority>) -> Self {
        let mut headers = Cow::Borrowed(request.request_headers());
        let hosts = headers.get_all(header::HOST).iter().count();
        // warp has read the first line alone, and several name no host.
        let authority = authority.filter(|_| hosts <= 1);
        if authority.is_none() && hosts > 0 {
            // The line contradicts the target, or is no host, or there are several.
            headers.to_mut().remove(header::HOST);
        }
        Self {
            request,
            authority,
            headers,
        }
    }
}

impl RequestParts<Http1> for Head<'_> {
    #[inline]
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    #[inline]
    fn path(&self) -> &str {
        self.request.path()
    }

    fn authority(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::as_str)
    }

    #[inline]
    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

fn empty_response(status: u16) -> Response {
    let mut response = Response::default();
    *response.status_mut() =
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
    response
}
