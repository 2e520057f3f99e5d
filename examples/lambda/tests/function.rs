//! The program, between a runtime API and a gateway as AWS has them.

mod aws;

use std::error::Error;

use cors_axum::Policy;
use cors_axum::cors_core::browser::Request;
use example_page::{Page, assert_all_needed};

use crate::aws::Function;

/// The policy of the program, to drop items of its lists.
fn policy() -> Result<Policy, cors_axum::PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["authorization", "content-type"])
        .build()
}

#[tokio::test]
async fn a_page_calls_the_function_and_needs_each_item() -> Result<(), Box<dyn Error>> {
    let page = Page::of("https://app.example.com");
    let put = Request::new("PUT")?
        .header("authorization", "Bearer a-token")?
        .header("content-type", "application/json")?;
    let function = Function::start(&[]).await?;
    let seen = page.fetch(function.gateway, "/notes", &put, "{}").await?;
    assert_eq!((seen.status, seen.text().as_str()), (201, "put"));
    let seen = page
        .fetch(function.gateway, "/notes", &Request::new("GET")?, "")
        .await?;
    assert_eq!(seen.status, 405);
    let evil = Page::of("https://evil.example");
    assert!(
        evil.fetch(function.gateway, "/notes", &put, "{}")
            .await
            .is_err()
    );

    assert_all_needed(&policy()?, async |policy| {
        let config = policy.config();
        let variables = [
            ("CORS_ALLOW_HEADERS", config.allow_headers.join(",")),
            ("CORS_ALLOW_METHODS", config.allow_methods.join(",")),
        ];
        let function = Function::start(&variables).await.expect("it starts");
        page.fetch(function.gateway, "/notes", &put, "{}").await
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_mistake_in_a_variable_is_told_with_its_remedy() -> Result<(), Box<dyn Error>> {
    let variables = [("CORS_ALLOW_ORIGINS", "https://app.example.com/".to_owned())];
    let ended = aws::command(&variables).output()?;
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr)?;
    assert!(said.contains("https://app.example.com"), "{said}");
    Ok(())
}
