//! Where the two halves of the protocol meet: a policy answers the browser model.

use std::ops::ControlFlow;

use crate::browser::{HeaderList, Response, SentRequest};
use crate::evaluate::apply::{ResponseField, ResponseHead};
use crate::policy::Policy;
use crate::protocol::request::{RequestField, RequestHead};
use crate::protocol::value::Value;

impl Policy {
    /// Answers a request of the [browser model](crate::browser) as an adapter would: a test of a
    /// policy that needs neither a browser nor a server.
    ///
    /// `app` is called where the app would be. An asynchronous predicate is not asked: what hangs
    /// on it is not allowed.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cors_core::Policy;
    /// use cors_core::browser::{Browser, Request, Response};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = Policy::builder()
    ///     .allow_origins(["https://*.example.com"])
    ///     .allow_methods(["PUT"])
    ///     .build()?;
    /// let mut fetch = |page, method| {
    ///     let request = Request::new(method)?;
    ///     let url = "https://api.example.net/notes/1";
    ///     let outcome = Browser::new().fetch(Duration::ZERO, page, url, &request, |sent| {
    ///         policy.serve(sent, |_| Response::new(200))
    ///     });
    ///     Ok::<bool, Box<dyn std::error::Error>>(outcome.is_ok())
    /// };
    /// assert!(fetch("https://app.example.com", "PUT")?);
    /// assert!(!fetch("https://app.example.com", "DELETE")?);
    /// assert!(!fetch("https://example.com.evil.net", "GET")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn serve(
        &self,
        request: &SentRequest,
        app: impl FnOnce(&SentRequest) -> Response,
    ) -> Response {
        let decision = self.decide(request);
        let mut response = match decision.status() {
            Some(status) => Response::new(status),
            None => app(request),
        };
        let headers = response.headers_mut();
        self.apply(
            decision,
            &mut Answer {
                policy: self,
                request,
                headers,
            },
        );
        response
    }
}

impl RequestHead for SentRequest {
    fn method(&self) -> &str {
        self.method()
    }

    fn path(&self) -> &str {
        let (_, after_scheme) = self.url().split_once("://").unwrap_or_default();
        let target = after_scheme.split(['?', '#']).next().unwrap_or_default();
        target.find('/').map_or("/", |start| &target[start..])
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Host {
            let after_scheme = self.url().split_once("://").map_or("", |(_, rest)| rest);
            let authority = after_scheme
                .split(['/', '?', '#'])
                .next()
                .unwrap_or_default();
            // One value: there is nothing to break off.
            let _ = visit(authority.as_bytes());
            return;
        }
        for (name, value) in self.headers().iter() {
            if name.eq_ignore_ascii_case(field.name()) && visit(value).is_break() {
                return;
            }
        }
    }
}

struct Answer<'a> {
    policy: &'a Policy,
    request: &'a SentRequest,
    headers: &'a mut HeaderList,
}

impl ResponseHead for Answer<'_> {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        for (name, _) in self.headers.iter() {
            visit(name);
        }
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for (name, value) in self.headers.iter() {
            if name.eq_ignore_ascii_case(field.name()) {
                visit(value);
            }
        }
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        self.remove(field);
        self.append(field, value);
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(text) = value.as_str(self.policy) {
            self.headers.append(field.name(), text);
        }
        if let Some(echoed) = value.echoed() {
            self.request.each_line(echoed, &mut |line| {
                self.headers.append(field.name(), line);
                ControlFlow::Continue(())
            });
        }
    }

    fn remove(&mut self, field: ResponseField) {
        let others = |(name, _): &(&str, &[u8])| !name.eq_ignore_ascii_case(field.name());
        *self.headers = self.headers.iter().filter(others).collect();
    }
}
