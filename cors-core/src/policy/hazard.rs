//! [`Hazard`]: what is wrong with an item only beside other settings.

use super::config::PolicyConfig;
use super::origins::pattern::OriginPattern;
use super::problem::ProblemKind;
use super::setting::Setting;
use crate::protocol::origin::split_port;

/// The settings that the items of a list stand beside.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) switches: &'a PolicyConfig,
    /// The setting by which those whom the list is about have credentials, if they have.
    pub(super) credentials: Option<Setting>,
}

impl<'a> Beside<'a> {
    /// Returns what a setting stands beside. `has_list` says whether there is an
    /// `allow_credentials_from`.
    pub(super) fn of(setting: Setting, switches: &'a PolicyConfig, has_list: bool) -> Self {
        let credentials = match setting {
            Setting::AllowCredentialsFrom => Some(setting),
            _ if switches.allow_credentials => Some(Setting::AllowCredentials),
            // One list of names goes to all.
            Setting::ExposeHeaders if has_list => Some(Setting::AllowCredentialsFrom),
            _ => None,
        };
        Self {
            switches,
            credentials,
        }
    }
}

/// What is wrong with an item where credentials are allowed, unless a switch tolerates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hazard {
    AnyOrigin,
    AnyHost,
    NullOrigin,
    InsecureOrigin,
    PrivateAddress,
    PrivateNetwork,
    InsecureRegex,
    PublicSuffix,
    AnyExposedHeader,
}

impl Hazard {
    /// In the order of the variants.
    pub(super) const ALL: [Self; 9] = [
        Self::AnyOrigin,
        Self::AnyHost,
        Self::NullOrigin,
        Self::InsecureOrigin,
        Self::PrivateAddress,
        Self::PrivateNetwork,
        Self::InsecureRegex,
        Self::PublicSuffix,
        Self::AnyExposedHeader,
    ];

    /// Returns the hazards of an item of `allow_origins` or `allow_credentials_from`.
    pub(super) fn of_origin(pattern: &OriginPattern<'_>) -> impl Iterator<Item = Self> + use<> {
        let is_insecure = pattern.is_insecure();
        let is_private = is_insecure && pattern.has_private_address();
        [
            (
                Self::AnyHost,
                matches!(pattern, OriginPattern::AnyHost { .. }),
            ),
            (Self::NullOrigin, pattern.is_file()),
            (Self::InsecureOrigin, is_insecure && !is_private),
            (Self::PrivateAddress, is_private),
            (Self::PrivateNetwork, pattern.is_network()),
            (Self::PublicSuffix, is_over_public_suffix(pattern)),
        ]
        .into_iter()
        .filter_map(|(hazard, is_there)| is_there.then_some(hazard))
    }

    /// Returns the problem that the hazard of a written item is beside these settings.
    pub(super) fn problem(self, beside: Beside<'_>) -> Option<fn(&str) -> ProblemKind> {
        beside.credentials?;
        let switches = beside.switches;
        let (tolerated, problem): (_, fn(&str) -> _) = match self {
            Self::AnyOrigin => (
                switches.dangerously_allow_any_origin_with_credentials,
                |_| ProblemKind::AnyOriginWithCredentials,
            ),
            Self::AnyHost => (
                switches.dangerously_allow_any_origin_with_credentials,
                |_| ProblemKind::AnyHostWithCredentials,
            ),
            Self::NullOrigin => (
                switches.dangerously_allow_null_origin_with_credentials,
                |_| ProblemKind::NullOriginWithCredentials,
            ),
            Self::InsecureOrigin => (
                switches.dangerously_allow_insecure_origins_with_credentials,
                |written| ProblemKind::InsecureOriginWithCredentials(secure(written)),
            ),
            Self::PrivateAddress => (
                switches.dangerously_allow_insecure_origins_with_credentials
                    || switches.dangerously_allow_private_networks_with_credentials,
                |written| ProblemKind::PrivateAddressWithCredentials(secure(written)),
            ),
            // Any device in it can be one of the origins, over https too.
            Self::PrivateNetwork => (
                switches.dangerously_allow_private_networks_with_credentials,
                |_| ProblemKind::PrivateNetworkWithCredentials,
            ),
            Self::InsecureRegex => (
                switches.dangerously_allow_insecure_origins_with_credentials,
                |_| ProblemKind::InsecureOriginWithCredentials(None),
            ),
            Self::PublicSuffix => (!switches.check_public_suffixes, |_| {
                ProblemKind::PublicSuffixWithCredentials
            }),
            Self::AnyExposedHeader => (false, |_| ProblemKind::AnyExposedHeaderWithCredentials),
        };
        (!tolerated).then_some(problem)
    }
}

#[cfg(feature = "public-suffix")]
fn is_over_public_suffix(pattern: &OriginPattern<'_>) -> bool {
    let OriginPattern::Subdomains { base, .. } = pattern else {
        return false;
    };
    // For a name right below the base, the public suffix is the base if that is one, or the whole
    // name if all names below the base are public suffixes.
    let below = format!("a.{}", base.strip_suffix('.').unwrap_or(base));
    psl::suffix(below.as_bytes()).is_some_and(|suffix| {
        suffix.is_known() && suffix.as_bytes().len() + "a.".len() >= below.len()
    })
}

#[cfg(not(feature = "public-suffix"))]
fn is_over_public_suffix(_: &OriginPattern<'_>) -> bool {
    // A policy that asks for the check is refused.
    false
}

/// Returns the item of the scheme https in the place of one of the scheme http; `None` where that
/// would be several, since the default port of http is one of many.
fn secure(written: &str) -> Option<String> {
    let rest = written.get("http://".len()..)?.to_ascii_lowercase();
    let (host, port) = split_port(&rest);
    let Some(port) = port else {
        return Some(format!("https://{rest}"));
    };
    let number = |text: &str| text.parse::<u16>().ok();
    if let Some((first, last)) = port.split_once('-') {
        let has_default = (number(first)?..=number(last)?).contains(&80);
        return (!has_default).then(|| format!("https://{rest}"));
    }
    Some(match number(port) {
        Some(80 | 443) => format!("https://{host}"),
        _ => format!("https://{rest}"),
    })
}
