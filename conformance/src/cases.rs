//! The contract as data: one request, and all that may come back in the fields of CORS.
//!
//! Expected values are derived from the contract and the standards it cites, never from what a
//! program printed.

mod acrh;
mod actual;
mod app_headers;
mod hostile;
mod kinds;
mod origins;
mod paths;
mod policies;
mod preflight;
mod reject;
mod vary;

use std::fmt::Debug;

use conformance_client::raw::{Request, Response};
use conformance_servers::test_app::{CUSTOM, HITS};

/// One rule of the contract on one request.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rule.
    pub name: String,
    /// The policy, as a TOML file.
    pub policy: &'static str,
    /// What is sent.
    pub request: Request,
    /// What must come back.
    pub answer: Answer,
}

/// All cases, each with a name of its own.
#[must_use]
pub fn all() -> Vec<Case> {
    [
        kinds::cases(),
        origins::cases(),
        actual::cases(),
        preflight::cases(),
        acrh::cases(),
        vary::cases(),
        app_headers::cases(),
        reject::cases(),
        paths::cases(),
        hostile::cases(),
    ]
    .concat()
}

/// Every policy that a case has, each once.
#[must_use]
pub fn policies() -> Vec<&'static str> {
    let mut policies: Vec<_> = all().iter().map(|case| case.policy).collect();
    policies.sort_unstable();
    policies.dedup();
    policies
}

/// What must come back. No `Access-Control-*` field and no name in Vary besides the ones said.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    maker: Maker,
    cors: Vec<(&'static str, String)>,
    vary: Vec<&'static str>,
    lines: Vec<(&'static str, Vec<&'static str>)>,
    body: Body,
    framework_may_refuse: bool,
    body_unread: bool,
    on: Vec<(&'static str, Self)>,
}

/// Who makes the response, and so whether a handler is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// CORS itself, or the framework around the handlers.
    NoHandler,
    /// Whoever would, if there were no CORS.
    Anybody,
    /// A handler.
    Handler,
    /// The framework, after a handler that panicked.
    PanickedHandler,
}

#[derive(Clone, Debug)]
enum Body {
    Any,
    Empty,
    Text(String),
    Chunks(&'static [&'static str]),
}

impl Answer {
    /// Made by a handler.
    fn app(status: u16) -> Self {
        Self {
            status,
            maker: Maker::Handler,
            cors: Vec::new(),
            vary: Vec::new(),
            lines: Vec::new(),
            body: Body::Any,
            framework_may_refuse: false,
            body_unread: false,
            on: Vec::new(),
        }
    }

    /// Made by the framework or by a middleware closer to the handlers than CORS.
    fn framework(status: u16) -> Self {
        Self {
            maker: Maker::NoHandler,
            ..Self::app(status)
        }
    }

    /// Made by CORS: no body, and nobody else is asked.
    fn cors_alone(status: u16) -> Self {
        Self {
            body: Body::Empty,
            ..Self::framework(status)
        }
    }

    /// As if there were no CORS: whatever the framework and the app make of the request.
    fn left_alone() -> Self {
        Self {
            maker: Maker::Anybody,
            ..Self::app(0)
        }
    }

    /// What the framework makes of a panic.
    fn panicked() -> Self {
        Self {
            maker: Maker::PanickedHandler,
            ..Self::app(500)
        }
    }

