//! hyper by itself, without a framework: the layer is around a service of tower, whose body can be
//! empty (`Full`, `Empty`, `BoxBody`, ..).

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use cors_axum::{CorsLayer, Policy, PolicyErrors};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower_layer::Layer as _;

/// Returns the policy.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Serves until accepting fails.
///
/// # Errors
///
/// When accepting fails.
pub async fn serve(listener: TcpListener, policy: Policy) -> io::Result<()> {
    let app = CorsLayer::new(policy).layer(tower::service_fn(answer));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            if let Err(error) = connection.await {
                eprintln!("{error}");
            }
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match *request.method() {
        Method::PUT => (StatusCode::CREATED, "put"),
        _ => (StatusCode::METHOD_NOT_ALLOWED, ""),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use cors_axum::cors_core::browser::Request;
    use example_page::{Page, assert_all_needed, listener};

    use super::*;

    #[tokio::test]
    async fn a_page_puts_and_reads_errors() -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let put = Request::new("PUT")?.header("content-type", "application/json")?;
        let call = async |policy, request: &Request| {
            let listener = listener().await;
            let server = listener.local_addr().expect("it is bound");
            tokio::spawn(serve(listener, policy));
            page.fetch(server, "/", request, "").await
        };
        assert_eq!(call(policy()?, &put).await?.status, 201);
        assert_eq!(call(policy()?, &Request::new("GET")?).await?.status, 405);
        assert_all_needed(&policy()?, async |policy| call(policy, &put).await).await;
        Ok(())
    }
}
