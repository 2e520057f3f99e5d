//! A request and a response in the plainest form, for tests without a framework.
#![allow(dead_code, reason = "each test program uses a part")]

#[cfg(feature = "http")]
pub(crate) mod unprepared;

use std::ops::ControlFlow;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cors_core::adapter::{BoundDecision, RequestField, RequestHead, ResponseField, ResponseHead};
use cors_core::{Decision, Policy};

#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) lines: Vec<(String, Vec<u8>)>,
}

impl Request {
    pub(crate) fn new(method: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: "/".to_owned(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn get(origin: &str) -> Self {
        Self::new("GET").with("origin", origin)
    }

    pub(crate) fn preflight(origin: &str, method: &str) -> Self {
        Self::new("OPTIONS")
            .with("origin", origin)
            .with("access-control-request-method", method)
    }

    pub(crate) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.lines
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn asking_for(self, headers: impl AsRef<[u8]>) -> Self {
        self.with("access-control-request-headers", headers)
    }
}

impl RequestHead for Request {
    fn method(&self) -> &str {
        &self.method
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        for (name, value) in &self.lines {
            if name.eq_ignore_ascii_case(field.name()) && visit(value).is_break() {
                return;
            }
        }
    }
}

/// Polls a future to its end, on a runtime that does nothing else.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    const MOST_POLLS: u32 = 10;
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let output = (0..MOST_POLLS).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    });
    output.expect("the future ends within a few polls")
}

/// A response's header lines.
pub(crate) struct Response {
    pub(crate) lines: Vec<(String, String)>,
}

impl<'p> ResponseHead<'p> for Response {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.lines.iter().for_each(|(name, _)| visit(name));
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for (name, value) in &self.lines {
            if name.eq_ignore_ascii_case(field.name()) {
                visit(value.as_bytes());
            }
        }
    }

    fn set(&mut self, field: ResponseField, value: &'p str) {
        self.remove(field);
        self.append(field, value);
    }

    fn set_owned(&mut self, field: ResponseField, value: String) {
        self.remove(field);
        self.lines.push((field.name().to_owned(), value));
    }

    fn append(&mut self, field: ResponseField, value: &'p str) {
        let line = (field.name().to_owned(), value.to_owned());
        self.lines.push(line);
    }

    fn remove(&mut self, field: ResponseField) {
        self.lines
            .retain(|(name, _)| !name.eq_ignore_ascii_case(field.name()));
    }
}

/// Returns what the policy makes of a response with these header lines.
pub(crate) fn apply(
    policy: &Policy,
    request: &Request,
    app: &[(&str, &str)],
) -> (Decision, Vec<(String, String)>) {
    let bound = block_on(BoundDecision::evaluate(policy.clone(), request));
    let lines = app
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut response = Response { lines };
    bound.apply(&mut response);
    (bound.decision(), response.lines)
}

/// Returns the lines of a response that had none before.
pub(crate) fn answer(policy: &Policy, request: &Request) -> Vec<(String, String)> {
    apply(policy, request, &[]).1
}
