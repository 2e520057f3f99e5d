//! The fairing on an app, and on the routes of a mount.

use std::future::{pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use cors_rocket::{AsyncPredicate, Cors, Difference, Policy, PolicyErrors, PolicyMap};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Build, Rocket, catch, catchers, get, options, put, routes, uri};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn policy(origin: &str) -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins([origin])
        .allow_methods(["PUT"])
        .build()
}

fn client(app: Rocket<Build>) -> Result<Client> {
    Ok(Client::untracked(app)?)
}

fn send<'c>(client: &'c Client, method: Method, path: &'c str, origin: &str) -> LocalResponse<'c> {
    client
        .req(method, path)
        .header(Header::new("origin", origin.to_owned()))
        .dispatch()
}

fn preflight<'c>(client: &'c Client, path: &'c str, origin: &str) -> LocalResponse<'c> {
    client
        .options(path)
        .header(Header::new("origin", origin.to_owned()))
        .header(Header::new("access-control-request-method", "PUT"))
        .dispatch()
}

fn allowed<'r>(response: &'r LocalResponse<'_>) -> Option<&'r str> {
    let mut lines = response.headers().get("access-control-allow-origin");
    let line = lines.next();
    assert_eq!(lines.next(), None, "one line at most");
    line
}

fn vary<'r>(response: &'r LocalResponse<'_>) -> Vec<&'r str> {
    response.headers().get("vary").collect()
}

/// A guard that lets nobody in.
struct Nobody;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Nobody {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Error((Status::Unauthorized, ()))
    }
}

#[get("/tasks")]
fn tasks() -> &'static str {
    "[]"
}

#[put("/tasks/<id>")]
fn replace(id: u8) -> String {
    format!("{id} is replaced")
}

#[get("/locked")]
fn locked(_nobody: Nobody) -> &'static str {
    "secret"
}

#[expect(clippy::panic, reason = "what Rocket turns into a 500")]
#[get("/panic")]
fn panics() -> &'static str {
    panic!("a handler's bug")
}

#[options("/<_..>")]
fn catch_all() -> &'static str {
    "the app's own OPTIONS"
}

#[get("/account")]
fn account() -> &'static str {
    "yours"
}

#[catch(default)]
fn caught(status: Status, _: &Request<'_>) -> String {
    format!("caught {status}")
}

fn app() -> Rocket<Build> {
    rocket::build()
        .mount("/", routes![tasks, replace, locked, panics])
        .register("/", catchers![caught])
}

#[test]
fn every_answer_of_an_app_is_covered() -> Result {
    for app in [
        app(),
        rocket::build().mount("/", app().routes().cloned().collect::<Vec<_>>()),
    ] {
        let client = client(app.attach(Cors::new(policy(APP)?)))?;
        for (method, path, status) in [
            (Method::Get, "/tasks", Status::Ok),
            (Method::Head, "/tasks", Status::Ok),
            (Method::Put, "/tasks/1", Status::Ok),
            (Method::Put, "/tasks/x", Status::UnprocessableEntity),
            (Method::Get, "/locked", Status::Unauthorized),
            (Method::Get, "/panic", Status::InternalServerError),
            (Method::Get, "/nowhere", Status::NotFound),
            (Method::Options, "/nowhere", Status::NotFound),
            (Method::Options, "/tasks", Status::NotFound),
        ] {
            let response = send(&client, method, path, APP);
            assert_eq!(response.status(), status, "{method} {path}");
            assert_eq!(allowed(&response), Some(APP), "{method} {path}");
            assert_eq!(vary(&response), ["Origin"], "{method} {path}");
            let response = send(&client, method, path, PARTNER);
            assert_eq!(response.status(), status, "{method} {path}");
            assert_eq!(allowed(&response), None, "{method} {path}");
            assert_eq!(vary(&response), ["Origin"], "{method} {path}");
        }
    }
    Ok(())
}

