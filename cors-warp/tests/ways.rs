//! A wrapped filter answers as the service does, whether somebody listens or nobody does.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use cors_warp::{AsyncPredicate, Cors, CorsLayer, Policy, PolicyBuilder, PolicyMap, Predicate};
use http::{HeaderMap, Request, StatusCode};
use tower::{Service, ServiceExt as _};
use tower_layer::Layer as _;
use warp::Filter;
use warp::reply::{Reply, Response};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const APP: &str = "https://app.example.com";

fn app() -> impl Filter<Extract = (impl Reply,), Error = Infallible> + Clone + Send + Sync {
    warp::any().map(|| warp::reply::with_header("hello", "access-control-allow-origin", "other"))
}

fn policies() -> Result<Vec<PolicyMap>> {
    let preflights = |policy: PolicyBuilder| {
        let policy = policy.allow_methods(["PUT"]).allow_headers(["x-a"]);
        policy.max_age(std::time::Duration::from_secs(60))
    };
    let app = || Policy::builder().allow_origins([APP]);
    let has_token = Predicate::new(|query| query.header("x-token").is_some()).reads(["x-token"]);
    let policies = [
        app(),
        preflights(app()),
        app().allow_credentials(true).expose_headers(["x-id"]),
        Policy::builder().allow_origins(["*"]),
        preflights(Policy::builder().allow_origins(["*"])).allow_headers(["*"]),
        Policy::builder().allow_origins(["https://*.example.com"]),
        app().reject_disallowed_origins(true),
        app().allow_hosts(["api.example.com"]),
        preflights(app()).preflight_passthrough(true),
        Policy::builder().allow_origin_predicate(has_token),
        preflights(Policy::builder().allow_origin_if_async(waiting())),
    ];
    let mut maps: Vec<_> = policies
        .into_iter()
        .map(|policy| Ok(PolicyMap::from(policy.build()?)))
        .collect::<Result<_>>()?;
    let default = preflights(app()).build()?;
    let public = Policy::builder().allow_origins(["*"]).build()?;
    let map = PolicyMap::builder().default_policy(default);
    maps.push(
        map.path("/feed/{id}", public)
            .disable_path("/off")
            .build()?,
    );
    Ok(maps)
}

/// Allows one origin, once other requests had their turn.
fn waiting() -> AsyncPredicate {
    AsyncPredicate::new(async |query| {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(query.origin().as_str() == APP)
    })
    .timeout_with(std::future::pending)
}

fn requests() -> Result<Vec<Request<String>>> {
    let lines: [&[(&str, &str)]; 10] = [
        &[],
        &[("origin", APP)],
        &[("origin", "https://bad.example")],
        &[("origin", APP), ("origin", APP)],
        &[("origin", "https://bad.example"), ("x-token", "7")],
        &[("origin", APP), ("host", "api.example.com")],
        &[("origin", APP), ("host", "other.example")],
        &[
            ("origin", "https://api.example.com"),
            ("host", "api.example.com"),
        ],
        &[("origin", APP), ("access-control-request-method", "PUT")],
        &[
            ("origin", APP),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "x-a"),
            ("access-control-request-headers", "x-b"),
        ],
    ];
    let mut requests = Vec::new();
    for method in ["GET", "PUT", "OPTIONS"] {
        for path in ["/", "/feed/1", "/feed/1/", "/%66eed/1", "/off"] {
            for lines in lines {
                let mut request = Request::builder().method(method).uri(path);
                for (name, value) in lines {
                    request = request.header(*name, *value);
                }
                requests.push(request.body(String::new())?);
            }
        }
    }
    Ok(requests)
}

async fn respond<S>(service: &S, request: &Request<String>) -> (StatusCode, HeaderMap)
where
    S: Service<Request<String>, Response = Response, Error = Infallible> + Clone,
{
    let Ok(response) = service.clone().oneshot(request.clone()).await;
    let (head, _) = response.into_parts();
    (head.status, head.headers)
}

#[tokio::test]
async fn a_filter_answers_as_the_service_does() -> Result {
    for policies in policies()? {
        let service = CorsLayer::new(policies.clone())
            .await_predicates()
            .layer(warp::service(app()));
        let filter = warp::service(Cors::new(policies.clone()).wrap(app()));
        let listening = Cors::new(policies.clone()).on_decision(|_| ());
        let listening = warp::service(listening.wrap(app()));
        for request in requests()? {
            let expected = respond(&service, &request).await;
            assert_eq!(
                respond(&filter, &request).await,
                expected,
                "{request:?} under {policies:?}"
            );
            assert_eq!(
                respond(&listening, &request).await,
                expected,
                "{request:?} under {policies:?}, with a listener"
            );
        }
    }
    Ok(())
}

/// warp tells a filter one authority, and not whose it is.
#[tokio::test]
async fn a_host_that_contradicts_the_target_is_none() -> Result {
    let policy = Policy::builder()
        .allow_origins([APP])
        .allow_hosts(["api.example.com"])
        .build()?;
    let told = Arc::new(Mutex::new(Vec::new()));
    let cors = Cors::new(policy).on_decision({
        let told = Arc::clone(&told);
        move |event| {
            let host = event.host().map(|host| host.to_string());
            told.lock().expect("nobody panics").push(host);
        }
    });
    let service = warp::service(cors.wrap(app()));
    let (api, other) = ("api.example.com", "other.example");
    for (target, hosts, host) in [
        ("/", &[][..], None),
        ("/", &[api], Some(api)),
        ("/", &[other], Some(other)),
        ("/", &[api, api], None),
        ("/", &["a b"], None),
        ("http://api.example.com/", &[], Some(api)),
        ("http://api.example.com/", &[api], Some(api)),
        ("http://api.example.com/", &[other], None),
        ("http://other.example/", &[api], None),
        ("http://api.example.com/", &[api, other], None),
    ] {
        let mut request = Request::get(target);
        for host in hosts {
            request = request.header("host", *host);
        }
        let (status, _) = respond(&service, &request.body(String::new())?).await;
        let expected = if host == Some(api) {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(status, expected, "{target} {hosts:?}");
        let told = told.lock().expect("nobody panics").pop().flatten();
        assert_eq!(told.as_deref(), host, "{target} {hosts:?}");
    }
    Ok(())
}

/// What a filter has made of a request waits for it in a place of the thread.
#[tokio::test]
async fn requests_that_wait_on_one_thread_are_not_taken_for_each_other() -> Result {
    let policy = Policy::builder()
        .allow_origin_if_async(waiting())
        .allow_origins(["https://b.example"])
        .allow_methods(["PUT"])
        .build()?;
    let service = &warp::service(Cors::new(policy).wrap(app()));
    let send = async |method: &str, origin: &str| {
        let request = Request::builder().method(method).uri("/");
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .body(String::new())
            .expect("the request is valid");
        let (status, headers) = respond(service, &request).await;
        let allowed = headers.get("access-control-allow-origin");
        let allowed = allowed.map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned());
        (status.as_u16(), allowed)
    };
    let c = "https://c.example";
    let responses = tokio::join!(
        send("GET", APP),
        send("OPTIONS", APP),
        send("GET", "https://b.example"),
        send("OPTIONS", c),
        send("GET", c),
        send("OPTIONS", "https://b.example"),
    );
    let some = |origin: &str| Some(origin.to_owned());
    assert_eq!(
        responses,
        (
            (200, some(APP)),
            (204, some(APP)),
            (200, some("https://b.example")),
            (403, None),
            (200, None),
            (204, some("https://b.example")),
        )
    );
    Ok(())
}
