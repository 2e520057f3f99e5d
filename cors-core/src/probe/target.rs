//! [`Target`]: a method and a path of an app, and the requests that show how it answers there.

use super::hosts;
use super::origins;
use super::request::ProbeRequest;
use crate::browser::{Credentials, Request, RequestError, SentRequest};
use crate::policy::Policy;
use crate::policy::allowed_headers::{MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_NAMES};
use crate::protocol::decision::AnswerHeader;

/// A header that no policy lists.
const UNLISTED_HEADER: &str = "x-cors-probe";

/// The rest of a header's name of which a policy lists the beginning.
const AFTER_PREFIX: &str = "cors-probe";

/// A method and a path of an app, with the policy that holds there.
pub(super) struct Target<'a> {
    pub(super) policy: &'a Policy,
    pub(super) host: &'a str,
    pub(super) method: &'a str,
    /// The path with its query.
    pub(super) path: &'a str,
    /// What is special about it; empty where nothing is.
    pub(super) note: &'static str,
}

/// What scripts of pages with or without credentials ask for.
struct Scripts {
    plain: Request,
    with_allowed_headers: Vec<Request>,
}

impl Scripts {
    fn of(target: &Target<'_>, mode: Credentials) -> Result<Self, RequestError> {
        Ok(Self {
            plain: script_request(target.method, mode)?,
            with_allowed_headers: target.with_allowed_headers(mode)?,
        })
    }
}

