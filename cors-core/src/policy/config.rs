//! [`PolicyConfig`]: a policy in its plain form, as a file or code writes it.

use std::time::Duration;

/// A policy as it is written: plain data, not yet checked.
///
/// With the feature `serde` it is the content of a policy file, in TOML, JSON or any other format;
/// the fields' names are the file's keys. Every key may be left out; an unknown key is an error.
///
/// ```
/// # #[cfg(feature = "serde")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cors_core::PolicyConfig;
///
/// let config: PolicyConfig = toml::from_str(
///     r#"
///     allow_origins = ["https://app.example.com", "https://*.example.com", "http://localhost:*"]
///     allow_methods = ["GET", "PUT", "DELETE"]
///     allow_headers = ["content-type", "authorization"]
///     expose_headers = ["x-request-id"]
///     allow_credentials = true
///     max_age = 600
///     "#,
/// )?;
/// let policy = config.build()?;
/// assert!(policy.allows_origin("https://app.example.com"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "serde"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(default, deny_unknown_fields, description = "The policy of a path.")
)]
#[non_exhaustive]
pub struct PolicyConfig {
    /// The origins whose pages may read responses. Default: none.
    ///
    /// | item | allows |
    /// | --- | --- |
    /// | `https://app.example.com` | this origin |
    /// | `https://*.example.com` | every subdomain at any depth, not `https://example.com` |
    /// | `https://*.test` | the same below `localhost`, `test`, `local` and `internal`, and below no other single label |
    /// | `http://localhost:*` | every port, the default one included |
    /// | `http://localhost:3000-3010` | the ports from one to another, without a port too if the default one is among them |
    /// | `https://*.example.com:*` | every subdomain at every port; a range likewise |
    /// | `http://192.168.*.*:*` | every address of a private network, with a `*` for each of the last octets: `10.*.*.*`, `172.16.*.*` to `172.31.*.*`, `192.168.*.*`, `169.254.*.*`, `127.*.*.*` or a part of one; for development, see `dangerously_allow_private_networks_with_credentials` |
    /// | `tauri://localhost`, `app://.` | a desktop app's pages |
    /// | `moz-extension://*` | every host of a scheme other than http and https; with `allow_credentials` like `*` |
    /// | `*` | any origin, `null` included; not with `allow_credentials` |
    pub allow_origins: Vec<String>,
    /// Regular expressions that must match a whole origin; the crate anchors them. Needs the
    /// feature `regex`. Default: none.
    ///
    /// ASCII only, without look-around and back-references; a kilobyte each at most. One that means
    /// more, or less, than it says is a problem: it lets in origins that anybody can have
    /// (`https://.*example\.com` is for `https://notyoursexample.com` too), or none; it has a `.`
    /// in a host that is not escaped; it is an item of `allow_origins`. They are not matched
    /// against `null` and `file://`, nor, with `allow_credentials`, against plain-http origins
    /// beyond loopback (unless `dangerously_allow_insecure_origins_with_credentials` is on, or for
    /// private addresses `dangerously_allow_private_networks_with_credentials`).
    pub allow_origin_regexes: Vec<String>,
    /// Allows the origin `null`, which sandboxed frames, `data:` documents and redirects have. Any
    /// site can take it. Default: false.
    pub allow_null_origin: bool,
    /// The methods that scripts may use besides GET, HEAD and POST, which are always allowed;
    /// `*` for any. Default: none.
    ///
    /// Methods are case-sensitive: `patch` is not `PATCH`, and is a problem here, since no server
    /// knows it. Of six methods browsers send the upper case themselves: `put` means `PUT`.
    pub allow_methods: Vec<String>,
    /// The request headers that scripts may set besides the CORS-safelisted ones. Default: none.
    ///
    /// | item | allows |
    /// | --- | --- |
    /// | `content-type` | this header, in upper or lower case; JSON bodies need it |
    /// | `x-acme-*` | every header whose name begins with `x-acme-` and has one more character |
    /// | `*` | any header; without credentials not `authorization`: write `["*", "authorization"]` |
    ///
    /// `*` stands at the end alone, after a `-`. Headers that browsers let no script set are never
    /// allowed, whatever a name begins with: `sec-*` is a problem. The answer to a preflight names
    /// what is listed, and of what a prefix covers the names that the preflight asks for.
    pub allow_headers: Vec<String>,
    /// The response headers that scripts may read besides the CORS-safelisted ones. Default: none.
    ///
    /// | item | exposes |
    /// | --- | --- |
    /// | `x-request-id` | this header |
    /// | `x-acme-*` | the app's own headers whose names begin with `x-acme-` and have one more character |
    /// | `*` | all; not with `allow_credentials` or `allow_credentials_from` |
    ///
    /// What a prefix covers is named as far as it is on the response where the adapter stands: list
    /// by name what is added further out, by a proxy or an outer layer, and what a cache keeps
    /// beside a 304, which brings its own `Access-Control-Expose-Headers`. `Set-Cookie` is never
    /// exposed.
    pub expose_headers: Vec<String>,
    /// Allows scripts to send cookies, client certificates and HTTP authentication. Default: false.
    pub allow_credentials: bool,
    /// Origins that are allowed with credentials, where the others are allowed without: the own
    /// pages, beside an API that anybody may read. Default: none.
    ///
    /// The items are those of `allow_origins`, except for `*`; an origin need not be in both. All
    /// else of the policy is the same for both. It is a problem beside `allow_credentials = true`,
    /// which gives credentials to all. What is dangerous with `allow_credentials` is a problem
    /// among these items, unless the same switch tolerates it, and is none among the others.
    ///
    /// Where it is written, `*` among `allow_origins` is answered with `*`, and all the same every
    /// response depends on the request's origin: a shared cache keeps one for each.
    ///
    /// # Security
    ///
    /// It says who may read a response to a request with cookies. Forms and WebSocket handshakes
    /// have cookies whatever a policy says, and are let in from every allowed origin. A handler
    /// tells by `Decision::allows_credentials`, which is true of the server's own pages too.
    pub allow_credentials_from: Vec<String>,
    /// The time for which a browser may keep the answer to a preflight, in whole seconds, 86400 at
    /// most; zero turns its cache off. Default: not sent, which browsers take for 5 seconds.
    #[cfg_attr(
        feature = "serde",
        serde(with = "seconds", skip_serializing_if = "Option::is_none")
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>", range(max = 86400)))]
    pub max_age: Option<Duration>,
    /// Answers `Access-Control-Request-Private-Network: true`. Legacy: today browsers ask their
    /// user instead. Default: false.
    pub allow_private_network: bool,
    /// The status of an allowed preflight, and of one from an allowed origin whose method or header
    /// the policy does not list, 200 to 299. Default: 204.
    #[cfg_attr(feature = "schema", schemars(range(min = 200, max = 299)))]
    pub preflight_status: u16,
    /// The status of any other refused preflight, 200 to 299 or 400 to 499. Default: 403.
    #[cfg_attr(feature = "schema", schemars(range(min = 200, max = 499)))]
    pub preflight_refusal_status: u16,
    /// Calls the app for preflights too; its response then gets the headers that the answer would
    /// have. Default: false.
    pub preflight_passthrough: bool,
    /// Keeps CORS headers that the app itself sets. Where the app sets
    /// `Access-Control-Allow-Origin`, nothing is added to its response but Vary; where it does not,
    /// its `Access-Control-Allow-Credentials` is not kept either. Default: false, which replaces or
    /// removes them.
    pub keep_app_headers: bool,
    /// Answers an actual request from an origin that is not allowed with 403, without calling the
    /// app, unless the request is same-origin. No cache stores that answer. It is a problem where
    /// `*` is among the origins, without credentials, since nobody is rejected there. Default: false.
    ///
    /// # Security
    ///
    /// This is not access control: a client that is not a browser can send any `Origin`. The
    /// setting keeps other sites' pages from making a browser send requests with side effects, as
    /// far as these have an `Origin`: GET requests of links, images and forms have none, and pass.
    ///
    /// A request is same-origin if `Sec-Fetch-Site` says so, or, where there is none, if its
    /// `Origin` has the request's host and port. Behind a proxy that does not pass on the original
    /// `Host`, only the former is left, and browsers send it to https sites and to loopback alone.
    pub reject_disallowed_origins: bool,
    /// The hosts under which the server is reached, as in Django's `ALLOWED_HOSTS`. A request for
    /// another one, or for none, is answered with 403 before anything else, whatever its method and
    /// whether it has an `Origin` or not: WebSocket handshakes and preflights too. Default: none,
    /// which is any host.
    ///
    /// | item | allows |
    /// | --- | --- |
    /// | `api.example.com` | this host, at every port |
    /// | `api.example.com:8443` | this host, at this port; a request that names no port is at 80 or 443 |
    /// | `*.example.com` | every name below, at any depth, not `example.com` |
    /// | `localhost`, `127.0.0.1`, `[::1]` | the names of the own machine |
    /// | `*` | any host |
    ///
    /// The host is that of the request's target (over HTTP/2 `:authority`), or else `Host`. Upper
    /// and lower case are the same, and so is one dot at the end.
    ///
    /// # Security
    ///
    /// A page can have the browser connect to another server than its own: its site answers the
    /// second look-up of its name with the other server's address (DNS rebinding). To the browser
    /// the requests are same-origin, `Origin` and `Host` name the page's site, and no look at
    /// `Origin` helps. A server on `localhost` or in a private network needs this setting; one on
    /// the internet that checks who asks does not.
    ///
    /// A path that is disabled in a `PolicyMap` is not checked. Behind a proxy
    /// the host is what the proxy passes on.
    pub allow_hosts: Vec<String>,
    /// Makes it a problem if a subdomain wildcard stands over a public suffix
    /// (`https://*.github.io`), or a regular expression matches names that it does not write out
    /// right below one (`https://my-.*\.github\.io`), where credentials are allowed. Needs the
    /// feature `public-suffix`. Default: false.
    ///
    /// A wildcard further up is not found (`https://*.amazonaws.com`, although `s3.amazonaws.com`
    /// below it is a public suffix).
    pub check_public_suffixes: bool,
    /// Allows `*` among the origins together with credentials: every site acts as the signed-in
    /// user. The response names the origin. `null` and `file://` stay out. It allows items such as
    /// `moz-extension://*` too. Default: false.
    pub dangerously_allow_any_origin_with_credentials: bool,
    /// Allows `allow_null_origin`, and `file://` among the origins, together with credentials:
    /// every site acts as the signed-in user, from a sandboxed frame. Default: false.
    pub dangerously_allow_null_origin_with_credentials: bool,
    /// Allows plain-http origins beyond loopback together with credentials: anyone on the network
    /// acts as the signed-in user. It is not enough for the pattern of a network, such as
    /// `http://192.168.*.*`. Default: false.
    pub dangerously_allow_insecure_origins_with_credentials: bool,
    /// Allows private networks, such as `http://192.168.*.*:*`, together with credentials: any
    /// device on such a network acts as the signed-in user. Over https too. It allows plain-http
    /// origins with a private address (`http://192.168.1.20:3000`, `http://[fd00::1]`) as well, and
    /// no others; with regular expressions and predicates likewise. `127.*.*.*` needs no switch.
    /// Default: false.
    ///
    /// An expression that is for plain-http origins beyond loopback alone needs
    /// `dangerously_allow_insecure_origins_with_credentials` all the same; an item of
    /// `allow_origins` does not.
    pub dangerously_allow_private_networks_with_credentials: bool,
}

