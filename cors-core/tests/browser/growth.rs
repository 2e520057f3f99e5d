//! Tests that the work of the model grows with what it is given, not with its square.
//!
//! No test has a clock. One compares the bytes that are allocated for an input and for twice as
//! much of it. What only reads the same lines again and again allocates nothing, so the other test
//! takes so many that work by the square would take minutes instead of seconds.

use std::time::Duration;

use allocation_counter::measure;
use cors_core::browser::{
    Browser, Credentials, HeaderList, PreflightCache, Request, Response, SentRequest, cors_check,
    exposed_header_names, preflight_check, preflight_max_age,
};
use cors_core::{Policy, PolicyErrors};

use crate::support::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, MAX_AGE, ORIGIN,
    answer,
};

/// What a browser and a server have to do with `size` of everything: header lines, listed names,
/// bytes of a URL.
struct Input {
    names: Vec<String>,
    url: String,
    /// As many different lines, and as many of one name.
    lines: HeaderList,
    request: Request,
    /// What a server answers to the preflight of `request`.
    allowing: HeaderList,
    /// What a server answers to it, with the names of `lines` exposed.
    exposing: Response,
    /// The response of an app that sets the headers of a policy itself.
    meddling: Response,
}

impl Input {
    fn of(size: usize) -> Self {
        let names: Vec<String> = (0..size).map(|index| format!("X-{index:09}")).collect();
        let list = names.join(", ").to_ascii_lowercase();
        let lines = lines(&names);
        let request = names.iter().fold(
            Request::new("PUT").expect("PUT is a method"),
            |request, name| request.header(name, "1").expect("the name is a token"),
        );
        let mut exposing = Response::new(200);
        *exposing.headers_mut() = lines.clone();
        exposing.headers_mut().append(ALLOW_ORIGIN, ORIGIN);
        exposing.headers_mut().append(EXPOSE_HEADERS, list.as_str());
        let mut meddling = exposing.clone();
        for name in [ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, MAX_AGE] {
            meddling.headers_mut().append(name, "1");
        }
        Self {
            url: format!("https://api.example.net/{}", "a".repeat(size)),
            allowing: answer(&[
                (ALLOW_METHODS, &format!("PUT, {list}")),
                (ALLOW_HEADERS, &list),
            ]),
            names,
            lines,
            request,
            exposing,
            meddling,
        }
    }

    fn respond(&self, sent: &SentRequest) -> Response {
        if sent.is_preflight() {
            let mut response = Response::new(204);
            *response.headers_mut() = self.allowing.clone();
            response
        } else {
            self.exposing.clone()
        }
    }

    /// Fetches without a preflight from an app under a policy that allows this origin.
    fn fetch_under_policy_of(&self, origin: &str) -> Result<bool, PolicyErrors> {
        let policy = Policy::builder()
            .allow_origins([origin])
            .expose_headers(["x-id"])
            .build()?;
        let get = Request::new("GET").expect("GET is a method");
        let outcome = Browser::new().fetch(Duration::ZERO, ORIGIN, &self.url, &get, |sent| {
            sent.respond(&policy, |_| self.meddling.clone())
        });
        Ok(outcome.is_ok())
    }
}

fn lines(names: &[String]) -> HeaderList {
    let different = names.iter().map(|name| (name.as_str(), "1"));
    let same = names.iter().map(|_| ("X-Same", "1"));
    different.chain(same).collect()
}

type Operation = fn(&Input);

/// Every operation over header lines or names of headers.
const OPERATIONS: [(&str, Operation); 10] = [
    ("append", |input| {
        assert_eq!(lines(&input.names), input.lines);
    }),
    ("get", |input| {
        let joined = input.lines.get("x-same").map(|value| value.len());
        assert_eq!(joined, Some(input.names.len() * 3 - 2));
    }),
    ("Request::header and preflight", |input| {
        let request = input.request.clone();
        let request = request.header("X-Last", "1").expect("a token");
        assert_eq!(request.needs_preflight().len(), input.names.len() + 2);
        assert!(request.preflight().is_some());
    }),
    ("checks of a response", |input| {
        assert!(cors_check(ORIGIN, Credentials::Include, &input.allowing).is_ok());
        assert_eq!(preflight_max_age(&input.lines), 5);
    }),
    ("exposed_header_names", |input| {
        let names = exposed_header_names(Credentials::Omit, input.exposing.headers());
        assert_eq!(names.len(), input.names.len());
    }),
    ("preflight_check", |input| {
        assert!(preflight_check(ORIGIN, &input.request, 204, &input.allowing).is_ok());
    }),
    ("PreflightCache", |input| {
        let Input { request, url, .. } = input;
        let grant = preflight_check(ORIGIN, request, 204, &input.allowing).expect("it is allowed");
        let mut cache = PreflightCache::new();
        for _ in 0..2 {
            cache.store(Duration::ZERO, url, grant.clone());
        }
        assert!(cache.covers(Duration::ZERO, ORIGIN, url, request));
        cache.clear(ORIGIN, url);
        assert!(!cache.covers(Duration::ZERO, ORIGIN, url, request));
    }),
    ("fetch", |input| {
        let Input { request, url, .. } = input;
        let outcome = Browser::new().fetch(Duration::ZERO, ORIGIN, url, request, |sent| {
            input.respond(sent)
        });
        let read = outcome.expect("it is allowed");
        assert_eq!(read.headers().iter().count(), input.names.len());
    }),
    ("respond, the origin is allowed", |input| {
        assert_eq!(input.fetch_under_policy_of(ORIGIN), Ok(true));
    }),
    ("respond, the origin is refused", |input| {
        let other = "https://other.example";
        assert_eq!(input.fetch_under_policy_of(other), Ok(false));
    }),
];

#[test]
fn what_is_allocated_grows_with_the_input() {
    let (once, twice) = (Input::of(1_000), Input::of(2_000));
    for (name, operation) in OPERATIONS {
        let [once, twice] = [&once, &twice].map(|input| measure(|| operation(input)).bytes_total);
        assert!(twice * 2 <= once * 5, "{name}: {once} bytes, then {twice}");
    }
}

#[test]
fn thirty_thousand_names_are_no_matter() {
    let input = Input::of(30_000);
    for (_, operation) in OPERATIONS {
        operation(&input);
    }
}
