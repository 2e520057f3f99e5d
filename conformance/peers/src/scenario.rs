//! The requests, and the policy that each contender is given.

use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request};

/// What is asked of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scenario {
    /// No `Origin`.
    A,
    /// An actual request from the one origin that is allowed.
    B,
    /// Likewise, of 1,000 origins.
    C1k,
    /// Likewise, of 10,000.
    C10k,
    /// From an origin that is not allowed.
    D,
    /// An allowed preflight with two header names.
    E,
    /// A preflight from an origin that is not allowed.
    F,
    /// A preflight with 16 KiB of unknown names.
    G,
    /// A preflight with 16 KiB of one allowed name, over and over.
    G2,
    /// A preflight with 16 KiB of commas.
    G3,
    /// An `Origin` of 4 KiB.
    J,
    /// From a subdomain of one that is allowed with all of its subdomains.
    K,
}

pub(crate) const APP: &str = "https://app.example.com";
pub(crate) const METHODS: [&str; 2] = ["PUT", "DELETE"];
pub(crate) const HEADERS: [&str; 3] = ["content-type", "x-custom-one", "authorization"];
pub(crate) const MAX_AGE: u64 = 600;

impl Scenario {
    /// The origins of the policy; a subdomain pattern in [`Scenario::K`] and [`Scenario::J`].
    pub(crate) fn origins(self) -> Vec<String> {
        let tenants = |count| (0..count).map(|n| format!("https://tenant-{n}.example.com"));
        match self {
            Self::C1k => tenants(1_000).collect(),
            Self::C10k => tenants(10_000).collect(),
            Self::J | Self::K => vec!["https://*.sub.example.com".to_owned()],
            _ => vec![APP.to_owned()],
        }
    }

    pub(crate) const fn has_pattern(self) -> bool {
        matches!(self, Self::J | Self::K)
    }

    pub(crate) const fn is_preflight(self) -> bool {
        matches!(self, Self::E | Self::F | Self::G | Self::G2 | Self::G3)
    }

    fn origin(self) -> Option<String> {
        Some(match self {
            Self::A => return None,
            Self::C1k | Self::C10k => "https://tenant-999.example.com".to_owned(),
            Self::D | Self::F => "https://evil.example.net".to_owned(),
            Self::J => format!("https://{}example.net", "a.".repeat(2_048)),
            Self::K => "https://a.b.sub.example.com".to_owned(),
            Self::B | Self::E | Self::G | Self::G2 | Self::G3 => APP.to_owned(),
        })
    }

    fn requested_headers(self) -> String {
        match self {
            Self::G => "x-unknown-name,".repeat(1_092),
            Self::G2 => "content-type,".repeat(1_260),
            Self::G3 => ",".repeat(16_384),
            _ => "content-type,x-custom-one".to_owned(),
        }
    }

    /// Whether the answer names the request's origin.
    pub(crate) const fn is_allowed(self) -> bool {
        matches!(self, Self::B | Self::C1k | Self::C10k | Self::E | Self::K)
    }

    /// The lines of the request, as a server has read them: shared, not static.
    pub(crate) fn lines(self) -> Vec<(HeaderName, HeaderValue)> {
        let mut lines = vec![
            (header::HOST, "api.example.com".to_owned()),
            (header::ACCEPT, "*/*".to_owned()),
            (header::USER_AGENT, "a browser".to_owned()),
        ];
        lines.extend(self.origin().map(|origin| (header::ORIGIN, origin)));
        if self.is_preflight() {
            lines.extend([
                (header::ACCESS_CONTROL_REQUEST_METHOD, METHODS[0].to_owned()),
                (
                    header::ACCESS_CONTROL_REQUEST_HEADERS,
                    self.requested_headers(),
                ),
            ]);
        }
        lines
            .into_iter()
            .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)))
            .collect()
    }

    pub(crate) fn request<B: Default>(self, lines: &[(HeaderName, HeaderValue)]) -> Request<B> {
        let mut request = Request::new(B::default());
        if self.is_preflight() {
            *request.method_mut() = Method::OPTIONS;
        }
        for (name, value) in lines {
            request.headers_mut().insert(name, value.clone());
        }
        request
    }
}
