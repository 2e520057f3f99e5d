//! How many preflights a session costs: what an answer lets the browser remember.

#[path = "../../tests/browser/chromium.rs"]
#[expect(dead_code, reason = "the browser suite uses the rest of it")]
mod chromium;
mod server;

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cors_core::browser::{Browser, Response, SentRequest};

use self::chromium::Chromium;
use self::server::{Answerer, Server};
use crate::session::{self, CALLS};

/// Between two calls of somebody who works with the page.
const PACE: Duration = Duration::from_secs(3);

/// # Errors
///
/// When a server can't be reached, or refuses a call.
pub fn print(with_chromium: bool) -> io::Result<()> {
    let page = format!("http://{}", server::start_page()?);
    println!(
        "| answers to preflights | preflights of {CALLS} calls at once, model | Chromium | a call every {} s, model |",
        PACE.as_secs(),
    );
    println!("|---|---:|---:|---:|");
    for answerer in Answerer::ALL {
        let server = Server::start(answerer, &page)?;
        let at_once = by_model(&server, &page, Duration::ZERO)?;
        let paced = by_model(&server, &page, PACE)?;
        let chromium = if with_chromium {
            Some(by_chromium(&server, &page)?)
        } else {
            None
        };
        println!(
            "| {} | {at_once} | {} | {paced} |",
            answerer.name(),
            chromium.map_or_else(|| "-".to_owned(), |count| count.to_string()),
        );
    }
    Ok(())
}

fn by_model(server: &Server, page: &str, pace: Duration) -> io::Result<usize> {
    let mut browser = Browser::new();
    let mut now = Duration::ZERO;
    for call in session::calls() {
        let request = call.request().map_err(io::Error::other)?;
        let url = format!("http://{}{}", server.address, call.path);
        let mut broken = None;
        let outcome = browser.fetch(now, page, &url, &request, |sent| {
            send(server.address, &call.path, sent).unwrap_or_else(|error| {
                broken = Some(error);
                Response::new(502)
            })
        });
        if let Some(error) = broken {
            return Err(error);
        }
        outcome.map_err(io::Error::other)?;
        now += pace;
    }
    Ok(server.take_preflights())
}

/// One request over a connection of its own.
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

fn by_chromium(server: &Server, page: &str) -> io::Result<usize> {
    let calls: Vec<_> = session::calls()
        .map(|call| chromium::Call {
            url: format!("http://{}{}", server.address, call.path),
            method: call.method.to_owned(),
            body: call
                .headers
                .iter()
                .any(|(name, _)| name == "content-type")
                .then(|| "{}".to_owned()),
            headers: call.headers,
            credentials: "same-origin",
            upload_listener: false,
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let seen = runtime.block_on(async {
        let chromium = Chromium::start().await;
        let seen = chromium.send(page, &calls).await;
        chromium.end().await;
        seen
    });
    if seen.iter().any(|seen| seen.0.is_none()) {
        return Err(io::Error::other("Chromium refused a call"));
    }
    Ok(server.take_preflights())
}
