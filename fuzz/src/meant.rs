//! What a policy means for a request: the contract's sections 1 to 4 and 7, the slow way.

use cors_core::adapter::{
    MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_EMPTY, MAX_REQUEST_HEADERS_LINES,
    MAX_REQUEST_HEADERS_NAMES,
};
use cors_core::{PolicyConfig, RequestKind, RequestPart};

use crate::head::{Request, elements, is_token};
use crate::input::{ALLOWS, DECLARED, Written};
use crate::item;
use crate::origin::{self, Parts};

/// What a policy makes of a request.
#[derive(Clone, Debug)]
pub struct Meant {
    pub kind: RequestKind,
    /// The part for which the request is refused; `None` for an allowed one, and for one that is
    /// not a CORS request.
    pub refused: Option<RequestPart>,
    /// The status of an answer in the app's stead.
    pub status: Option<u16>,
    /// Whether the request is answered without the app for its host or its origin.
    pub rejected: bool,
    /// The value of `Access-Control-Allow-Origin`, and whether credentials go with it. Every other
    /// header of the protocol is there only along with this one.
    pub granted: Option<(Vec<u8>, bool)>,
    /// Whether it is a refused request of the server's own page.
    pub same_origin: bool,
}

/// Whether an origin is allowed.
enum Allowed {
    /// With credentials or without.
    Yes {
        credentials: bool,
    },
    No,
}

impl Meant {
    /// Returns what the policy means.
    pub fn of(written: &Written, request: &Request) -> Self {
        let config = &written.config;
        let kind = kind(request);
        let nothing = Self {
            kind,
            refused: None,
            status: None,
            rejected: false,
            granted: None,
            same_origin: false,
        };
        let rejected = |meant| Self {
            status: Some(403),
            rejected: true,
            granted: None,
            ..meant
        };
        let refused = |part| Self {
            refused: Some(part),
            ..nothing.clone()
        };
        if !is_for_own_host(config, request) {
            return rejected(refused(RequestPart::Host));
        }
        let for_everyone = Some((b"*".to_vec(), false)).filter(|_| is_for_everyone(config));
        if kind == RequestKind::NotCors {
            return Self {
                granted: for_everyone,
                ..nothing
            };
        }
        let allowed = allowed(written, request);
        match (kind, allowed) {
            (RequestKind::Preflight, Allowed::Yes { credentials }) => {
                preflight(config, credentials, request, nothing)
            }
            (RequestKind::Preflight, Allowed::No) => Self {
                status: answered(config, config.preflight_refusal_status),
                ..refused(RequestPart::Origin)
            },
            (_, Allowed::Yes { credentials }) => Self {
                granted: Some((granted_origin(config, credentials, request), credentials)),
                // Under `allow_credentials_from` a handler asks who has none.
                same_origin: !config.allow_credentials_from.is_empty()
                    && !credentials
                    && is_same_origin(request),
                ..nothing
            },
            (_, Allowed::No) => {
                let same_origin = is_same_origin(request);
                let meant = Self {
                    same_origin,
                    ..refused(RequestPart::Origin)
                };
                if config.reject_disallowed_origins && !same_origin {
                    rejected(meant)
                } else {
                    meant
                }
            }
        }
    }
}

/// Returns whether nothing of a response depends on `Origin`.
pub fn is_for_everyone(config: &PolicyConfig) -> bool {
    let any = config.allow_origins.iter().any(|item| item == "*");
    any && !config.allow_credentials && config.allow_credentials_from.is_empty()
}

fn kind(request: &Request) -> RequestKind {
    let asks = !request.values("access-control-request-method").is_empty();
    match request.values("origin").as_slice() {
        [] => RequestKind::NotCors,
        _ if request.method == "OPTIONS" && asks => RequestKind::Preflight,
        _ => RequestKind::Actual,
    }
}

fn is_for_own_host(config: &PolicyConfig, request: &Request) -> bool {
    let hosts = &config.allow_hosts;
    let means = |host: &[u8]| hosts.iter().any(|item| item::means_authority(item, host));
    let any = hosts.is_empty() || hosts.iter().any(|item| item == "*");
    any || host(request).is_some_and(means)
}

