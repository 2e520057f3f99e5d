//! What each server of the tenants is tested with, whatever its framework: requests over sockets.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Asks a server with the two tenants whether it keeps them apart. It blocks.
///
/// # Errors
///
/// When the server does not answer, or not in HTTP.
///
/// # Panics
///
/// When it doesn't keep them apart.
pub fn tenants_are_kept_apart(server: SocketAddr) -> io::Result<()> {
    for (host, origin, allowed) in [
        ("blue.localhost", BLUE_PAGE, true),
        ("BLUE.localhost:3000", BLUE_PAGE, true),
        ("green.localhost", BLUE_PAGE, false),
        ("green.localhost", "https://app.green.example", true),
        ("blue.localhost", "https://app.green.example", false),
        ("red.localhost", BLUE_PAGE, false),
    ] {
        let case = format!("{origin} at {host}");
        let expected = allowed.then_some(origin);
        let preflight = Request {
            method: "OPTIONS",
            lines: "access-control-request-method: POST\r\n\
                    access-control-request-headers: content-type\r\n",
            ..Request::get(host, origin)
        };
        let preflight = preflight.send(server)?;
        assert_eq!(preflight.status, if allowed { 204 } else { 403 }, "{case}");
        assert_eq!(preflight.allowed_origin(), expected, "{case}");

        // Allowed or not, the app answers; an unknown tenant it doesn't find.
        let actual = Request::get(host, origin).send(server)?;
        let known = !host.starts_with("red");
        assert_eq!(actual.status, if known { 200 } else { 404 }, "{case}");
        assert_eq!(actual.allowed_origin(), expected, "{case}");
        let vary = actual.header("vary").unwrap_or_default();
        assert!(vary.eq_ignore_ascii_case("origin"), "{case}: {vary}");
    }
    notes_are_kept_apart(server)
}

fn notes_are_kept_apart(server: SocketAddr) -> io::Result<()> {
    let tea = Request {
        method: "POST",
        lines: "content-type: application/json\r\n",
        body: r#"{"text":"tea"}"#,
        ..Request::get("blue.localhost", BLUE_PAGE)
    };
    let created = tea.send(server)?;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.allowed_origin(), Some(BLUE_PAGE));

    // Browsers ask no preflight for this one, so any site could send it.
    let unasked = Request {
        lines: "content-type: text/plain\r\n",
        ..tea
    };
    let refused = unasked.send(server)?;
    assert!((400..500).contains(&refused.status), "{refused:?}");

    for (host, notes) in [
        ("blue.localhost", r#"[{"id":1,"text":"tea"}]"#),
        ("green.localhost", "[]"),
    ] {
        let listed = Request::get(host, BLUE_PAGE).send(server)?;
        assert_eq!(listed.body, notes, "{host}");
    }
    Ok(())
}

const BLUE_PAGE: &str = "https://app.blue.example";

#[derive(Clone, Copy)]
struct Request<'a> {
    method: &'a str,
    host: &'a str,
    origin: &'a str,
    /// More header lines.
    lines: &'a str,
    body: &'a str,
}

impl<'a> Request<'a> {
    const fn get(host: &'a str, origin: &'a str) -> Self {
        Self {
            method: "GET",
            host,
            origin,
            lines: "",
            body: "",
        }
    }

    fn send(&self, server: SocketAddr) -> io::Result<Response> {
        let Self {
            method,
            host,
            origin,
            lines,
            body,
        } = self;
        let length = body.len();
        let request = format!(
            "{method} /notes HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: close\r\n\
             content-length: {length}\r\n{lines}\r\n{body}"
        );
        let mut stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(request.as_bytes())?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Response::parse(&response).ok_or_else(|| io::Error::other(format!("no HTTP: {response}")))
    }
}

#[derive(Debug)]
struct Response {
    status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: String,
}

impl Response {
    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect::<Option<_>>()?;
        Some(Self {
            status,
            headers,
            body: body.to_owned(),
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(line, _)| line == name)?;
        Some(value)
    }

    fn allowed_origin(&self) -> Option<&str> {
        self.header("access-control-allow-origin")
    }
}
