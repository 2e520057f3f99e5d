//! [`Expected`]: the response that must come back.

use std::fmt::Debug;

use conformance_client::raw::Response;
use conformance_servers::Framework;
use conformance_servers::test_app::{CUSTOM, HITS};

use super::fields::{cors, values, vary_names};

/// The response that must come back. It has no `Access-Control-*` field and no name in Vary beside
/// those said.
#[derive(Clone, Debug)]
pub struct Expected {
    status: u16,
    handler: Handler,
    cors: Vec<(&'static str, String)>,
    vary: Vec<&'static str>,
    lines: Vec<(&'static str, Vec<&'static str>)>,
    body: Body,
    framework_may_reject: bool,
    body_unread: bool,
    exceptions: Vec<(Framework, Self)>,
}

/// What a handler of the app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    /// It makes the response.
    Responds,
    /// It panics, and the framework makes the response.
    Panics,
    /// It is not called.
    NotCalled,
    /// It may be called or not, and the response may be any.
    Unchecked,
}

#[derive(Clone, Debug)]
enum Body {
    Any,
    Empty,
    Text(String),
    Chunks(&'static [&'static str]),
}

impl Expected {
    /// Expects a response that a handler makes.
    pub(super) fn from_handler(status: u16) -> Self {
        Self {
            status,
            handler: Handler::Responds,
            cors: Vec::new(),
            vary: Vec::new(),
            lines: Vec::new(),
            body: Body::Any,
            framework_may_reject: false,
            body_unread: false,
            exceptions: Vec::new(),
        }
    }

    /// Expects a response that the framework makes, or a middleware inside the adapter. No handler is
    /// called.
    pub(super) fn from_framework(status: u16) -> Self {
        Self {
            handler: Handler::NotCalled,
            ..Self::from_handler(status)
        }
    }

    /// Expects an answer, which the adapter makes in the app's stead: no body, and no handler is
    /// called.
    pub(super) fn answer(status: u16) -> Self {
        Self {
            body: Body::Empty,
            ..Self::from_framework(status)
        }
    }

    /// Expects any response of the framework or the app. Its fields of CORS are checked alone.
    pub(super) fn from_anyone() -> Self {
        Self {
            handler: Handler::Unchecked,
            ..Self::from_handler(0)
        }
    }

    /// Expects the response that the framework makes when a handler panics.
    pub(super) fn from_panic() -> Self {
        Self {
            handler: Handler::Panics,
            ..Self::from_handler(500)
        }
    }

    /// Expects the response to a method that the path does not have. Rocket responds as to a path
    /// that it does not have.
    pub(super) fn method_not_allowed() -> Self {
        Self::from_framework(405).on(Framework::Rocket, Self::from_framework(404))
    }

    /// Expects Rocket's response to a method that it does not know: no fairing sees the request.
    pub(super) fn unknown_to_rocket() -> Self {
        Self::from_framework(400)
    }

    /// Adds `Access-Control-*` fields.
    pub(super) fn cors(mut self, fields: &[(&'static str, &str)]) -> Self {
        let owned = fields.iter().map(|(name, value)| (*name, (*value).into()));
        self.cors.extend(owned);
        self
    }

    /// Adds names to Vary: not twice, and not to `*`, which says more than any name.
    pub(super) fn vary(mut self, names: &[&'static str]) -> Self {
        for name in names {
            if !self.vary.contains(name) && !self.vary.contains(&"*") {
                self.vary.push(name);
            }
        }
        self
    }

    /// Returns the names that are expected in Vary.
    pub(super) fn vary_names(&self) -> &[&'static str] {
        &self.vary
    }

    /// Expects exactly these lines of another field, in this order.
    pub(super) fn lines(mut self, name: &'static str, values: &[&'static str]) -> Self {
        self.lines.push((name, values.to_vec()));
        self
    }

    /// Expects this body.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.body = Body::Text(text.into());
        self
    }

    /// Expects a body in these chunks.
    pub(super) fn chunks(mut self, chunks: &'static [&'static str]) -> Self {
        self.body = Body::Chunks(chunks);
        self
    }

    /// Lets the framework reject the request, as malformed or too large, before CORS sees it.
    pub(super) fn or_rejected_by_framework(mut self) -> Self {
        self.framework_may_reject = true;
        self
    }

