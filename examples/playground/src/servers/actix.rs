//! The app on actix-web.

use std::io;
use std::net::TcpListener;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, error};
use cors_actix::{Cors, SharedPolicy};

use crate::app::{ANSWERS, Answer, CUSTOM, GOT};
use crate::host::Until;

pub(super) async fn serve(
    policy: SharedPolicy,
    listener: TcpListener,
    until: Until,
) -> io::Result<()> {
    let cors = Cors::new(policy);
    let server = HttpServer::new(move || App::new().configure(routes).wrap(cors.clone()))
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::spawn(async move {
        until.await;
        handle.stop(false).await;
    });
    server.await
}

fn routes(app: &mut ServiceConfig) {
    for answer in &ANSWERS {
        app.route(answer.path, web::to(async || respond(answer)));
    }
    app.route("/echo", web::to(echo))
        .service(web::resource("/only-get").route(web::get().to(async || respond(&GOT))))
        .service(
            web::resource("/guarded")
                .wrap(from_fn(turn_away))
                .route(web::to(echo)),
        );
}

fn respond(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or_default();
    let mut response = with_custom(HttpResponse::build(status));
    for line in answer.lines {
        response.append_header(*line);
    }
    response
        .content_type("text/plain; charset=utf-8")
        .body(answer.body)
}

async fn echo(request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    let seen = super::echo(request.method().as_str(), header, &body);
    with_custom(HttpResponse::Ok()).json(seen)
}

fn with_custom(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    for line in CUSTOM {
        response.append_header(line);
    }
    response
}

async fn turn_away(_: ServiceRequest, _: Next<impl MessageBody>) -> Result<ServiceResponse, Error> {
    Err(error::ErrorUnauthorized("nobody gets in"))
}
