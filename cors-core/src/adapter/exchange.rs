//! [`Exchange`]: the engine that every adapter with owned header values shares.

use std::fmt;
use std::future::Future;
use std::ops::{ControlFlow, Deref};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::decided::Decided;
use super::header_types::{HeaderTypes, RequestParts, ResponseParts};
use super::options::AdapterOptions;
use super::plain::{self, Asked, Plain};
use super::prepared::PreparedPolicies;
use super::prepared_policy::Prepared;
use super::request_view::RequestView;
use super::told::{Told, tell};
use crate::evaluate::pending::{Evaluation, PendingDecision};
use crate::protocol::decision::Decision;
use crate::protocol::request::RequestHead as _;

/// One request under a policy: what is needed to write the headers of the app's response.
///
/// It [begins](PreparedPolicies::begin) with a request that is not answered in the app's stead. The
/// app is called, and the exchange [finishes](Self::finish) its response.
///
/// `P` points to the prepared policy: an `Arc`, or an `Rc` if each worker has its own.
#[must_use = "an exchange that is not finished leaves the response without its headers"]
pub struct Exchange<H: HeaderTypes, P> {
    plain: Plain<H, P>,
    /// Is there where the response takes a decision. Boxed, since few do, so that the others are
    /// moved faster.
    decided: Option<Box<Decided<H, P>>>,
}

/// The answer to a request, an exchange that has begun, or one that waits for its decision.
#[must_use = "an exchange that is not finished leaves the response without its headers"]
#[expect(clippy::exhaustive_enums, reason = "decided or not")]
pub enum Begun<A, H: HeaderTypes, P> {
    /// There is a decision: breaks with the answer, or continues with the exchange, for which the
    /// app is to be called.
    Ready(ControlFlow<A, Exchange<H, P>>),
    /// The decision depends on the policy's asynchronous predicate.
    Pending(PendingExchange<A, H, P>),
}

/// A future of the answer or of the exchange, which waits for the asynchronous predicate.
#[must_use = "a predicate that nobody awaits is not asked"]
pub struct PendingExchange<A, H: HeaderTypes, P> {
    pending: PendingDecision,
    respond: fn(u16) -> A,
    /// Taken when the predicate has its result; its decision does not count before.
    exchange: Option<Decided<H, P>>,
    /// What the listeners will be told, where there are any.
    told: Option<Box<Told>>,
}

impl<P> PreparedPolicies<P> {
    /// Begins as [`begin`](Self::begin) does, by the headers of the protocol alone, which is enough
    /// for most requests under most policies; `None` where it takes more.
    ///
    /// It is for adapters in which a request is expensive to move: nothing but its headers is lent
    /// to what does not become a part of the caller.
    #[inline(always)]
    pub fn begin_plain<H, R, A>(
        &self,
        options: &AdapterOptions,
        request: &R,
        respond: fn(u16) -> A,
    ) -> Option<ControlFlow<A, Exchange<H, P>>>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        A: ResponseParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        if !options.are_plain() {
            return None;
        }
        self.with_path(
            || request.path(),
            |prepared| plain(prepared?, request.method(), request.headers(), respond),
        )
    }

    /// Begins the exchange of a request under the policy of its path.
    ///
    /// `respond` makes an empty response with a status between 200 and 499. Headers that it has may
    /// be replaced.
    #[inline]
    pub fn begin<H, R, A>(
        &self,
        options: &AdapterOptions,
        request: &R,
        respond: fn(u16) -> A,
    ) -> Begun<A, H, P>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        A: ResponseParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        let view = RequestView::new(request);
        self.with(&view, |prepared| {
            let Some(prepared) = prepared else {
                self.tell_of_shadow_alone(options, &view);
                return Begun::Ready(ControlFlow::Continue(Exchange::uncovered()));
            };
            if options.are_plain()
                && let Some(begun) = plain(prepared, view.method(), view.headers(), respond)
            {
                return Begun::Ready(begun);
            }
            match prepared.policy().evaluate(&view) {
                Evaluation::Decided(decision) => {
                    tell(options, decision, prepared.policy(), &view);
                    Begun::Ready(proceed(options, prepared, decision, &view, respond))
                }
                Evaluation::Pending(pending) => Begun::Pending(PendingExchange {
                    told: Told::of(options, prepared.policy(), &view),
                    // The more permissive of the two decisions, so that all that it needs is kept.
                    exchange: Some(Decided::new(
                        prepared.clone(),
                        options,
                        pending.if_allowed(),
                        &view,
                    )),
                    pending,
                    respond,
                }),
            }
        })
    }

    /// Begins as [`begin`](Self::begin) does, without waiting for an asynchronous predicate: where
    /// the decision depends on it, the origin is refused.
    ///
    /// # Errors
    ///
    /// `Break` is not an error: it is the answer.
    #[inline]
    pub fn begin_without_waiting<H, R, A>(
        &self,
        options: &AdapterOptions,
        request: &R,
        respond: fn(u16) -> A,
    ) -> ControlFlow<A, Exchange<H, P>>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        A: ResponseParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        let view = RequestView::new(request);
        self.with(&view, |prepared| {
            let Some(prepared) = prepared else {
                self.tell_of_shadow_alone(options, &view);
                return ControlFlow::Continue(Exchange::uncovered());
            };
            if options.are_plain()
                && let Some(begun) = plain(prepared, view.method(), view.headers(), respond)
            {
                return begun;
            }
            decide(options, prepared, &view, respond)
        })
    }
}

