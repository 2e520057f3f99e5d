//! [`Call`]: a request of a probe; [`Seen`]: the request with what came back.

use cors_core::browser::{Credentials, Request, Response, cors_check, preflight_check};

use super::pages::FOREIGN;

/// A request of a probe.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What it is for.
    pub(crate) role: Role,
    /// The method that is sent.
    pub(crate) method: String,
    /// The path that is probed.
    pub(crate) place: String,
    /// The path that is sent, with its query.
    pub(crate) path: String,
    /// The `Origin` that is sent.
    pub(crate) page: Option<String>,
    /// What the page's script asks for.
    pub(crate) script: Request,
    /// The lines that are sent, `Host` and the user's own left out.
    pub(crate) lines: Vec<(String, String)>,
    /// Another host than that of the URL.
    pub(crate) host: Option<String>,
    /// Whether the user's own lines are sent.
    pub(crate) has_own_lines: bool,
    /// How long the body is.
    pub(crate) body_bytes: usize,
    /// Whether a policy refuses the page.
    pub(crate) is_refused: bool,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Shows what a page gets that is meant to be allowed.
    Page,
    /// The same once more.
    PageAgain,
    /// The same without the user's own lines.
    PageWithoutLogin,
    /// The same with another method.
    OtherMethod,
    /// The same with a body that is likely too long.
    LongBody,
    /// Shows what a page gets that is not meant to be allowed.
    Stranger,
    /// The same of a page that nobody means to allow.
    Foreign,
    /// The same once more.
    ForeignAgain,
    /// Shows what comes of an `Origin` that no browser sends.
    Hostile,
    /// Shows what a request gets that is no CORS request.
    WithoutOrigin,
    /// A request to a URL of its own, which no cache knows: the number of the URL, and the turn.
    Fresh(usize, usize),
    /// The preflight that a right server passes whatever it lists.
    Preflight,
    /// The same once more.
    PreflightAgain,
    /// The same with the user's own lines, which no browser sends along.
    PreflightWithLogin,
    /// A preflight for a method or a header.
    PreflightFor,
    /// A preflight for the headers that the user sends.
    PreflightForOwn,
    /// A preflight of a page that is not meant to be allowed.
    PreflightOfStranger,
    /// One of the requests of `cors_core::probe`, by its number.
    OfPolicy(usize),
}

impl Call {
    /// Makes a page's request; without a page, the same as no CORS request.
    pub(crate) fn actual(role: Role, path: &str, page: Option<&str>, script: &Request) -> Self {
        let headers = script.headers().iter();
        let mut lines: Vec<_> = headers
            .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
            .collect();
        lines.extend(page.map(|page| ("Origin".to_owned(), page.to_owned())));
        Self {
            role,
            method: script.method().to_owned(),
            place: path.to_owned(),
            path: path.to_owned(),
            page: page.map(str::to_owned),
            script: script.clone(),
            lines,
            host: None,
            has_own_lines: true,
            body_bytes: 0,
            is_refused: false,
        }
    }

    /// Makes the preflight that a browser sends ahead of a page's request. A listener for the
    /// upload makes it send one where nothing else does.
    pub(crate) fn preflight(role: Role, path: &str, page: &str, script: Request) -> Self {
        let script = script.upload_listener(true);
        let method = script.method().to_owned();
        let mut lines = vec![
            ("Accept".to_owned(), "*/*".to_owned()),
            ("Access-Control-Request-Method".to_owned(), method),
        ];
        let preflight = script.preflight();
        if let Some(names) = preflight.as_ref().and_then(|asked| asked.request_headers()) {
            let name = "Access-Control-Request-Headers".to_owned();
            lines.push((name, names.to_owned()));
        }
        lines.push(("Origin".to_owned(), page.to_owned()));
        Self {
            role,
            method: "OPTIONS".to_owned(),
            place: path.to_owned(),
            path: path.to_owned(),
            page: Some(page.to_owned()),
            script,
            lines,
            host: None,
            has_own_lines: false,
            body_bytes: 0,
            is_refused: false,
        }
    }

    /// Returns the method that a preflight asks for; `None` where it is none.
    pub(crate) fn asked(&self) -> Option<&str> {
        let mut lines = self.lines.iter();
        let asked =
            lines.find(|(name, _)| name.eq_ignore_ascii_case("Access-Control-Request-Method"));
        let is_preflight = self.method == "OPTIONS" && self.page.is_some();
        asked.map(|(_, value)| &**value).filter(|_| is_preflight)
    }

    /// Returns whether it shows what a page gets that is not meant to be allowed.
    pub(crate) const fn is_of_stranger(&self) -> bool {
        matches!(
            self.role,
            Role::Stranger | Role::Foreign | Role::ForeignAgain | Role::PreflightOfStranger
        )
    }

    /// Returns whether a firewall may well drop it, which is a refusal too.
    pub(crate) fn may_be_dropped(&self) -> bool {
        let is_strange = matches!(self.role, Role::Hostile | Role::LongBody);
        self.is_refused
            || is_strange
            || self.is_of_stranger()
            || self.page.as_deref() == Some(FOREIGN)
    }

    /// Returns whether it is a preflight.
    pub(crate) fn is_preflight(&self) -> bool {
        self.asked().is_some()
    }

    /// Returns what it is for in words, such as `preflight for PUT /orders from
    /// https://app.example.com`.
    pub(crate) fn words(&self) -> String {
        let from = match &self.page {
            Some(page) => format!("from {}", page.escape_default()),
            None => "without Origin".to_owned(),
        };
        match self.asked() {
            Some(asked) => format!("preflight for {asked} {} {from}", self.path),
            None => format!("{} {} {from}", self.method, self.path),
        }
    }
}

/// A request with what came back.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) call: Call,
    pub(crate) response: Response,
}

impl Seen {
    /// Says what a browser makes of the response.
    pub(crate) fn browser(&self) -> String {
        let Some(page) = &self.call.page else {
            return "does not check it: no other origin asks".to_owned();
        };
        if self
            .call
            .asked()
            .is_some_and(|asked| asked != self.call.script.method())
        {
            return "lets no script ask for this method".to_owned();
        }
        let (status, headers) = (self.response.status(), self.response.headers());
        let outcome = |mode| {
            if self.call.is_preflight() {
                let script = self.call.script.clone().credentials(mode);
                preflight_check(page, &script, status, headers)
                    .map(drop)
                    .map_err(|error| error.to_string())
            } else {
                cors_check(page, mode, headers).map_err(|error| error.to_string())
            }
        };
        let (does, does_not) = if self.call.is_preflight() {
            ("sends the request", "does not send the request")
        } else {
            (
                "lets the page read the response",
                "does not let the page read the response",
            )
        };
        match (outcome(Credentials::Omit), outcome(Credentials::Include)) {
            (_, Ok(())) => format!("{does}, with credentials too"),
            (Ok(()), Err(_)) => format!("{does}, without credentials"),
            (Err(error), Err(_)) => format!("{does_not}: {error}"),
        }
    }
}
