//! What the model says of a call, given the responses of the same server.

use std::net::SocketAddr;
use std::time::Duration;

use conformance_client::raw;
use cors_core::browser::{Browser, Credentials, Request, Response, SentRequest};

use conformance_browsers::{Call, Seen};

/// Returns what the script sees according to the model, and how many preflights reach the server.
pub(crate) fn of(call: &Call, origin: &str, server: SocketAddr) -> (Seen, usize) {
    let mut preflights = 0;
    let outcome = Browser::new().fetch(Duration::ZERO, origin, &call.url, &request(call), |sent| {
        preflights += usize::from(sent.is_preflight());
        send(sent, call, server)
    });
    let seen = outcome.ok().map(|readable| {
        let names = readable.headers().iter().map(|(name, _)| name);
        let mut names: Vec<_> = names.map(str::to_ascii_lowercase).collect();
        names.sort();
        names.dedup();
        (readable.status(), names)
    });
    (Seen(seen), preflights)
}

/// Returns how many preflights the calls cost, one after the other without a pause.
pub(crate) fn preflights(calls: &[Call], origin: &str, server: SocketAddr) -> usize {
    let mut browser = Browser::new();
    let mut preflights = 0;
    for call in calls {
        // Whether it is blocked is not the question here.
        let _ = browser.fetch(Duration::ZERO, origin, &call.url, &request(call), |sent| {
            preflights += usize::from(sent.is_preflight());
            send(sent, call, server)
        });
    }
    preflights
}

pub(crate) fn request(call: &Call) -> Request {
    let request = Request::new(&call.method).expect("a method that scripts may use");
    let request = call.headers.iter().fold(request, |request, (name, value)| {
        request
            .header(name, value)
            .expect("a header that scripts may set")
    });
    request
        .credentials(match call.credentials {
            "include" => Credentials::Include,
            "omit" => Credentials::Omit,
            _ => Credentials::SameOrigin,
        })
        .upload_listener(call.upload_listener)
}

/// Sends the request that a browser sends.
fn send(sent: &SentRequest, call: &Call, server: SocketAddr) -> Response {
    let (_, target) = sent.url().split_at(call.url.rfind(":").map_or(0, |port| {
        port + call.url[port..].find('/').unwrap_or_default()
    }));
    let mut request = raw::Request::new(sent.method(), target);
    for (name, value) in sent.headers().iter() {
        request = request.line(name, value);
    }
    if let Some(body) = call.body.as_ref().filter(|_| !sent.is_preflight()) {
        request = request.body(body);
    }
    let found = raw::exchange(server, &request).expect("the server answers");
    let mut response = Response::new(found.status);
    for (name, value) in &found.lines {
        response.headers_mut().append(name, value.clone());
    }
    response
}
