use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use cors_core::adapter::PolicySource;
use cors_core::{DecisionEvent, Mistake};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::route::Route;
use rocket::{Build, Data, Request, Response, Rocket};

use crate::attached::Attached;
use crate::mount::CorsMount;
use crate::policies::Policies;
use crate::{answer_route, attached, decide, finish, form_method};

/// A fairing that applies a [`Policy`](crate::Policy), or several, to the whole app. Attach it,
/// and nothing else.
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
            policies: Arc::new(Policies::new(source.into())),
        }
    }

    /// Calls `listener` with the final decision on each request that has a policy, when its response
    /// is there: for a log, for counters, for a trace. Where a [mount](Self::mount) has decided, it
    /// is the mount's decision, and if the mount has a listener or a log of its own, that is told in
    /// place of these. So no decision is told twice, and what is to hear all of them, such as a
    /// counter, belongs on the app and on each mount that has any.
    ///
    /// It runs on the thread of the request, so it should not block. One that panics is not called
    /// again, and the request goes on. A second call adds a listener.
    ///
    /// The event shows the request as it was when the adapter saw it, whatever fairings made of it
    /// since; so where there is a listener, the head of the request is copied.
    ///
    /// ```
    /// use cors_rocket::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).on_decision(|event| {
    ///     if event.decision().refusal().is_some() && !event.is_same_origin() {
    ///         eprintln!("{} {}: {}", event.method(), event.path(), event.explanation());
    ///     }
    /// });
    /// let app = rocket::build().attach(cors);
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_decision(
        mut self,
        listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.policies = self.policies.with_listener(listener);
        self
    }

    /// Calls `listener` with each [`Mistake`](crate::Mistake) in the stack, once for each kind: CORS
    /// headers that the app sets itself, preflights that something else answers. Without a listener
    /// nothing is looked for. The `log` of a debug build is one.
    ///
    /// ```
    /// use cors_rocket::{Cors, Policy};
    ///
    /// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(policy).on_mistake(|mistake| eprintln!("{mistake}"));
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_mistake(mut self, listener: impl Fn(&Mistake) + Send + Sync + 'static) -> Self {
        self.policies = self.policies.with_mistakes(listener);
        self
    }

    /// Writes refusals, and the policies that are in use, as events of `tracing`: see
    /// [`Log`](crate::Log). Listeners are told all the same.
    ///
    /// As with [`on_decision`](Self::on_decision), the refusals of a mount are written here unless it
    /// has a listener or a log of its own. Its policies are told by a log of its own alone. Give it
    /// a clone of this one.
    ///
    /// ```
    /// use cors_rocket::{Cors, Log, Policy};
    ///
    /// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let app = rocket::build().attach(Cors::new(policy).log(Log::new()));
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn log(mut self, log: cors_core::Log) -> Self {
        self.policies = self.policies.with_log(log);
        self
    }

    /// Puts policies into the shadow of those that decide, to try them on live traffic: a `Policy`, a
    /// `PolicyMap` or, with the feature `reload`, a `SharedPolicy`. They take the place of the table
    /// `[shadow]` of a policy file.
    ///
    /// No response depends on them. The [listener](Self::on_decision) is told what they would have
    /// decided, and where that is [another response](crate::Difference). Without a listener they are
    /// not asked, and an asynchronous predicate never is.
    ///
    /// ```
    /// use cors_rocket::{Cors, Difference, Policy};
    ///
    /// # fn main() -> Result<(), cors_rocket::PolicyErrors> {
    /// let wide = Policy::builder().allow_origins(["https://*.example.com"]).build()?;
    /// let narrow = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// let cors = Cors::new(wide).shadow(narrow).on_decision(|event| {
    ///     let is_foreign = !event.is_same_origin();
    ///     if is_foreign && event.shadow_difference() == Some(Difference::WouldRefuse) {
    ///         eprintln!("{:?} is still in use", event.origin());
    ///     }
    /// });
    /// # let _ = cors;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn shadow(mut self, source: impl Into<PolicySource>) -> Self {
        self.policies = self.policies.with_shadow(source.into());
        self
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
        Ok(Attached::note_app(rocket, &self.policies).mount("/", answer_route::routes()))
    }

    // The two are no `async fn`s, since each future of one is a place on the heap: for most requests
    // there is nothing left to wait for, and nothing for the future to hold.
    fn on_request<'s, 'q, 'r, 'd, 'b, 'f>(
        &'s self,
        request: &'q mut Request<'r>,
        data: &'d mut Data<'b>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>>
    where
        's: 'f,
        'q: 'f,
        'r: 'f,
        'd: 'f,
        'b: 'f,
    {
        if !form_method::may_be_named(request) && attached::nothing_kept(request).is_some() {
            return Box::pin(Done);
        }
        Box::pin(async move {
            form_method::note(request, data).await;
            if decide::decide_for_app(&self.policies, request).await {
                answer_route::mark_rejected(request);
            }
        })
    }

    fn on_response<'r, 's, 'q, 'p, 'f>(
        &'s self,
        request: &'r Request<'q>,
        response: &'p mut Response<'r>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>>
    where
        'r: 'f,
        's: 'f,
        'q: 'f,
        'p: 'f,
    {
        finish::finish_for_app(&self.policies, request, response);
        Box::pin(Done)
    }
}

/// A future that is done and of no size, so that its box is nowhere.
struct Done;

impl Future for Done {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}