/// Answers a preflight, or begins an exchange; `None` where it takes a decision.
#[inline(always)]
fn plain<H, P, A>(
    prepared: &P,
    method: &str,
    headers: &H::Map,
    respond: fn(u16) -> A,
) -> Option<ControlFlow<A, Exchange<H, P>>>
where
    H: HeaderTypes,
    A: ResponseParts<H>,
    P: Deref<Target = Prepared<H>> + Clone,
{
    if method == "OPTIONS" {
        match plain::answer(prepared, headers) {
            Asked::Nothing => {}
            Asked::Answer(answer) => return Some(ControlFlow::Break(answer.make(respond))),
            Asked::More => return None,
        }
    }
    let plain = plain::begin(prepared, headers)?;
    Some(ControlFlow::Continue(Exchange::plain(plain)))
}

/// Decides in full. Kept out of line, so that the plain way stays small.
#[inline(never)]
fn decide<H, P, R, A>(
    options: &AdapterOptions,
    prepared: &P,
    request: &RequestView<'_, H, R>,
    respond: fn(u16) -> A,
) -> ControlFlow<A, Exchange<H, P>>
where
    H: HeaderTypes,
    R: RequestParts<H>,
    A: ResponseParts<H>,
    P: Deref<Target = Prepared<H>> + Clone,
{
    let decision = prepared.policy().decide(request);
    tell(options, decision, prepared.policy(), request);
    proceed(options, prepared, decision, request, respond)
}

/// Answers, or continues with the exchange of a decision.
#[inline]
fn proceed<H, P, R, A>(
    options: &AdapterOptions,
    prepared: &P,
    decision: Decision,
    request: &RequestView<'_, H, R>,
    respond: fn(u16) -> A,
) -> ControlFlow<A, Exchange<H, P>>
where
    H: HeaderTypes,
    R: RequestParts<H>,
    A: ResponseParts<H>,
    P: Deref<Target = Prepared<H>> + Clone,
{
    if options.leave_no_marks()
        && let Some(plain) = Plain::of(prepared, decision, request.origin())
    {
        return ControlFlow::Continue(Exchange::plain(plain));
    }
    let decided = Decided::new(prepared.clone(), options, decision, request);
    answer_or_call(decided, respond)
}

