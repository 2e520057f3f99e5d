//! A hundred calls as the page of an app makes them to its API, one after the other. None of them is
//! conditional: Chromium asks before each of those, whatever it was answered.

use cors_core::browser::{Request, RequestError};

pub const CALLS: usize = 100;

/// Every header that some call has.
pub const HEADERS: [&str; 5] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "x-tenant",
    "x-request-id",
];
pub const METHODS: [&str; 3] = ["PUT", "PATCH", "DELETE"];

/// One call of the script.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: &'static str,
    /// `/tasks`, or one of nine tasks: browsers remember what a server allows for each URL.
    pub path: String,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
enum Of {
    List,
    Task,
}

/// Ten kinds of calls. The first needs no preflight.
const KINDS: [(&str, Of, &[&str]); 10] = [
    ("GET", Of::List, &[]),
    ("GET", Of::List, &["authorization"]),
    ("GET", Of::Task, &["authorization"]),
    (
        "PUT",
        Of::Task,
        &["authorization", "content-type", "idempotency-key"],
    ),
    ("GET", Of::Task, &["authorization", "x-tenant"]),
    (
        "POST",
        Of::List,
        &["authorization", "content-type", "x-request-id"],
    ),
    ("PATCH", Of::Task, &["authorization", "content-type"]),
    ("GET", Of::Task, &["authorization", "x-request-id"]),
    (
        "PATCH",
        Of::Task,
        &[
            "authorization",
            "content-type",
            "idempotency-key",
            "x-request-id",
        ],
    ),
    ("DELETE", Of::Task, &["authorization"]),
];

/// Nine tasks and ten kinds have no common factor, so that every task meets every kind.
const TASKS: usize = 9;

pub fn calls() -> impl Iterator<Item = Call> {
    (0..CALLS).map(|number| {
        let (method, of, names) = KINDS[number % KINDS.len()];
        let path = match of {
            Of::List => "/tasks".to_owned(),
            Of::Task => format!("/tasks/{}", number % TASKS),
        };
        let headers = names.iter().map(|name| {
            let value = match *name {
                "content-type" => "application/json",
                _ => "7",
            };
            ((*name).to_owned(), value.to_owned())
        });
        Call {
            method,
            path,
            headers: headers.collect(),
        }
    })
}

impl Call {
    /// Returns the request for the model of the browser.
    ///
    /// # Errors
    ///
    /// Fails if no script can make it.
    pub fn request(&self) -> Result<Request, RequestError> {
        let request = Request::new(self.method)?;
        self.headers
            .iter()
            .try_fold(request, |request, (name, value)| {
                request.header(name, value)
            })
    }
}
