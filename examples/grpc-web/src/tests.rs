use cors_axum::cors_core::browser::{self, NetworkError, RequestError};
use example_page::{Page, Seen, assert_all_needed, serve};

use super::*;

/// What the package `grpc-web` sends for a call with a deadline and a token.
fn call(token: &str) -> Result<browser::Request, RequestError> {
    browser::Request::new("POST")?
        .header("accept", "application/grpc-web+proto")?
        .header("authorization", format!("Bearer {token}"))?
        .header("content-type", "application/grpc-web+proto")?
        .header("grpc-timeout", "5S")?
        .header("x-grpc-web", "1")?
        .header("x-user-agent", "grpc-web-javascript/0.1")
}

/// Calls with an empty message, which asks about all services: a frame of no bytes.
async fn send(policy: Policy, call: &browser::Request) -> Result<Seen, NetworkError> {
    let page = Page::of("https://app.example.com");
    let server = serve(app(policy)).await;
    page.fetch(server, "/grpc.health.v1.Health/Check", call, vec![0; 5])
        .await
}

#[tokio::test]
async fn a_page_calls() -> Result<(), Box<dyn Error>> {
    let call = call("a-token")?;
    let seen = send(policy()?, &call).await?;
    assert_eq!(seen.status, 200);
    // A message with 1 in its field 1, which is SERVING, and trailers in a frame of their own.
    let (message, trailers) = seen.body.split_at(7);
    assert_eq!(message, [0, 0, 0, 0, 2, 0x08, 1]);
    assert_eq!(trailers[0], 0x80);
    assert!(String::from_utf8_lossy(trailers).contains("grpc-status:0"));
    Ok(())
}

#[tokio::test]
async fn a_page_reads_why_a_call_failed_and_needs_each_header() -> Result<(), Box<dyn Error>> {
    let call = call("an-old-one")?;
    let seen = send(policy()?, &call).await?;
    // 16 is UNAUTHENTICATED.
    assert_eq!(seen.header("grpc-status").as_deref(), Some("16"));
    assert_eq!(seen.header("grpc-message").as_deref(), Some("sign%20in"));
    assert_all_needed(&policy()?, async |policy| send(policy, &call).await).await;
    Ok(())
}