#[test]
fn a_preflight_runs_neither_a_route_nor_a_catcher() -> Result {
    for app in [app(), app().mount("/", routes![catch_all])] {
        let client = client(app.attach(Cors::new(policy(APP)?)))?;
        for path in ["/tasks", "/nowhere", "/"] {
            let response = preflight(&client, path, APP);
            assert_eq!(response.status(), Status::NoContent, "{path}");
            assert_eq!(allowed(&response), Some(APP), "{path}");
            let response = preflight(&client, path, PARTNER);
            assert_eq!(response.status(), Status::Forbidden, "{path}");
            assert_eq!(allowed(&response), None, "{path}");
            assert_eq!(response.into_string().unwrap_or_default(), "", "{path}");
        }
    }
    Ok(())
}

/// Whatever a client sends that is not a preflight, the app responds as if there were no fairing.
#[test]
fn no_route_of_ours_can_be_reached() -> Result {
    let cors = Cors::new(policy(APP)?);
    let mount = Cors::mount(policy(APP)?, "/api", routes![tasks, replace]);
    let with = client(app().attach(cors).attach(mount))?;
    let without = client(app().mount("/api", routes![tasks, replace]))?;
    for path in [
        "/",
        "/tasks",
        "/nowhere",
        "/%3C_..%3E",
        "/<_..>",
        "/CORS",
        "/api/tasks",
        "/api/",
    ] {
        for method in [
            Method::Options,
            Method::Get,
            Method::Head,
            Method::Put,
            Method::Trace,
        ] {
            let response = with.req(method, path).dispatch();
            let expected = without.req(method, path).dispatch();
            assert_eq!(response.status(), expected.status(), "{method} {path}");
            assert_eq!(
                response.into_bytes(),
                expected.into_bytes(),
                "{method} {path}"
            );
        }
    }
    Ok(())
}

#[test]
fn the_app_s_own_options_route_gets_what_is_no_preflight() -> Result {
    let app = app().mount("/", routes![catch_all]);
    let client = client(app.attach(Cors::new(policy(APP)?)))?;
    let response = send(&client, Method::Options, "/tasks", APP);
    assert_eq!(allowed(&response), Some(APP));
    assert_eq!(
        response.into_string().as_deref(),
        Some("the app's own OPTIONS")
    );
    Ok(())
}

#[test]
fn a_second_fairing_is_an_error_at_launch() -> Result {
    let app = app()
        .attach(Cors::new(policy(APP)?))
        .attach(Cors::new(policy(PARTNER)?));
    let error = Client::untracked(app).err().ok_or("it does not launch")?;
    assert!(matches!(error.kind(), ErrorKind::Collisions(_)), "{error}");
    Ok(())
}

#[test]
fn a_rejected_request_runs_neither_a_route_nor_a_catcher() -> Result {
    let policy = Policy::builder()
        .allow_origins([APP])
        .reject_disallowed_origins(true)
        .build()?;
    let app = app().mount("/", routes![catch_all]);
    let client = client(app.attach(Cors::new(policy)))?;
    for (method, path) in [
        (Method::Get, "/tasks"),
        (Method::Put, "/tasks/1"),
        (Method::Get, "/nowhere"),
        (Method::Options, "/tasks"),
    ] {
        let response = send(&client, method, path, PARTNER);
        assert_eq!(response.status(), Status::Forbidden, "{method} {path}");
        assert_eq!(
            response.into_string().unwrap_or_default(),
            "",
            "{method} {path}"
        );
    }
    Ok(())
}

#[test]
fn a_mount_covers_its_routes_alone() -> Result {
    let mount = Cors::mount(
        policy(APP)?,
        "/api",
        routes![tasks, replace, locked, panics],
    );
    let app = rocket::build()
        .mount("/", routes![account, catch_all])
        .register("/", catchers![caught])
        .attach(mount);
    let client = client(app)?;
    for (method, path, status) in [
        (Method::Get, "/api/tasks", Status::Ok),
        (Method::Head, "/api/tasks", Status::Ok),
        (Method::Put, "/api/tasks/1", Status::Ok),
        (Method::Put, "/api/tasks/x", Status::UnprocessableEntity),
        (Method::Get, "/api/locked", Status::Unauthorized),
        (Method::Get, "/api/panic", Status::InternalServerError),
    ] {
        let response = send(&client, method, path, APP);
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(allowed(&response), Some(APP), "{method} {path}");
        let response = preflight(&client, path, APP);
        assert_eq!(response.status(), Status::NoContent, "{path}");
        assert_eq!(allowed(&response), Some(APP), "{path}");
        assert_eq!(
            preflight(&client, path, PARTNER).status(),
            Status::Forbidden,
            "{path}"
        );
    }
    // Neither a route beside the mount nor a path that has no route there.
    for path in ["/account", "/nowhere", "/api/nowhere", "/api"] {
        let response = send(&client, Method::Get, path, APP);
        assert_eq!(allowed(&response), None, "{path}");
        assert!(vary(&response).is_empty(), "{path}");
        let response = preflight(&client, path, APP);
        assert_eq!(
            response.into_string().as_deref(),
            Some("the app's own OPTIONS"),
            "{path}"
        );
    }
    Ok(())
}

