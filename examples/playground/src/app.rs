//! The app, the same on every framework; and a model of it: the status and the headers of its
//! responses without a policy. A test compares the model with the servers.

use cors_core::browser::{HeaderList, Response};

/// Headers of every handler's response, for policies to expose or not.
pub(crate) const CUSTOM: [(&str, &str); 2] = [("x-custom-one", "one"), ("x-custom-two", "two")];

/// What a handler answers, whatever it is asked.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) path: &'static str,
    pub(crate) status: u16,
    pub(crate) lines: &'static [(&'static str, &'static str)],
    pub(crate) body: &'static str,
}

/// The answers to all methods.
pub(crate) const ANSWERS: [Answer; 4] = [
    Answer {
        path: "/login",
        status: 200,
        lines: &[
            ("set-cookie", "session=1; HttpOnly; SameSite=Lax"),
            ("set-cookie", "theme=dark"),
        ],
        body: "welcome",
    },
    Answer {
        path: "/boom",
        status: 500,
        lines: &[],
        body: "boom",
    },
    Answer {
        path: "/redirect",
        status: REDIRECT.0,
        lines: &[("location", REDIRECT.1)],
        body: "",
    },
    Answer {
        path: "/own-cors",
        status: 200,
        lines: &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-credentials", "true"),
        ],
        body: "as I please",
    },
];

/// The answer to GET alone.
pub(crate) const GOT: Answer = Answer {
    path: "/only-get",
    status: 200,
    lines: &[],
    body: "got",
};

/// The status of a redirect, and where it leads.
pub(crate) const REDIRECT: (u16, &str) = (302, "/echo");

/// A path of the app, for the page.
pub(crate) const PATHS: [(&str, &str); 8] = [
    ("/echo", "200, says what it saw"),
    ("/login", "200, sets two cookies"),
    ("/only-get", "200 for GET alone"),
    ("/boom", "500 from the handler"),
    ("/guarded", "401 from a guard"),
    ("/redirect", "302 to /echo"),
    ("/own-cors", "200, sets CORS headers itself"),
    ("/missing", "404 from the framework"),
];

/// A framework, as far as its responses differ from those of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    Actix,
    Axum,
    Rocket,
    Warp,
}

/// The response of an app.
#[derive(Debug)]
pub(crate) struct AppResponse {
    pub(crate) response: Response,
    /// Whether the framework responds before the adapter sees the request.
    pub(crate) unseen: bool,
}

/// The part of the app that responds.
#[derive(Clone, Copy)]
enum Page {
    Echo,
    Text(&'static Answer),
    Guarded,
    MethodNotAllowed,
    NotFound,
}

impl Framework {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::Actix, Self::Axum, Self::Rocket, Self::Warp];

    /// Returns the name that the page shows.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Actix => "actix",
            Self::Axum => "axum",
            Self::Rocket => "rocket",
            Self::Warp => "warp",
        }
    }

    /// Returns the response to a request, without a policy.
    pub(crate) fn respond(self, method: &str, path: &str) -> AppResponse {
        if self == Self::Rocket && !ROCKET_METHODS.contains(&method) {
            let mut response = Response::new(400);
            let headers = response.headers_mut();
            headers.append("content-type", HTML);
            headers.append("content-length", "0");
            headers.append("date", DATE);
            return AppResponse {
                response,
                unseen: true,
            };
        }
        let page = self.page(method, path);
        let mut response = Response::new(page.status());
        let headers = response.headers_mut();
        if let Page::Echo | Page::Text(_) = page {
            for (name, value) in CUSTOM {
                headers.append(name, value);
            }
        }
        if let Page::Text(answer) = page {
            for (name, value) in answer.lines {
                headers.append(*name, *value);
            }
        }
        if let Some(media_type) = self.media_type(page) {
            headers.append("content-type", media_type);
        }
        self.frame(method, page, headers);
        AppResponse {
            response,
            unseen: false,
        }
    }

    fn page(self, method: &str, path: &str) -> Page {
        let head_by_get = matches!(self, Self::Axum | Self::Rocket);
        let is_get = method == "GET" || (method == "HEAD" && head_by_get);
        match path {
            "/echo" => Page::Echo,
            "/guarded" => Page::Guarded,
            "/only-get" if is_get => Page::Text(&GOT),
            "/only-get" if self != Self::Rocket => Page::MethodNotAllowed,
            _ => {
                let answer = ANSWERS.iter().find(|answer| answer.path == path);
                answer.map_or(Page::NotFound, Page::Text)
            }
        }
    }

    fn media_type(self, page: Page) -> Option<&'static str> {
        Some(match (page, self) {
            (Page::Echo, _) => "application/json",
            (Page::Text(_), _) => TEXT,
            (Page::Guarded, Self::Actix) => TEXT,
            (Page::Guarded | Page::NotFound, Self::Rocket) => HTML,
            _ => return None,
        })
    }

    fn frame(self, method: &str, page: Page, headers: &mut HeaderList) {
        let is_empty = match self {
            Self::Actix | Self::Rocket => false,
            Self::Axum => matches!(page, Page::NotFound),
            Self::Warp => match page {
                Page::Echo => false,
                Page::Text(answer) => answer.body.is_empty(),
                Page::Guarded | Page::MethodNotAllowed | Page::NotFound => true,
            },
        };
        if !(is_empty && method == "HEAD") {
            headers.append("content-length", "0");
        }
        match (page, self) {
            (Page::MethodNotAllowed, Self::Actix) => headers.append("allow", "GET"),
            (Page::MethodNotAllowed, Self::Axum) => headers.append("allow", "GET,HEAD"),
            _ => {}
        }
        if self == Self::Rocket {
            headers.append("permissions-policy", "interest-cohort=()");
            headers.append("x-content-type-options", "nosniff");
            headers.append("x-frame-options", "SAMEORIGIN");
        }
        headers.append("date", DATE);
    }
}

impl Page {
    const fn status(self) -> u16 {
        match self {
            Self::Echo => 200,
            Self::Text(answer) => answer.status,
            Self::Guarded => 401,
            Self::MethodNotAllowed => 405,
            Self::NotFound => 404,
        }
    }
}

const ROCKET_METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

#[cfg(test)]
mod tests {
    use conformance_client::raw;
    use cors_core::{Policy, SharedPolicy};

    use super::*;
    use crate::servers::Server;

    const METHODS: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "patch",
    ];

    /// Returns a policy under which `/own-cors` keeps its fields, and everything else but Vary is
    /// as it is without a policy.
    fn policy() -> SharedPolicy {
        let policy = Policy::builder().keep_app_headers(true).build();
        SharedPolicy::new(policy.expect("a policy that allows nobody is one"))
    }

    fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
        names.retain(|name| name != "vary");
        names.sort();
        names
    }

    #[test]
    fn it_responds_as_the_servers_do() {
        for framework in Framework::ALL {
            let server = Server::start(framework, policy()).expect("there is a port");
            for (path, _) in PATHS {
                for method in METHODS {
                    let request = raw::Request::new(method, path);
                    let real = raw::exchange(server.address(), &request).expect("it answers");
                    let found = framework.respond(method, path);
                    let case = format!("{} {method} {path}", framework.name());
                    assert_eq!(found.response.status(), real.status, "{case}");
                    assert_eq!(
                        names(found.response.headers().iter().map(|(name, _)| name)),
                        names(real.lines.iter().map(|(name, _)| name.as_str())),
                        "{case}"
                    );
                }
            }
        }
    }
}
