//! A policy over Rocket's own requests and responses.

use std::cell::OnceCell;
use std::ops::ControlFlow;

use cors_core::{
    Decision, Policy, RequestField, RequestHead, ResponseField, ResponseHead, Served, Value,
};
use rocket::{Request, Response};

/// The policy for a request, if there is one.
pub(crate) fn policy_of(served: &Served<Policy>, request: &Request<'_>) -> Option<Policy> {
    served.of(&Head::of(request))
}

pub(crate) async fn decide(policy: &Policy, request: &Request<'_>) -> Decision {
    let decision = policy.decide(&Head::of(request));
    let question = policy.question(decision, &Head::of(request));
    match question {
        None => decision,
        Some(question) => {
            let answer = question.await;
            policy.decide_with(&Head::of(request), answer)
        }
    }
}

pub(crate) fn apply<'r>(
    policy: &'r Policy,
    decision: Decision,
    request: &'r Request<'_>,
    response: &mut Response<'r>,
) {
    let mut answer = Answer {
        policy,
        request,
        response,
    };
    policy.apply(decision, &mut answer);
}

pub(crate) struct Head<'r> {
    request: &'r Request<'r>,
    /// Rocket has the target's authority in parts; made whole when it is asked for.
    host: OnceCell<String>,
}

impl<'r> Head<'r> {
    pub(crate) const fn of(request: &'r Request<'r>) -> Self {
        Self {
            request,
            host: OnceCell::new(),
        }
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn path(&self) -> &str {
        self.request.uri().path().as_str()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        let mut lines = self.request.headers().get(field.name()).peekable();
        if field == RequestField::Host
            && lines.peek().is_none()
            && let Some(host) = self.request.host()
        {
            let host = self.host.get_or_init(|| host.to_string());
            // One value: there is nothing to break off.
            let _ = visit(host.as_bytes());
            return;
        }
        for line in lines {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }
}

/// A response with all that its values may be borrowed from.
struct Answer<'a, 'r> {
    policy: &'r Policy,
    request: &'r Request<'r>,
    response: &'a mut Response<'r>,
}

impl ResponseHead for Answer<'_, '_> {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        for header in self.response.headers().iter() {
            visit(header.name().as_str());
        }
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in self.response.headers().get(field.name()) {
            visit(line.as_bytes());
        }
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(text) = value.as_str(self.policy) {
            self.response.set_raw_header(field.name(), text);
            return;
        }
        let Some(echoed) = value.echoed() else {
            return;
        };
        let mut lines = self.request.headers().get(echoed.name());
        if let Some(first) = lines.next() {
            self.response.set_raw_header(field.name(), first);
        }
        for line in lines {
            self.response.adjoin_raw_header(field.name(), line);
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(text) = value.as_str(self.policy) {
            self.response.adjoin_raw_header(field.name(), text);
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.response.remove_header(field.name());
    }
}
