//! The examples for users of three Python libraries: how their responses differ from the recorded
//! ones of the library, all of it, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::http;
use cors_axum::{CorsLayer, Policy};
use cors_core::browser::{self, Credentials, HeaderList, cors_check, preflight_check};
use cors_core::{Origin, PolicyConfig, ProblemKind};
use serde::Deserialize;
use tower_service::Service as _;

const GUIDE: &str = include_str!("../../cors-core/src/guide/from_python.md");
const REQUESTS: &str = include_str!("from_python/requests.json");

const LIBRARIES: [Library; 3] = [
    Library {
        name: DJANGO,
        policy: include_str!("../../examples/from-python/django.toml"),
        recorded: include_str!("from_python/django.json"),
    },
    Library {
        name: FASTAPI,
        policy: include_str!("../../examples/from-python/fastapi.toml"),
        recorded: include_str!("from_python/fastapi.json"),
    },
    Library {
        name: FLASK,
        policy: include_str!("../../examples/from-python/flask.toml"),
        recorded: include_str!("from_python/flask.json"),
    },
];

const DJANGO: &str = "django-cors-headers";
const FASTAPI: &str = "fastapi";
const FLASK: &str = "flask-cors";

const STATUS: &str = "status";
const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
const ALLOW_METHODS: &str = "access-control-allow-methods";
const ALLOW_HEADERS: &str = "access-control-allow-headers";
const EXPOSE_HEADERS: &str = "access-control-expose-headers";
const MAX_AGE: &str = "access-control-max-age";
const ALLOW_PRIVATE_NETWORK: &str = "access-control-allow-private-network";
const VARY: &str = "vary";

struct Library {
    name: &'static str,
    policy: &'static str,
    recorded: &'static str,
}

/// One expected difference, on each of these requests in each of these fields.
struct Difference {
    library: &'static str,
    requests: &'static [&'static str],
    fields: &'static [&'static str],
    /// As [`canonical`] has it.
    ours: Option<&'static str>,
    why: &'static str,
}

