//! The floor as a fairing of Rocket.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::{Request, Response};

use crate::floor::{self, Allowed, Verdict};
use crate::scenario::{APP, Rules};

pub struct Floor(Allowed);

impl Floor {
    pub fn new(rules: &Rules) -> Self {
        Self(Allowed::new(rules))
    }
}

/// A fairing can't answer, so the app's route for OPTIONS runs, and its answer is replaced.
#[rocket::async_trait]
impl Fairing for Floor {
    fn info(&self) -> Info {
        Info {
            name: "floor",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let headers = request.headers();
        let origin = headers.get_one("origin");
        if request.method() == Method::Options
            && let Some(method) = headers.get_one("access-control-request-method")
        {
            let asked = headers.get_one("access-control-request-headers");
            let allowed = floor::allows(
                origin.map(str::as_bytes),
                method.as_bytes(),
                asked.map(str::as_bytes),
            );
            response.set_status(Status::NoContent);
            drop(response.body_mut().take());
            response.adjoin_raw_header("vary", floor::PREFLIGHT_VARY);
            if allowed {
                response.set_raw_header("access-control-allow-origin", APP);
                response.set_raw_header("access-control-allow-methods", floor::ALLOW_METHODS);
                response.set_raw_header("access-control-allow-headers", floor::ALLOW_HEADERS);
                response.set_raw_header("access-control-max-age", floor::MAX_AGE);
            }
            return;
        }
        let verdict = self.0.judge(origin.map(str::as_bytes));
        if self.0.varies() {
            response.adjoin_raw_header("vary", floor::VARY);
        }
        let allow_origin = match verdict {
            Verdict::Refused => return,
            Verdict::App => APP,
            Verdict::Any => "*",
            Verdict::Echo => origin.unwrap_or_default(),
        };
        response.set_raw_header("access-control-allow-origin", allow_origin);
        if self.0.with_credentials() {
            response.set_raw_header("access-control-allow-credentials", "true");
        }
    }
}
