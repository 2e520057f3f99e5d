//! Under plain hyper, without axum: over a real connection.

use std::convert::Infallible;

use cors_axum::{CorsLayer, Policy};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode, client, server};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::service_fn;
use tower_layer::Layer as _;

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from("hello")))
}

#[tokio::test]
async fn serves_a_policy() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .build()?;
    let service = CorsLayer::new(policy).layer(service_fn(hello));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("the test connects");
        let service = TowerToHyperService::new(service);
        server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
    });

    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) = client::conn::http1::handshake(stream).await?;
    let connecting = tokio::spawn(connection);
    let request = |method: &str| {
        Request::builder()
            .method(method)
            .header("host", "api.example.com")
            .header("origin", "https://app.example.com")
    };

    let actual = sender
        .send_request(request("GET").body(Empty::<Bytes>::new())?)
        .await?;
    assert_eq!(
        actual.headers()["access-control-allow-origin"],
        "https://app.example.com"
    );
    assert_eq!(actual.into_body().collect().await?.to_bytes(), "hello");

    let preflight = request("OPTIONS").header("access-control-request-method", "POST");
    let preflight = sender.send_request(preflight.body(Empty::new())?).await?;
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    assert!(preflight.into_body().collect().await?.to_bytes().is_empty());

    drop(sender);
    connecting.await??;
    serving.await??;
    Ok(())
}
