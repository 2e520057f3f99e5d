//! CORS for a framework whose middlewares are `async fn`s of a request and a `Next`.

use std::ops::ControlFlow;
use std::sync::Arc;

use cors_core::adapter::{
    self, AdapterOptions, DecisionEvent, Http1, PolicySource, PreparedPolicies,
};

use super::router::{Middleware, Next, Request, Response, StatusCode};

type Prepared = adapter::Prepared<Http1>;

/// Applies a policy, or several: the outermost middleware of an app.
///
/// A clone is one reference count, however many origins the policy has.
#[derive(Clone, Debug)]
pub struct Cors {
    policies: Arc<PreparedPolicies<Arc<Prepared>>>,
    options: AdapterOptions,
}

impl Cors {
    /// Makes the middleware of an app, of a `Policy`, a `PolicyMap` or a `SharedPolicy`.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        let policies = PreparedPolicies::prepare(source, Arc::new);
        Self {
            policies: Arc::new(policies),
            options: AdapterOptions::default(),
        }
    }

    /// Makes the middleware of a route inside an app that has one too: its decision on an actual
    /// request wins over the outer one's.
    #[must_use]
    pub fn for_route(source: impl Into<PolicySource>) -> Self {
        let mut cors = Self::new(source);
        cors.options.for_route = true;
        cors
    }

    /// Puts each decision into the extensions, of the request for handlers, and of the response for
    /// an access log.
    #[must_use]
    pub const fn record_decisions(mut self) -> Self {
        self.options.record_decisions = true;
        self
    }

    /// Calls `listener` with the decision on each request, after those that were added before.
    #[must_use]
    pub fn on_decision(
        mut self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.options.listeners.add(listener);
        self
    }

    /// Puts policies into the shadow: the listener is told what they would have decided.
    #[must_use]
    pub fn shadow(mut self, source: impl Into<PolicySource>) -> Self {
        self.options.put_shadow(source);
        self
    }
}

impl Middleware for Cors {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Response {
        let begun = self.policies.begin(&self.options, &request, empty_response);
        let mut exchange = match begun.wait().await {
            ControlFlow::Break(answer) => return answer,
            ControlFlow::Continue(exchange) => exchange,
        };
        if let Some(decision) = exchange.decision_to_record() {
            request.extensions_mut().insert(decision);
        }
        let mut response = next.run(request).await;
        exchange.finish(&mut response);
        response
    }
}

fn empty_response(status: u16) -> Response {
    let mut response = Response::default();
    *response.status_mut() =
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
    response
}