impl Target<'_> {
    /// Makes the requests; `None` where an allowed origin is missing. `others` are methods that the
    /// path has no route for.
    pub(super) fn requests(
        &self,
        added_origins: &[String],
        others: &[&str],
        every_origin: bool,
    ) -> Result<Option<Vec<ProbeRequest>>, RequestError> {
        let plain = script_request(self.method, Credentials::Omit)?;
        let mut origins = origins::of(self.policy);
        origins.extend_from_slice(added_origins);
        let decide = |origin: &String| {
            let sent = SentRequest::actual(origin, &self.url(), &plain);
            self.policy.decide(&sent)
        };
        let (allowed, refused): (Vec<_>, Vec<_>) = origins
            .into_iter()
            .partition(|origin| decide(origin).is_allowed());
        if allowed.is_empty() && self.allows_unknown_origins() {
            return Ok(None);
        }

        let count = if every_origin { usize::MAX } else { 1 };
        // Pages with credentials are others than those without.
        let (with_credentials, without): (Vec<_>, Vec<_>) =
            allowed.into_iter().partition(|origin| {
                decide(origin)
                    .headers
                    .contains(AnswerHeader::AllowCredentials)
            });
        let sides = [
            (with_credentials, Scripts::of(self, Credentials::Include)?),
            (without, Scripts::of(self, Credentials::Omit)?),
        ];
        let mut requests = Vec::new();
        for (pages, scripts) in &sides {
            for page in pages.iter().take(count) {
                requests.push(self.actual(page, &scripts.plain));
                let preflights = scripts.with_allowed_headers.iter();
                requests.extend(preflights.filter_map(|request| self.preflight(page, request)));
            }
        }
        let [(_, with_credentials), (_, without)] = &sides;
        let scripts = if self.policy.config().allow_credentials {
            with_credentials
        } else {
            without
        };
        for page in refused.iter().take(count) {
            // A browser sends it without a preflight, or not at all.
            if plain.preflight().is_none() {
                requests.push(self.actual(page, &scripts.plain));
            }
            // What is asked for makes no difference.
            let mut preflights = scripts.with_allowed_headers.iter();
            requests.extend(preflights.find_map(|request| self.preflight(page, request)));
        }
        requests.push(self.without_origin(&plain));
        if every_origin && hosts::lists_hosts(self.policy) {
            let elsewhere = Target {
                host: hosts::FOREIGN,
                ..*self
            };
            let request = Some(elsewhere.without_origin(&plain));
            requests.extend(noted(request, "for a host that is not listed"));
        }
        let mut unlisted_headers = vec![UNLISTED_HEADER.to_owned()];
        if every_origin {
            unlisted_headers.extend(self.near_prefixes());
        }
        for (pages, scripts) in &sides {
            let mode = scripts.plain.credentials_mode();
            for page in pages.iter().take(1) {
                for name in &unlisted_headers {
                    let unlisted = scripts.plain.clone().header(name, "1")?;
                    let request = self.preflight(page, &unlisted);
                    requests.extend(noted(request, "a header that may not be listed"));
                }
                for method in others {
                    let request = self.preflight(page, &script_request(method, mode)?);
                    requests.extend(noted(request, "a method that may not be listed"));
                }
                for method in others.iter().take(1) {
                    let request = self.actual(page, &script_request(method, mode)?);
                    requests.extend(noted(Some(request), "the route may not have this method"));
                }
            }
        }
        Ok(Some(requests))
    }

    fn allows_unknown_origins(&self) -> bool {
        let config = self.policy.config();
        !config.allow_origin_regexes.is_empty() || self.policy.predicate_count() > 0
    }

    /// Returns requests that have between them every header that the policy lists, which asks for a
    /// preflight where the method does not: one request, unless a preflight can't ask for so many.
    fn with_allowed_headers(&self, mode: Credentials) -> Result<Vec<Request>, RequestError> {
        let allowed = self.policy.config().allow_headers;
        let mut requests = Vec::new();
        let mut request = script_request(self.method, mode)?;
        let (mut names, mut bytes) = (0, 0);
        for name in &allowed {
            let of_prefix = prefix(name).map(|prefix| format!("{prefix}{AFTER_PREFIX}"));
            let name = match &of_prefix {
                Some(name) => name,
                None if name == "*" => UNLISTED_HEADER,
                None => name,
            };
            // With the comma before the next name.
            let length = name.len() + 1;
            if names == MAX_REQUEST_HEADERS_NAMES || bytes + length > MAX_REQUEST_HEADERS_BYTES {
                requests.push(request);
                request = script_request(self.method, mode)?;
                (names, bytes) = (0, 0);
            }
            let value = if name.eq_ignore_ascii_case("content-type") {
                "application/json"
            } else {
                "1"
            };
            request = request.header(name, value)?;
            names += 1;
            bytes += length;
        }
        requests.push(request);
        Ok(requests)
    }

    /// Returns names that nearly have a prefix of the policy: of `x-acme-*`, `x-acme`, `x-acm` and
    /// `x-acmex`.
    fn near_prefixes(&self) -> Vec<String> {
        let allowed = self.policy.config().allow_headers;
        let stems = allowed
            .iter()
            .filter_map(|item| prefix(item)?.strip_suffix('-'))
            .take(origins::WITH_NEAR_MISSES);
        let mut near = Vec::new();
        for stem in stems {
            let mut shorter = stem.chars();
            shorter.next_back();
            let names = [stem, shorter.as_str()].map(str::to_owned);
            let names = names.into_iter().filter(|name| !name.is_empty());
            near.extend(names.chain([format!("{stem}x")]));
        }
        near
    }

    fn actual(&self, page: &str, request: &Request) -> ProbeRequest {
        let sent = SentRequest::actual(page, &self.url(), request);
        self.request(Some(page), request, sent)
    }

    fn preflight(&self, page: &str, request: &Request) -> Option<ProbeRequest> {
        let preflight = request.preflight()?;
        let sent = SentRequest::preflight(page, &self.url(), &preflight);
        Some(self.request(Some(page), request, sent))
    }

    fn without_origin(&self, request: &Request) -> ProbeRequest {
        let sent = SentRequest::without_origin(&self.url(), request);
        self.request(None, request, sent)
    }

    fn request(&self, page: Option<&str>, request: &Request, sent: SentRequest) -> ProbeRequest {
        ProbeRequest {
            policy: self.policy.clone(),
            host: self.host.to_owned(),
            path: self.path.to_owned(),
            note: self.note,
            page: page.map(str::to_owned),
            request: request.clone(),
            sent,
        }
    }

    fn url(&self) -> String {
        format!("https://{}{}", self.host, self.path)
    }
}

/// Returns the beginning of names that an item of `allow_headers` is for.
fn prefix(item: &str) -> Option<&str> {
    item.strip_suffix('*').filter(|prefix| !prefix.is_empty())
}

fn script_request(method: &str, mode: Credentials) -> Result<Request, RequestError> {
    Ok(Request::new(method)?.credentials(mode))
}

/// Says what is special about a request, unless its target says so already.
fn noted(request: Option<ProbeRequest>, note: &'static str) -> Option<ProbeRequest> {
    let mut request = request?;
    if request.note.is_empty() {
        request.note = note;
    }
    Some(request)
}