/// A route under a policy that passes a request on has no say in what the next one responds.
#[test]
fn a_route_that_is_passed_on_to_is_under_its_own_policy() -> Result {
    #[get("/<_id>")]
    fn number(_id: u8) -> &'static str {
        "a number"
    }

    #[get("/<_name>", rank = 2)]
    fn name(_name: &str) -> &'static str {
        "a name"
    }

    let numbers = Cors::mount(policy(APP)?, "/", routes![number]);
    let bare = client(
        rocket::build()
            .attach(numbers.clone())
            .mount("/", routes![name]),
    )?;
    assert_eq!(allowed(&send(&bare, Method::Get, "/1", APP)), Some(APP));
    assert_eq!(allowed(&send(&bare, Method::Get, "/x", APP)), None);

    let names = Cors::mount(policy(PARTNER)?, "/", routes![name]);
    let both = client(rocket::build().attach(numbers).attach(names))?;
    for (path, origin, expected) in [
        ("/1", APP, Some(APP)),
        ("/1", PARTNER, None),
        ("/x", PARTNER, Some(PARTNER)),
        ("/x", APP, None),
    ] {
        let response = send(&both, Method::Get, path, origin);
        assert_eq!(allowed(&response), expected, "{path} from {origin}");
    }
    Ok(())
}

#[test]
fn the_policy_of_a_mount_wins_over_the_app_s() -> Result {
    let mount = || {
        Ok::<_, PolicyErrors>(Cors::mount(
            policy(PARTNER)?,
            "/api",
            routes![tasks, locked],
        ))
    };
    let cors = || Ok::<_, PolicyErrors>(Cors::new(policy(APP)?));
    let base = || rocket::build().mount("/", routes![account]);
    // In whatever order they are attached.
    for app in [
        base().attach(mount()?).attach(cors()?),
        base().attach(cors()?).attach(mount()?),
    ] {
        let client = client(app)?;
        for (path, origin, expected) in [
            ("/api/tasks", PARTNER, Some(PARTNER)),
            ("/api/tasks", APP, None),
            ("/api/locked", PARTNER, Some(PARTNER)),
            ("/account", PARTNER, None),
            ("/account", APP, Some(APP)),
            ("/api/nowhere", APP, Some(APP)),
        ] {
            let response = send(&client, Method::Get, path, origin);
            assert_eq!(allowed(&response), expected, "{path} from {origin}");
            assert_eq!(vary(&response), ["Origin"], "{path} from {origin}");
            let response = preflight(&client, path, origin);
            assert_eq!(
                allowed(&response),
                expected,
                "a preflight of {path} from {origin}"
            );
        }
    }
    Ok(())
}

/// Rocket tries the route for preflights first, then the app's own.
#[test]
fn a_predicate_of_a_mount_is_asked_once_however_many_routes_are_tried() -> Result {
    #[options("/tasks")]
    fn asks() -> &'static str {
        "what may be done here"
    }

    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let awaited = Policy::builder()
        .allow_origin_if_async(
            AsyncPredicate::new(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
                ready(Ok::<_, &str>(true))
            })
            .timeout_with(pending),
        )
        .build()?;
    let client = client(rocket::build().attach(Cors::mount(awaited, "/api", routes![asks])))?;
    let response = send(&client, Method::Options, "/api/tasks", PARTNER);
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(allowed(&response), Some(PARTNER));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn what_a_mount_switches_off_is_off_whatever_the_app_s_policy() -> Result {
    use cors_rocket::PolicyMap;

    let none = PolicyMap::builder().disable_path("/api/tasks").build()?;
    let app = rocket::build()
        .attach(Cors::new(policy(APP)?))
        .attach(Cors::mount(none, "/api", routes![tasks]));
    let client = client(app)?;
    let response = send(&client, Method::Get, "/api/tasks", APP);
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(allowed(&response), None);
    assert_eq!(vary(&response), [""; 0]);
    let response = preflight(&client, "/api/tasks", APP);
    assert_eq!(response.status(), Status::NotFound);
    assert_eq!(allowed(&response), None);
    Ok(())
}

