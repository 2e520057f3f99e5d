//! [`Explanation`]: a decision in words, for whoever wonders why a request was refused.

use std::fmt;

use crate::evaluate::same_origin::is_same_origin;
use crate::policy::allowed_headers::{
    MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_EMPTY, MAX_REQUEST_HEADERS_NAMES,
};
use crate::policy::async_predicate::Answer;
use crate::policy::{AllowedMethods, Policy};
use crate::protocol::decision::{Decision, OriginRule};
use crate::protocol::escape::Quoted;
use crate::protocol::observer::{Check, Observer};
use crate::protocol::origin::Origin;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{RequestField, RequestHead, RequestKind};
use crate::protocol::token;
use crate::protocol::value::Text;

impl Policy {
    /// Decides as [`decide`](Self::decide) does, in the same evaluation, and says why in words.
    ///
    /// This allocates, so it is for the log of refusals and for diagnosis, not for each request.
    /// Predicates are asked again, but for an asynchronous one, whose answer
    /// [`explain_with`](Self::explain_with) takes.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use cors_core::{Policy, RequestField, RequestHead};
    /// # struct Get(&'static str);
    /// # impl RequestHead for Get {
    /// #     fn method(&self) -> &str { "GET" }
    /// #     fn path(&self) -> &str { "/" }
    /// #     fn each_line<'a>(&'a self, field: RequestField<'_>, visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>) {
    /// #         if field == RequestField::Origin { let _ = visit(self.0.as_bytes()); }
    /// #     }
    /// # }
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder().allow_origins(["https://app.example.com"]).build()?;
    /// # let request = Get("http://app.example.com");
    /// let explanation = policy.explain(&request);
    /// assert_eq!(
    ///     explanation.to_string(),
    ///     "actual request refused: the policy allows no origin \"http://app.example.com\" \
    ///      (it allows \"https://app.example.com\"). \
    ///      To allow it, add \"http://app.example.com\" to allow_origins."
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn explain(&self, request: &dyn RequestHead) -> Explanation {
        self.explanation(request, None)
    }

    /// Explains what [`decide_with`](Self::decide_with) decides: with what an asynchronous
    /// predicate has said about the origin.
    #[must_use]
    pub fn explain_with(&self, request: &dyn RequestHead, answer: Answer) -> Explanation {
        self.explanation(request, Some(answer))
    }

    fn explanation(&self, request: &dyn RequestHead, answer: Option<Answer>) -> Explanation {
        let mut recorder = Recorder::default();
        if answer.is_some()
            && let Some(origin) = request.lines(RequestField::Origin).one()
        {
            recorder.saw(Check::Origin, origin);
        }
        let decision = self.evaluate(request, answer, &mut recorder);
        let value = match decision.refusal() {
            Some(refusal) => recorder.value_of(refusal),
            None => Vec::new(),
        };
        let (reason, remedy) = match decision.verdict {
            None => (
                "there is no Origin header, so the app answers as usual".to_owned(),
                None,
            ),
            Some(Ok(rule)) => (allowed(rule, &recorder.origin), None),
            Some(Err(refusal)) => {
                let (reason, remedy) = self.refused(refusal, &value);
                let origin = request.lines(RequestField::Origin);
                if decision.kind() == RequestKind::Actual && is_same_origin(request, origin) {
                    (reason, Some(SAME_ORIGIN.to_owned()))
                } else {
                    (reason, Some(remedy))
                }
            }
        };
        Explanation {
            decision,
            value: decision.refusal().map(|_| value),
            reason,
            remedy,
        }
    }

