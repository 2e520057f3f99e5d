//! An HTTP/1.1 client that sends what a well-behaved one refuses to send: two Origin lines, bytes
//! that are not text, values of any size.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A request, line by line. The client adds `Host` and `Content-Length` if they are missing, and
/// nothing else.
#[derive(Clone)]
pub struct Request {
    method: String,
    target: String,
    lines: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
    names_host: bool,
}

impl Request {
    /// Creates a request without header lines and without a body.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            lines: Vec::new(),
            body: Vec::new(),
            names_host: true,
        }
    }

    /// Keeps the client from adding `Host`.
    #[must_use]
    pub fn without_host(mut self) -> Self {
        self.names_host = false;
        self
    }

    /// Adds one header line, whatever its bytes, even if there is one of that name.
    #[must_use]
    pub fn line(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        let line = (name.as_ref().to_vec(), value.as_ref().to_vec());
        self.lines.push(line);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    pub(crate) fn content(&self) -> &[u8] {
        &self.body
    }

    /// Returns whether the request names a host, in a line of its own or in one of the client's.
    pub(crate) const fn names_host(&self) -> bool {
        self.names_host
    }

    fn has(&self, name: &str) -> bool {
        let mut names = self.lines.iter().map(|(name, _)| name);
        names.any(|line| line.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Returns the request as bytes, so that one write sends all of it.
    fn bytes(&self, host: SocketAddr) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        if self.names_host && !self.has("host") {
            bytes.extend(format!("Host: {host}\r\n").bytes());
        }
        if !self.body.is_empty() {
            bytes.extend(format!("Content-Length: {}\r\n", self.body.len()).bytes());
        }
        for (name, value) in &self.lines {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        for (name, value) in &self.lines {
            let (shown, rest) = value.split_at(value.len().min(LONGEST_SHOWN));
            write!(f, "; {}: {}", name.escape_ascii(), shown.escape_ascii())?;
            if !rest.is_empty() {
                write!(f, "... ({} bytes)", value.len())?;
            }
        }
        Ok(())
    }
}

/// A response, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header lines in their order, names as they were spelled.
    pub lines: Vec<(String, Vec<u8>)>,
    /// The body, without its framing.
    pub body: Vec<u8>,
    /// The number of chunks, or of HTTP/2 frames, in the body; `None` if the body has neither.
    pub chunks: Option<usize>,
    /// Whether the response came over HTTP/2.
    pub http2: bool,
}

impl Response {
    /// Returns the values of all lines of a name, in their order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let of_name = |(line, _): &&(String, Vec<u8>)| line.eq_ignore_ascii_case(name);
        self.lines
            .iter()
            .filter(of_name)
            .map(|(_, value)| &value[..])
    }

    /// Returns whether the server closes the connection after this response.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.values("connection")
            .any(|value| value.eq_ignore_ascii_case(b"close"))
    }

    /// Returns the value of the only line of a name; `None` if there is no line, or more than one.
    #[must_use]
    pub fn value<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (value, None) => value,
            (_, Some(_)) => None,
        }
    }
}

/// An HTTP/1.1 connection that is kept alive from request to request.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    /// The bytes that have been read and belong to the next response.
    read: Vec<u8>,
}

impl Connection {
    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// Fails if nobody listens.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address,
            read: Vec::new(),
        })
    }

    /// Sends one request and reads its response.
    ///
    /// # Errors
    ///
    /// Fails if the server hangs, closes early, does not speak HTTP/1.1, or has sent more than one
    /// response to the previous request.
    pub fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        if !self.read.is_empty() {
            return Err(malformed("bytes after the end of the last response"));
        }
        // A server may refuse a head before it has read all of it, and close: then the response
        // counts, not the broken pipe.
        let sent = self.stream.write_all(&request.bytes(self.address));
        let received = self.response(request);
        match sent {
            Err(error) if received.is_err() => Err(error),
            _ => received,
        }
    }

    fn response(&mut self, request: &Request) -> io::Result<Response> {
        let head = loop {
            let head = self.head()?;
            // 100 Continue and its kind announce the response, they are not it.
            if head.status >= 200 {
                break head;
            }
        };
        let chunked = head
            .values("transfer-encoding")
            .any(|value| value.eq_ignore_ascii_case(b"chunked"));
        if request.method == "HEAD" || matches!(head.status, 204 | 304) {
            Ok(head)
        } else if chunked {
            let (body, chunks) = self.chunked()?;
            Ok(Response {
                body,
                chunks: Some(chunks),
                ..head
            })
        } else {
            let body = match head.value("content-length") {
                Some(length) => {
                    let length = number(length, 10)?;
                    self.take(length)?
                }
                None => self.rest()?,
            };
            Ok(Response { body, ..head })
        }
    }

    fn head(&mut self) -> io::Result<Response> {
        let status_line = self.text_line()?;
        let mut words = status_line.split(|byte| *byte == b' ');
        let (Some(b"HTTP/1.1"), Some(status)) = (words.next(), words.next()) else {
            return Err(malformed("a status line that is none"));
        };
        let mut head = Response {
            status: number(status, 10)?
                .try_into()
                .map_err(|_| malformed("a status that is none"))?,
            lines: Vec::new(),
            body: Vec::new(),
            chunks: None,
            http2: false,
        };
        loop {
            let line = self.text_line()?;
            if line.is_empty() {
                return Ok(head);
            }
            let colon = line.iter().position(|byte| *byte == b':');
            let (name, value) = line.split_at(colon.ok_or_else(|| malformed("no colon"))?);
            let name = String::from_utf8(name.to_vec()).map_err(io::Error::other)?;
            head.lines.push((name, value[1..].trim_ascii().to_vec()));
        }
    }

    fn chunked(&mut self) -> io::Result<(Vec<u8>, usize)> {
        let (mut body, mut chunks) = (Vec::new(), 0);
        loop {
            let size = number(&self.text_line()?, 16)?;
            body.append(&mut self.take(size)?);
            if !self.text_line()?.is_empty() {
                return Err(malformed("a chunk longer than its size"));
            }
            if size == 0 {
                return Ok((body, chunks));
            }
            chunks += 1;
        }
    }

    /// Reads one line and returns it without its end.
    fn text_line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let end = self.read.windows(2).position(|pair| pair == b"\r\n");
            if let Some(end) = end {
                let mut line = self.take(end + 2)?;
                line.truncate(end);
                return Ok(line);
            }
            if self.more()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            if self.more()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.read.drain(..length).collect())
    }

    fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.more()? > 0 {}
        Ok(std::mem::take(&mut self.read))
    }

    fn more(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 8192];
        // A read that has a time limit is not begun anew by itself after a signal, such as that of a
        // child that ends.
        let count = loop {
            match self.stream.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.read.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
}

/// Sends one request on a connection of its own.
///
/// # Errors
///
/// Fails if [`Connection::open`] or [`Connection::exchange`] fails.
pub fn exchange(address: SocketAddr, request: &Request) -> io::Result<Response> {
    Connection::open(address)?.exchange(request)
}

fn number(text: &[u8], radix: u32) -> io::Result<usize> {
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| usize::from_str_radix(text, radix).ok())
        .ok_or_else(|| malformed("a number that is none"))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The longest wait: a server that takes longer hangs.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest header value that is shown whole.
const LONGEST_SHOWN: usize = 120;
