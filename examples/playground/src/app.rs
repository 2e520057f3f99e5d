//! A model of the test app: the status and the headers of its responses on each framework, without a
//! policy. A test compares it with the servers.

use cors_core::browser::{HeaderList, Response};

use conformance_servers::test_app::{COOKIES, CUSTOM, HITS};

/// The status of a redirect, and where it leads.
pub(crate) const REDIRECT: (u16, &str) = (302, "/echo");

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

/// A path of the app, for the page.
pub(crate) const PATHS: [(&str, &str); 14] = [
    ("/echo", "200, says what it saw"),
    ("/login", "200, sets two cookies"),
    ("/only-get", "200 for GET alone"),
    ("/boom", "500 from the handler"),
    ("/panic", "500, the handler panics"),
    ("/guarded", "401 from a guard"),
    ("/redirect", "302 to /echo"),
    ("/own-cors", "200, sets CORS headers itself"),
    ("/stream", "200 in three chunks, GET alone"),
    ("/vary", "200 with a Vary"),
    ("/vary-two", "200 with two Vary lines"),
    ("/vary-origin", "200 with Vary: origin"),
    ("/vary-star", "200 with Vary: *"),
    ("/missing", "404 from the framework"),
];

/// The part of the app that responds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Json,
    Text(u16),
    Redirect,
    Streamed,
    Panic,
    Guarded,
    MethodNotAllowed,
    NotFound,
}

impl Framework {
    /// Returns the model of a server's framework; `None` where the page has no such server.
    pub(crate) const fn of(framework: conformance_servers::Framework) -> Option<Self> {
        use conformance_servers::Framework as Server;

        Some(match framework {
            Server::Actix => Self::Actix,
            Server::Axum => Self::Axum,
            Server::Rocket => Self::Rocket,
            Server::Warp => Self::Warp,
            Server::Hyper | Server::WarpFilter => return None,
        })
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
        if page.is_handlers() {
            headers.append(HITS, "1");
            for (name, value) in CUSTOM {
                headers.append(name, value);
            }
        }
        for (name, value) in own_lines(path) {
            headers.append(*name, *value);
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
            "/only-get" | "/stream" if !is_get && self == Self::Rocket => Page::NotFound,
            "/only-get" | "/stream" if !is_get => Page::MethodNotAllowed,
            "/stream" => Page::Streamed,
            "/echo" => Page::Json,
            "/boom" => Page::Text(500),
            "/only-get" | "/login" | "/own-cors" => Page::Text(200),
            "/vary" | "/vary-two" | "/vary-origin" | "/vary-star" => Page::Text(200),
            "/redirect" => Page::Redirect,
            "/panic" => Page::Panic,
            "/guarded" => Page::Guarded,
            _ => Page::NotFound,
        }
    }

    fn media_type(self, page: Page) -> Option<&'static str> {
        Some(match (page, self) {
            (Page::Json, _) => "application/json",
            (Page::Text(_), Self::Axum | Self::Warp) => TEXT,
            (Page::Redirect | Page::MethodNotAllowed, Self::Warp) => TEXT,
            (Page::Panic, Self::Actix | Self::Axum) => TEXT,
            (Page::Guarded, Self::Actix) => TEXT,
            (Page::Panic | Page::Guarded | Page::NotFound, Self::Rocket) => HTML,
            (Page::Streamed, Self::Rocket) => "application/octet-stream",
            _ => return None,
        })
    }

    /// Adds the lines that depend on the body, and those that a framework adds to every response.
    fn frame(self, method: &str, page: Page, headers: &mut HeaderList) {
        let is_empty = match self {
            Self::Actix | Self::Rocket => false,
            Self::Axum => page == Page::NotFound,
            Self::Warp => matches!(
                page,
                Page::Panic | Page::Guarded | Page::NotFound | Page::Redirect
            ),
        };
        match (page, method) {
            (Page::Streamed, "HEAD") => {}
            (Page::Streamed, _) => headers.append("transfer-encoding", "chunked"),
            (_, "HEAD") if is_empty => {}
            _ => headers.append("content-length", "0"),
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
            Self::Json | Self::Streamed => 200,
            Self::Text(status) => status,
            Self::Redirect => REDIRECT.0,
            Self::Panic => 500,
            Self::Guarded => 401,
            Self::MethodNotAllowed => 405,
            Self::NotFound => 404,
        }
    }

    /// Returns whether a handler of the app makes the response.
    const fn is_handlers(self) -> bool {
        matches!(
            self,
            Self::Json | Self::Text(_) | Self::Redirect | Self::Streamed
        )
    }
}

fn own_lines(path: &str) -> &'static [(&'static str, &'static str)] {
    match path {
        "/login" => &[("set-cookie", COOKIES[0]), ("set-cookie", COOKIES[1])],
        "/redirect" => &[("location", REDIRECT.1)],
        "/vary" => &[("vary", "Accept-Encoding")],
        "/vary-two" => &[("vary", "Cookie"), ("vary", "Accept-Encoding")],
        "/vary-origin" => &[("vary", "origin")],
        "/vary-star" => &[("vary", "*")],
        "/own-cors" => &[
            ("access-control-allow-origin", "*"),
            ("access-control-allow-credentials", "true"),
        ],
        _ => &[],
    }
}

const ROCKET_METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

#[cfg(test)]
mod tests {
    use conformance_client::raw;
    use conformance_servers::serve::Server;
    use cors_core::Policy;

    use super::*;

    const METHODS: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "patch",
    ];

    /// Returns a policy under which `/own-cors` keeps its fields, and everything else but Vary is
    /// as it is without a policy.
    fn policy() -> Policy {
        let policy = Policy::builder().keep_app_headers(true).build();
        policy.expect("a policy that allows nobody is one")
    }

    fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
        names.retain(|name| name != "vary");
        names.sort();
        names
    }

    #[test]
    fn it_responds_as_the_servers_do() {
        for framework in conformance_servers::Framework::ALL {
            let Some(model) = Framework::of(framework) else {
                continue;
            };
            let server = Server::start(framework, policy()).expect("there is a port");
            for (path, _) in PATHS {
                for method in METHODS {
                    let request = raw::Request::new(method, path);
                    let real = raw::exchange(server.address(), &request).expect("it answers");
                    let found = model.respond(method, path);
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