#[derive(Deserialize)]
struct Recorded {
    #[serde(rename = "answers")]
    responses: BTreeMap<String, Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    status: u16,
    /// `name: value`
    lines: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Request {
    name: String,
    method: String,
    headers: Vec<(String, String)>,
}

#[tokio::test]
async fn responses_differ_as_listed_and_no_more() {
    let mut listed = listed_differences();
    let mut failures = String::new();
    for library in &LIBRARIES {
        for (request, theirs, ours) in exchanges(library).await {
            let (theirs, ours) = (theirs.fields(), ours.fields());
            let fields: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
            for field in fields {
                let (theirs, ours) = (theirs.get(field), ours.get(field));
                let place = (library.name, request.name.clone(), field.clone());
                let expected = match listed.remove(&place) {
                    Some(difference) if theirs == ours => {
                        fail(
                            &mut failures,
                            &place,
                            &format_args!("no difference any more, but: {}", difference.why),
                        );
                        continue;
                    }
                    Some(difference) => difference.ours,
                    None => theirs.map(String::as_str),
                };
                if ours.map(String::as_str) != expected {
                    let found =
                        format_args!("theirs {theirs:?}, ours {ours:?}, expected {expected:?}");
                    fail(&mut failures, &place, &found);
                }
            }
        }
    }
    for place in listed.keys() {
        fail(&mut failures, place, &"listed, but in neither response");
    }
    assert!(failures.is_empty(), "{failures}");
}

#[tokio::test]
async fn pages_get_through_as_they_did_but_where_listed() {
    let mut others = Vec::new();
    for library in &LIBRARIES {
        for (request, theirs, ours) in exchanges(library).await {
            let credentials = if policy(library.policy).allow_credentials {
                Credentials::Include
            } else {
                Credentials::Omit
            };
            let outcome = |response| request.gets_through(credentials, response);
            if outcome(&theirs) != outcome(&ours) {
                others.push((library.name, request.name.clone(), outcome(&ours)));
            }
        }
    }
    let expected =
        OTHER_OUTCOMES.map(|(library, name, ours)| (library, name.to_owned(), Some(ours)));
    assert_eq!(others, expected);
}

#[test]
fn the_guide_shows_the_files() {
    for library in &LIBRARIES {
        let start = library
            .policy
            .find("\n\n")
            .expect("a comment, then the keys");
        let keys = library.policy[start..].trim_start();
        let block = format!("```toml\n{keys}```\n");
        assert!(GUIDE.contains(&block), "{}", library.name);
    }
}

#[test]
fn credentials_for_any_origin_need_the_dangerous_key() {
    for library in &LIBRARIES {
        let mut config = policy(library.policy);
        config.dangerously_allow_any_origin_with_credentials = false;
        let expected = if config.allow_credentials {
            vec![ProblemKind::AnyOriginWithCredentials]
        } else {
            Vec::new()
        };
        assert_eq!(problems(&config), expected, "{}", library.name);
    }
}

#[test]
fn the_header_names_that_are_left_out_are_problems() {
    let mut config = policy(LIBRARIES[0].policy);
    for name in ["accept-encoding", "dnt", "origin"] {
        config.allow_headers.push(name.to_owned());
    }
    assert_eq!(
        problems(&config),
        [const { ProblemKind::RequestHeaderForbidden }; 3]
    );
}

fn policy(text: &str) -> PolicyConfig {
    toml::from_str(text).expect("an example is a policy file")
}

fn problems(config: &PolicyConfig) -> Vec<ProblemKind> {
    let Err(errors) = config.build() else {
        return Vec::new();
    };
    let problems = errors.problems().iter();
    problems.map(|problem| problem.kind().clone()).collect()
}

/// A library, a request, a field.
type Place = (&'static str, String, String);

fn listed_differences() -> BTreeMap<Place, &'static Difference> {
    let mut listed = BTreeMap::new();
    for difference in DIFFERENCES {
        for request in difference.requests {
            for field in difference.fields {
                let place = (
                    difference.library,
                    (*request).to_owned(),
                    (*field).to_owned(),
                );
                let twice = listed.insert(place, difference);
                assert!(twice.is_none(), "{request}: {field} is listed twice");
            }
        }
    }
    listed
}

fn fail(failures: &mut String, (library, request, field): &Place, what: &dyn std::fmt::Display) {
    writeln!(failures, "{library}: {request}: {field}: {what}").expect("a String takes all");
}

/// Returns every request with the library's response and ours.
async fn exchanges(library: &Library) -> Vec<(Request, Outcome, Outcome)> {
    let requests: Vec<Request> = serde_json::from_str(REQUESTS).expect("requests are JSON");
    let recorded: Recorded = serde_json::from_str(library.recorded).expect("answers are JSON");
    let mut responses = recorded.responses;
    let policy = policy(library.policy).build().expect("an example is valid");
    let mut exchanges = Vec::new();
    for request in requests {
        let theirs = responses
            .remove(&request.name)
            .expect("every request was recorded");
        let ours = respond(policy.clone(), &request).await;
        exchanges.push((request, theirs, ours));
    }
    assert!(
        responses.is_empty(),
        "{responses:?} are of requests that are gone"
    );
    exchanges
}

async fn respond(policy: Policy, request: &Request) -> Outcome {
    let mut app = Router::new()
        .fallback(async || "notes")
        .layer(CorsLayer::new(policy));
    let mut sent = http::Request::builder().method(request.method.as_str());
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.body(Body::empty()).expect("requests are well-formed");
    let Ok(response) = app.call(sent).await;
    let lines = response
        .headers()
        .iter()
        .filter(|(name, _)| is_of_cors(name.as_str()));
    Outcome {
        status: response.status().as_u16(),
        lines: lines
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("values are text")))
            .collect(),
    }
}

fn is_of_cors(name: &str) -> bool {
    name.starts_with("access-control-") || name == VARY
}

impl Outcome {
    /// Returns what the test compares, by name: the status, and each field in its canonical form.
    fn fields(&self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::from([(STATUS.to_owned(), vec![self.status.to_string()])]);
        for (name, value) in self.header_lines() {
            fields
                .entry(name.to_owned())
                .or_default()
                .push(value.to_owned());
        }
        let canonical = |(name, lines): (String, Vec<String>)| {
            let value = canonical(&name, &lines);
            (name, value)
        };
        fields.into_iter().map(canonical).collect()
    }

    fn header_lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.lines.iter();
        lines.map(|line| line.split_once(": ").expect("a line has a name"))
    }
}

