//! What a refusal says: what failed, against what, and what to change.

use crate::policy::allowed_headers::{
    MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_EMPTY, MAX_REQUEST_HEADERS_LINES,
    MAX_REQUEST_HEADERS_NAMES,
};
use crate::policy::hosts::pattern::HostPattern;
use crate::policy::origins::ports::PortRange;
use crate::policy::setting::Setting;
use crate::policy::{Compiled, Judging};
use crate::protocol::escape::Quoted;
use crate::protocol::origin::Origin;
use crate::protocol::refusal::Refusal;
use crate::protocol::token;
use crate::protocol::value::PolicyText;

impl Compiled {
    /// Returns the reason and the remedy: what failed, and against what; what to change.
    pub(super) fn refused(
        &self,
        refusal: Refusal,
        value: &[u8],
        error: Option<&str>,
    ) -> (String, String) {
        let quoted = Quoted(value);
        match refusal {
            Refusal::HostNotAllowed => host_refused(value),
            Refusal::AmbiguousPath => (
                format!(
                    "routers can read the path {quoted} in several ways, and these have different \
                     policies"
                ),
                "Spell it without dot segments, escaped slashes, backslashes, \";\" and escapes of \
                 escapes, or give all its readings one policy."
                    .to_owned(),
            ),
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
            Refusal::OriginNotAllowed if self.allows_without_credentials(value) => (
                format!(
                    "the policy allows {quoted} without credentials, and a form whose method is \
                     changed has them"
                ),
                format!("To allow it, add {quoted} to allow_credentials_from."),
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
                match Origin::parse(value).ok().and_then(|origin| self.missing_switch(origin)) {
                    Some(switch) => format!("Serve the page over https, or write {switch} = true."),
                    None => "Serve the page over https.".to_owned(),
                },
            ),
            Refusal::PredicatePanicked => (
                format!("a predicate panicked when it was asked about {quoted}"),
                "See the panic's message in the server's output.".to_owned(),
            ),
            Refusal::PredicateFailed => (
                format!(
                    "the asynchronous predicate failed when it was asked about {quoted}: {}",
                    Quoted(error.unwrap_or_default().as_bytes())
                ),
                "An error counts as a no; mend what it names.".to_owned(),
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
                "Await Policy::evaluate or Policy::explain_async; under tower, call \
                 CorsLayer::await_predicates."
                    .to_owned(),
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
                self.method_remedy(value),
            ),
            Refusal::MalformedHeaderName => (
                format!(
                    "Access-Control-Request-Headers asks for {quoted}, which is not a header name"
                ),
                "Browsers send no such name; correct the client.".to_owned(),
            ),
            Refusal::HeaderNotAllowed => (
                format!(
                    "the policy does not allow the request header {quoted}{}",
                    self.listed_headers()
                ),
                self.header_remedy(value),
            ),
            Refusal::HeaderListTooLong => (
                format!(
                    "Access-Control-Request-Headers has more than {MAX_REQUEST_HEADERS_BYTES} \
                     bytes, {MAX_REQUEST_HEADERS_LINES} lines, {MAX_REQUEST_HEADERS_NAMES} names or \
                     {MAX_REQUEST_HEADERS_EMPTY} empty elements"
                ),
                "No page needs as many headers; correct the client.".to_owned(),
            ),
        }
    }

    /// Returns the remedy for an origin that the policy does not allow. `value` has passed the
    /// grammar of an origin, so it is short and fit for a log as it is.
    fn origin_remedy(&self, value: &[u8]) -> String {
        let mut with_credentials = match self.judging {
            Judging::Apart(_) => ", or to allow_credentials_from if it is to have credentials",
            Judging::Any | Judging::None(_) | Judging::Each => "",
        };
        let origin = Origin::parse(value);
        let switch = match origin {
            Ok(origin) if matches!(origin.scheme(), "ws" | "wss") => {
                return "Browsers send the origin of the page, whose scheme is http or https; \
                        correct the client."
                    .to_owned();
            }
            Ok(origin) => self.missing_switch(origin),
            Err(_) => None,
        };
        if origin.is_ok_and(|origin| origin.is_null_or_file() || origin.is_insecure()) {
            with_credentials = "";
        }
        let switch =
            switch.map_or_else(String::new, |switch| format!(", and write {switch} = true"));
        format!(
            "To allow it, add \"{}\" to allow_origins{with_credentials}{switch}.",
            String::from_utf8_lossy(value)
        )
    }

    /// Returns the narrowest switch that an origin needs beside the credentials of the policy, if
    /// one is missing.
    fn missing_switch(&self, origin: Origin<'_>) -> Option<Setting> {
        let switches = &self.switches;
        if !switches.allow_credentials {
            None
        } else if origin.is_null_or_file() {
            let is_missing = !switches.dangerously_allow_null_origin_with_credentials;
            is_missing.then_some(Setting::DangerouslyAllowNullOriginWithCredentials)
        } else if !origin.is_insecure()
            || switches.dangerously_allow_insecure_origins_with_credentials
        {
            None
        } else if origin.has_private_address() {
            let is_missing = !switches.dangerously_allow_private_networks_with_credentials;
            is_missing.then_some(Setting::DangerouslyAllowPrivateNetworksWithCredentials)
        } else {
            Some(Setting::DangerouslyAllowInsecureOriginsWithCredentials)
        }
    }

