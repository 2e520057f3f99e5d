use std::sync::Arc;

use cors_core::{Policy, PolicySource, Served};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Build, Data, Request, Response, Rocket};

use crate::decided::{self, Decided};
use crate::mount::CorsMount;

/// Serves a [`Policy`], or several: a fairing for the whole app. Attach it, and nothing else.
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
    served: Arc<Served<Policy>>,
}

impl Cors {
    /// The fairing of an app: of a `Policy`, or, with the feature of that name, of a `PolicyMap`
    /// (`paths`) or a `SharedPolicy` (`reload`). A second one in the same app is an error at
    /// launch.
    ///
    /// The paths of a map are whole paths, whatever the base of a route.
    #[must_use]
    pub fn new(source: impl Into<PolicySource>) -> Self {
        let served = Served::new(source, Policy::clone);
        Self {
            served: Arc::new(served),
        }
    }

    /// Mounts `routes` under the policy, instead of [`Rocket::mount`], for an app in which
    /// only some routes are for other origins. See [`CorsMount`].
    ///
    /// A `base` that is no static path aborts the launch, as it does with [`Rocket::mount`].
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
        CorsMount::new(Self::new(source).served, base.into(), routes)
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
        let mut route = Route::ranked(RANK, Method::Options, "/<_..>", Answers);
        route.name = Some("CORS".into());
        Ok(rocket.mount("/", vec![route]))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        // A fairing can't respond, only a route can, and ours is one for OPTIONS.
        let decided = decided::by_app(&self.served, request).await;
        if decided.is_some_and(Decided::turns_away) {
            request.set_method(Method::Options);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        decided::apply(request, response);
    }
}

/// Before every route that an app would think of. Two of the same rank are an error at launch.
const RANK: isize = isize::MIN / 2;

/// Responds to what the policy of the app answers itself. A client can't reach it: it passes on
/// whatever was not decided so, as if it were not there.
#[derive(Clone)]
struct Answers;

#[rocket::async_trait]
impl Handler for Answers {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match decided::of_app(request).and_then(Decided::answer) {
            Some(response) => Outcome::Success(response),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}
