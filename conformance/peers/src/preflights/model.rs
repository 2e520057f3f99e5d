//! What the model of the browser asks, given the answers of a server over its own socket.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cors_core::browser::{Browser, PreflightCache, Response, SentRequest, preflight_check};

use super::server::Server;
use crate::session::{self, Call};

/// Returns how many preflights the session costs, with this pause between two calls.
///
/// # Errors
///
/// Fails if the server can't be reached, or refuses a call.
pub fn preflights(server: &Server, page: &str, pace: Duration) -> io::Result<usize> {
    let mut browser = Browser::new();
    let mut now = Duration::ZERO;
    for call in session::calls() {
        fetch(&mut browser, now, server.address, page, &call)?;
        now += pace;
    }
    Ok(server.take_preflights())
}

/// Returns the same, without pauses, for a browser that remembers only the last response of a URL,
/// as Chromium does. The standard adds each response to those before.
///
/// # Errors
///
/// Fails if the server can't be reached, or refuses a call.
pub fn preflights_by_last_answers(server: &Server, page: &str) -> io::Result<usize> {
    let now = Duration::ZERO;
    let mut last_answers = BTreeMap::<String, PreflightCache>::new();
    for call in session::calls() {
        let request = call.request().map_err(io::Error::other)?;
        let url = url(server.address, &call);
        let known = last_answers.entry(url.clone()).or_default();
        if known.covers(now, page, &url, &request) {
            continue;
        }
        // A browser that remembers nothing asks.
        if let Some(answer) = fetch(&mut Browser::new(), now, server.address, page, &call)? {
            let pass = preflight_check(page, &request, answer.status(), answer.headers());
            *known = PreflightCache::new();
            known.store(now, &url, pass.map_err(io::Error::other)?);
        }
    }
    Ok(server.take_preflights())
}

/// Makes a call and returns the response to its preflight, if there was one.
fn fetch(
    browser: &mut Browser,
    now: Duration,
    server: SocketAddr,
    page: &str,
    call: &Call,
) -> io::Result<Option<Response>> {
    let request = call.request().map_err(io::Error::other)?;
    let mut answer = None;
    let mut broken = None;
    let outcome = browser.fetch(now, page, &url(server, call), &request, |sent| {
        let response = send(server, &call.path, sent).unwrap_or_else(|error| {
            broken = Some(error);
            Response::new(502)
        });
        if sent.is_preflight() {
            answer = Some(response.clone());
        }
        response
    });
    if let Some(error) = broken {
        return Err(error);
    }
    outcome.map_err(io::Error::other)?;
    Ok(answer)
}

fn url(server: SocketAddr, call: &Call) -> String {
    format!("http://{server}{}", call.path)
}

/// Sends one request on a connection of its own.
fn send(address: SocketAddr, path: &str, request: &SentRequest) -> io::Result<Response> {
    let mut text = format!(
        "{} {path} HTTP/1.1\r\nhost: {address}\r\n",
        request.method()
    );
    for (name, value) in request.headers().iter() {
        text.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value)));
    }
    text.push_str("content-length: 0\r\nconnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;

    let mut lines = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut lines);
    head.parse(&answer).map_err(io::Error::other)?;
    let status = head.code.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut response = Response::new(status);
    for line in head.headers.iter() {
        response.headers_mut().append(line.name, line.value);
    }
    Ok(response)
}
