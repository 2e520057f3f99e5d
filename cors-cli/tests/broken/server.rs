//! [`Server`]: one thread that gives each request to a function.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// The head of a request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path without its query.
    pub(crate) path: String,
    /// The path with its query.
    pub(crate) url: String,
    headers: Vec<(String, String)>,
}

/// A response without a body.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// What a server does with a request.
pub(crate) type Handler = Box<dyn Fn(&Request) -> Reply + Send>;

/// A server on a free port.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server that gives each request to a function.
    pub(crate) fn start(handler: Handler) -> io::Result<Self> {
        Self::raw(move |stream| {
            let Some(request) = Request::read(&stream)? else {
                return Ok(());
            };
            (&stream).write_all(handler(&request).text().as_bytes())
        })
    }

    /// Starts a server that does with each connection what a function does, one after another. It
    /// ends with the process.
    pub(crate) fn raw(
        serve: impl Fn(TcpStream) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The client may have gone.
                let _ = serve(stream);
            }
        });
        Ok(Self { address })
    }

    /// Returns the URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Request {
    /// Reads a request; `None` where the connection is closed.
    pub(crate) fn read(stream: &TcpStream) -> io::Result<Option<Self>> {
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let (Some(method), Some(url)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let (method, url) = (method.to_owned(), url.to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            lines.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let request = Self {
            path: url.split('?').next().unwrap_or_default().to_owned(),
            method,
            url,
            headers,
        };
        if request.header("expect").is_some() {
            // The response is final, so that the body stays where it is.
            return Ok(Some(request));
        }
        let length = request.header("content-length").unwrap_or("0");
        let length = length.parse().map_err(io::Error::other)?;
        io::copy(&mut lines.take(length), &mut io::sink())?;
        Ok(Some(request))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the value of `Origin`, empty where there is none.
    pub(crate) fn origin(&self) -> &str {
        self.header("origin").unwrap_or_default()
    }

    pub(crate) fn is_preflight(&self) -> bool {
        let asks = self.header("access-control-request-method").is_some();
        self.method == "OPTIONS" && asks && self.header("origin").is_some()
    }
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        let headers = Vec::new();
        Self { status, headers }
    }

    /// Adds a line.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Removes all lines of a name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// Replaces all lines of a name that is there; adds none.
    pub(crate) fn replacing(self, name: &'static str, value: &str) -> Self {
        if self.headers.iter().any(|(known, _)| *known == name) {
            self.without(name).with(name, value)
        } else {
            self
        }
    }

    /// Removes all lines of the protocol, and `Vary`.
    pub(crate) fn bare(self) -> Self {
        Self::new(self.status)
    }

    /// Returns what goes over the wire.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("HTTP/1.1 {} Broken\r\ncontent-length: 0\r\n", self.status);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text + "connection: close\r\n\r\n"
    }
}
