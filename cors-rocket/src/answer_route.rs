//! [`AnswerRoute`]: the route that responds where the policy of the app answers.

use rocket::http::uri::Origin;
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome, Route};
use rocket::{Data, Request, uri};

use crate::decide;

/// Returns the routes that respond where the policy of the app answers.
pub(crate) fn routes() -> Vec<Route> {
    let of_rejected = format!("/<_..>?{REJECTED}");
    let mut routes = vec![Route::ranked(RANK, Method::Options, "/<_..>", AnswerRoute)];
    routes.extend(METHODS.map(|method| Route::ranked(RANK, method, &of_rejected, AnswerRoute)));
    for route in &mut routes {
        route.name = Some("CORS".into());
    }
    routes
}

/// Sends a request to [`AnswerRoute`], which alone can respond: a fairing can't.
///
/// The mark is in the query, since the rest of what Rocket routes by may be changed by fairings
/// that follow, and is of use to them and to a log.
pub(crate) fn mark_rejected(request: &mut Request<'_>) {
    let uri = request.uri();
    let marked = match uri.query() {
        Some(query) => format!("{}?{REJECTED}&{query}", uri.path()),
        None => format!("{}?{REJECTED}", uri.path()),
    };
    // hyper lets some targets in that are no URI for Rocket.
    let marked = Origin::parse_owned(marked).unwrap_or(uri!("/?cors-rejected"));
    request.set_uri(marked);
}

/// The route that responds where the policy of the app answers. A client can't reach it: it
/// forwards every other request, as if it were not there.
#[derive(Clone)]
struct AnswerRoute;

#[rocket::async_trait]
impl Handler for AnswerRoute {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match decide::answer_for_app(request) {
            Some(response) => Outcome::Success(response),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}

/// Marks, as a part of its query, a request that is not to reach the app.
const REJECTED: &str = "cors-rejected";

/// The methods that Rocket has routes for, but for OPTIONS.
const METHODS: [Method; 8] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Head,
    Method::Trace,
    Method::Connect,
    Method::Patch,
];

/// A rank before that of every route that an app would have. Two equal routes of the same rank are
/// an error at launch.
const RANK: isize = isize::MIN / 2;
