//! A reverse proxy, on hyper: one policy for what stands behind it, and whatever CORS headers that
//! sends are replaced. That it can't be reached is a 502 that a page can read.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use cors_axum::{CorsLayer, Policy, PolicyErrors};
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderMap, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use hyper::http::uri::{Authority, Scheme};
use hyper::server::conn::http1;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
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
        .expose_headers(["etag"])
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Serves what stands at an authority, until accepting fails.
///
/// # Errors
///
/// When accepting fails.
pub async fn serve(listener: TcpListener, policy: Policy, upstream: Authority) -> io::Result<()> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let forward = move |request| forward(client.clone(), upstream.clone(), request);
    let app = CorsLayer::new(policy).layer(tower::service_fn(forward));
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

/// Preflights don't come here: the layer answers them.
async fn forward(
    client: Client<HttpConnector, Incoming>,
    upstream: Authority,
    mut request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, Infallible> {
    let mut target = std::mem::take(request.uri_mut()).into_parts();
    target.scheme = Some(Scheme::HTTP);
    target.authority = Some(upstream);
    let Ok(target) = Uri::from_parts(target) else {
        return Ok(empty(StatusCode::BAD_REQUEST));
    };
    *request.uri_mut() = target;
    // The client writes the one of the target.
    request.headers_mut().remove(HOST);
    remove_hop_by_hop(request.headers_mut());
    Ok(match client.request(request).await {
        Ok(mut response) => {
            remove_hop_by_hop(response.headers_mut());
            // Of the bodies, hyper's own can't be empty; a box can.
            response.map(BodyExt::boxed)
        }
        Err(_) => empty(StatusCode::BAD_GATEWAY),
    })
}

fn empty(status: StatusCode) -> Response<BoxBody<Bytes, hyper::Error>> {
    let mut response = Response::new(BoxBody::default());
    *response.status_mut() = status;
    response
}

/// They are about one connection ([RFC 9110, 7.6.1]).
///
/// [RFC 9110, 7.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|names| names.to_str().ok())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_owned())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use axum::Router;
    use axum::routing::put;
    use cors_axum::cors_core::browser::Request;
    use example_page::{Page, assert_all_needed, listener};

    use super::*;

    #[tokio::test]
    async fn a_page_reads_what_is_behind_the_proxy_and_that_nothing_is()
    -> Result<(), Box<dyn Error>> {
        let page = Page::of("https://app.example.com");
        let request = Request::new("PUT")?.header("content-type", "application/json")?;
        let call = async |policy, upstream: std::net::SocketAddr| {
            let listener = listener().await;
            let server = listener.local_addr().expect("it is bound");
            let upstream = upstream.to_string().parse().expect("it is an authority");
            tokio::spawn(serve(listener, policy, upstream));
            page.fetch(server, "/notes?n=1", &request, "a note").await
        };
        // A second line of it, or another origin, and a browser would block.
        let own = [
            ("access-control-allow-origin", "https://old.example"),
            ("etag", "\"1\""),
        ];
        let behind = Router::new().route("/notes", put(async move |note: String| (own, note)));
        let upstream = example_page::serve(behind).await;
        assert_eq!(call(policy()?, upstream).await?.text(), "a note");
        assert_all_needed(&policy()?, async |policy| call(policy, upstream).await).await;

        // It is free again once it is dropped.
        let nobody = listener().await.local_addr()?;
        assert_eq!(call(policy()?, nobody).await?.status, 502);
        Ok(())
    }
}
