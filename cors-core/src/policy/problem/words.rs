//! The words of each [`ProblemKind`]: why it is a problem, and what to write instead.

use std::fmt;

use super::kind::ProblemKind;
use crate::protocol::escape::{Quoted, QuotedWhole};

impl ProblemKind {
    /// Returns the reason, the items to write instead, and the remedy where there is none.
    fn texts(&self) -> (&'static str, &[String], &'static str) {
        match self {
            Self::OriginEmpty => (
                "an origin can't be empty",
                &[],
                "write one such as \"https://app.example.com\", or leave the item out",
            ),
            Self::OriginHasWhitespace(items) => (
                "an origin has no white space or control characters",
                items,
                "write each origin as an item of its own, without them",
            ),
            Self::OriginHasNoScheme(items) => (
                "an origin begins with its scheme",
                items,
                "write it as in \"https://app.example.com\"",
            ),
            Self::OriginSchemeInvalid(items) => (
                "the scheme is not one that an origin can have (a letter, then letters, digits, \"+\", \"-\", \".\", at most 64; \"file\" only as \"file://\")",
                items,
                "write it as in \"https://app.example.com\"",
            ),
            Self::OriginHasTrailingSlash(items) => (
                "an origin has no trailing slash",
                items,
                "write the scheme, the host and the port alone, as in \"https://app.example.com\"",
            ),
            Self::OriginHasPath(items) => (
                "an origin has no path",
                items,
                "write the scheme, the host and the port alone, as in \"https://app.example.com\"",
            ),
            Self::OriginHasQuery(items) => (
                "an origin has no query or fragment",
                items,
                "write the scheme, the host and the port alone, as in \"https://app.example.com\"",
            ),
            Self::OriginHasUserinfo(items) => (
                "an origin has no user name or password",
                items,
                "write the scheme, the host and the port alone, as in \"https://app.example.com\"",
            ),
            Self::OriginNotAscii(items) => (
                "browsers send international host names in Punycode",
                items,
                "write it as in \"https://xn--bcher-kva.example\" for bücher.example",
            ),
            Self::OriginHostInvalid(items) => (
                "the host is not made of labels of letters, digits, \"-\" and \"_\" (63 at most a label, 253 in all)",
                items,
                "write it as in \"https://app.example.com\"",
            ),
            Self::OriginAddressInvalid(items) => (
                "the host is not an IP address in the form that browsers send",
                items,
                "write it as in \"http://127.0.0.1\" or \"http://[::1]\"",
            ),
            Self::OriginOfWebSocket(items) => (
                "the origin of a WebSocket's handshake is that of its page, whose scheme is http or https",
                items,
                "write it as in \"https://app.example.com\"",
            ),
            Self::OriginHasAnchors(items) => (
                "an item is compared as a whole, and has no anchors and escapes",
                items,
                "write it as in \"https://app.example.com\"",
            ),
            Self::OriginIsRegex(item) => (
                "allow_origins has no regular expressions",
                item.as_slice(),
                "leave it out, and put it into allow_origin_regexes, without anchors and with each dot escaped (it needs the feature \"regex\")",
            ),
            Self::SeveralInItem(items) => {
                ("each item is a text of its own", items, "write them so")
            }
            Self::OriginPortInvalid(items) => (
                "the port is not a number",
                items,
                "write it as in \"http://localhost:3000\", \"http://localhost:3000-3010\", or \"http://localhost:*\" for any port",
            ),
            Self::OriginPortOutOfRange => (
                "a port is a number from 1 to 65535",
                &[],
                "write it as in \"http://localhost:3000\", \"http://localhost:3000-3010\", or \"http://localhost:*\" for any port",
            ),
            Self::OriginPortRangeInvalid(items) => (
                "a range of ports goes from one to a higher one, both from 1 to 65535 and without leading zeros",
                items,
                "write it as in \"http://localhost:3000-3010\", or \"http://localhost:*\" for any port",
            ),
            Self::OriginPortRangeIsAny(items) => (
                "all ports are written as one \"*\"",
                items,
                "write it as in \"http://localhost:*\"",
            ),
            Self::NetworkWildcardMisplaced(items) => (
                "in an address of four octets a wildcard stands for each of the last ones (\"http://192.168.1.*\", \"http://192.168.*.*:*\")",
                items,
                "list the addresses, or the networks that have this form",
            ),
            Self::NetworkInCidr(items) => (
                "a network is written with a wildcard for each octet that may be any (\"http://192.168.*.*:*\")",
                items,
                "list the networks or the addresses",
            ),
            Self::NetworkNotPrivate => (
                "only a private network can be allowed as a whole: 10.*.*.*, 192.168.*.*, 169.254.*.*, 127.*.*.*, and of 172.*.*.* those from 172.16.*.* to 172.31.*.*, each an item of its own",
                &[],
                "list these, or the addresses",
            ),
            Self::WildcardMisplaced(items) => (
                "a wildcard can only be the whole first label of a longer host (\"https://*.example.com\"), the port (\"http://localhost:*\"), the last octets of a private address (\"http://192.168.*.*\"), the host of a scheme other than http and https (\"moz-extension://*\"), or the whole item (\"*\", any origin)",
                items,
                "write one of these, or use allow_origin_regexes",
            ),
            Self::WildcardOverTopLevel => (
                "the wildcard would cover every site under a top-level domain",
                &[],
                "write the domain too, as in \"https://*.example.com\"",
            ),
            Self::WildcardOverAddress(items) => (
                "an IP address has no subdomains",
                items,
                "write the address alone",
            ),
            Self::NullAmongOrigins => (
                "the null origin has a switch of its own",
                &[],
                "write allow_null_origin = true if every sandboxed page may be allowed, and leave the item out",
            ),
            Self::AnyOriginWithCredentials => (
                "any origin together with allow_credentials would let every site act as the signed-in user",
                &[],
                "list the origins, or write dangerously_allow_any_origin_with_credentials = true",
            ),
            Self::AnyOriginInCredentialsFrom => (
                "any origin with credentials would let every site act as the signed-in user",
                &[],
                "list the origins, or have allow_credentials = true, \"*\" in allow_origins and dangerously_allow_any_origin_with_credentials = true in place of this list",
            ),
            Self::NoPatternInCredentialsFrom => (
                "allow_credentials_from has the items of allow_origins, and no regular expressions",
                &[],
                "write it as in \"https://app.example.com\", \"https://*.example.com\" or \"http://localhost:*\"",
            ),
            Self::CredentialsBesideCredentialsFrom => (
                "every origin would have credentials, whether allow_credentials_from lists it or not",
                &[],
                "leave it out if those of the list alone are to have them, or leave the list out and put its items into allow_origins",
            ),
            Self::AnyHostWithCredentials => (
                "any host of a scheme together with credentials would let every app or extension that has the scheme act as the signed-in user",
                &[],
                "list the origins, or write dangerously_allow_any_origin_with_credentials = true",
            ),
            Self::NullOriginWithCredentials => (
                "any site can take this origin (a sandboxed frame, a local file), so with credentials it would act as the signed-in user",
                &[],
                "leave it out, or write dangerously_allow_null_origin_with_credentials = true",
            ),
            Self::InsecureOriginWithCredentials(item) => (
                "anybody on the network can speak for a plain-http origin, so with credentials it would act as the signed-in user",
                item.as_slice(),
                "write https in the place of http, or dangerously_allow_insecure_origins_with_credentials = true",
            ),
            Self::PrivateAddressWithCredentials(item) => (
                "anybody on its network can speak for a plain-http origin, so with credentials it would act as the signed-in user",
                item.as_slice(),
                "write https in the place of http, or dangerously_allow_private_networks_with_credentials = true",
            ),
            Self::PrivateNetworkWithCredentials => (
                "any device on a private network can have such an origin, and with credentials it would act as the signed-in user",
                &[],
                "list the origins, or write dangerously_allow_private_networks_with_credentials = true",
            ),
            Self::PublicSuffixWithCredentials => (
                "anybody can register a name below a public suffix, and with credentials it would act as the signed-in user",
                &[],
                "write the registered domain, as in \"https://*.yours.github.io\"",
            ),
            Self::PublicSuffixesNotBuiltIn => (
                "this build can't check public suffixes",
                &[],
                "enable the feature \"public-suffix\" of the crate that your Cargo.toml names (cors-axum, cors-actix, cors-rocket, cors-warp or cors-core), or leave check_public_suffixes out",
            ),
            Self::RegexNotBuiltIn => (
                "this build can't read regular expressions",
                &[],
                "enable the feature \"regex\" of the crate that your Cargo.toml names (cors-axum, cors-actix, cors-rocket, cors-warp or cors-core), or write a pattern such as \"https://*.example.com\" in allow_origins",
            ),
            Self::RegexMatchesAnyOrigin => (
                "the regular expression matches the origins of unrelated sites",
                &[],
                "name your domain in it, or write \"*\" in allow_origins, without credentials, if every site may be allowed",
            ),
            Self::RegexMatchesForeignOrigin(_) => (
                "the regular expression matches origins that anybody can have",
                &[],
                "write \"\\\\.\" between a wildcard and your domain, and no wildcard after it, as in \"https://([a-z0-9-]+\\\\.)*example\\\\.com\", or write \"https://*.example.com\" in allow_origins",
            ),
            Self::RegexMatchesNoOrigin(regex) => (
                "no origin matches the regular expression as a whole: an origin has a scheme, a host, and a port unless it is the default one, all in lower case, and no path",
                regex.as_slice(),
                "write all of it, as in \"https://pr-\\\\d+\\\\.example\\\\.com\"",
            ),
            Self::RegexIsItem(items) => (
                "an item of allow_origins says this without a regular expression",
                items,
                "leave it out, and list the origins in allow_origins",
            ),
            Self::RegexIsGlob(regex) => (
                "in a regular expression, \"*\" repeats the character before it",
                std::slice::from_ref(regex),
                "",
            ),
            Self::RegexDotUnescaped(regex) => (
                "\".\" stands for any character, so that other hosts match",
                regex.as_slice(),
                "write a backslash before each that stands for itself, as in \"https://app\\\\.example\\\\.com\"",
            ),
            Self::RegexTooLong => (
                "a regular expression has 1024 bytes at most",
                &[],
                "write several shorter ones, or a pattern such as \"https://*.example.com\" in allow_origins",
            ),
            Self::RegexTooLarge => (
                "the automaton of the regular expression would take too much memory, as that of nested repetitions does",
                &[],
                "write \"+\" in place of counts, or a pattern such as \"https://*.example.com\" in allow_origins",
            ),
            Self::RegexesTooLarge => (
                "the regular expressions before this one take all that those of one file may",
                &[],
                "write patterns such as \"https://*.example.com\" in allow_origins, which cost nothing",
            ),
            Self::MethodNotToken(items) => (
                "a method is letters, digits and a few signs, without spaces",
                items,
                "write one method an item, as in \"PUT\"",
            ),
            Self::MethodNotUpperCase(items) => (
                "methods are case-sensitive, and browsers send this one as a page writes it, which servers don't know",
                items,
                "write it in upper case",
            ),
            Self::MethodTooLong => (
                "a method has 256 bytes at most",
                &[],
                "write one method an item, as in \"PUT\"",
            ),
            Self::MethodForbidden => (
                "browsers never send this method for a script",
                &[],
                "leave it out",
            ),
            Self::HeaderNameNotToken(items) => (
                "a header name is letters, digits, \"-\" and a few signs, without spaces or colons",
                items,
                "write one name an item, as in \"content-type\"",
            ),
            Self::HeaderNameTooLong => (
                "a header name has 256 bytes at most",
                &[],
                "write one name an item, as in \"content-type\"",
            ),
            Self::WildcardInName => (
                "names are not patterns (\"*\" alone is any)",
                &[],
                "write each name in full",
            ),
            Self::HeaderPrefixInvalid(items) => (
                "in a header name, \"*\" can only stand at the end, after \"-\": \"x-acme-*\" is for every name that begins with \"x-acme-\"",
                items,
                "write each name in full, or their beginning as in \"x-acme-*\"",
            ),
            Self::RequestHeaderForbidden => (
                "browsers let scripts set no header of this name, so a preflight never asks for it",
                &[],
                "leave it out",
            ),
            Self::ResponseHeaderForbidden => (
                "browsers never let scripts read this header",
                &[],
                "leave it out",
            ),
            Self::AnyExposedHeaderWithCredentials => (
                "with credentials browsers take \"*\" for a header of that name",
                &[],
                "write the names to expose",
            ),
            Self::TooManyDeclaredHeaders => (
                "all predicates together can read 28 headers at most, since each splits every cache",
                &[],
                "declare fewer",
            ),
            Self::SeveralAsyncPredicates => (
                "a policy awaits one predicate",
                &[],
                "set one, and let it ask whatever has to be asked",
            ),
            Self::HostEmpty => (
                "a host can't be empty",
                &[],
                "write one such as \"api.example.com\" or \"localhost\", or leave the item out",
            ),
            Self::HostHasWhitespace(items) => (
                "a host has no white space or control characters",
                items,
                "write each host as an item of its own, without them",
            ),
            Self::HostHasMore(items) => (
                "a host has no scheme, user name, path or query",
                items,
                "write it as in \"api.example.com\"",
            ),
            Self::HostNotAscii(items) => (
                "browsers send international host names in Punycode",
                items,
                "write it as in \"xn--bcher-kva.example\" for bücher.example",
            ),
            Self::HostBeginsWithDot(items) => (
                "a host begins with no dot",
                items,
                "write it as in \"example.com\", and \"*.example.com\" for every name below it",
            ),
            Self::HostInvalid(items) => (
                "the host is not made of labels of letters, digits, \"-\" and \"_\" (63 at most a label, 253 in all)",
                items,
                "write it as in \"api.example.com\"",
            ),
            Self::HostAddressInvalid(items) => (
                "the host is not an IP address in the form that browsers send",
                items,
                "write it as in \"127.0.0.1\" or \"[::1]\"",
            ),
            Self::HostPortInvalid(items) => (
                "a port is a number from 1 to 65535",
                items,
                "write it as in \"localhost:3000\", or leave it out for every port",
            ),
            Self::HostHasAnyPort(items) => (
                "a host without a port is allowed at every port",
                items,
                "leave \":*\" out",
            ),
            Self::HostWildcardMisplaced => (
                "a wildcard can only be the whole first label of a longer host (\"*.example.com\") or the whole item (\"*\", any host)",
                &[],
                "write one of these",
            ),
            Self::HostWildcardOverTopLevel => (
                "the wildcard would cover every name under a top-level domain",
                &[],
                "write the domain too, as in \"*.example.com\"",
            ),
            Self::HostWildcardOverAddress(items) => (
                "an IP address has no subdomains",
                items,
                "write the address alone",
            ),
            Self::RejectBesideAnyOrigin => (
                "any origin is allowed, so that nothing is rejected",
                &[],
                "leave it out, or list the origins",
            ),
            Self::MaxAgeNotWholeSeconds => (
                "Access-Control-Max-Age counts whole seconds",
                &[],
                "write a whole number of them",
            ),
            Self::MaxAgeTooLong => (
                "no browser keeps a preflight longer than a day (Firefox 86400 seconds, Chromium 7200)",
                &[],
                "write 86400 or less",
            ),
            Self::PreflightStatusOutOfRange => (
                "browsers accept a preflight only with a status from 200 to 299",
                &[],
                "write one of these, or leave it at 204",
            ),
            Self::RefusalStatusOutOfRange => (
                "a refused preflight is answered with 200 to 299 or 400 to 499",
                &[],
                "write one of these, or leave it at 403",
            ),
            Self::AsyncPredicateHasNoTimeout => (
                "an asynchronous predicate that never answers would keep its request for ever",
                &[],
                "write .timeout_with(|| tokio::time::sleep(Duration::from_millis(250))), or .timeout_with(std::future::pending) if it ends by itself",
            ),
            Self::PathNotAbsolute(item) => {
                ("a path begins with \"/\"", std::slice::from_ref(item), "")
            }
            Self::PathHasQuery(item) => (
                "the query is no part of a path, and no request has a fragment",
                std::slice::from_ref(item),
                "",
            ),
            Self::PathNotEncoded(item) => (
                "browsers percent-encode some of these characters in a path",
                std::slice::from_ref(item),
                "",
            ),
            Self::PathHasDotSegment(item) => (
                "browsers resolve \".\" and \"..\" before they send a request, so none has this path",
                std::slice::from_ref(item),
                "",
            ),
            Self::PathHasEmptySegment(item) => (
                "empty segments do not count",
                std::slice::from_ref(item),
                "",
            ),
            Self::PathAmbiguous(item) => (
                "routers read such a path in several ways (an escaped slash, a backslash, a \";\", an escape of an escape), so a request for it would be refused",
                std::slice::from_ref(item),
                "",
            ),
            Self::PathWildcardInvalid(item) => (
                "a wildcard is a segment of its own in braces, \"{name}\" for one segment or \"{*name}\" at the end for everything below",
                std::slice::from_ref(item),
                "",
            ),
            Self::PathPatternInvalid => (
                "the pattern can't be read: a segment is a text or \"{name}\", and the last one perhaps \"{*name}\"",
                &[],
                "write it as in \"/api/{id}\" or \"/api/{*rest}\"",
            ),
            Self::PathTooLong => (
                "a pattern has 2048 bytes and 64 segments at most, a segment 255 bytes, and it may end in \"{*name}\"",
                &[],
                "write a shorter one",
            ),
            Self::SettingOfDisabledPath => (
                "the path is disabled, so this key has no effect",
                &[],
                "leave it out, or write enabled = true",
            ),
            Self::RegexInvalid(_) => (
                "the regular expression does not compile",
                &[],
                "correct it, or write a pattern such as \"https://*.example.com\" in allow_origins",
            ),
            Self::PathConflict(_) => (
                "the pattern matches the same paths as",
                &[],
                "leave one of them out",
            ),
            Self::VariableUnknown(_) => (
                "no setting has this name",
                &[],
                "write the key of a setting in upper case after the prefix, or leave it out",
            ),
            Self::VariableNotNeeded => (
                "no setting has this name, and what it turns off is off where no setting turns it on",
                &[],
                "leave it out",
            ),
            Self::VariableNotSwitch(_) => ("a switch is true or false", &[], "write one of them"),
            Self::VariableNotNumber(_) => (
                "a number is digits alone, and an age counts seconds",
                &[],
                "write it as in 600",
            ),
            Self::VariableQuoted(_) => (
                "a variable has no quotes and no brackets, and commas between the items of a list",
                &[],
                "write it without them",
            ),
        }
    }