/// Lists in order and without repeats or empty elements, header names in lower case.
fn canonical(field: &str, lines: &[String]) -> String {
    let whole = lines.join(", ");
    let whole = match field {
        ALLOW_HEADERS | EXPOSE_HEADERS | VARY => whole.to_ascii_lowercase(),
        ALLOW_METHODS => whole,
        _ => return whole,
    };
    let elements: BTreeSet<_> = whole
        .split(',')
        .map(str::trim)
        .filter(|element| !element.is_empty())
        .collect();
    Vec::from_iter(elements).join(", ")
}

impl Request {
    /// Returns whether a browser lets the page read the response; `None` if no browser sends the
    /// request.
    fn gets_through(&self, credentials: Credentials, response: &Outcome) -> Option<bool> {
        let value = |name| {
            let mut lines = self.headers.iter();
            lines
                .find(|(line, _)| line == name)
                .map(|(_, value)| value.as_str())
        };
        let origin = value("Origin")?;
        Origin::parse(origin.as_bytes()).ok()?;
        let headers: HeaderList = response.header_lines().collect();
        let Some(method) = value("Access-Control-Request-Method") else {
            return Some(cors_check(origin, credentials, &headers).is_ok());
        };
        let mut request = browser::Request::new(method).ok()?.credentials(credentials);
        let names = value("Access-Control-Request-Headers").unwrap_or_default();
        let names = names.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            let set = request.headers().iter().count();
            request = request.header(name, "value").ok()?;
            // Left out by the browser, and so not asked for.
            if request.headers().iter().count() == set {
                return None;
            }
        }
        Some(preflight_check(origin, &request, response.status, &headers).is_ok())
    }
}

/// Where a page gets another outcome than from the library: whether it gets through here.
const OTHER_OUTCOMES: [(&str, &str, bool); 5] = [
    // A page becomes `null` at will, and would act as the signed-in user.
    (DJANGO, "get from null", false),
    (DJANGO, "preflight from null", false),
    (FASTAPI, "get from null", false),
    (FASTAPI, "preflight from null", false),
    // Its 400 stops even a browser that does not insist on the permission.
    (FASTAPI, "preflight for a private network", true),
];

