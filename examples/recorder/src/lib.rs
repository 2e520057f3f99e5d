//! A proxy in front of a server that records the exchanges: each request and its response.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode, client, server};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::oneshot;

/// One request and its response, without their bodies.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request's method.
    pub method: String,
    /// The request's target: path and query.
    pub target: String,
    /// The request's header lines, names in lower case.
    pub request: HeaderMap,
    /// The response's status.
    pub status: u16,
    /// The response's header lines, names in lower case.
    pub response: HeaderMap,
}

/// A proxy that records, on a thread of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    log: Log,
    _shutdown: oneshot::Sender<()>,
}

type Log = Arc<Mutex<Vec<Exchange>>>;

/// The most exchanges that are kept. The oldest go first.
const MOST_EXCHANGES: usize = 10_000;

impl Recorder {
    /// Starts a proxy on `port` of the loopback interface, 0 for any free one. It forwards to `to`.
    ///
    /// # Errors
    ///
    /// Fails if the port is not free.
    pub fn start(port: u16, to: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let log = Log::default();
        let (shutdown, until) = oneshot::channel();
        let recording = Arc::clone(&log);
        thread::Builder::new()
            .name(format!("recorder on {address}"))
            .spawn(move || {
                let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
                runtime.block_on(async {
                    tokio::select! {
                        result = accept(listener, to, &recording) => result,
                        _ = until => Ok(()),
                    }
                })
            })?;
        Ok(Self {
            address,
            log,
            _shutdown: shutdown,
        })
    }

    /// Returns the address on which it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the exchanges so far whose target `is_wanted`, in the order of their responses.
    pub fn exchanges(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<Exchange> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = log.iter().filter(|exchange| is_wanted(&exchange.target));
        wanted.cloned().collect()
    }

    /// Forgets all exchanges.
    pub fn clear(&self) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.clear();
    }
}

async fn accept(listener: std::net::TcpListener, to: SocketAddr, log: &Log) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        // A connection without it is only slower.
        let _ = stream.set_nodelay(true);
        let log = Arc::clone(log);
        tokio::spawn(async move {
            let service = service_fn(|request| pass(to, &log, request));
            let connection = server::conn::http1::Builder::new();
            // A client may break off.
            let _ = connection
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Body = http_body_util::Either<Incoming, Empty<Bytes>>;

async fn pass(
    to: SocketAddr,
    log: &Log,
    request: Request<Incoming>,
) -> Result<Response<Body>, hyper::Error> {
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let headers = request.headers().clone();
    let Ok(response) = send(to, request).await else {
        let mut response = Response::new(Body::Right(Empty::new()));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        return Ok(response);
    };
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    if log.len() == MOST_EXCHANGES {
        log.remove(0);
    }
    log.push(Exchange {
        method,
        target,
        request: headers,
        status: response.status().as_u16(),
        response: response.headers().clone(),
    });
    Ok(response.map(Body::Left))
}

/// Sends a request on a connection of its own: simple, and on one machine fast enough.
async fn send(
    to: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Incoming>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}