    /// What failed, against what; and what to change.
    fn refused(&self, refusal: Refusal, value: &[u8]) -> (String, String) {
        let quoted = Quoted(value);
        match refusal {
            Refusal::SeveralOrigins => (
                "there is more than one Origin line, so no origin to judge".to_owned(),
                "Browsers send one; look for a proxy or a client that adds another.".to_owned(),
            ),
            Refusal::MalformedOrigin(error) => (
                format!("Origin {quoted} is not one serialized origin: {error}"),
                "Browsers send no such value, and no policy takes it; correct the client."
                    .to_owned(),
            ),
            Refusal::NullOrigin => (
                "the policy does not allow the origin \"null\"".to_owned(),
                format!(
                    "Any site can take this origin. To allow it all the same, write \
                     allow_null_origin = true{}.",
                    self.if_credentials(
                        " and dangerously_allow_null_origin_with_credentials = true"
                    )
                ),
            ),
            Refusal::OriginNotAllowed => (
                format!(
                    "the policy allows no origin {quoted}{}",
                    self.near_miss(value)
                ),
                self.origin_remedy(value),
            ),
            Refusal::InsecureOrigin => (
                format!("the origin {quoted} is plain http, and the policy allows credentials"),
                "Serve the page over https, or write \
                 dangerously_allow_insecure_origins_with_credentials = true."
                    .to_owned(),
            ),
            Refusal::PredicatePanicked => (
                format!("a predicate panicked when it was asked about {quoted}"),
                "See the panic's message in the server's output.".to_owned(),
            ),
            Refusal::PredicateFailed => (
                format!("the asynchronous predicate failed when it was asked about {quoted}"),
                "Look for its error where the predicate reports it.".to_owned(),
            ),
            Refusal::PredicateTimedOut => (
                format!("the asynchronous predicate gave no answer about {quoted} in time"),
                "Look at what it waits for, or give it more time.".to_owned(),
            ),
            Refusal::PredicateNotAsked => (
                format!(
                    "nothing but the asynchronous predicate can tell about {quoted}, and it was \
                     not asked"
                ),
                "Await Policy::question, and hand its answer to Policy::decide_with.".to_owned(),
            ),
            Refusal::MalformedMethod => (
                "Access-Control-Request-Method is not one token on one line".to_owned(),
                "Browsers send one method; correct the client.".to_owned(),
            ),
            Refusal::ForbiddenMethod => (
                format!("browsers never send the method {quoted} for a script"),
                "No policy allows it; correct the client.".to_owned(),
            ),
            Refusal::MethodNotAllowed => (
                format!(
                    "the policy does not allow the method {quoted}{}",
                    self.listed_methods(value)
                ),
                format!("To allow it, add {quoted} to allow_methods."),
            ),
            Refusal::MalformedHeaderName => (
                format!(
                    "Access-Control-Request-Headers asks for {quoted}, which is no header name"
                ),
                "Browsers send no such name; correct the client.".to_owned(),
            ),
            Refusal::HeaderNotAllowed => (
                format!(
                    "the policy does not allow the request header {quoted}{}",
                    self.listed_headers()
                ),
                header_remedy(value),
            ),
            Refusal::HeaderListTooLong => (
                format!(
                    "Access-Control-Request-Headers has more than {MAX_REQUEST_HEADERS_BYTES} \
                     bytes, {MAX_REQUEST_HEADERS_NAMES} names or {MAX_REQUEST_HEADERS_EMPTY} \
                     empty elements"
                ),
                "No page needs as many headers; correct the client.".to_owned(),
            ),
        }
    }

    /// `value` has passed the grammar of an origin, so it is short and fit for a log as it is.
    fn origin_remedy(&self, value: &[u8]) -> String {
        let switch = match Origin::parse(value) {
            Ok(origin) if origin.is_opaque() => {
                ", and write dangerously_allow_null_origin_with_credentials = true"
            }
            Ok(origin) if origin.is_insecure() => {
                ", and write dangerously_allow_insecure_origins_with_credentials = true"
            }
            _ => "",
        };
        format!(
            "To allow it, add \"{}\" to allow_origins{}.",
            String::from_utf8_lossy(value),
            self.if_credentials(switch)
        )
    }

