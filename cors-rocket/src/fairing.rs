use std::sync::Arc;

use cors_core::Policy;
use cors_core::adapter::PolicySource;
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Build, Data, Request, Response, Rocket};

use crate::mount::CorsMount;
use crate::record::{self, Policies};

/// A fairing that applies a [`Policy`], or several, to the whole app. Attach it, and nothing else.
///
/// ```
/// use cors_rocket::{Cors, Policy};
/// use rocket::{get, routes};
///
/// #[get("/")]
/// fn hello() -> &'static str {
///     "hello"
/// }
///
/// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
/// let app = rocket::build()
///     .mount("/", routes![hello])
///     .attach(Cors::new(policy));
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    policies: Arc<Policies>,
}

impl Cors {
    /// Makes the fairing of an app, from a `Policy`, a `PolicyMap` or, with the feature `reload`, a
    /// `SharedPolicy`. A second one in the same app is an error at launch.
    ///
    /// The paths of a map are whole paths, whatever the base of a route.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        Self {
            policies: Arc::new(Policies::new(source, Policy::clone)),
        }
    }

    /// Mounts `routes` under the policy, in place of [`Rocket::mount`], for an app in which only
    /// some routes are for other origins. See [`CorsMount`].
    ///
    /// A `base` that is not a static path aborts the launch, as it does with [`Rocket::mount`].
    ///
    /// ```
    /// use cors_rocket::{Cors, Policy};
    /// use rocket::{get, routes};
    ///
    /// #[get("/status")]
    /// fn status() -> &'static str {
    ///     "fine"
    /// }
    ///
    /// #[get("/account")]
    /// fn account() -> &'static str {
    ///     "yours"
    /// }
    ///
    /// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
    /// let public = Policy::builder().allow_origins(["*"]).build()?;
    /// let app = rocket::build()
    ///     .attach(Cors::mount(public, "/api", routes![status]))
    ///     .mount("/", routes![account]);
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn mount(
        source: impl Into<PolicySource>,
        base: impl Into<String>,
        routes: Vec<Route>,
    ) -> CorsMount {
        CorsMount::new(Self::new(source).policies, base.into(), routes)
    }
}

#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info {
            name: "CORS",
            kind: Kind::Ignite | Kind::Request | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let mut route = Route::ranked(RANK, Method::Options, "/<_..>", PreflightRoute);
        route.name = Some("CORS".into());
        Ok(rocket.mount("/", vec![route]))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        // A fairing can't respond, only a route can; ours is for OPTIONS.
        let decision = record::decide_for_app(&self.policies, request).await;
        if decision.is_some_and(record::rejects) {
            request.set_method(Method::Options);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        record::apply(request, response);
    }
}

/// A rank before that of every route that an app would have. Two equal routes of the same rank are
/// an error at launch.
const RANK: isize = isize::MIN / 2;

/// The route that responds where the policy of the app answers. A client can't reach it: it
/// forwards every other request, as if it were not there.
#[derive(Clone)]
struct PreflightRoute;

#[rocket::async_trait]
impl Handler for PreflightRoute {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match record::app_decision(request).and_then(record::answer) {
            Some(response) => Outcome::Success(response),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}