    /// Returns what is wrong, without what to write instead.
    ///
    /// ```
    /// use cors_core::Policy;
    ///
    /// let errors = Policy::builder()
    ///     .allow_origins(["https://a.example/"])
    ///     .build()
    ///     .expect_err("an origin has no path");
    /// let kind = errors.problems()[0].kind();
    /// assert_eq!(kind.reason(), "an origin has no trailing slash");
    /// assert_eq!(kind.remedy(), "write \"https://a.example\"");
    /// assert_eq!(kind.to_string(), format!("{}; {}", kind.reason(), kind.remedy()));
    /// ```
    #[must_use]
    pub fn reason(&self) -> String {
        let (reason, ..) = self.texts();
        match self {
            Self::RegexInvalid(error) => format!("{reason}: {error}"),
            Self::RegexMatchesForeignOrigin(origin) => {
                format!("{reason}, such as {}", Quoted(origin.as_bytes()))
            }
            Self::PathConflict(other) => format!("{reason} {}", Quoted(other.as_bytes())),
            _ => reason.to_owned(),
        }
    }

    /// Returns what to write instead.
    #[must_use]
    pub fn remedy(&self) -> String {
        // A variable is not quoted where it is set.
        match self {
            Self::VariableUnknown(Some(meant)) | Self::VariableQuoted(Some(meant)) => {
                return format!("write {meant}");
            }
            Self::VariableNotSwitch(Some(meant)) => return format!("write {meant}"),
            Self::VariableNotNumber(Some(meant)) => return format!("write {meant}"),
            _ => {}
        }
        let (_, items, otherwise) = self.texts();
        if items.is_empty() {
            return otherwise.to_owned();
        }
        // A remedy is right as a whole only. None is long.
        let items: Vec<_> = items
            .iter()
            .map(|item| QuotedWhole(item).to_string())
            .collect();
        let end = match self {
            Self::OriginIsRegex(_) => " in allow_origin_regexes",
            Self::RegexIsItem(_) => " in allow_origins",
            Self::InsecureOriginWithCredentials(_) => {
                ", or dangerously_allow_insecure_origins_with_credentials = true"
            }
            Self::PrivateAddressWithCredentials(_) => {
                ", or dangerously_allow_private_networks_with_credentials = true"
            }
            _ => "",
        };
        format!("write {}{end}", items.join(", "))
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason(), self.remedy())
    }
}
