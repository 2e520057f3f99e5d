//! [`ProblemKind`]: what can be wrong with a policy.

use crate::policy::setting::Setting;

/// What is wrong with a text: makes the problem, of the items that are to be written instead.
pub(crate) type Reason = fn(Vec<String>) -> ProblemKind;

/// The kind of a problem. `Display` writes the reason and the remedy.
///
/// A kind that holds a list of texts holds the items to write instead: each is right as it stands,
/// beside the other settings too. The list is empty where no item is right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// An origin of no characters.
    OriginEmpty,
    /// An origin with a space, a tab or a control character.
    OriginHasWhitespace(Vec<String>),
    /// An origin without `scheme://`.
    OriginHasNoScheme(Vec<String>),
    /// A scheme that no URL can have.
    OriginSchemeInvalid(Vec<String>),
    /// An origin that ends in `/`.
    OriginHasTrailingSlash(Vec<String>),
    /// An origin with a path.
    OriginHasPath(Vec<String>),
    /// An origin with a query or a fragment.
    OriginHasQuery(Vec<String>),
    /// An origin with a user name or a password.
    OriginHasUserinfo(Vec<String>),
    /// A host with letters beyond ASCII.
    OriginNotAscii(Vec<String>),
    /// A host that is missing or not made of valid labels.
    OriginHostInvalid(Vec<String>),
    /// An IP address that no browser would write so.
    OriginAddressInvalid(Vec<String>),
    /// An origin of the scheme `ws` or `wss`.
    OriginOfWebSocket(Vec<String>),
    /// An origin between anchors or with escapes, as in a regular expression.
    OriginHasAnchors(Vec<String>),
    /// A regular expression among the origins; holds what `allow_origin_regexes` takes, if it can.
    OriginIsRegex(Option<String>),
    /// Several items in one text.
    SeveralInItem(Vec<String>),
    /// A port that is not a number.
    OriginPortInvalid(Vec<String>),
    /// A port that is not between 1 and 65535.
    OriginPortOutOfRange,
    /// A range of ports that begins at its end or behind it, or whose ends are no numbers.
    OriginPortRangeInvalid(Vec<String>),
    /// A range of all ports.
    OriginPortRangeIsAny(Vec<String>),
    /// A `*` in an IPv4 address that is not in the place of its last octets.
    NetworkWildcardMisplaced(Vec<String>),
    /// A network as routers are told them, with the number of its fixed bits.
    NetworkInCidr(Vec<String>),
    /// A network that is not a private one.
    NetworkNotPrivate,
    /// A `*` that is neither the first label of a longer host, nor the port, nor in an address.
    WildcardMisplaced(Vec<String>),
    /// A subdomain wildcard over a bare top-level label.
    WildcardOverTopLevel,
    /// A subdomain wildcard over an IP address.
    WildcardOverAddress(Vec<String>),
    /// `null` among the origins.
    NullAmongOrigins,
    /// `*` among the origins of a policy with credentials.
    AnyOriginWithCredentials,
    /// `*` in `allow_credentials_from`.
    AnyOriginInCredentialsFrom,
    /// A regular expression, or a wildcard of another form, in `allow_credentials_from`.
    NoPatternInCredentialsFrom,
    /// `allow_credentials` beside `allow_credentials_from`.
    CredentialsBesideCredentialsFrom,
    /// Any host of a scheme, as in `app://*`, in a policy with credentials.
    AnyHostWithCredentials,
    /// The origin `null` (or `file://`, as widely shared) in a policy with credentials.
    NullOriginWithCredentials,
    /// A plain-http origin beyond loopback in a policy with credentials; holds that of the scheme
    /// https, unless that would be several. Or a regular expression for such origins alone; holds
    /// nothing.
    InsecureOriginWithCredentials(Option<String>),
    /// A plain-http origin with an address of a private network in a policy with credentials; holds
    /// that of the scheme https, unless that would be several.
    PrivateAddressWithCredentials(Option<String>),
    /// A pattern for a private network in a policy with credentials.
    PrivateNetworkWithCredentials,
    /// A subdomain wildcard over a public suffix in a policy with credentials.
    PublicSuffixWithCredentials,
    /// `check_public_suffixes` in a build without the feature `public-suffix`.
    PublicSuffixesNotBuiltIn,
    /// A regular expression in a build without the feature `regex`.
    RegexNotBuiltIn,
    /// A regular expression that does not compile; holds the parser's reason.
    RegexInvalid(String),
    /// A regular expression that any origin of the web would match.
    RegexMatchesAnyOrigin,
    /// A regular expression that matches origins which anybody can have, beside those that it names;
    /// holds one of them.
    RegexMatchesForeignOrigin(String),
    /// A regular expression that no origin matches as a whole; holds the one without the path or
    /// the default port, if that is right.
    RegexMatchesNoOrigin(Option<String>),
    /// An item of `allow_origins` among the regular expressions; holds the item, as it is right there.
    RegexIsItem(Vec<String>),
    /// A glob among the regular expressions, in which `*` would repeat the character before it;
    /// holds the expression.
    RegexIsGlob(String),
    /// A regular expression with a `.` in a host that is not escaped; holds the expression with these
    /// escaped, if it is ASCII.
    RegexDotUnescaped(Option<String>),
    /// A regular expression longer than a kilobyte.
    RegexTooLong,
    /// A regular expression whose automaton would take more memory than one may.
    RegexTooLarge,
    /// A regular expression past what all of a file together may take.
    RegexesTooLarge,
    /// A method that is not a token.
    MethodNotToken(Vec<String>),
    /// A registered method in lower or mixed case, which browsers leave so; holds that in upper case.
    MethodNotUpperCase(Vec<String>),
    /// A method longer than 256 bytes.
    MethodTooLong,
    /// `CONNECT`, `TRACE` or `TRACK`.
    MethodForbidden,
    /// A header name that is not a token.
    HeaderNameNotToken(Vec<String>),
    /// A header name longer than 256 bytes.
    HeaderNameTooLong,
    /// A `*` within a method, or in the name of a header that a predicate reads, as if it were a
    /// pattern.
    WildcardInName,
    /// A `*` in a header name elsewhere than after a `-` at its end; holds the prefix that may be
    /// meant.
    HeaderPrefixInvalid(Vec<String>),
    /// A header that browsers do not let scripts set.
    RequestHeaderForbidden,
    /// A header that browsers never let scripts read.
    ResponseHeaderForbidden,
    /// `*` among the exposed headers of a policy with credentials.
    AnyExposedHeaderWithCredentials,
    /// A predicate that declares more headers than can be merged into Vary.
    TooManyDeclaredHeaders,
    /// More than one asynchronous predicate.
    SeveralAsyncPredicates,
    /// A host of no characters.
    HostEmpty,
    /// A host with a space, a tab or a control character.
    HostHasWhitespace(Vec<String>),
    /// A host with a scheme, a user name, a path, a query or a fragment, as an origin or a URL has.
    HostHasMore(Vec<String>),
    /// A host with letters beyond ASCII.
    HostNotAscii(Vec<String>),
    /// A host with a dot in front, as Django writes a name with all names below.
    HostBeginsWithDot(Vec<String>),
    /// A host that is not made of valid labels.
    HostInvalid(Vec<String>),
    /// An IP address that no browser would write so.
    HostAddressInvalid(Vec<String>),
    /// A port that is no number from 1 to 65535.
    HostPortInvalid(Vec<String>),
    /// `*` for a port.
    HostHasAnyPort(Vec<String>),
    /// A `*` that is not the first label of a longer host.
    HostWildcardMisplaced,
    /// A wildcard over a bare top-level label.
    HostWildcardOverTopLevel,
    /// A wildcard over an IP address.
    HostWildcardOverAddress(Vec<String>),
    /// `reject_disallowed_origins` beside `*` among the origins, without credentials.
    RejectBesideAnyOrigin,
    /// A maximum age with a fraction of a second.
    MaxAgeNotWholeSeconds,
    /// A maximum age above a day.
    MaxAgeTooLong,
    /// A status for preflights that is not between 200 and 299.
    PreflightStatusOutOfRange,
    /// A status for refused preflights that is neither 200 to 299 nor 400 to 499.
    RefusalStatusOutOfRange,
    /// An asynchronous predicate without a timeout.
    AsyncPredicateHasNoTimeout,
    /// A path pattern that does not begin with `/`; holds one that does.
    PathNotAbsolute(String),
    /// A path pattern with a query or a fragment; holds the pattern without it.
    PathHasQuery(String),
    /// A path pattern with characters that browsers percent-encode; holds the pattern with these
    /// encoded.
    PathNotEncoded(String),
    /// A path pattern with a segment `.` or `..`, in any spelling; holds the pattern that results.
    PathHasDotSegment(String),
    /// A path pattern with a segment of no characters; holds the pattern without it.
    PathHasEmptySegment(String),
    /// A path pattern that can be read in several ways, so that a request for it would be refused;
    /// holds what most routers read.
    PathAmbiguous(String),
    /// A path pattern in the syntax of some other router; holds the same pattern in ours.
    PathWildcardInvalid(String),
    /// A path pattern that can't be read.
    PathPatternInvalid,
    /// A path pattern of more than 2048 bytes or 64 segments, or with a segment of more than 255 bytes.
    PathTooLong,
    /// A path pattern that repeats another one, which it holds, except for names.
    PathConflict(String),
    /// A setting of a disabled path.
    SettingOfDisabledPath,
    /// A variable of the environment whose name is that of no setting; holds what to write instead.
    VariableUnknown(Option<String>),
    /// A variable that turns off what is off unless a setting turns it on, under the name that
    /// another library has for it.
    VariableNotNeeded,
    /// A variable that is neither `true` nor `false`; holds which of them is meant.
    VariableNotSwitch(Option<bool>),
    /// A variable that is not a whole number; holds the one that is meant.
    VariableNotNumber(Option<u64>),
    /// A variable in quotes or brackets; holds what to write instead.
    VariableQuoted(Option<String>),
}