/// Returns the host of a request: of its target, or else of its one `Host`.
fn host(request: &Request) -> Option<&[u8]> {
    match (&request.authority, request.values("host").as_slice()) {
        (Some(authority), _) => Some(authority.as_bytes()),
        (None, [host]) => Some(host),
        _ => None,
    }
}

fn allowed(written: &Written, request: &Request) -> Allowed {
    let config = &written.config;
    if is_for_everyone(config) {
        return Allowed::Yes { credentials: false };
    }
    let [value] = request.values("origin")[..] else {
        return Allowed::No;
    };
    let Some(origin) = origin::parts(value) else {
        return Allowed::No;
    };
    let is_among = |items: &[String]| {
        items
            .iter()
            .any(|item| item != "*" && item::means(item, value))
    };
    let credentials = config.allow_credentials;
    let yes = Allowed::Yes { credentials };
    if is_among(&config.allow_credentials_from) {
        return Allowed::Yes { credentials: true };
    }
    let any = config.allow_origins.iter().any(|item| item == "*");
    let is_null_or_file = origin.host.is_empty();
    if any && (!credentials || !is_null_or_file) || is_among(&config.allow_origins) {
        return yes;
    }
    if origin.scheme.is_empty() {
        return if config.allow_null_origin {
            yes
        } else {
            Allowed::No
        };
    }
    let asked = request.values(DECLARED);
    let is_safe = !credentials || !is_insecure(&origin) || tolerates(config, &origin);
    let predicate = written.predicate && asked == [ALLOWS] && is_safe && !is_null_or_file;
    if predicate { yes } else { Allowed::No }
}

fn is_insecure(origin: &Parts<'_>) -> bool {
    let host = origin.host.strip_suffix('.').unwrap_or(origin.host);
    let is_local = host == "localhost" || host.ends_with(".localhost") || host == "[::1]";
    let is_loopback = host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_ok();
    origin.scheme == "http" && !is_local && !is_loopback
}

fn tolerates(config: &PolicyConfig, origin: &Parts<'_>) -> bool {
    let host = origin.host;
    let is_private = ["192.168.", "10.", "[fd00"]
        .iter()
        .any(|start| host.starts_with(start))
        && origin
            .host
            .ends_with(|end: char| end.is_ascii_digit() || end == ']');
    config.dangerously_allow_insecure_origins_with_credentials
        || config.dangerously_allow_private_networks_with_credentials && is_private
}

fn granted_origin(config: &PolicyConfig, credentials: bool, request: &Request) -> Vec<u8> {
    let any = config.allow_origins.iter().any(|item| item == "*");
    match request.values("origin")[..] {
        [value] if credentials || !any => value.to_vec(),
        _ => b"*".to_vec(),
    }
}

/// An answer, unless the app is called for preflights too.
fn answered(config: &PolicyConfig, status: u16) -> Option<u16> {
    (!config.preflight_passthrough).then_some(status)
}

/// What can be wrong with what a preflight asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A list of the policy lacks it: the browser finds that in the list.
    NotListed,
    /// No browser sends it, or a `*` of the policy is not for it.
    Bare,
}

fn preflight(config: &PolicyConfig, credentials: bool, request: &Request, nothing: Meant) -> Meant {
    let method = method_fault(config, credentials, request);
    let headers = headers_fault(config, credentials, request);
    let refused = match (method, headers) {
        (Some(_), _) => Some(RequestPart::Method),
        (None, Some(_)) => Some(RequestPart::Headers),
        (None, None) => None,
    };
    // Where the app's own lists stay, the policy's origin beside them could grant too much.
    let app_may_add = config.preflight_passthrough && config.keep_app_headers;
    let is_bare =
        [method, headers].contains(&Some(Fault::Bare)) || refused.is_some() && app_may_add;
    if is_bare {
        let status = answered(config, config.preflight_refusal_status);
        return Meant {
            refused,
            status,
            ..nothing
        };
    }
    Meant {
        refused,
        status: answered(config, config.preflight_status),
        granted: Some((granted_origin(config, credentials, request), credentials)),
        ..nothing
    }
}

