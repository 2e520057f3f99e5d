//! An HTTP/2 client, without TLS, for the requests of [`raw`](crate::raw) that HTTP/2 can
//! express.

use std::io;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::http;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::raw::{Request, Response};

/// An HTTP/2 connection, with one request at a time.
#[derive(Debug)]
pub struct Connection {
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
}

impl Connection {
    /// Opens a connection, without asking whether the server speaks HTTP/2.
    ///
    /// # Errors
    ///
    /// Fails if nobody listens, or the server does not speak HTTP/2.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .map_err(io::Error::other)?;
            tokio::spawn(connection);
            Ok::<_, io::Error>(sender)
        })?;
        Ok(Self {
            runtime,
            sender,
            address,
        })
    }

    /// Sends one request, whose `Host` becomes `:authority`, and reads its response. Returns `None`
    /// if HTTP/2 can't express the request.
    ///
    /// # Errors
    ///
    /// Fails if the stream or the connection ends early.
    pub fn exchange(&mut self, request: &Request) -> Option<io::Result<Response>> {
        let host = request.lines().find(|(name, _)| is_host(name));
        let authority = match host {
            Some((_, host)) => std::str::from_utf8(host).ok()?.to_owned(),
            None => self.address.to_string(),
        };
        self.send(request, &authority, |name| !is_host(name))
    }

    /// Sends one request with this `:authority`, and with its `Host` lines beside it, which
    /// browsers leave out. Returns `None` if HTTP/2 can't express the request.
    ///
    /// # Errors
    ///
    /// Fails if the stream or the connection ends early.
    pub fn exchange_with_authority(
        &mut self,
        authority: &str,
        request: &Request,
    ) -> Option<io::Result<Response>> {
        self.send(request, authority, |_| true)
    }

    fn send(
        &mut self,
        request: &Request,
        authority: &str,
        is_sent: impl Fn(&[u8]) -> bool,
    ) -> Option<io::Result<Response>> {
        let is_head = request.method() == "HEAD";
        let request = to_http2(request, authority, is_sent)?;
        let exchange = async {
            self.sender.ready().await?;
            let response = self.sender.send_request(request).await?;
            read(response, is_head).await
        };
        Some(self.runtime.block_on(exchange).map_err(io::Error::other))
    }
}

/// Translates a request to HTTP/2, with the lines that are sent. Returns `None` if HTTP/2 can't
/// express the request, or if the head is longer than servers accept over HTTP/2.
fn to_http2(
    request: &Request,
    authority: &str,
    is_sent: impl Fn(&[u8]) -> bool,
) -> Option<http::Request<Full<Bytes>>> {
    let lines = request.lines();
    let length: usize = lines.map(|(name, value)| name.len() + value.len()).sum();
    let has_authority = request.names_host() && request.target().starts_with('/');
    if length > LONGEST_HEAD || !has_authority {
        return None;
    }
    let mut said = http::Request::builder()
        .version(http::Version::HTTP_2)
        .method(request.method())
        .uri(format!("http://{authority}{}", request.target()));
    for (name, value) in request.lines().filter(|(name, _)| is_sent(name)) {
        said = said.header(name, value.trim_ascii());
    }
    let body = Full::new(Bytes::copy_from_slice(request.content()));
    said.body(body).ok()
}

fn is_host(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"host")
}

/// Half of hyper's bound: hyper counts a few bytes more for each line.
const LONGEST_HEAD: usize = 8 << 10;

async fn read(response: http::Response<Incoming>, is_head: bool) -> hyper::Result<Response> {
    let (head, mut body) = response.into_parts();
    let lines = head.headers.iter();
    let mut response = Response {
        status: head.status.as_u16(),
        lines: lines
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: Vec::new(),
        chunks: None,
        http2: true,
    };
    // hyper sends a body that an app gives to HEAD over HTTP/2.
    if is_head {
        return Ok(response);
    }
    let mut frames = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if !data.is_empty() {
            frames += 1;
            response.body.extend_from_slice(&data);
        }
    }
    response.chunks = Some(frames);
    Ok(response)
}