    fn if_credentials(&self, text: &'static str) -> &'static str {
        if self.compiled().credentials {
            text
        } else {
            ""
        }
    }

    /// What the policy allows that looks much like the origin; found by look-up, not by search.
    fn near_miss(&self, value: &[u8]) -> String {
        let Ok(origin) = Origin::parse(value) else {
            return String::new();
        };
        let listed = &self.compiled().origins.listed;
        let allows = |candidate: &String| {
            listed.contains_exact(candidate.as_bytes())
                || Origin::parse(candidate.as_bytes()).is_ok_and(|origin| {
                    listed.matches_any_port(origin) || listed.matches_subdomain(origin)
                })
        };
        let host = origin.host();
        let port = origin
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let scheme = origin.scheme();
        let other = if scheme == "https" { "http" } else { "https" };
        let bare = host.strip_prefix("www.").unwrap_or(host);
        [
            format!("{other}://{host}{port}"),
            format!("{scheme}://{host}"),
            format!("{other}://{host}"),
            format!("{scheme}://{}{port}", host.trim_end_matches('.')),
            format!("{scheme}://{bare}{port}"),
            format!("{scheme}://www.{host}{port}"),
        ]
        .iter()
        .find(|candidate| allows(candidate))
        .map(|candidate| format!(" (it allows {})", Quoted(candidate.as_bytes())))
        .unwrap_or_default()
    }

    fn listed_methods(&self, method: &[u8]) -> String {
        let AllowedMethods::Listed(methods) = &self.compiled().methods else {
            return String::new();
        };
        let twin = methods
            .iter()
            .find(|listed| listed.as_bytes().eq_ignore_ascii_case(method));
        match twin {
            Some(twin) => format!(" (it lists {twin}; methods are case-sensitive)"),
            None if methods.is_empty() => " (it lists none)".to_owned(),
            None => {
                let list = self.texts().get(Text::AllowMethods);
                format!(" (it lists {})", Quoted(list.as_bytes()))
            }
        }
    }

    fn listed_headers(&self) -> String {
        let list = self.texts().get(Text::AllowHeaders);
        if list.is_empty() {
            " (it lists none)".to_owned()
        } else if self.compiled().headers.are_any() {
            " (it lists \"*\", which does not cover it)".to_owned()
        } else {
            format!(" (it lists {})", Quoted(list.as_bytes()))
        }
    }
}

/// Browsers send `Origin` with the POST requests of the server's own pages too.
const SAME_ORIGIN: &str = "Nothing is to be changed: the page is of the server itself, and needs no \
                           permission.";

fn allowed(rule: OriginRule, origin: &[u8]) -> String {
    let origin = Quoted(origin);
    match rule {
        OriginRule::Any => "the policy allows any origin".to_owned(),
        OriginRule::Null => "allow_null_origin allows the origin \"null\"".to_owned(),
        OriginRule::Exact => format!("allow_origins lists {origin}"),
        OriginRule::AnyPort => format!("allow_origins has a pattern for any port of {origin}"),
        OriginRule::Subdomain => format!("allow_origins has a subdomain pattern for {origin}"),
        OriginRule::Regex(index) => format!("allow_origin_regexes[{index}] matches {origin}"),
        OriginRule::Predicate(index) => format!("allow_origin_if[{index}] allows {origin}"),
        OriginRule::AsyncPredicate => format!("allow_origin_if_async allows {origin}"),
    }
}

fn header_remedy(name: &[u8]) -> String {
    if token::is_forbidden_request_header_name(name) {
        "Browsers never ask for this header; correct the client.".to_owned()
    } else {
        let name = name.to_ascii_lowercase();
        format!("To allow it, add {} to allow_headers.", Quoted(&name))
    }
}

/// A decision and the reason for it; see [`Policy::explain`].
///
/// `Display` is one line: the kind of request, the verdict, the reason, and what to change. What
/// comes from the request is escaped and shortened, fit for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    decision: Decision,
    value: Option<Vec<u8>>,
    reason: String,
    remedy: Option<String>,
}

impl Explanation {
    /// The decision that is explained.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// The value of the request that failed its check, raw: an origin, a method, one header
    /// name. Empty where there was not one value to judge; `None` where nothing failed.
    #[must_use]
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }

    /// The reason in words, foreign text escaped and shortened.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// For a refusal: what to change in the policy, that no policy would do, or that nothing is to
    /// be changed, since the request is same-origin.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.decision.kind() {
            RequestKind::NotCors => "not a CORS request",
            RequestKind::Preflight => "preflight",
            RequestKind::Actual => "actual request",
        };
        let verdict = match self.decision.verdict {
            None => "",
            Some(Ok(_)) => " allowed",
            Some(Err(_)) => " refused",
        };
        write!(f, "{kind}{verdict}: {}.", self.reason)?;
        match &self.remedy {
            Some(remedy) => write!(f, " {remedy}"),
            None => Ok(()),
        }
    }
}

/// Keeps what `explain` will quote: the origin, and the value that was judged last.
#[derive(Default)]
struct Recorder {
    origin: Vec<u8>,
    last: Option<(Check, Vec<u8>)>,
}

impl Recorder {
    /// The value that was refused: the last one, unless its check had none or too much to judge.
    fn value_of(&mut self, refusal: Refusal) -> Vec<u8> {
        match self.last.take() {
            Some((check, value))
                if check == refusal.check() && refusal != Refusal::HeaderListTooLong =>
            {
                value
            }
            _ => Vec::new(),
        }
    }
}

impl Observer for Recorder {
    fn saw(&mut self, check: Check, value: &[u8]) {
        if check == Check::Origin {
            self.origin = value.to_owned();
        }
        self.last = Some((check, value.to_owned()));
    }
}