    /// Adds `Access-Control-*` fields.
    fn cors(mut self, fields: &[(&'static str, &str)]) -> Self {
        let owned = fields.iter().map(|(name, value)| (*name, (*value).into()));
        self.cors.extend(owned);
        self
    }

    /// Adds names to Vary: not twice, and not to `*`, which says more than any name.
    fn vary(mut self, names: &[&'static str]) -> Self {
        for name in names {
            if !self.vary.contains(name) && !self.vary.contains(&"*") {
                self.vary.push(name);
            }
        }
        self
    }

    /// Expects exactly these lines of another field, in this order.
    fn lines(mut self, name: &'static str, values: &[&'static str]) -> Self {
        self.lines.push((name, values.to_vec()));
        self
    }

    fn text(mut self, text: impl Into<String>) -> Self {
        self.body = Body::Text(text.into());
        self
    }

    fn chunks(mut self, chunks: &'static [&'static str]) -> Self {
        self.body = Body::Chunks(chunks);
        self
    }

    /// The framework may turn the request away itself, as malformed or too large, before CORS
    /// sees it.
    fn unless_framework_refuses(mut self) -> Self {
        self.framework_may_refuse = true;
        self
    }

    /// Nobody reads the request's body, for which actix-web ends the connection and says so.
    fn leaves_body_unread(mut self) -> Self {
        self.body_unread = true;
        self
    }

    /// A framework that differs in what the contract leaves to it.
    fn on(mut self, framework: &'static str, answer: Self) -> Self {
        self.on.push((framework, answer));
        self
    }

    /// Rocket, which drops a line that is not UTF-8 before anyone sees it, answers as if `line`
    /// were not there.
    fn on_rocket_unless_text(self, line: &[u8], without: Self) -> Self {
        if std::str::from_utf8(line).is_ok() {
            self
        } else {
            self.on("rocket", without)
        }
    }

    /// Changes the answer and its exceptions alike.
    fn each(mut self, change: impl Fn(Self) -> Self) -> Self {
        let exceptions = std::mem::take(&mut self.on);
        let mut changed = change(self);
        changed.on = exceptions
            .into_iter()
            .map(|(framework, answer)| (framework, change(answer)))
            .collect();
        changed
    }

    /// The answer of one framework.
    fn of(&self, framework: &str) -> &Self {
        let mut exceptions = self.on.iter();
        exceptions
            .find(|(name, _)| *name == framework)
            .map_or(self, |(_, answer)| answer)
    }

    /// Whether the framework may turn the request away, which ends the connection too.
    #[must_use]
    pub const fn framework_may_refuse(&self) -> bool {
        self.framework_may_refuse
    }

    /// Everything about a response, and about the number of handler calls it took, that is not as
    /// it must be.
    #[must_use]
    pub fn differences(
        &self,
        framework: &str,
        response: &Response,
        handler_calls: u64,
    ) -> Vec<String> {
        let answer = self.of(framework);
        if answer.framework_may_refuse && is_framework_refusal(response) && handler_calls == 0 {
            return Vec::new();
        }
        let mut differences = Vec::new();
        let mut expect = |what: &str, expected: &dyn Debug, found: &dyn Debug| {
            let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
            if expected != found {
                differences.push(format!("{what}: expected {expected}, found {found}"));
            }
        };
        expect("CORS fields", &answer.sorted_cors(), &cors(response));
        expect("Vary", &answer.sorted_vary(), &vary(response));
        if answer.maker == Maker::Anybody {
            return differences;
        }
        expect("status", &answer.status, &response.status);
        let calls = u64::from(answer.maker != Maker::NoHandler);
        expect("handler calls", &calls, &handler_calls);
        let may_close = framework == "actix" && answer.body_unread;
        expect(
            "closes",
            &(response.closes() && may_close),
            &response.closes(),
        );
        let by_handler = answer.maker == Maker::Handler;
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
        for (name, expected) in &answer.lines {
            expect(name, expected, &values(response, name));
        }
        let body = response.body.escape_ascii().to_string();
        match &answer.body {
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

/// Malformed, or too large. A refusal by CORS is never one of these by default.
fn is_framework_refusal(response: &Response) -> bool {
    matches!(response.status, 400 | 413 | 431)
        && response.value(HITS).is_none()
        && cors(response).is_empty()
}

/// All that CORS says in a response: every `Access-Control-*` line and every name in Vary, sorted.
#[must_use]
pub fn fields_of(response: &Response) -> (Vec<(String, String)>, Vec<String>) {
    (cors(response), vary(response))
}

/// Every `Access-Control-*` line, sorted. Only the lines of Access-Control-Allow-Headers are one
/// value: where it echoes the request's lines, it takes as many.
fn cors(response: &Response) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in &response.lines {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("access-control-") {
            continue;
        }
        let value = value.escape_ascii().to_string();
        match fields.iter_mut().find(|field| field.0 == name) {
            Some((_, first)) if name == ACAH => *first = format!("{first},{value}"),
            _ => fields.push((name, value)),
        }
    }
    fields.sort();
    fields
}

/// Every name in Vary, sorted, with its repetitions.
fn vary(response: &Response) -> Vec<String> {
    let mut names: Vec<_> = response
        .values("vary")
        .flat_map(|line| line.split(|byte| *byte == b','))
        .map(|name| {
            name.trim_ascii()
                .to_ascii_lowercase()
                .escape_ascii()
                .to_string()
        })
        .collect();
    names.sort();
    names
}

fn values(response: &Response, name: &str) -> Vec<String> {
    response
        .values(name)
        .map(|value| value.escape_ascii().to_string())
        .collect()
}

fn case(name: impl Into<String>, policy: &'static str, request: Request, answer: Answer) -> Case {
    Case {
        name: name.into(),
        policy,
        request,
        answer,
    }
}

/// The answer to a method that the path does not have, which Rocket doesn't tell from a path that
/// is not there.
fn not_that_method() -> Answer {
    Answer::framework(405).on("rocket", Answer::framework(404))
}

/// Rocket's answer to a method that it does not know, before any fairing.
fn unknown_to_rocket() -> Answer {
    Answer::framework(400)
}

fn get(path: &str) -> Request {
    Request::new("GET", path)
}

fn preflight(path: &str, origin: impl AsRef<[u8]>, method: impl AsRef<[u8]>) -> Request {
    Request::new("OPTIONS", path)
        .line("Origin", origin)
        .line("Access-Control-Request-Method", method)
}

/// A preflight for PUT from [`APP`], with its lines of Access-Control-Request-Headers.
fn preflight_for_headers<L: AsRef<[u8]>>(lines: impl IntoIterator<Item = L>) -> Request {
    lines
        .into_iter()
        .fold(preflight("/echo", APP, "PUT"), |request, line| {
            request.line("Access-Control-Request-Headers", line)
        })
}

/// The origin that the policies allow.
const APP: &str = "https://app.example.com";

/// An origin that no policy names.
const EVIL: &str = "https://evil.example.net";

const ACAO: &str = "access-control-allow-origin";
const ACAC: &str = "access-control-allow-credentials";
const ACAM: &str = "access-control-allow-methods";
const ACAH: &str = "access-control-allow-headers";
const ACEH: &str = "access-control-expose-headers";
const ACMA: &str = "access-control-max-age";
const ACAPN: &str = "access-control-allow-private-network";

/// The Vary of an answer that depends on Origin alone.
const ORIGIN: &[&str] = &["origin"];

/// The Vary of a preflight's answer.
const PREFLIGHT: &[&str] = &[
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
];

/// The Vary of a preflight's answer where every origin gets the same one.
const PREFLIGHT_OF_ANY_ORIGIN: &[&str] = &[
    "access-control-request-method",
    "access-control-request-headers",
];

/// With Private Network Access.
const ACRPN: &[&str] = &["access-control-request-private-network"];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ACAO, APP, Answer, all};
    use conformance_client::raw::Response;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        for case in all() {
            assert!(names.insert(case.name.clone()), "{}", case.name);
        }
    }

    #[test]
    fn whatever_was_not_expected_is_a_difference() {
        let count =
            |answer: &Answer, response: &Response| answer.differences("axum", response, 0).len();
        let answer = Answer::cors_alone(200)
            .cors(&[(ACAO, APP)])
            .vary(&["origin"]);
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
        assert_eq!(answer.differences("axum", &right, 0), Vec::<String>::new());
        assert_eq!(answer.differences("axum", &right, 1).len(), 1);
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
            assert_eq!(count(&answer, &wrong), 1, "{name}: {value}");
        }
        for index in 0..right.lines.len() {
            let mut wrong = right.clone();
            wrong.lines.remove(index);
            assert_eq!(count(&answer, &wrong), 1, "{index}");
        }
        let body = Response {
            body: b"no".to_vec(),
            ..right
        };
        assert_eq!(count(&answer, &body), 1);
    }
}
