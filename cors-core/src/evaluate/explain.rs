//! [`Explanation`]: a decision in words.

use std::fmt;

use crate::policy::Compiled;
use crate::policy::allowed_headers::EchoedHeaders;
use crate::policy::setting::Setting;
use crate::protocol::decision::{Decision, OriginRule};
use crate::protocol::escape::{ForeignText, Quoted};
use crate::protocol::field::RequestField;
use crate::protocol::refusal::{Refusal, RequestPart};
use crate::protocol::request::{RequestHead, RequestKind, host};

/// The parts of an evaluation that its explanation is made from, without the request.
pub(crate) struct Evidence {
    decision: Decision,
    /// The host or the path where that failed, else the method or the header name that did.
    failed: Vec<u8>,
    origin: Vec<u8>,
    /// A header name that the preflight asks for and a prefix allows, and the prefix.
    by_prefix: Option<(Vec<u8>, String)>,
}

impl Evidence {
    pub(crate) fn of(
        policy: &Compiled,
        decision: Decision,
        failed: Option<&[u8]>,
        request: &dyn RequestHead,
    ) -> Self {
        let origin = request.field(RequestField::Origin).single();
        let failed = match decision.refusal().map(Refusal::request_part) {
            Some(RequestPart::Path) => Some(request.path().as_bytes()),
            Some(RequestPart::Host) => host(request).single(),
            _ => failed,
        };
        let asks_by_prefix = decision.kind() == RequestKind::Preflight
            && policy.headers.echoed == EchoedHeaders::OfPrefixes
            && policy.headers.check(request).is_ok();
        let by_prefix = asks_by_prefix.then(|| policy.headers.first_by_prefix(request));
        let by_prefix = by_prefix.flatten();
        Self {
            decision,
            failed: failed.unwrap_or_default().to_vec(),
            origin: origin.unwrap_or_default().to_vec(),
            by_prefix: by_prefix.map(|(name, prefix)| (name.to_vec(), prefix.to_owned())),
        }
    }

    /// Returns the evidence for the decision that an asynchronous predicate has made.
    pub(crate) fn decided(self, decision: Decision) -> Self {
        Self { decision, ..self }
    }
}

impl Compiled {
    /// Puts a decision into words. `error` is the text of an asynchronous predicate's error.
    pub(crate) fn explanation(&self, evidence: Evidence, error: Option<&str>) -> Explanation {
        let Evidence {
            decision,
            failed,
            origin,
            by_prefix,
        } = evidence;
        let failed = match decision.refusal().map(Refusal::request_part) {
            Some(RequestPart::Origin) => origin.clone(),
            Some(
                RequestPart::Host | RequestPart::Path | RequestPart::Method | RequestPart::Headers,
            )
            | None => failed,
        };
        let (reason, remedy) = match decision.verdict {
            None => (
                "there is no Origin header, so the app answers as usual".to_owned(),
                None,
            ),
            Some(Ok(rule)) => {
                let is_apart = !std::ptr::eq(self.policy_for(&origin), self);
                let mut reason = allowed(rule, &origin, is_apart);
                if let Some((name, prefix)) = by_prefix {
                    let (prefix, name) = (format!("{prefix}*"), Quoted(&name));
                    let prefix = Quoted(prefix.as_bytes());
                    reason += &format!(", and allow_headers has {prefix} for {name}");
                }
                (reason, None)
            }
            Some(Err(refusal)) => {
                let policy = self.policy_for(&origin);
                let (reason, remedy) = policy.refused(refusal, &failed, error);
                let remedy = if decision.is_same_origin() {
                    SAME_ORIGIN.to_owned()
                } else {
                    remedy
                };
                (reason, Some(remedy))
            }
        };
        Explanation {
            decision,
            value: decision.refusal().map(|_| failed),
            reason,
            remedy,
        }
    }
}

/// Browsers send `Origin` with the POST requests of the server's own pages too.
const SAME_ORIGIN: &str = "Nothing is to be changed: the page is of the server itself, and needs no \
                           permission.";

/// Returns why an origin is allowed. One of those apart has credentials where others have none.
fn allowed(rule: OriginRule, origin: &[u8], is_apart: bool) -> String {
    let setting = if is_apart {
        Setting::AllowCredentialsFrom
    } else {
        Setting::AllowOrigins
    };
    let origin = Quoted(origin);
    match rule {
        OriginRule::Any => "the policy allows any origin".to_owned(),
        OriginRule::Null => "allow_null_origin allows the origin \"null\"".to_owned(),
        OriginRule::Exact => format!("{setting} lists {origin}"),
        OriginRule::AnyPort => format!("{setting} has a pattern for any port of {origin}"),
        OriginRule::PortRange => format!("{setting} has a range of ports for {origin}"),
        OriginRule::PrivateNetwork => {
            format!("{setting} has a pattern for the network of {origin}")
        }
        OriginRule::Subdomain => format!("{setting} has a subdomain pattern for {origin}"),
        OriginRule::AnyHost => format!("{setting} has a pattern for any host, as in {origin}"),
        OriginRule::Regex(index) => format!("allow_origin_regexes[{index}] matches {origin}"),
        OriginRule::Predicate(index) => format!("allow_origin_if[{index}] allows {origin}"),
        OriginRule::AsyncPredicate => format!("allow_origin_if_async allows {origin}"),
    }
}

/// A decision and the reason for it; see [`Policy::explain`](crate::Policy::explain).
///
/// `Display` writes one line: the kind of request, the verdict, the reason, and what to change.
/// Text from the request is escaped and shortened, so the line is fit for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    decision: Decision,
    value: Option<Vec<u8>>,
    reason: String,
    remedy: Option<String>,
}

impl Explanation {
    /// Explains why nothing is decided.
    pub(crate) fn without_policy(decision: Decision) -> Self {
        Self {
            decision,
            value: None,
            reason: "no policy is for the path, so the app answers as usual".to_owned(),
            remedy: None,
        }
    }

    /// Returns the decision that is explained.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns the value of the request that failed its check, raw: a path, an origin, a method, one
    /// header name. It is empty where there was not exactly one value to check; `None` where nothing
    /// failed.
    #[must_use]
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }

    /// Returns the reason in words. Text from the request is escaped and shortened.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns what to do about a refusal: what to change in the policy; or that no policy would
    /// help; or that nothing has to change, since the request is same-origin.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

// Written by hand: the value is as long as the client has made it.
impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("decision", &self.decision)
            .field("value", &self.value().map(ForeignText::new))
            .field("reason", &self.reason)
            .field("remedy", &self.remedy)
            .finish()
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
            Some(Err(_)) if self.decision.is_same_origin() => " of the server's own page",
            Some(Err(Refusal::HostNotAllowed)) => " rejected",
            Some(Err(_)) => " refused",
        };
        write!(f, "{kind}{verdict}: {}.", self.reason)?;
        match &self.remedy {
            Some(remedy) => write!(f, " {remedy}"),
            None => Ok(()),
        }
    }
}