    /// Returns whether another list than that of the origins with credentials has this one.
    fn allows_without_credentials(&self, origin: &[u8]) -> bool {
        let is_listed = || self.origins.listed.compiled.rule_for(origin).is_some();
        matches!(self.judging, Judging::Apart(_)) && (self.origins.any || is_listed())
    }

    fn if_credentials(&self, text: &'static str) -> &'static str {
        if self.switches.allow_credentials {
            text
        } else {
            ""
        }
    }

    /// Returns the words about a similar origin that the policy allows, which is found by look-up,
    /// not by search.
    fn near_miss(&self, value: &[u8]) -> String {
        let Ok(origin) = Origin::parse(value) else {
            return String::new();
        };
        let lists = [&self.origins.listed, &self.credentials_from];
        let allows = |candidate: &String| {
            let mut rules = lists
                .map(|list| list.compiled.rule_for(candidate.as_bytes()))
                .into_iter();
            rules.any(|rule| rule.is_some())
        };
        let ranges = lists.map(|list| list.compiled.range_near(origin));
        let mut ranges = ranges.into_iter().flatten();
        if let Some(PortRange { first, last }) = ranges.find(|range| range.first < range.last) {
            let (scheme, host) = (origin.scheme(), origin.host());
            let range = format!("{scheme}://{host}:{}-{last}", first.max(1));
            return format!(" (it allows {})", Quoted(range.as_bytes()));
        }
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
        if self.methods.any {
            return String::new();
        }
        let listed = &self.methods.written;
        let twin = listed
            .iter()
            .find(|listed| listed.as_bytes().eq_ignore_ascii_case(method));
        match twin.map(|twin| token::normalize_method(twin)) {
            Some(twin) => format!(" (it lists {twin}; methods are case-sensitive)"),
            None if listed.is_empty() => " (it lists none)".to_owned(),
            None => {
                let list = self.texts.get(PolicyText::AllowMethods);
                format!(" (it lists {})", Quoted(list.as_bytes()))
            }
        }
    }

    fn method_remedy(&self, method: &[u8]) -> String {
        let registered = str::from_utf8(method)
            .ok()
            .and_then(token::registered_method);
        match registered.filter(|registered| registered.as_bytes() != method) {
            _ if method == b"*" && self.switches.allow_credentials => NO_WILDCARD.to_owned(),
            // No policy can list it.
            Some(registered) => {
                let is_allowed = self.methods.compiled.contains(registered.as_bytes())
                    || token::is_safelisted_method(registered.as_bytes());
                let add = format!(", and add \"{registered}\" to allow_methods");
                let add = if is_allowed { "" } else { &add };
                format!("Write it in upper case in the page{add}.")
            }
            None => format!("To allow it, add {} to allow_methods.", Quoted(method)),
        }
    }

    fn header_remedy(&self, name: &[u8]) -> String {
        if token::is_forbidden_request_header_name(name) {
            "Browsers never ask for this header; correct the client.".to_owned()
        } else if name == b"*" && self.switches.allow_credentials {
            NO_WILDCARD.to_owned()
        } else {
            let name = name.to_ascii_lowercase();
            format!("To allow it, add {} to allow_headers.", Quoted(&name))
        }
    }

    fn listed_headers(&self) -> String {
        let list = self.texts.get(PolicyText::AllowHeaders);
        let list = self.headers.names.compiled.with_prefixes(list);
        if self.headers.are_any() {
            " (it lists \"*\", which does not cover it)".to_owned()
        } else if list.is_empty() {
            " (it lists none)".to_owned()
        } else {
            format!(" (it lists {})", Quoted(list.as_bytes()))
        }
    }
}

/// Returns the reason and the remedy for a host that is not allowed.
fn host_refused(host: &[u8]) -> (String, String) {
    let pattern = str::from_utf8(host).ok().map(HostPattern::parse);
    match pattern {
        _ if host.is_empty() => (
            "the request names no host, or several, and the policy lists hosts".to_owned(),
            "Browsers name one; look for a proxy that removes or adds a Host line.".to_owned(),
        ),
        Some(Ok(HostPattern { name, .. })) => (
            format!("the policy allows no host {}", Quoted(host)),
            format!(
                "If the server is meant to be reached under it, add \"{name}\" to allow_hosts. \
                 Behind a proxy, have it pass on the browser's Host."
            ),
        ),
        Some(Err(_)) | None => (
            format!("the policy allows no host {}", Quoted(host)),
            "Browsers name no such host; correct the client.".to_owned(),
        ),
    }
}

/// With credentials the response would have to repeat it.
const NO_WILDCARD: &str = "No policy with credentials allows this name, which reads as a wildcard in \
                           a response; use another.";
