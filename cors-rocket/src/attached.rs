//! [`Attached`]: the fairings of this crate that an app has.

use std::sync::{Arc, OnceLock};

use cors_core::adapter::BoundDecision;
use rocket::{Build, Request, Rocket};

use crate::policies::Policies;

/// The fairings of this crate that an app has, in its managed state: it lives longer than responses
/// that borrow from it, and each fairing finds it, in whatever order they are attached.
#[derive(Default)]
pub(crate) struct Attached {
    app: OnceLock<Arc<Policies>>,
    has_mounts: OnceLock<()>,
}

impl Attached {
    pub(crate) fn note_app(rocket: Rocket<Build>, policies: &Arc<Policies>) -> Rocket<Build> {
        Self::note(rocket, |attached| {
            attached.app.get_or_init(|| Arc::clone(policies));
        })
    }

    pub(crate) fn note_mount(rocket: Rocket<Build>) -> Rocket<Build> {
        Self::note(rocket, |attached| {
            attached.has_mounts.get_or_init(|| ());
        })
    }

    fn note(rocket: Rocket<Build>, note: impl FnOnce(&Self)) -> Rocket<Build> {
        let rocket = match rocket.state::<Self>() {
            Some(_) => rocket,
            None => rocket.manage(Self::default()),
        };
        if let Some(attached) = rocket.state() {
            note(attached);
        }
        rocket
    }
}

/// Returns the decision on every request that came without `Origin`, where nothing is kept of one:
/// the app has one policy for good, and nobody else who asks.
pub(crate) fn without_origin<'r>(request: &'r Request<'_>) -> Option<&'r BoundDecision> {
    let attached: &Attached = request.rocket().state()?;
    let has_mounts = attached.has_mounts.get().is_some();
    let policies = attached.app.get().filter(|_| !has_mounts)?;
    policies.without_origin.as_ref()
}

/// Returns the decision on a request that has no `Origin`, where nothing is kept of one.
///
/// No fairing can take `Origin` from a request, so it came without. One that adds it is seen by the
/// record, which has no decision then.
pub(crate) fn nothing_kept<'r>(request: &'r Request<'_>) -> Option<&'r BoundDecision> {
    without_origin(request).filter(|_| !request.headers().contains("origin"))
}
