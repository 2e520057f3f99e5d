//! A GraphQL API of async-graphql, for the clients that browsers have.
//!
//! `cargo run -p example-graphql`: http://127.0.0.1:3000/graphql. README.md has the lists.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Response, Schema};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use tokio::net::TcpListener;

#[tokio::main]
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
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(policy()?)).await?;
    Ok(())
}

fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_headers(["authorization", "content-type"])
        // Apollo Client's; urql and graphql-request send none of their own.
        .allow_headers(["apollographql-client-name", "apollographql-client-version"])
        .max_age(Duration::from_secs(7200))
        .build()
}

struct Query;

#[Object]
impl Query {
    async fn products(&self) -> [&'static str; 2] {
        ["tea", "kettle"]
    }
}

type Shop = Schema<Query, EmptyMutation, EmptySubscription>;

/// POST with a type of JSON is the only way in: a browser asks first, so that no page that is not
/// allowed has a mutation done. `Json` refuses `text/plain`, which a form can send.
fn app(policy: Policy) -> Router {
    let shop = Shop::new(Query, EmptyMutation, EmptySubscription);
    Router::new()
        .route("/graphql", post(execute))
        .with_state(shop)
        .layer(CorsLayer::new(policy))
}

async fn execute(State(shop): State<Shop>, Json(request): Json<Request>) -> Json<Response> {
    Json(shop.execute(request).await)
}

#[cfg(test)]
mod tests {
    use cors_axum::cors_core::browser;
    use example_page::{Page, assert_all_needed, serve};

    use super::*;

    const QUERY: &str = r#"{"query":"{ products }"}"#;

    #[tokio::test]
    async fn a_page_queries_and_needs_each_header() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let request = browser::Request::new("POST")?
            .header("authorization", "Bearer a-token")?
            .header("content-type", "application/json")?
            .header("apollographql-client-name", "shop")?
            .header("apollographql-client-version", "1.0")?;
        let server = serve(app(policy()?)).await;
        let seen = page.fetch(server, "/graphql", &request, QUERY).await?;
        assert_eq!(seen.text(), r#"{"data":{"products":["tea","kettle"]}}"#);
        assert_all_needed(&policy()?, async |policy| {
            page.fetch(serve(app(policy)).await, "/graphql", &request, QUERY)
                .await
        })
        .await;
        Ok(())
    }

    #[tokio::test]
    async fn what_a_form_can_send_executes_nothing() -> Result<(), Box<dyn Error>> {
        let server = serve(app(policy()?)).await;
        let form = browser::Request::new("POST")?.header("content-type", "text/plain")?;
        let evil = Page::of("https://evil.example");
        assert_eq!(evil.submit(server, "/graphql", &form, QUERY).await, 415);
        Ok(())
    }
}