const DIFFERENCES: &[Difference] = &[
    // django-cors-headers
    Difference {
        library: DJANGO,
        requests: &["get from null", "get from no origin at all"],
        fields: &[ALLOW_ORIGIN, ALLOW_CREDENTIALS],
        ours: None,
        why: "theirs repeats whatever Origin says. With credentials `null` has a switch of its \
              own here, since any page becomes `null` in a sandboxed frame; a value with a path \
              is not a serialized origin (RFC 6454, 6.2)",
    },
    Difference {
        library: DJANGO,
        requests: &["options without requested method"],
        fields: &[ALLOW_METHODS, ALLOW_HEADERS, MAX_AGE],
        ours: None,
        why: "without Access-Control-Request-Method it is not a CORS-preflight request (Fetch), and \
              only to one do these fields belong; theirs adds them to every OPTIONS",
    },
    Difference {
        library: DJANGO,
        requests: DJANGO_ANSWERED,
        fields: &[STATUS],
        ours: Some("204"),
        why: "an answer without content is 204 (RFC 9110, 15.3.5); theirs is 200, and browsers \
              take any status from 200 to 299 (Fetch)",
    },
    Difference {
        library: DJANGO,
        requests: DJANGO_ANSWERED,
        fields: &[ALLOW_HEADERS],
        ours: Some(
            "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
        ),
        why: "accept-encoding, dnt and origin are forbidden request-headers (Fetch): no script \
              sets them, and no policy with them is built",
    },
    Difference {
        library: DJANGO,
        requests: &["preflight for no method"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs never looks at the method; no browser asks for what is not a token",
    },
    Difference {
        library: DJANGO,
        requests: &["preflight for no header name"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs never looks at the names; no browser asks for what is not a token",
    },
    Difference {
        library: DJANGO,
        requests: &["preflight from null", "preflight from no origin at all"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs repeats whatever Origin says; `null` and what is not a serialized origin are \
              refused here, as for GET",
    },
    Difference {
        library: DJANGO,
        requests: &[
            "preflight for no method",
            "preflight for no header name",
            "preflight from null",
            "preflight from no origin at all",
        ],
        fields: &[
            ALLOW_ORIGIN,
            ALLOW_CREDENTIALS,
            ALLOW_METHODS,
            ALLOW_HEADERS,
            MAX_AGE,
        ],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        library: DJANGO,
        requests: PREFLIGHTS,
        fields: &[VARY],
        ours: Some("access-control-request-headers, access-control-request-method, origin"),
        why: "what is refused without a word of the policy depends on the method and the headers \
              that are asked for; theirs answers all alike",
    },
    // FastAPI
    Difference {
        library: FASTAPI,
        requests: &["get from null", "get from no origin at all"],
        fields: &[ALLOW_ORIGIN, ALLOW_CREDENTIALS],
        ours: None,
        why: "theirs repeats whatever Origin says. With credentials `null` has a switch of its \
              own here, since any page becomes `null` in a sandboxed frame; a value with a path \
              is not a serialized origin (RFC 6454, 6.2)",
    },
    Difference {
        library: FASTAPI,
        requests: &[
            "preflight for get",
            "preflight for head",
            "preflight for put",
            "preflight for a listed header",
            "preflight for two headers, a space, upper case",
            "preflight for an empty element",
            "preflight for authorization",
            "preflight for an unlisted header",
            "preflight for forbidden headers",
        ],
        fields: &[STATUS],
        ours: Some("204"),
        why: "an answer without content is 204 (RFC 9110, 15.3.5); theirs is 200 with the text \
              `OK`, and browsers take any status from 200 to 299 (Fetch)",
    },
    Difference {
        library: FASTAPI,
        requests: &["preflight for a private network"],
        fields: &[STATUS],
        ours: Some("204"),
        why: "with its option off theirs refuses the whole preflight with 400; here the request \
              field is ignored then: a browser that enforces it misses the permission in the \
              answer, and one that only warns goes on",
    },
    Difference {
        library: FASTAPI,
        requests: &[
            "preflight for patch in lower case",
            "preflight for an unlisted method",
        ],
        fields: &[STATUS],
        ours: Some("204"),
        why: "theirs refuses with 400 and a text that says why; here the browser gets the lists, and \
              its console names the method. By a status that is no success it would not look at them",
    },
    Difference {
        library: FASTAPI,
        requests: &["preflight for no method"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs refuses with 400 and a text that says why; here a refusal has no body",
    },
    Difference {
        library: FASTAPI,
        requests: &["preflight for no header name"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs sends the list back unread; what is not a token is not a field name (RFC 9110, \
              5.1), and browsers never ask for it",
    },
    Difference {
        library: FASTAPI,
        requests: &["preflight for no header name"],
        fields: &[ALLOW_HEADERS],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        library: FASTAPI,
        requests: &["preflight from null", "preflight from no origin at all"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs repeats whatever Origin says; `null` and what is not a serialized origin are \
              refused here, as for GET",
    },
    Difference {
        library: FASTAPI,
        requests: &[
            "preflight for no method",
            "preflight for no header name",
            "preflight from null",
            "preflight from no origin at all",
        ],
        fields: ANSWER,
        ours: None,
        why: "a refused preflight tells nothing of the policy; theirs has all of these even in \
              its 400",
    },
    Difference {
        library: FASTAPI,
        requests: PREFLIGHTS,
        fields: &[VARY],
        ours: Some("access-control-request-headers, access-control-request-method, origin"),
        why: "with allow_private_network off, nothing depends on \
              Access-Control-Request-Private-Network here; theirs names it always",
    },
    // flask-cors
    Difference {
        library: FLASK,
        requests: FLASK_ACTUAL,
        fields: &[ALLOW_ORIGIN],
        ours: Some("*"),
        why: "without credentials the answer is the same for everybody; theirs is too with \
              send_wildcard=True, and repeats whatever Origin says without",
    },
    Difference {
        library: FLASK,
        requests: FLASK_ACTUAL,
        fields: &[VARY],
        ours: None,
        why: "the answer does not depend on Origin, so that caches may share it (Fetch, CORS \
              protocol and HTTP caches)",
    },
    Difference {
        library: FLASK,
        requests: &["options without origin"],
        fields: &[ALLOW_METHODS],
        ours: None,
        why: "without Origin it is not a CORS request at all (Fetch); theirs takes every OPTIONS \
              for a preflight",
    },
    Difference {
        library: FLASK,
        requests: FLASK_ANSWERED,
        fields: &[STATUS],
        ours: Some("204"),
        why: "an answer without content is 204 (RFC 9110, 15.3.5); theirs is Flask's own answer \
              to OPTIONS, 200, and browsers take any status from 200 to 299 (Fetch)",
    },
    Difference {
        library: FLASK,
        requests: FLASK_ANSWERED,
        fields: &[ALLOW_ORIGIN],
        ours: Some("*"),
        why: "without credentials the answer is the same for everybody; theirs is too with \
              send_wildcard=True, and repeats whatever Origin says without",
    },
    Difference {
        library: FLASK,
        requests: FLASK_ANSWERED,
        fields: &[ALLOW_HEADERS],
        ours: Some("*, authorization"),
        why: "one answer for all headers, which a browser keeps for all of them; theirs repeats \
              those that were asked for",
    },
    Difference {
        library: FLASK,
        requests: &["preflight for an unlisted method"],
        fields: &[ALLOW_METHODS],
        ours: Some("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
        why: "theirs leaves the lists out; here the browser gets them, and its console names the \
              method",
    },
    Difference {
        library: FLASK,
        requests: &["preflight for no method"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs leaves the lists out of an answer of 200, which makes the browser refuse",
    },
    Difference {
        library: FLASK,
        requests: &["preflight for no header name"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs repeats whatever matches its pattern, which is all there is; what is no \
              token is not a field name (RFC 9110, 5.1), and browsers never ask for it",
    },
    Difference {
        library: FLASK,
        requests: &["preflight for no header name"],
        fields: &[ALLOW_METHODS, ALLOW_HEADERS],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        library: FLASK,
        requests: &["preflight for no method", "preflight for no header name"],
        fields: &[ALLOW_ORIGIN],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        library: FLASK,
        requests: PREFLIGHTS,
        fields: &[VARY],
        ours: Some("access-control-request-headers, access-control-request-method"),
        why: "the answer does not depend on Origin, but on the method and the headers that are \
              asked for: some are refused under any policy",
    },
    Difference {
        library: FLASK,
        requests: &["preflight for a private network"],
        fields: &[ALLOW_PRIVATE_NETWORK],
        ours: None,
        why: "the field's only value is `true` (Private Network Access); theirs says `false`",
    },
];

/// The preflights that our policy for Django answers with its lists, refused ones too.
const DJANGO_ANSWERED: &[&str] = &[
    "preflight for get",
    "preflight for head",
    "preflight for put",
    "preflight for a listed header",
    "preflight for two headers, a space, upper case",
    "preflight for an empty element",
    "preflight for authorization",
    "preflight for a private network",
    "preflight for patch in lower case",
    "preflight for an unlisted method",
    "preflight for an unlisted header",
    "preflight for forbidden headers",
];

/// The preflights that our policy for Flask answers with its lists, refused ones too.
const FLASK_ANSWERED: &[&str] = &[
    "preflight for get",
    "preflight for head",
    "preflight for put",
    "preflight for a listed header",
    "preflight for two headers, a space, upper case",
    "preflight for an empty element",
    "preflight for authorization",
    "preflight for an unlisted header",
    "preflight for forbidden headers",
    "preflight from null",
    "preflight from no origin at all",
    "preflight for a private network",
    "preflight for patch in lower case",
    "preflight for an unlisted method",
];

/// The requests with Origin that our policy for Flask takes for actual ones.
const FLASK_ACTUAL: &[&str] = &[
    "get",
    "post of json",
    "get from http",
    "get from null",
    "get from no origin at all",
    "options without requested method",
];

const PREFLIGHTS: &[&str] = &[
    "preflight for get",
    "preflight for head",
    "preflight for put",
    "preflight for patch in lower case",
    "preflight for an unlisted method",
    "preflight for no method",
    "preflight for a listed header",
    "preflight for two headers, a space, upper case",
    "preflight for an empty element",
    "preflight for authorization",
    "preflight for an unlisted header",
    "preflight for forbidden headers",
    "preflight for no header name",
    "preflight from null",
    "preflight from no origin at all",
    "preflight for a private network",
];

/// What an allowed preflight has, and a refused one has not.
const ANSWER: &[&str] = &[ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, MAX_AGE];
