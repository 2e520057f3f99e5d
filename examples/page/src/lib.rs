//! A page in a browser, for the tests of an app: the browser model decides what is sent and what
//! the page's script may read, and a socket is between it and the app.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod needed;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use cors_core::browser::{
    Browser, FilteredResponse, HeaderList, NetworkError, Request, Response, SentRequest,
};
use http_body_util::{BodyExt as _, Full};
use hyper::Uri;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::time::timeout;

pub use crate::needed::assert_all_needed;

/// Serves an app on a port of its own, until the runtime of the test ends.
///
/// # Panics
///
/// When there is no port.
pub async fn serve(app: Router) -> SocketAddr {
    let listener = listener().await;
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Listens on a port of its own, for an app that brings its own server.
///
/// # Panics
///
/// When there is no port.
pub async fn listener() -> TcpListener {
    let bound = TcpListener::bind("127.0.0.1:0").await;
    bound.expect("there is a port")
}

/// A page of an origin, in a browser that keeps the last cookie of the server.
#[derive(Clone, Debug)]
pub struct Page {
    origin: String,
    cookie: Arc<Mutex<Option<String>>>,
}

impl Page {
    /// Opens a page in a browser that remembers nothing.
    #[must_use]
    pub fn of(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cookie: Arc::default(),
        }
    }

    /// Opens a page of another origin in the same browser.
    #[must_use]
    pub fn beside(&self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cookie: Arc::clone(&self.cookie),
        }
    }

    /// Sends what a form sends, to which no page has to be allowed. Returns the status, which the
    /// page doesn't see.
    ///
    /// # Panics
    ///
    /// When a form can't send it, or the server does not answer.
    pub async fn submit(
        &self,
        server: SocketAddr,
        path: &str,
        request: &Request,
        body: impl Into<Bytes>,
    ) -> u16 {
        assert!(request.preflight().is_none(), "the browser asks first");
        let (_, response) = self.call(server, path, request, body.into()).await;
        response.status
    }

    /// Fetches a path of the server: with a preflight ahead, if there has to be one.
    ///
    /// # Errors
    ///
    /// Returns why the script gets no response.
    ///
    /// # Panics
    ///
    /// When the server does not answer.
    pub async fn fetch(
        &self,
        server: SocketAddr,
        path: &str,
        request: &Request,
        body: impl Into<Bytes>,
    ) -> Result<Seen, NetworkError> {
        let (readable, response) = self.call(server, path, request, body.into()).await;
        let headers = readable?.headers().clone();
        Ok(Seen {
            headers,
            ..response
        })
    }

    /// Returns what the script may read, and the last response as it came.
    async fn call(
        &self,
        server: SocketAddr,
        path: &str,
        request: &Request,
        body: Bytes,
    ) -> (Result<FilteredResponse, NetworkError>, Seen) {
        let url = format!("http://{server}{path}");
        let (page, request) = (self.clone(), request.clone());
        let runtime = Handle::current();
        // The model waits for each response where it stands.
        let called = tokio::task::spawn_blocking(move || {
            let mut last = Seen::default();
            let send = |sent: &SentRequest| {
                let body = if sent.is_preflight() {
                    Bytes::new()
                } else {
                    body.clone()
                };
                let response = async { timeout(LONGEST_WAIT, page.send(server, sent, body)).await };
                let response = runtime.block_on(response);
                last = response
                    .expect("it doesn't hang")
                    .expect("the server answers");
                let mut response = Response::new(last.status);
                *response.headers_mut() = last.headers.clone();
                response
            };
            let readable = Browser::new().fetch(Duration::ZERO, &page.origin, &url, &request, send);
            (readable, last)
        });
        called.await.expect("the server answers")
    }

    async fn send(
        &self,
        server: SocketAddr,
        sent: &SentRequest,
        body: Bytes,
    ) -> Result<Seen, Box<dyn Error>> {
        let uri: Uri = sent.url().parse()?;
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut request = hyper::Request::builder()
            .method(sent.method())
            .uri(target)
            .header("host", server.to_string());
        for (name, value) in sent.headers().iter() {
            request = request.header(name, value);
        }
        let cookie = self.cookie.lock().expect("nobody panics").clone();
        if let Some(cookie) = cookie.filter(|_| sent.has_credentials()) {
            request = request.header("cookie", cookie);
        }
        let stream = TokioIo::new(TcpStream::connect(server).await?);
        let (mut sender, connection) = http1::handshake(stream).await?;
        tokio::spawn(connection);
        let response = sender.send_request(request.body(Full::new(body))?).await?;
        let (head, body) = response.into_parts();
        let mut seen = Seen {
            status: head.status.as_u16(),
            headers: HeaderList::new(),
            body: body.collect().await?.to_bytes(),
        };
        for (name, value) in &head.headers {
            seen.headers.append(name.as_str(), value.as_bytes());
            if name == "set-cookie" && sent.has_credentials() {
                let pair = value.to_str()?.split(';').next();
                *self.cookie.lock().expect("nobody panics") = pair.map(str::to_owned);
            }
        }
        Ok(seen)
    }
}

/// A response, as far as a script may read it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The status.
    pub status: u16,
    /// The headers that are exposed.
    pub headers: HeaderList,
    /// The body.
    pub body: Bytes,
}

impl Seen {
    /// Returns the body as a text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the value of a header that is exposed.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(&value).into_owned())
    }
}

/// A server that takes longer hangs.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