impl Default for PolicyConfig {
    /// Returns the settings of a policy that allows nobody.
    fn default() -> Self {
        Self {
            allow_origins: Vec::new(),
            allow_origin_regexes: Vec::new(),
            allow_null_origin: false,
            allow_methods: Vec::new(),
            allow_headers: Vec::new(),
            expose_headers: Vec::new(),
            allow_credentials: false,
            allow_credentials_from: Vec::new(),
            max_age: None,
            allow_private_network: false,
            preflight_status: 204,
            preflight_refusal_status: 403,
            preflight_passthrough: false,
            keep_app_headers: false,
            reject_disallowed_origins: false,
            allow_hosts: Vec::new(),
            check_public_suffixes: false,
            dangerously_allow_any_origin_with_credentials: false,
            dangerously_allow_null_origin_with_credentials: false,
            dangerously_allow_insecure_origins_with_credentials: false,
            dangerously_allow_private_networks_with_credentials: false,
        }
    }
}

#[cfg(feature = "serde")]
mod seconds {
    use std::time::Duration;

    use serde::ser::Error as _;
    use serde::{Serialize as _, Serializer};

    /// Writes the age. A fraction of a second is an error, since a file could only hold another
    /// age.
    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(
        age: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match age {
            Some(age) if age.subsec_nanos() > 0 => {
                Err(S::Error::custom("max_age is not a whole number of seconds"))
            }
            _ => age.map(|age| age.as_secs()).serialize(serializer),
        }
    }
}
