//! The adapter of the browser model: a policy is applied to what the model sends.

use std::ops::ControlFlow;

use crate::browser::{HeaderList, Response, SentRequest};
use crate::evaluate::apply::WriteHeaders;
use crate::policy::{Compiled, Policy};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::request::RequestHead;
use crate::protocol::value::Value;

impl SentRequest {
    /// Returns the response under a policy, as an adapter would make it. With it a test of a policy
    /// needs neither a browser nor a server.
    ///
    /// `app` is called where an adapter would call the app. An asynchronous predicate is not asked,
    /// so an origin that depends on one is not allowed.
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
    /// let fetch = |page, method| {
    ///     let request = Request::new(method)?;
    ///     let url = "https://api.example.net/notes/1";
    ///     let outcome = Browser::new().fetch(Duration::ZERO, page, url, &request, |sent| {
    ///         sent.respond(&policy, |_| Response::new(200))
    ///     });
    ///     Ok::<bool, Box<dyn std::error::Error>>(outcome.is_ok())
    /// };
    /// assert!(fetch("https://app.example.com", "PUT")?);
    /// assert!(!fetch("https://app.example.com", "DELETE")?);
    /// assert!(!fetch("https://example.com.evil.net", "GET")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn respond(&self, policy: &Policy, app: impl FnOnce(&Self) -> Response) -> Response {
        let decision = policy.decide(self);
        let mut response = match decision.status() {
            Some(status) => Response::new(status),
            None => app(self),
        };
        let policy = policy.compiled();
        let mut writer = Writer {
            policy,
            request: self,
            headers: response.headers_mut(),
        };
        policy.apply(decision.kind, decision.headers, &mut writer);
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

    fn authority(&self) -> Option<&str> {
        let (_, after_scheme) = self.url().split_once("://")?;
        after_scheme.split(['/', '?', '#']).next()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        for (name, value) in self.headers().iter() {
            if name.eq_ignore_ascii_case(field.name()) && visit(value).is_break() {
                return;
            }
        }
    }
}

struct Writer<'a> {
    policy: &'a Compiled,
    request: &'a SentRequest,
    headers: &'a mut HeaderList,
}

impl WriteHeaders for Writer<'_> {
    fn text(&self, value: Value) -> Option<&str> {
        self.policy.text(value)
    }

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
        if let Some(text) = self.policy.text(value) {
            self.headers.append(field.name(), text);
        }
        let names = match value {
            Value::ListedAndAsked => self.policy.headers.listed_and_asked(self.request),
            Value::ListedAndPresent => {
                let exposed = &self.policy.exposed;
                exposed.listed_and_present(|visit| self.each_name(visit))
            }
            Value::Static(_) | Value::Policy(_) | Value::Echo(_) => String::new(),
        };
        if !names.is_empty() {
            self.headers.append(field.name(), names);
        }
        if let Value::Echo(echoed) = value {
            self.request.each_line(echoed, &mut |line| {
                self.headers.append(field.name(), line);
                ControlFlow::Continue(())
            });
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.headers.remove(field.name());
    }
}
