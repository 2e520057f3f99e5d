//! What the listeners of an app and of its mounts are told.

use std::future::ready;
use std::sync::mpsc::{self, Receiver, Sender};

use cors_rocket::{Cors, CorsMount, DecisionEvent, Policy, PolicyErrors, Refusal};
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method};
use rocket::local::blocking::Client;
use rocket::{get, routes, uri};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Who was told, about which method, and the reason of a refusal.
type Told = (&'static str, String, Option<Refusal>);

fn policy(origin: &str) -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder().allow_origins([origin]).build()
}

fn listener(
    name: &'static str,
    events: &Sender<Told>,
) -> impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static {
    let events = events.clone();
    move |event| {
        let told = (name, event.method().to_string(), event.decision().refusal());
        // Nobody may read it any more.
        let _ = events.send(told);
    }
}

fn send(client: &Client, method: Method, path: &'static str, origin: Option<&'static str>) {
    let mut request = client.req(method, path);
    if let Some(origin) = origin {
        request.add_header(Header::new("origin", origin));
    }
    if method == Method::Options {
        request.add_header(Header::new("access-control-request-method", "GET"));
    }
    request.dispatch();
}

#[get("/tasks")]
fn tasks() -> &'static str {
    "[]"
}

fn told_of(told: &Receiver<Told>) -> Vec<Told> {
    told.try_iter().collect()
}

#[test]
fn a_decision_is_told_by_the_mount_that_listens_or_else_by_the_app() -> Result {
    let (events, told) = mpsc::channel();
    let cors =
        || Ok::<_, PolicyErrors>(Cors::new(policy(APP)?).on_decision(listener("app", &events)));
    let heard = || {
        let mount = Cors::mount(policy(PARTNER)?, "/heard", routes![tasks]);
        Ok::<_, PolicyErrors>(mount.on_decision(listener("mount", &events)))
    };
    let quiet = || Ok::<_, PolicyErrors>(Cors::mount(policy(PARTNER)?, "/quiet", routes![tasks]));
    let base = || rocket::build().mount("/", routes![tasks]);
    // In whatever order they are attached.
    for app in [
        base().attach(cors()?).attach(heard()?).attach(quiet()?),
        base().attach(quiet()?).attach(heard()?).attach(cors()?),
    ] {
        let client = Client::untracked(app)?;
        for (path, by, knows) in [
            ("/tasks", "app", APP),
            ("/nowhere", "app", APP),
            ("/heard/nowhere", "app", APP),
            ("/quiet/tasks", "app", PARTNER),
            ("/heard/tasks", "mount", PARTNER),
        ] {
            for method in [Method::Get, Method::Head, Method::Post, Method::Options] {
                for origin in [Some(APP), Some(PARTNER), None] {
                    // A mount has no route for POST and none for OPTIONS, so all but preflights
                    // are matters of the app.
                    let is_preflight = method == Method::Options && origin.is_some();
                    let has_route = is_preflight || [Method::Get, Method::Head].contains(&method);
                    let (by, knows) = if has_route { (by, knows) } else { ("app", APP) };
                    send(&client, method, path, origin);
                    let refusal = origin.filter(|origin| *origin != knows);
                    let refusal = refusal.map(|_| Refusal::OriginNotAllowed);
                    let expected = (by, method.to_string(), refusal);
                    assert_eq!(
                        told_of(&told),
                        [expected],
                        "{method} {path} from {origin:?}"
                    );
                }
            }
        }
    }
    Ok(())
}

/// Rocket makes a GET of a HEAD that has no route of its own, before any route of a mount is tried.
#[test]
fn a_head_is_told_as_one_by_a_mount_and_is_one_for_its_predicates() -> Result {
    let (events, told) = mpsc::channel();
    let (methods, asked) = mpsc::channel();
    let policy = Policy::builder()
        .allow_origin_if(move |query| {
            let _ = methods.send(query.method().to_owned());
            true
        })
        .build()?;
    let mount = Cors::mount(policy, "/", routes![tasks]).on_decision(listener("mount", &events));
    let quiet = Policy::builder().build()?;
    for app in [
        rocket::build().attach(mount.clone()),
        rocket::build().attach(Cors::new(quiet)).attach(mount),
    ] {
        let client = Client::untracked(app)?;
        for method in [Method::Head, Method::Get] {
            send(&client, method, "/tasks", Some(PARTNER));
            assert_eq!(told_of(&told), [("mount", method.to_string(), None)]);
            assert_eq!(asked.try_iter().collect::<Vec<_>>(), [method.to_string()]);
        }
    }
    Ok(())
}

/// A fairing that follows leads rejected requests to a route of a mount. The response is the app's
/// answer, so that is what is told.
#[test]
fn an_answer_of_the_app_s_policy_is_told_although_a_mount_has_responded() -> Result {
    let (events, told) = mpsc::channel();
    let strict = Policy::builder()
        .allow_origins([APP])
        .reject_disallowed_origins(true)
        .build()?;
    let cors = Cors::new(strict).on_decision(listener("app", &events));
    let mount: CorsMount = Cors::mount(policy(PARTNER)?, "/", routes![tasks]);
    let changes = AdHoc::on_request("changes", |request, _| {
        request.set_method(Method::Get);
        request.set_uri(uri!("/tasks"));
        Box::pin(ready(()))
    });
    let app = rocket::build()
        .attach(cors)
        .attach(changes)
        .attach(mount.on_decision(listener("mount", &events)));
    let client = Client::untracked(app)?;
    for method in [Method::Get, Method::Options] {
        send(&client, method, "/tasks", Some(PARTNER));
        let expected = ("app", method.to_string(), Some(Refusal::OriginNotAllowed));
        assert_eq!(told_of(&told), [expected], "{method}");
    }
    Ok(())
}