#[test]
fn rocket_s_methods_are_texts_of_a_policy() -> Result {
    let policy = Policy::builder()
        .allow_methods([Method::Put, Method::Delete])
        .build()?;
    assert_eq!(policy.config().allow_methods, ["PUT", "DELETE"]);
    Ok(())
}

/// What is echoed is what was checked, whatever a later fairing makes of the request.
#[test]
fn an_origin_that_comes_after_the_check_is_not_echoed() -> Result {
    let forward = AdHoc::on_request("forward", |request, _| {
        Box::pin(async { request.replace_header(Header::new("Origin", PARTNER)) })
    });
    let app = rocket::build()
        .mount("/api", routes![tasks])
        .attach(Cors::new(policy(APP)?))
        .attach(forward);
    let client = client(app)?;
    let response = send(&client, Method::Get, "/api/tasks", APP);
    assert_eq!(allowed(&response), Some(APP));
    Ok(())
}

/// Shows that a listener hears of the request that was decided on, whatever becomes of it: Rocket
/// makes a GET of a HEAD without a route, and fairings change what they like.
#[test]
fn a_listener_hears_of_the_request_that_was_decided_on() -> Result {
    let (events, told) = mpsc::channel();
    let changes = AdHoc::on_request("changes", |request, _| {
        request.set_uri(uri!("/elsewhere"));
        request.replace_header(Header::new("origin", PARTNER));
        Box::pin(async {})
    });
    let policies = PolicyMap::builder()
        .default_policy(policy(PARTNER)?)
        .path("/tasks", policy(APP)?)
        .build()?;
    let cors = Cors::new(policies).on_decision(move |event| {
        let origin = event.origin().map(|origin| origin.to_string());
        let pattern = event.pattern().map(str::to_owned);
        let (method, path) = (event.method().to_string(), event.path().to_string());
        // Nobody may read it any more.
        let _ = events.send((method, path, origin, pattern, event.decision().is_allowed()));
    });
    let client = client(rocket::build().attach(cors).attach(changes))?;
    for method in [Method::Get, Method::Head] {
        send(&client, method, "/tasks?now", APP);
        let heard: Vec<_> = told.try_iter().collect();
        let expected = (
            method.to_string(),
            "/tasks".to_owned(),
            Some(APP.to_owned()),
            Some("/tasks".to_owned()),
            true,
        );
        assert_eq!(heard, [expected]);
    }
    Ok(())
}

/// A fairing that follows changes the request, and the listener is told of it as it came in.
#[test]
fn a_path_with_a_policy_in_the_shadow_alone_is_told_as_it_was_received() -> Result {
    let nowhere = PolicyMap::builder().build()?;
    let (events, told) = mpsc::channel();
    let cors = Cors::new(nowhere)
        .shadow(policy(APP)?)
        .on_decision(move |event| {
            let seen = (event.method().to_string(), event.shadow_difference());
            let _ = events.send((seen, event.origin().map(|origin| origin.to_string())));
        });
    let changes = AdHoc::on_request("changes", |request, _| {
        request.set_method(Method::Put);
        request.replace_header(Header::new("origin", PARTNER));
        Box::pin(ready(()))
    });
    let app = rocket::build().attach(cors).attach(changes);
    let client = client(app)?;
    send(&client, Method::Get, "/", APP);
    let seen = ("GET".to_owned(), Some(Difference::WouldAllow));
    assert_eq!(told.try_recv()?, (seen, Some(APP.to_owned())));
    assert!(told.try_recv().is_err(), "it is told once");
    Ok(())
}