fn method_fault(config: &PolicyConfig, credentials: bool, request: &Request) -> Option<Fault> {
    let [method] = request.values("access-control-request-method")[..] else {
        return Some(Fault::Bare);
    };
    let is_forbidden = |name: &&[u8]| method.eq_ignore_ascii_case(name);
    if !is_token(method)
        || [&b"CONNECT"[..], b"TRACE", b"TRACK"]
            .iter()
            .any(is_forbidden)
    {
        return Some(Fault::Bare);
    }
    let methods = &config.allow_methods;
    let is_listed = methods
        .iter()
        .any(|item| as_sent(item).as_bytes() == method && item != "*");
    if [&b"GET"[..], b"HEAD", b"POST"].contains(&method) || is_listed {
        return None;
    }
    if !methods.iter().any(|item| item == "*") {
        return Some(Fault::NotListed);
    }
    (credentials && method == b"*").then_some(Fault::Bare)
}

/// Returns a method as a browser sends it.
pub fn as_sent(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    let known = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    if known.contains(&upper.as_str()) {
        upper
    } else {
        method.to_owned()
    }
}

fn headers_fault(config: &PolicyConfig, credentials: bool, request: &Request) -> Option<Fault> {
    let lines = request.values("access-control-request-headers");
    let names = elements(&lines);
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    let elements: usize = lines
        .iter()
        .map(|line| line.split(|byte| *byte == b',').count())
        .sum();
    // A line without anything has no element.
    let blank = lines
        .iter()
        .filter(|line| crate::head::trim(line).is_empty())
        .count();
    let is_long = lines.len() > MAX_REQUEST_HEADERS_LINES
        || bytes > MAX_REQUEST_HEADERS_BYTES
        || names.len() > MAX_REQUEST_HEADERS_NAMES
        || elements - names.len() - blank > MAX_REQUEST_HEADERS_EMPTY;
    if is_long || !names.iter().all(|name| is_token(name)) {
        return Some(Fault::Bare);
    }
    let items = &config.allow_headers;
    let any = items.iter().any(|item| item == "*");
    let is_covered = |name: &[u8]| {
        if items.iter().any(|item| means_name(item, name)) {
            return true;
        }
        any && if credentials {
            name != b"*"
        } else {
            !name.eq_ignore_ascii_case(b"authorization")
        }
    };
    let fault = if any { Fault::Bare } else { Fault::NotListed };
    (!names.into_iter().all(is_covered)).then_some(fault)
}

/// Returns whether an item is this name, or the beginning of it. No beginning covers a header that
/// no script can set or read.
pub fn means_name(item: &str, name: &[u8]) -> bool {
    let (item, name) = (item.to_ascii_lowercase(), name.to_ascii_lowercase());
    match item.strip_suffix('*') {
        Some("") => false,
        Some(start) => {
            let is_forbidden = name == b"set-cookie" || name == b"set-cookie2";
            name.starts_with(start.as_bytes()) && name.len() > start.len() && !is_forbidden
        }
        None => item.as_bytes() == name,
    }
}

fn is_same_origin(request: &Request) -> bool {
    match request.values("sec-fetch-site")[..] {
        [site] => return site == b"same-origin" || site == b"none",
        [] => {}
        _ => return false,
    }
    let (Some(host), [origin]) = (host(request), &request.values("origin")[..]) else {
        return false;
    };
    let (Some(origin), Ok(host)) = (origin::parts(origin), str::from_utf8(host)) else {
        return false;
    };
    let default = match origin.scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => match origin::read_port(port) {
            Some(port) => (name, Some(port)),
            None => return false,
        },
        _ => (host, default),
    };
    !origin.host.is_empty()
        && name.eq_ignore_ascii_case(origin.host)
        && port == origin.port.or(default)
}
