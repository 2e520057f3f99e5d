use std::error::Error;
use std::net::SocketAddr;

use cors_axum::cors_core::browser::{Credentials, NetworkError, Request, RequestError};
use example_page::{Page, Seen, assert_all_needed, serve};

use super::*;

fn request(method: &str) -> Result<Request, RequestError> {
    Ok(Request::new(method)?.credentials(Credentials::Include))
}

/// Signs in, and out again; returns the last response that is no success, or the very last one.
async fn session(page: &Page, server: SocketAddr) -> Result<Seen, NetworkError> {
    let login = r#"{"user":"ada","password":"tea"}"#;
    let to_sign_in = request("POST").expect("it is valid");
    let to_sign_in = to_sign_in.header("content-type", "application/json");
    let to_sign_in = to_sign_in.expect("it is valid");
    let signed_in = page.fetch(server, "/session", &to_sign_in, login).await?;
    assert_eq!(signed_in.status, 200);
    // No script reads the cookie.
    assert_eq!(signed_in.header("set-cookie"), None);
    let [who, sign_out] = ["GET", "DELETE"].map(|method| request(method).expect("it is valid"));
    let seen = page.fetch(server, "/session", &who, "").await?;
    assert_eq!(seen.text(), "ada");
    page.fetch(server, "/session", &sign_out, "").await?;
    page.fetch(server, "/session", &who, "").await
}

#[tokio::test]
async fn a_page_signs_its_user_in_and_out() -> Result<(), Box<dyn Error>> {
    let page = Page::of("https://app.example.com");
    let server = serve(app(policy()?)).await;
    assert_eq!(session(&page, server).await?.status, 401);
    assert_all_needed(&policy()?, async |policy| {
        session(&page, serve(app(policy)).await).await
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn without_credentials_nobody_is_signed_in() -> Result<(), Box<dyn Error>> {
    let page = Page::of("https://app.example.com");
    let mut config = policy()?.config();
    config.allow_credentials = false;
    let server = serve(app(config.build()?)).await;
    assert!(session(&page, server).await.is_err());
    Ok(())
}

/// What a form of another site sends, with the user's cookie: a browser asks nobody first.
#[tokio::test]
async fn a_form_of_another_site_is_rejected_unless_the_setting_is_off() -> Result<(), Box<dyn Error>>
{
    let form = request("POST")?.header("content-type", "text/plain")?;
    let attack = async |policy: Policy| {
        let server = serve(app(policy)).await;
        let signed_in = Page::of("https://app.example.com");
        let to_sign_in = request("POST")?.header("content-type", "application/json")?;
        let login = r#"{"user":"ada","password":"tea"}"#;
        signed_in
            .fetch(server, "/session", &to_sign_in, login)
            .await?;
        let evil = signed_in.beside("https://evil.example");
        Ok::<u16, Box<dyn Error>>(evil.submit(server, "/posts", &form, "spam").await)
    };
    assert_eq!(attack(policy()?).await?, 403);
    let mut config = policy()?.config();
    config.reject_disallowed_origins = false;
    assert_eq!(attack(config.build()?).await?, 201);
    Ok(())
}