#[inline]
fn answer_or_call<H, P, A>(
    decided: Decided<H, P>,
    respond: fn(u16) -> A,
) -> ControlFlow<A, Exchange<H, P>>
where
    H: HeaderTypes,
    A: ResponseParts<H>,
    P: Deref<Target = Prepared<H>>,
{
    match decided.answer(respond) {
        ControlFlow::Break(answer) => ControlFlow::Break(answer),
        ControlFlow::Continue(decided) => ControlFlow::Continue(Exchange {
            plain: Plain::uncovered(),
            decided: Some(Box::new(decided)),
        }),
    }
}

impl<H: HeaderTypes, P> Exchange<H, P> {
    /// Makes an exchange in which nothing is to be done.
    #[inline]
    pub const fn uncovered() -> Self {
        Self::plain(Plain::uncovered())
    }

    #[inline(always)]
    const fn plain(plain: Plain<H, P>) -> Self {
        Self {
            plain,
            decided: None,
        }
    }
}

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Exchange<H, P> {
    /// Returns the decision, if the options say to record it in the request's extensions.
    #[inline]
    #[must_use]
    pub const fn decision_to_record(&self) -> Option<Decision> {
        match &self.decided {
            Some(decided) => decided.decision_to_record(),
            None => None,
        }
    }

    /// Returns whether no policy covers the path: the response stays as it is.
    #[must_use]
    pub const fn is_uncovered(&self) -> bool {
        self.decided.is_none() && self.plain.is_uncovered()
    }

    /// Brings the headers of the app's response in line with the policy, unless an inner adapter
    /// has already applied its own.
    #[inline]
    pub fn finish(&mut self, response: &mut impl ResponseParts<H>) {
        match &mut self.decided {
            None => self.plain.finish(response),
            Some(decided) => decided.finish(response),
        }
    }
}

// Written by hand, since the derive would ask for a marker type that is `Clone`.
impl<H: HeaderTypes, P: Clone> Clone for Exchange<H, P> {
    fn clone(&self) -> Self {
        Self {
            plain: self.plain.clone(),
            decided: self.decided.clone(),
        }
    }
}

impl<H: HeaderTypes, P> fmt::Debug for Exchange<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.decided {
            Some(decided) => f
                .debug_tuple("Exchange")
                .field(&decided.decision())
                .finish(),
            None if self.plain.is_uncovered() => f.write_str("Exchange(uncovered)"),
            None => f.write_str("Exchange(by origin)"),
        }
    }
}

impl<A, H: HeaderTypes, P> fmt::Debug for PendingExchange<A, H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingExchange").finish_non_exhaustive()
    }
}

impl<A, H: HeaderTypes, P> fmt::Debug for Begun<A, H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(ControlFlow::Break(_)) => f.write_str("answer"),
            Self::Ready(ControlFlow::Continue(exchange)) => exchange.fmt(f),
            Self::Pending(pending) => pending.fmt(f),
        }
    }
}

// Nothing in it is pinned in place.
impl<A, H: HeaderTypes, P> Unpin for PendingExchange<A, H, P> {}

impl<A, H, P> Future for PendingExchange<A, H, P>
where
    A: ResponseParts<H>,
    H: HeaderTypes,
    P: Deref<Target = Prepared<H>>,
{
    type Output = ControlFlow<A, Exchange<H, P>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let decision = ready!(Pin::new(&mut self.pending).poll(context));
        let exchange = self.exchange.take().expect(POLLED_AGAIN);
        let exchange = exchange.decided(decision);
        if let Some(told) = &self.told {
            told.tell(decision, exchange.policy(), self.pending.error());
        }
        Poll::Ready(answer_or_call(exchange, self.respond))
    }
}

const POLLED_AGAIN: &str = "a future is not polled after it has completed";

impl<A, H, P> Begun<A, H, P>
where
    A: ResponseParts<H>,
    H: HeaderTypes,
    P: Deref<Target = Prepared<H>>,
{
    /// Waits for the decision, where there is none yet.
    ///
    /// # Errors
    ///
    /// `Break` is not an error: it is the answer.
    pub async fn wait(self) -> ControlFlow<A, Exchange<H, P>> {
        match self {
            Self::Ready(begun) => begun,
            Self::Pending(pending) => pending.await,
        }
    }
}
