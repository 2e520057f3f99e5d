//! The middleware on apps, scopes and resources: what answers inside of it leaves with headers, and
//! errors stay what they were.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, Error, HttpResponse, Resource, ResponseError, guard, web};
use cors_actix::{Cors, Policy, PolicyErrors};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn policy(origin: &str) -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins([origin])
        .allow_methods(["PUT"])
        .build()
}

/// What a handler or a middleware fails with.
#[derive(Debug)]
struct Teapot;

impl std::fmt::Display for Teapot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("short and stout")
    }
}

impl ResponseError for Teapot {
    fn status_code(&self) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
}

fn teapot() -> Resource {
    web::resource("/teapot").to(async || Err::<&str, _>(Teapot))
}

async fn fail(_: ServiceRequest, _: Next<impl MessageBody>) -> actix_web::Result<ServiceResponse> {
    Err(Teapot.into())
}

fn request(method: Method, path: &str, origin: &str) -> TestRequest {
    TestRequest::default()
        .method(method)
        .uri(path)
        .insert_header((header::ORIGIN, origin))
}

fn preflight(path: &str, origin: &str) -> TestRequest {
    request(Method::OPTIONS, path, origin)
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "PUT"))
}

/// Status and headers, as they would go over the wire.
async fn call<S, B>(app: &S, request: TestRequest) -> (StatusCode, HeaderMap)
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let response = match try_call_service(app, request.to_request()).await {
        Ok(response) => response.into_parts().1.set_body(BoxBody::new(())),
        Err(error) => error.error_response(),
    };
    (response.status(), response.headers().clone())
}

fn allowed(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    let line = lines.next()?;
    assert_eq!(lines.next(), None, "one line at most");
    line.to_str().ok()
}

