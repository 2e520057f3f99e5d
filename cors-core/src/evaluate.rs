//! The evaluation of a request under a policy, and what is made of a decision: header fields or
//! words.
//!
//! Every public method of [`Policy`] is in this file.

pub(crate) mod apply;
pub(crate) mod by_origin;
pub(crate) mod decide;
pub(crate) mod explain;
mod judge_origin;
mod overridden;
pub(crate) mod pending;
mod refused;
pub(crate) mod same_origin;

use std::future::Future;
use std::ops::ControlFlow;

use self::explain::{Evidence, Explanation};
use self::pending::{Evaluation, PendingDecision};
use crate::policy::Policy;
use crate::policy::builder::PolicyBuilder;
use crate::policy::config::PolicyConfig;
use crate::protocol::decision::Decision;
use crate::protocol::field::RequestField;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{FieldValue, RequestHead};

impl Policy {
    /// Begins a policy that allows nobody.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// Returns the settings as they were written. They build the same policy again, except for
    /// predicates, which [`predicate_count`](Self::predicate_count) counts.
    ///
    /// ```
    /// use cors_core::Policy;
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// assert_eq!(policy.config().allow_origins, ["https://app.example.com"]);
    /// let same = policy.config().build()?;
    /// assert_eq!(same.config(), policy.config());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn config(&self) -> PolicyConfig {
        self.compiled().config()
    }

    /// Returns the number of predicates, an asynchronous one included: [`config`](Self::config)
    /// can't show them.
    #[must_use]
    pub fn predicate_count(&self) -> usize {
        let origins = &self.compiled().origins;
        origins.predicates.len() + usize::from(origins.async_predicate.is_some())
    }

    /// Decides on a request under this policy.
    ///
    /// It never fails, never blocks, and allocates nothing. It asks the policy's predicates, but
    /// not an asynchronous one: where the decision depends on that one, it is a refusal.
    /// [`evaluate`](Self::evaluate) waits for it.
    ///
    /// Standard: [CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol).
    #[inline]
    #[must_use]
    pub fn decide(&self, request: &dyn RequestHead) -> Decision {
        self.compiled().evaluate(request, &mut None)
    }

    /// Evaluates a request: decides as [`decide`](Self::decide) does, or returns a future of the
    /// decision where it depends on an asynchronous predicate.
    ///
    /// ```
    /// use cors_core::{Decision, Policy};
    /// use cors_core::adapter::RequestHead;
    ///
    /// async fn is_allowed(policy: &Policy, request: &dyn RequestHead) -> bool {
    ///     let decision: Decision = policy.evaluate(request).await;
    ///     decision.is_allowed()
    /// }
    /// ```
    #[inline]
    pub fn evaluate(&self, request: &dyn RequestHead) -> Evaluation {
        let policy = self.compiled();
        let mut failure = None;
        let decision = policy.evaluate(request, &mut failure);
        if decision.refusal() == Some(Refusal::PredicateNotAsked) {
            Evaluation::Pending(PendingDecision::ask(policy, decision, failure, request))
        } else {
            Evaluation::Decided(decision)
        }
    }

    /// Returns whether pages of this origin may read responses; for use outside an adapter, such as
    /// in a WebSocket handshake or in a message handler.
    ///
    /// `origin` is the value of one `Origin` header, unchanged. Predicates are asked as for a GET
    /// request for `/` without a host and without the headers that they declare. An asynchronous
    /// predicate is not asked, so an origin that depends on one is not allowed.
    ///
    /// ```
    /// use cors_core::Policy;
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
    /// assert!(policy.allows_origin("https://app.example.com"));
    /// assert!(!policy.allows_origin("https://app.example.com.evil.net"));
    /// assert!(!policy.allows_origin("null"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        let value = FieldValue::Single(origin.as_bytes());
        let (_, verdict) = self.compiled().judge_origin(value, &OriginAlone(origin));
        verdict.is_ok()
    }

    /// Decides as [`decide`](Self::decide) does, in the same evaluation, and says why in words.
    ///
    /// It allocates, so use it for a log of refusals and for diagnosis, not for each request.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use cors_core::Policy;
    /// # use cors_core::adapter::{RequestField, RequestHead};
    /// # struct Get(&'static str);
    /// # impl RequestHead for Get {
    /// #     fn method(&self) -> &str { "GET" }
    /// #     fn path(&self) -> &str { "/" }
    /// #     fn authority(&self) -> Option<&str> { None }
    /// #     fn each_line<'a>(&'a self, field: RequestField<'_>, visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>) {
    /// #         if field == RequestField::Origin { let _ = visit(self.0.as_bytes()); }
    /// #     }
    /// # }
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// # let request = Get("http://app.example.com");
    /// let explanation = policy.explain(&request);
    /// assert_eq!(
    ///     explanation.to_string(),
    ///     "actual request refused: the policy allows no origin \"http://app.example.com\" \
    ///      (it allows \"https://app.example.com\"). \
    ///      To allow it, add \"http://app.example.com\" to allow_origins."
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn explain(&self, request: &dyn RequestHead) -> Explanation {
        let policy = self.compiled();
        let mut failure = None;
        let decision = policy.evaluate(request, &mut failure);
        let evidence = Evidence::of(
            policy,
            decision,
            failure.and_then(|failure| failure.value),
            request,
        );
        policy.explanation(evidence, None)
    }

    /// Explains as [`explain`](Self::explain) does, and waits for an asynchronous predicate where
    /// the decision depends on it. The explanation has the text of the predicate's error.
    ///
    /// The future borrows neither the policy nor the request.
    pub fn explain_async(
        &self,
        request: &dyn RequestHead,
    ) -> impl Future<Output = Explanation> + Send + use<> {
        let policy = self.clone();
        let mut failure = None;
        let decision = policy.compiled().evaluate(request, &mut failure);
        let evidence = Evidence::of(
            policy.compiled(),
            decision,
            failure.and_then(|failure| failure.value),
            request,
        );
        let pending = (decision.refusal() == Some(Refusal::PredicateNotAsked))
            .then(|| PendingDecision::ask(policy.compiled(), decision, failure, request));
        async move {
            let Some(mut pending) = pending else {
                return policy.compiled().explanation(evidence, None);
            };
            let decision = (&mut pending).await;
            policy
                .compiled()
                .explanation(evidence.decided(decision), pending.error())
        }
    }
}

/// A GET request that has an `Origin` and nothing else.
struct OriginAlone<'a>(&'a str);

impl RequestHead for OriginAlone<'_> {
    fn method(&self) -> &str {
        "GET"
    }

    fn path(&self) -> &str {
        "/"
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Origin {
            // There is only one line, so it does not matter whether the visitor breaks.
            let _ = visit(self.0.as_bytes());
        }
    }
}
