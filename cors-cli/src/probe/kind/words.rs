//! What each kind says, and what to change.

use super::Kind;

impl Kind {
    /// Returns what to change.
    pub(crate) const fn remedy(self) -> &'static str {
        match self {
            Self::OriginNotAllowed => {
                "list the origin where the server's CORS is set up, as it stands there, without a \
                 slash at the end"
            }
            Self::OtherOrigin => {
                "answer with the origin of the request, once it was found in the list, and not \
                 with a fixed one"
            }
            Self::NoHeaders => {
                "put CORS around this path; if it is, see whether something outside removes the \
                 headers, or adds them to preflights alone"
            }
            Self::NoHeadersOnRedirect | Self::PreflightRedirected => {
                "put CORS around whatever redirects (to https, to a login page, to the path with \
                 or without a slash at the end)"
            }
            Self::NoHeadersWithoutLogin => {
                "put CORS around the login check, so that a page can read that it has to sign in"
            }
            Self::NoHeadersOnMissingRoute => {
                "put CORS around the router, not around its routes; in nginx: add_header .. always"
            }
            Self::NoHeadersOnRejection => {
                "put CORS around whatever rejects requests, such as limits; in nginx: add_header \
                 .. always"
            }
            Self::NoHeadersOnServerError => {
                "put CORS around whatever turns failures into responses; in nginx: add_header .. \
                 always"
            }
            Self::PreflightNeedsLogin => {
                "put CORS around the login check: a preflight never has a login"
            }
            Self::PreflightRefused => {
                "let whatever checks requests (a login, tokens against forgery, a firewall) pass \
                 preflights on, or put CORS around it"
            }
            Self::PreflightReachedTheApp => {
                "put CORS around the router, and let it answer OPTIONS where there is an Origin \
                 and Access-Control-Request-Method"
            }
            Self::HeaderNotAllowed => {
                "list the header in Access-Control-Allow-Headers, so that a page can send it"
            }
            Self::AuthorizationNotCovered => {
                "list Authorization by name in Access-Control-Allow-Headers, beside *: by the \
                 standard * does not cover it, though today's browsers take it so"
            }
            Self::CredentialsMissing => {
                "answer preflights with Access-Control-Allow-Credentials: true as well: without it \
                 no request with credentials is sent that needs one"
            }
            Self::AnyOriginAllowed => {
                "if everybody may read it, say so with --origin '*'; if not, answer with the \
                 origin of the request, once it was found in a list"
            }
            Self::ForeignOriginAllowed => {
                "look the origin up in a list; for everybody answer with *, and no credentials"
            }
            Self::ForeignOriginAllowedWithCredentials => {
                "look the origin up in a list before you answer with it: today every site acts in \
                 the name of whoever visits it"
            }
            Self::NullAllowed | Self::NullAllowedWithCredentials => {
                "do not answer with null: any site gets that origin from a sandboxed frame"
            }
            Self::OriginAllowedByItsEnd
            | Self::OriginAllowedByItsStart
            | Self::OriginAllowedByAPart => {
                "compare whole origins; a regular expression needs ^ before the scheme and $ at \
                 the end"
            }
            Self::BeginningOfOriginAllowed => {
                "look the origin up in a list, not in a text: one that contains the whole contains \
                 its parts"
            }
            Self::SubdomainAllowed => {
                "compare whole origins; if all subdomains are meant, say so with --origin \
                 'https://*.example.com'"
            }
            Self::SiblingAllowed => {
                "if all subdomains of that domain are meant, say so with --origin \
                 'https://*.example.com'; if not, compare whole origins"
            }
            Self::PlainHttpAllowed => {
                "compare the scheme too: whoever is on the line can make pages of plain http"
            }
            Self::OtherPortAllowed | Self::OtherOriginAllowed => "compare whole origins",
            Self::DotMatchesAnything => r"write \. for a dot in the regular expression",
            Self::TwoOrigins => {
                "let one place set the CORS headers: remove the other layer, or the lines in the \
                 proxy's settings; for several origins answer with that of the request"
            }
            Self::MalformedOrigin => {
                "answer with *, or with the origin of the request as it stands there: \
                 https://app.example.com, without a slash at the end"
            }
            Self::CredentialsNotTrue => "write true in lower case, once, or leave the field out",
            Self::WildcardWithCredentials => {
                "answer with the origin of the request, once it was found in a list, or leave \
                 Access-Control-Allow-Credentials out"
            }
            Self::WildcardListWithCredentials => {
                "list the names: with credentials * is a name like any other"
            }
            Self::MalformedList => "write tokens with commas between them",
            Self::LowerCaseMethod => "write methods in upper case",
            Self::MaxAgeUnreadable => {
                "write whole seconds, once; browsers keep the answer for five seconds now"
            }
            Self::ForbiddenMethodAllowed => "list the methods that routes have, and echo none",
            Self::MaxAgeBeyondCaps => {
                "write 86400 at most: Chromium keeps an answer for 7200 seconds, Firefox for 86400"
            }
            Self::PreflightFieldsOnActual => "answer with them to preflights alone",
            Self::PrivateNetworkUnasked => {
                "leave Access-Control-Allow-Private-Network out where the preflight does not ask \
                 for it"
            }
            Self::StrayHeaders => "leave all CORS headers out where the origin is not allowed",
            Self::VaryLacking => {
                "add Origin to Vary, with and without an Origin in the request: a cache gives one \
                 page's response to another"
            }
            Self::Cached => {
                "let the cache keep responses by their Vary, or by Origin: it gives one page's \
                 response to another"
            }
            Self::AnswersDiffer => {
                "see whether all replicas, and what stands before them, are well and have the same \
                 settings"
            }
            Self::ServerErrorOnForeignOrigin => {
                "leave the CORS headers out and let the request pass, in the place of an error: in \
                 express's cors callback(null, false), not callback(new Error(..))"
            }
            Self::ServerErrorOnOrigin => {
                "see the server's log: anybody can send such an Origin, which counts as one that \
                 is not allowed"
            }
            Self::ServerErrorWithoutOrigin => {
                "let requests without an Origin pass: other programs than browsers send none, nor \
                 do browsers for a page's own server"
            }
        }
    }

    /// Returns what is wrong in a few words.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::OriginNotAllowed => "an origin that is meant to be allowed is not",
            Self::OtherOrigin => "an allowed origin gets another one's answer",
            Self::NoHeaders => "no CORS headers for an allowed origin",
            Self::NoHeadersOnRedirect => "no CORS headers on a redirect",
            Self::NoHeadersWithoutLogin => "no CORS headers on the response to a missing login",
            Self::NoHeadersOnMissingRoute => "no CORS headers where no route matches",
            Self::NoHeadersOnRejection => "no CORS headers on a rejected request",
            Self::NoHeadersOnServerError => "no CORS headers on a server error",
            Self::PreflightRedirected => "a preflight is redirected",
            Self::PreflightNeedsLogin => "a preflight needs a login",
            Self::PreflightRefused => "a preflight of an allowed origin is refused",
            Self::PreflightReachedTheApp => "nothing answers a preflight as one",
            Self::HeaderNotAllowed => "a preflight does not allow a header of the request",
            Self::AuthorizationNotCovered => "a preflight does not allow Authorization, but for *",
            Self::CredentialsMissing => {
                "a preflight does not allow the credentials that other responses allow"
            }
            Self::AnyOriginAllowed => "every page may read the response, without credentials",
            Self::ForeignOriginAllowed => "any origin is allowed, by an answer that repeats it",
            Self::ForeignOriginAllowedWithCredentials => {
                "any origin is allowed, with the visitor's credentials"
            }
            Self::NullAllowed => "the origin null is allowed",
            Self::NullAllowedWithCredentials => "the origin null is allowed, with credentials",
            Self::OriginAllowedByItsEnd => "an origin is allowed that ends as an allowed one does",
            Self::OriginAllowedByItsStart => {
                "an origin is allowed that begins as an allowed one does"
            }
            Self::OriginAllowedByAPart => "an origin is allowed that contains an allowed one",
            Self::BeginningOfOriginAllowed => "the beginning of an allowed origin is allowed",
            Self::SubdomainAllowed => "a subdomain of an allowed origin is allowed",
            Self::SiblingAllowed => "other subdomains of an allowed origin's domain are allowed",
            Self::PlainHttpAllowed => "an allowed origin is allowed by another scheme too",
            Self::OtherPortAllowed => "an allowed origin is allowed at another port too",
            Self::DotMatchesAnything => {
                "an origin is allowed that has another character in the place of a dot"
            }
            Self::OtherOriginAllowed => "an origin is allowed that is not meant to be",
            Self::TwoOrigins => "more than one Access-Control-Allow-Origin",
            Self::MalformedOrigin => "Access-Control-Allow-Origin is no origin",
            Self::CredentialsNotTrue => "Access-Control-Allow-Credentials is not true",
            Self::WildcardWithCredentials => "* as the allowed origin, beside credentials",
            Self::WildcardListWithCredentials => "* in a list, beside credentials",
            Self::MalformedList => "a list that browsers can't read",
            Self::LowerCaseMethod => "a method in lower case, which no browser sends",
            Self::MaxAgeUnreadable => "Access-Control-Max-Age is no number of seconds",
            Self::ForbiddenMethodAllowed => "a preflight allows a method that no script can use",
            Self::MaxAgeBeyondCaps => "Access-Control-Max-Age is longer than any browser keeps",
            Self::PreflightFieldsOnActual => "a preflight's headers on another response",
            Self::PrivateNetworkUnasked => "access to a private network, which nobody asked for",
            Self::StrayHeaders => "CORS headers for an origin that is not allowed",
            Self::VaryLacking => "Vary lacks Origin",
            Self::Cached => "a cache gives one origin's response to another",
            Self::AnswersDiffer => "the same request gets another response each time",
            Self::ServerErrorOnForeignOrigin => {
                "a server error for every origin that is not allowed"
            }
            Self::ServerErrorOnOrigin => "a server error because of an Origin",
            Self::ServerErrorWithoutOrigin => "a server error for requests without an Origin",
        }
    }
}
