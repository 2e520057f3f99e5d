//! Requests line by line, as no client library sends them: a `Host` that is not where they go, a
//! target that names another one.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    target: String,
    lines: Vec<(&'static str, String)>,
    body: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, target: &str) -> Self {
        Self {
            method,
            target: target.to_owned(),
            lines: Vec::new(),
            body: String::new(),
        }
    }

    pub(crate) fn line(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.lines.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, body: String) -> Self {
        self.body = body;
        self
    }

    /// Sends it on a connection of its own. A `Host` that is missing is where it goes.
    pub(crate) fn send(&self, server: SocketAddr) -> io::Result<Response> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if self.lines.iter().all(|(name, _)| *name != "Host") {
            text.push_str(&format!("Host: {server}\r\n"));
        }
        for (name, value) in &self.lines {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = self.body.len();
        text.push_str(&format!(
            "Connection: close\r\nContent-Length: {length}\r\n\r\n"
        ));
        text.push_str(&self.body);
        exchange(server, &text)
    }
}

/// Sends a text as it is, and reads the response to its end.
pub(crate) fn exchange(server: SocketAddr, text: &str) -> io::Result<Response> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(text.as_bytes())?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Response::parse(&response).ok_or_else(|| io::Error::other(format!("no HTTP: {response}")))
}

pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// With the framing of its chunks, where it has some.
    pub(crate) body: String,
}

impl Response {
    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
        Some(Self {
            status,
            headers: headers.collect::<Option<_>>()?,
            body: body.to_owned(),
        })
    }

    /// Returns the value of the only line of a name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(line, _)| line == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }
}