impl ProblemKind {
    /// Returns the problem of a status that the setting can't have.
    pub(crate) const fn of_status(setting: Setting) -> Self {
        match setting {
            Setting::PreflightStatus => Self::PreflightStatusOutOfRange,
            _ => Self::RefusalStatusOutOfRange,
        }
    }

    /// Returns the items to write instead of one of `allow_origins`.
    pub(crate) const fn origins_mut(&mut self) -> Option<&mut Vec<String>> {
        match self {
            Self::OriginHasWhitespace(items)
            | Self::OriginHasNoScheme(items)
            | Self::OriginSchemeInvalid(items)
            | Self::OriginHasTrailingSlash(items)
            | Self::OriginHasPath(items)
            | Self::OriginHasQuery(items)
            | Self::OriginHasUserinfo(items)
            | Self::OriginNotAscii(items)
            | Self::OriginHostInvalid(items)
            | Self::OriginAddressInvalid(items)
            | Self::OriginOfWebSocket(items)
            | Self::OriginHasAnchors(items)
            | Self::OriginPortInvalid(items)
            | Self::OriginPortRangeInvalid(items)
            | Self::OriginPortRangeIsAny(items)
            | Self::NetworkWildcardMisplaced(items)
            | Self::NetworkInCidr(items)
            | Self::WildcardMisplaced(items)
            | Self::WildcardOverAddress(items)
            | Self::SeveralInItem(items)
            | Self::RegexIsItem(items) => Some(items),
            _ => None,
        }
    }
}
