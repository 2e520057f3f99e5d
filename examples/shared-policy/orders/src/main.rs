//! The shop's orders, on actix-web, under the policy that they share with the catalog.
//!
//! `cargo run -p example-orders`

use std::error::Error;
use std::process::ExitCode;

use actix_web::web::{self, Json, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, Responder};
use cors_actix::Cors;
use serde::{Deserialize, Serialize};

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let policy = example_policy::policy()?;
    let server =
        HttpServer::new(move || App::new().configure(routes).wrap(Cors::new(policy.clone())))
            .bind("127.0.0.1:3002")
            .map_err(|error| format!("127.0.0.1:3002: {error}"))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    Ok(server.run().await?)
}

#[derive(Deserialize, Serialize)]
struct Order {
    product: String,
    count: u32,
}

fn routes(app: &mut ServiceConfig) {
    app.service(web::resource("/orders").route(web::post().to(place)));
}

async fn place(Json(order): Json<Order>) -> impl Responder {
    HttpResponse::Created().json(order)
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    #[actix_web::test]
    async fn the_shop_s_page_may_place_orders_and_no_other() -> Result<(), Box<dyn Error>> {
        let app = App::new().configure(routes);
        let app = init_service(app.wrap(Cors::new(example_policy::policy()?))).await;
        for (origin, status) in [
            ("https://shop.example.com", StatusCode::NO_CONTENT),
            ("https://evil.example", StatusCode::FORBIDDEN),
        ] {
            let preflight = TestRequest::with_uri("/orders")
                .method(actix_web::http::Method::OPTIONS)
                .insert_header(("origin", origin))
                .insert_header(("access-control-request-method", "POST"))
                .insert_header(("access-control-request-headers", "content-type"));
            let response = call_service(&app, preflight.to_request()).await;
            assert_eq!(response.status(), status, "{origin}");
        }
        Ok(())
    }

    #[actix_web::test]
    async fn the_shop_s_page_can_read_its_order() -> Result<(), Box<dyn Error>> {
        let app = App::new().configure(routes);
        let app = init_service(app.wrap(Cors::new(example_policy::policy()?))).await;
        let page = "https://shop.example.com";
        let order = TestRequest::post()
            .uri("/orders")
            .insert_header(("origin", page))
            .insert_header(("content-type", "application/json"))
            .set_payload(r#"{"product":"tea","count":2}"#);
        let response = call_service(&app, order.to_request()).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(
            response.headers().get("access-control-allow-origin"),
            Some(&page.parse()?)
        );
        Ok(())
    }
}