#[actix_web::test]
async fn every_answer_of_an_app_is_covered() -> Result {
    let guarded = web::resource("/guarded")
        .guard(guard::Header("x-key", "right"))
        .to(async || "secret");
    let locked = web::resource("/locked")
        .wrap(from_fn(fail))
        .to(async || "secret");
    let json = web::resource("/json").route(web::post().to(async |_: web::Json<u8>| "read"));
    let broken = web::resource("/broken").to(HttpResponse::InternalServerError);
    let app = App::new()
        .service(teapot())
        .service(guarded)
        .service(locked)
        .service(json)
        .service(broken)
        .wrap(Cors::new(policy(APP)?));
    let app = init_service(app).await;
    for (method, path, status) in [
        (Method::GET, "/teapot", StatusCode::IM_A_TEAPOT),
        (Method::GET, "/guarded", StatusCode::NOT_FOUND),
        (Method::GET, "/locked", StatusCode::IM_A_TEAPOT),
        (Method::POST, "/json", StatusCode::BAD_REQUEST),
        (Method::GET, "/json", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/broken", StatusCode::INTERNAL_SERVER_ERROR),
        (Method::GET, "/nowhere", StatusCode::NOT_FOUND),
    ] {
        let (found, headers) = call(&app, request(method.clone(), path, APP)).await;
        assert_eq!(found, status, "{path}");
        assert_eq!(allowed(&headers), Some(APP), "{path}");
        assert_eq!(
            headers.get(header::VARY),
            Some(&"Origin".parse()?),
            "{path}"
        );

        let (found, headers) = call(&app, request(method, path, PARTNER)).await;
        assert_eq!(found, status, "{path}");
        assert_eq!(allowed(&headers), None, "{path}");
        assert_eq!(
            headers.get(header::VARY),
            Some(&"Origin".parse()?),
            "{path}"
        );
    }
    Ok(())
}

/// What a middleware further out looks for is still there.
async fn look(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let outcome = next.call(request).await;
    if let Err(error) = &outcome {
        assert!(error.as_error::<Teapot>().is_some());
    }
    outcome
}

#[actix_web::test]
async fn an_error_stays_what_it_was() -> Result {
    let locked = web::resource("/").wrap(from_fn(fail)).to(async || "secret");
    let app = App::new()
        .service(locked)
        .wrap(Cors::new(policy(APP)?))
        .wrap(from_fn(look));
    let app = init_service(app).await;
    let outcome = try_call_service(&app, request(Method::GET, "/", APP).to_request()).await;
    let error = outcome.err().ok_or("the middleware fails")?;
    // A response can be made of it more than once.
    for _ in 0..2 {
        let response = error.error_response();
        assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(allowed(response.headers()), Some(APP));
    }
    Ok(())
}

#[actix_web::test]
async fn a_preflight_has_no_body_and_does_not_run_the_app() -> Result {
    let index =
        web::resource("/").to(async || -> HttpResponse { unreachable!("it is not called") });
    let app = App::new().service(index).wrap(Cors::new(policy(APP)?));
    let app = init_service(app).await;
    for (origin, status) in [
        (APP, StatusCode::NO_CONTENT),
        (PARTNER, StatusCode::FORBIDDEN),
    ] {
        let response = try_call_service(&app, preflight("/", origin).to_request()).await?;
        assert_eq!(response.status(), status);
        assert_eq!(response.response().body().size(), BodySize::Sized(0));
    }
    Ok(())
}

#[actix_web::test]
async fn a_scope_or_a_resource_covers_itself_alone() -> Result {
    let cors = Cors::new(policy(APP)?);
    let app = App::new()
        .service(
            web::scope("/api")
                .wrap(cors.clone())
                .service(teapot())
                .route("/tasks", web::get().to(async || "[]")),
        )
        .service(
            web::resource("/status")
                .wrap(cors)
                .route(web::get().to(async || "fine")),
        )
        .route("/account", web::get().to(async || "yours"));
    let app = init_service(app).await;
    for path in ["/api/tasks", "/api/teapot", "/api/nowhere", "/status"] {
        let (_, headers) = call(&app, request(Method::GET, path, APP)).await;
        assert_eq!(allowed(&headers), Some(APP), "{path}");
        let (status, headers) = call(&app, preflight(path, APP)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(allowed(&headers), Some(APP), "{path}");
    }
    for path in ["/account", "/nowhere"] {
        for request in [request(Method::GET, path, APP), preflight(path, APP)] {
            let (status, headers) = call(&app, request).await;
            assert_ne!(status, StatusCode::NO_CONTENT, "{path}");
            assert_eq!(allowed(&headers), None, "{path}");
            assert_eq!(headers.get(header::VARY), None, "{path}");
        }
    }
    Ok(())
}

#[actix_web::test]
async fn a_route_s_own_policy_wins_over_the_app_s() -> Result {
    let app = App::new()
        .service(
            web::scope("/partners")
                .wrap(Cors::for_route(policy(PARTNER)?))
                .service(teapot())
                .route("/orders", web::get().to(async || "[]")),
        )
        .route("/account", web::get().to(async || "yours"))
        .wrap(Cors::new(policy(APP)?));
    let app = init_service(app).await;
    for (path, origin, expected) in [
        ("/partners/orders", PARTNER, Some(PARTNER)),
        ("/partners/orders", APP, None),
        ("/partners/teapot", PARTNER, Some(PARTNER)),
        ("/partners/teapot", APP, None),
        ("/account", PARTNER, None),
        ("/account", APP, Some(APP)),
    ] {
        let (_, headers) = call(&app, request(Method::GET, path, origin)).await;
        assert_eq!(allowed(&headers), expected, "{path} from {origin}");
        let vary: Vec<_> = headers.get_all(header::VARY).collect();
        assert_eq!(vary, [&"Origin".parse::<header::HeaderValue>()?], "{path}");
    }
    Ok(())
}

/// One policy, made once, goes to every worker.
#[test]
fn it_can_be_sent_to_every_worker() -> Result {
    fn is_sent<T: Clone + Send + Sync + 'static>(_: &T) {}
    is_sent(&Cors::new(policy(APP)?));
    Ok(())
}

#[test]
fn actix_web_s_types_are_texts_of_a_policy() -> Result {
    let origin = header::HeaderValue::from_static(APP);
    let policy = Policy::builder()
        .allow_origins([&origin])
        .allow_methods([Method::PUT])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([header::HeaderValue::from_static("etag")])
        .build()?;
    assert_eq!(policy.config().allow_origins, [APP]);
    assert_eq!(policy.config().allow_methods, ["PUT"]);
    assert_eq!(policy.config().allow_headers, ["content-type"]);
    assert_eq!(policy.config().expose_headers, ["etag"]);
    Ok(())
}