    /// Expects that nobody reads the request's body. actix-web closes such a connection.
    pub(super) fn leaves_body_unread(mut self) -> Self {
        self.body_unread = true;
        self
    }

    /// Expects something else of one framework, where the contract leaves the choice to it.
    ///
    /// The framework has to need the exception: see [`Expected::differences`].
    pub(super) fn on(mut self, framework: Framework, exception: Self) -> Self {
        assert!(
            self.exception(framework).is_none(),
            "{framework:?} has an exception already"
        );
        self.exceptions.push((framework, exception));
        self
    }

    /// Expects `without` of Rocket if `line` is not UTF-8: Rocket drops such a line before anybody
    /// sees it.
    pub(super) fn on_rocket_unless_text(self, line: &[u8], without: Self) -> Self {
        if std::str::from_utf8(line).is_ok() {
            self
        } else {
            self.on(Framework::Rocket, without)
        }
    }

    /// Changes the expectation and its exceptions alike.
    pub(super) fn each(mut self, change: impl Fn(Self) -> Self) -> Self {
        let exceptions = std::mem::take(&mut self.exceptions);
        let mut changed = change(self);
        changed.exceptions = exceptions
            .into_iter()
            .map(|(framework, exception)| (framework, change(exception)))
            .collect();
        changed
    }

    fn exception(&self, framework: Framework) -> Option<&Self> {
        let mut exceptions = self.exceptions.iter();
        let found = exceptions.find(|(of, _)| *of == framework);
        found.map(|(_, exception)| exception)
    }

    /// Returns whether the framework may reject the request, which closes the connection too.
    #[must_use]
    pub const fn framework_may_reject(&self) -> bool {
        self.framework_may_reject
    }

    /// Returns everything that is not as expected about a framework's response and about the number
    /// of handler calls.
    ///
    /// An exception that the framework does not need is a difference too: a framework needs its
    /// exception only while its response is not the one that is expected of the others.
    #[must_use]
    pub fn differences(
        &self,
        framework: Framework,
        response: &Response,
        handler_calls: u64,
    ) -> Vec<String> {
        let as_others = || self.own_differences(framework, response, handler_calls);
        let Some(exception) = self.exception(framework) else {
            return as_others();
        };
        let mut differences = exception.own_differences(framework, response, handler_calls);
        if as_others().is_empty() {
            differences.push(format!(
                "{framework:?} needs no exception: it responds as the others do"
            ));
        }
        differences
    }

    /// Returns what [`Expected::differences`] returns if there are no exceptions.
    fn own_differences(
        &self,
        framework: Framework,
        response: &Response,
        handler_calls: u64,
    ) -> Vec<String> {
        if self.framework_may_reject && is_framework_rejection(response) && handler_calls == 0 {
            return Vec::new();
        }
        let mut differences = Vec::new();
        let mut expect = |what: &str, expected: &dyn Debug, found: &dyn Debug| {
            let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
            if expected != found {
                differences.push(format!("{what}: expected {expected}, found {found}"));
            }
        };
        expect("CORS fields", &self.sorted_cors(), &cors(response));
        expect("Vary", &self.sorted_vary(), &vary_names(response));
        if self.handler == Handler::Unchecked {
            return differences;
        }
        expect("status", &self.status, &response.status);
        let calls = u64::from(self.handler != Handler::NotCalled);
        expect("handler calls", &calls, &handler_calls);
        let closes = framework == Framework::Actix && self.body_unread && !response.http2;
        expect("closes", &closes, &response.closes());
        let by_handler = self.handler == Handler::Responds;
        expect(
            "made by a handler",
            &by_handler,
            &response.value(HITS).is_some(),
        );
        if by_handler {
            for (name, value) in CUSTOM {
                expect(name, &[value], &values(response, name));
            }
        }
        for (name, expected) in &self.lines {
            expect(name, expected, &values(response, name));
        }
        let body = response.body.escape_ascii().to_string();
        match &self.body {
            Body::Any => {}
            Body::Empty => expect("body", &"", &body),
            Body::Text(text) => expect("body", &text.as_bytes().escape_ascii().to_string(), &body),
            Body::Chunks(chunks) => {
                expect("body", &chunks.concat().escape_default().to_string(), &body);
                expect("chunks", &Some(chunks.len()), &response.chunks);
            }
        }
        // RFC 9110, 8.6: never in a 204. hyper has one over HTTP/2.
        if response.status == 204 && !response.http2 {
            let none: [String; 0] = [];
            expect("Content-Length", &none, &values(response, "content-length"));
        }
        differences
    }

