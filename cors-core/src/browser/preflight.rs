//! [`Preflight`]: the request with which a browser asks before it sends another one.

use super::{PreflightReason, Request};

/// A preflight: the request with which a browser asks a server before it sends another one.
///
/// ```
/// use cors_core::browser::Request;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = Request::new("put")?.header("X-B", "1")?.header("x-a", "2")?;
/// let preflight = request.preflight().ok_or("not simple")?;
/// assert_eq!(preflight.request_method(), "PUT");
/// assert_eq!(preflight.request_headers(), Some("x-a,x-b"));
/// assert_eq!(Request::new("GET")?.preflight(), None);
/// # Ok(())
/// # }
/// ```
///
/// [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preflight {
    reasons: Vec<PreflightReason>,
    request_method: String,
    request_headers: Option<String>,
}

impl Preflight {
    pub(super) fn of(request: &Request) -> Option<Self> {
        let reasons = request.needs_preflight();
        if reasons.is_empty() {
            return None;
        }
        let names: Vec<&str> = reasons.iter().filter_map(PreflightReason::header).collect();
        Some(Self {
            request_method: request.method().to_owned(),
            request_headers: (!names.is_empty()).then(|| names.join(",")),
            reasons,
        })
    }

    /// Returns why it is sent, as [`Request::needs_preflight`] gives it; never empty.
    #[must_use]
    pub fn reasons(&self) -> &[PreflightReason] {
        &self.reasons
    }

    /// Returns the value of `Access-Control-Request-Method`.
    #[must_use]
    pub fn request_method(&self) -> &str {
        &self.request_method
    }

    /// Returns the value of `Access-Control-Request-Headers`: lower-case names, sorted bytewise,
    /// each once, with commas and no spaces between them. `None` where the line is absent.
    #[must_use]
    pub fn request_headers(&self) -> Option<&str> {
        self.request_headers.as_deref()
    }
}
