use std::collections::BTreeMap;
use std::sync::Arc;

use cors_core::adapter::PolicySource;
use cors_core::{DecisionEvent, Mistake};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Build, Data, Request, Response, Rocket};

use crate::attached::Attached;
use crate::policies::Policies;
use crate::{decide, finish, form_method};

/// Routes under a policy of their own; [`Cors::mount`](crate::Cors::mount) makes it. Attach it.
///
/// It mounts the routes and responds to preflights for their paths, whatever catch-all routes the
/// app has besides. The response that a catcher makes from an error of one of these routes, such as
/// a failed guard or a panic, gets the headers too.
///
/// In an app that has a [`Cors`](crate::Cors) fairing too, the policy of the routes wins, for
/// preflights as for actual requests: one that it passes through, by `preflight_passthrough`, is not
/// answered by the app's policy either, and whatever responds has the headers of the routes' policy.
/// In the other frameworks the outer layer sees a preflight first, and answers it unless it passes
/// preflights through itself. A request that the app's policy rejects, by
/// `reject_disallowed_origins`, for its host, or for [`_method` in a form](crate#security), does not
/// reach the routes; a preflight for a host that the app's policy does not allow neither.
///
/// Mounts may overlap, as one of `/<_..>` and one of `/notes` do. An actual request has the policy of
/// the mount whose route responds. A preflight has that of the mount whose route for the path Rocket
/// would try first, by its rank, whatever the method; of two with the same rank it is the mount that
/// is attached first. No other mount has a say about it, even where that one passes it through or has
/// no policy for the path.
#[derive(Clone, Debug)]
pub struct CorsMount {
    policies: Arc<Policies>,
    base: String,
    routes: Vec<Route>,
}

impl CorsMount {
    pub(crate) const fn new(policies: Arc<Policies>, base: String, routes: Vec<Route>) -> Self {
        Self {
            policies,
            base,
            routes,
        }
    }
}

impl CorsMount {
    /// Calls `listener` with the final decision on each request that the policy of these routes
    /// decides: see [`Cors::on_decision`](crate::Cors::on_decision).
    ///
    /// The listeners and the log of the app are then not told of these decisions. Without a listener
    /// and a log here, they are.
    #[must_use]
    pub fn on_decision(
        mut self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.policies = self.policies.with_listener(listener);
        self
    }

    /// Calls `listener` with each mistake in the stack of these routes: see
    /// [`Cors::on_mistake`](crate::Cors::on_mistake).
    #[must_use]
    pub fn on_mistake(mut self, listener: impl Fn(&Mistake) + Send + Sync + 'static) -> Self {
        self.policies = self.policies.with_mistakes(listener);
        self
    }

    /// Writes the refusals of these routes, and their policies, as events of `tracing`: see
    /// [`Cors::log`](crate::Cors::log).
    ///
    /// As with [`on_decision`](Self::on_decision), it takes the place of the listeners and the log
    /// of the app.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn log(mut self, log: cors_core::Log) -> Self {
        self.policies = self.policies.with_log(log);
        self
    }

    /// Puts policies into the shadow of those of these routes: see
    /// [`Cors::shadow`](crate::Cors::shadow).
    #[must_use]
    pub fn shadow(mut self, source: impl Into<PolicySource>) -> Self {
        self.policies = self.policies.with_shadow(source.into());
        self
    }
}

#[rocket::async_trait]
impl Fairing for CorsMount {
    fn info(&self) -> Info {
        Info {
            name: "CORS mount",
            kind: Kind::Ignite | Kind::Request | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let mut routes = self.routes.clone();
        let mut paths = BTreeMap::new();
        for route in &routes {
            let first = paths.entry(route.uri.path().to_owned());
            let first = first.or_insert(route.rank);
            *first = route.rank.min(*first);
        }
        for route in &mut routes {
            route.handler = Box::new(CorsHandler {
                policies: Arc::clone(&self.policies),
                handler: route.handler.clone(),
            });
        }
        for (number, (path, rank)) in (rocket.routes().count()..).zip(paths) {
            let preflights = Preflights {
                policies: Arc::clone(&self.policies),
            };
            let rank = rank_of_preflights(rank, number);
            let mut route = Route::ranked(rank, Method::Options, &path, preflights);
            route.name = Some("CORS".into());
            routes.push(route);
        }
        Ok(Attached::note_mount(rocket).mount(self.base.as_str(), routes))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        decide::note_head(request);
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        finish::finish_for_mount(&self.policies, request, response);
    }
}

/// Returns the rank of the route for the preflights of a path, whose routes have `rank` or come
/// later: before all routes of an app, and among each other in the order of those, so that a mount
/// decides on the preflights of requests that it responds to.
///
/// Each has one of its own, by its number, or paths that overlap would collide.
fn rank_of_preflights(rank: isize, number: usize) -> isize {
    // Rocket's own ranks are between -12 and -1.
    let band = rank.clamp(-BANDS / 2, BANDS / 2 - 1) + BANDS / 2;
    (isize::MIN + band * BAND).saturating_add_unsigned(number)
}

/// How many ranks are told apart.
const BANDS: isize = 1024;

/// How many routes fit between two of them, so that all come before the route that responds for the
/// policy of the app.
const BAND: isize = isize::MAX / 2 / BANDS;

/// A route's handler, under a policy.
#[derive(Clone)]
struct CorsHandler {
    policies: Arc<Policies>,
    handler: Box<dyn Handler>,
}

#[rocket::async_trait]
impl Handler for CorsHandler {
    async fn handle<'r>(&self, request: &'r Request<'_>, mut data: Data<'r>) -> Outcome<'r> {
        form_method::note(request, &mut data).await;
        match decide::answer_for_route(&self.policies, request).await {
            Some(response) => Outcome::Success(response),
            None => self.handler.handle(request, data).await,
        }
    }
}

/// A handler that responds to the preflights for a path, and to nothing else.
#[derive(Clone)]
struct Preflights {
    policies: Arc<Policies>,
}

#[rocket::async_trait]
impl Handler for Preflights {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        if decide::is_rejected(request) {
            return Outcome::Forward((data, Status::NotFound));
        }
        match decide::answer_for_route(&self.policies, request).await {
            Some(response) => Outcome::Success(response),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}
