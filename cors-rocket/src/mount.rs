use std::sync::Arc;

use cors_core::{Policy, Served};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Build, Data, Request, Response, Rocket};

use crate::decided::{self, Decided};

/// Routes under a policy of their own; [`Cors::mount`](crate::Cors::mount) makes it. Attach it.
///
/// It mounts the routes and responds to preflights for their paths, whatever catch-all routes the
/// app has besides. What a catcher makes of an error of one of these routes, a failed guard or a
/// panic for instance, carries the headers too.
///
/// In an app that has a [`Cors`](crate::Cors) fairing too, the policy of the routes wins, for
/// preflights as for actual requests. Only what the app's policy turns away by
/// `reject_disallowed_origins` does not get that far.
#[derive(Clone, Debug)]
pub struct CorsMount {
    served: Arc<Served<Policy>>,
    base: String,
    routes: Vec<Route>,
}

impl CorsMount {
    pub(crate) const fn new(served: Arc<Served<Policy>>, base: String, routes: Vec<Route>) -> Self {
        Self {
            served,
            base,
            routes,
        }
    }
}

#[rocket::async_trait]
impl Fairing for CorsMount {
    fn info(&self) -> Info {
        Info {
            name: "CORS mount",
            kind: Kind::Ignite | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let mut routes = self.routes.clone();
        let mut paths: Vec<_> = routes
            .iter()
            .map(|route| route.uri.path().to_owned())
            .collect();
        paths.sort();
        paths.dedup();
        for route in &mut routes {
            route.handler = Box::new(Governed {
                served: Arc::clone(&self.served),
                handler: route.handler.clone(),
            });
        }
        // Every route of a rank of its own, or paths that overlap would collide.
        let first = isize::MIN.saturating_add_unsigned(rocket.routes().count());
        for (rank, path) in (first..).zip(paths) {
            let preflights = Preflights {
                served: Arc::clone(&self.served),
            };
            let mut route = Route::ranked(rank, Method::Options, &path, preflights);
            route.name = Some("CORS".into());
            routes.push(route);
        }
        Ok(rocket.mount(self.base.as_str(), routes))
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        decided::apply(request, response);
    }
}

/// A route's handler under a policy.
#[derive(Clone)]
struct Governed {
    served: Arc<Served<Policy>>,
    handler: Box<dyn Handler>,
}

#[rocket::async_trait]
impl Handler for Governed {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let decided = decided::by_route(&self.served, request).await;
        match decided.and_then(Decided::answer) {
            Some(response) => Outcome::Success(response),
            None => self.handler.handle(request, data).await,
        }
    }
}

/// Responds to the preflights for a path, and to nothing else.
#[derive(Clone)]
struct Preflights {
    served: Arc<Served<Policy>>,
}

#[rocket::async_trait]
impl Handler for Preflights {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let turned_away = decided::of_app(request).is_some_and(Decided::turns_away);
        if turned_away {
            return Outcome::Forward((data, Status::NotFound));
        }
        let decided = decided::by_route(&self.served, request).await;
        if let Some(response) = decided.and_then(Decided::answer) {
            return Outcome::Success(response);
        }
        Outcome::Forward((data, Status::NotFound))
    }
}