    fn sorted_cors(&self) -> Vec<(String, String)> {
        let mut fields: Vec<_> = self
            .cors
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        fields.sort();
        fields
    }

    fn sorted_vary(&self) -> Vec<String> {
        let mut names: Vec<_> = self.vary.iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    }
}

/// Returns whether the framework has rejected the request, as malformed or too large. CORS has
/// none of these statuses by default.
fn is_framework_rejection(response: &Response) -> bool {
    matches!(response.status, 400 | 413 | 431)
        && response.value(HITS).is_none()
        && cors(response).is_empty()
}

#[cfg(test)]
mod tests {
    use conformance_client::raw::Response;
    use conformance_servers::Framework;

    use super::Expected;
    use crate::cases::words::{ACAO, APP};

    #[test]
    fn whatever_was_not_expected_is_a_difference() {
        let count = |expected: &Expected, response: &Response| {
            expected.differences(Framework::Axum, response, 0).len()
        };
        let expected = Expected::answer(200).cors(&[(ACAO, APP)]).vary(&["origin"]);
        let line = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let right = Response {
            status: 200,
            lines: vec![
                line("Access-Control-Allow-Origin", APP),
                line("Vary", "Origin"),
            ],
            body: Vec::new(),
            chunks: None,
            http2: false,
        };
        assert_eq!(
            expected.differences(Framework::Axum, &right, 0),
            Vec::<String>::new()
        );
        assert_eq!(expected.differences(Framework::Axum, &right, 1).len(), 1);
        for (name, value) in [
            ("access-control-allow-origin", APP),
            ("Access-Control-Max-Age", "0"),
            ("Access-Control-Whatever", ""),
            ("Vary", "Cookie"),
            ("Vary", "origin"),
            ("X-App-Hits", "1"),
        ] {
            let mut wrong = right.clone();
            wrong.lines.push(line(name, value));
            assert_eq!(count(&expected, &wrong), 1, "{name}: {value}");
        }
        for index in 0..right.lines.len() {
            let mut wrong = right.clone();
            wrong.lines.remove(index);
            assert_eq!(count(&expected, &wrong), 1, "{index}");
        }
        let body = Response {
            body: b"no".to_vec(),
            ..right
        };
        assert_eq!(count(&expected, &body), 1);
    }

    /// Returns the response of a framework to a path or a method that it does not have.
    fn response(status: u16) -> Response {
        Response {
            status,
            lines: Vec::new(),
            body: Vec::new(),
            chunks: None,
            http2: false,
        }
    }

    #[test]
    fn an_exception_that_the_framework_does_not_need_is_a_difference() {
        let expected = Expected::method_not_allowed();
        let differences = |framework, status| {
            let response = response(status);
            expected.differences(framework, &response, 0)
        };
        // It is needed, and it is for Rocket alone.
        assert_eq!(differences(Framework::Rocket, 404), Vec::<String>::new());
        assert_eq!(differences(Framework::Axum, 405), Vec::<String>::new());
        assert_eq!(differences(Framework::Axum, 404).len(), 1);
        // Rocket responds as the others do: the exception does not hold, and is not needed.
        let unneeded = "Rocket needs no exception: it responds as the others do";
        let found = differences(Framework::Rocket, 405);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], unneeded);
        // Nor is an exception needed that says what is expected anyway.
        let twice = Expected::from_framework(405);
        let twice = twice.clone().on(Framework::Rocket, twice);
        let found = twice.differences(Framework::Rocket, &response(405), 0);
        assert_eq!(found, [unneeded]);
    }

    #[test]
    #[should_panic(expected = "Rocket has an exception already")]
    fn a_framework_has_one_exception() {
        let not_found = || Expected::from_framework(404);
        drop(Expected::method_not_allowed().on(Framework::Rocket, not_found()));
    }
}
