//! [`Comparison`]: a response beside the one that the policy gives.

use std::collections::BTreeSet;

use super::kind::FindingKind;
use crate::browser::Response;
use crate::protocol::decision::Decision;
use crate::protocol::field::ResponseField;
use crate::protocol::request::RequestKind;

/// A response, beside the one that the policy gives.
pub(super) struct Comparison<'a> {
    pub(super) got: &'a Response,
    pub(super) expected: &'a Response,
    pub(super) decision: Decision,
    /// The origin of the page.
    pub(super) page: Option<&'a str>,
    /// A browser blocks the page, by the response.
    pub(super) is_blocked: bool,
    /// A browser blocks the page, by the policy's response.
    pub(super) is_meant_blocked: bool,
}

impl Comparison<'_> {
    /// Returns what is wrong. What follows from another finding is none of its own.
    pub(super) fn kinds(&self) -> Vec<FindingKind> {
        let is_answer = self.decision.status().is_some();
        let has_other_status = is_answer && self.got.status() != self.expected.status();
        let origin = self.origin();
        let is_unnoticed = self.is_preflight() && self.is_unnoticed();
        let lacks_origin = value(self.got, ALLOW_ORIGIN).is_none();
        let is_other_preflight = match origin {
            Some(_) => lacks_origin,
            None => has_other_status,
        };
        let mut kinds = match origin {
            None if has_other_status && is_unnoticed => {
                // What else differs may be noticed; what varies in a bare refusal is not.
                let mut kinds = self.other_fields();
                kinds.retain(|kind| match kind {
                    FindingKind::VaryLacking => self.is_granted(),
                    kind => *kind != FindingKind::Unnoticed,
                });
                kinds.push(FindingKind::Unnoticed);
                kinds
            }
            Some(_) if is_answer && is_unnoticed && lacks_origin => vec![FindingKind::Unnoticed],
            _ if is_answer && self.is_preflight() && is_other_preflight => {
                vec![self.preflight_kind()]
            }
            Some(kind) => vec![kind],
            None if has_other_status => vec![FindingKind::NotRejected],
            None => self.other_fields(),
        };
        if self.got.status() >= 500 && kinds.iter().all(|kind| kind.is_harmless()) {
            kinds.retain(|kind| *kind != FindingKind::Unnoticed);
            kinds.push(FindingKind::ServerError);
        }
        if kinds.is_empty() && self.decision.is_allowed() && self.is_blocked {
            kinds.push(FindingKind::BlockedAnyway);
        }
        kinds
    }

    /// Returns whether a browser makes the same of a preflight's status and origin as of the
    /// policy's: it passes by any status from 200 to 299, and a refusal is one by any other sign.
    fn is_unnoticed(&self) -> bool {
        self.is_blocked == self.is_meant_blocked
            || self.origin().is_none() && (200..=299).contains(&self.got.status())
    }

    /// Returns what is wrong with `Access-Control-Allow-Origin`.
    fn origin(&self) -> Option<FindingKind> {
        let got = value(self.got, ALLOW_ORIGIN);
        if got == value(self.expected, ALLOW_ORIGIN) {
            return None;
        }
        Some(match (got, self.page) {
            (None, _) => self.missing_kind(),
            (Some(got), _) if self.is_granted() => {
                if got.contains(&b',') {
                    FindingKind::TwoOrigins
                } else if Some(&*got) == self.page.map(str::as_bytes) && self.adds_credentials() {
                    FindingKind::CredentialsAllowed
                } else {
                    FindingKind::OtherOrigin
                }
            }
            // Whoever asks without credentials passes, and for nothing that has to be listed.
            (Some(got), Some(page)) if self.is_read_by_status() && allows(&got, page) => {
                if page == "null" && got != b"*" {
                    FindingKind::NullAllowed
                } else {
                    FindingKind::RefusedOriginAllowed
                }
            }
            (Some(_), _) => FindingKind::StrayHeaders,
        })
    }

    /// Returns whether the status does not keep a browser from going on.
    fn is_read_by_status(&self) -> bool {
        !self.is_preflight() || (200..=299).contains(&self.got.status())
    }

    fn adds_credentials(&self) -> bool {
        let allows = |response| value(response, ALLOW_CREDENTIALS).is_some();
        allows(self.got) && !allows(self.expected)
    }

    /// Returns the kind of a response without `Access-Control-Allow-Origin` where one is expected.
    fn missing_kind(&self) -> FindingKind {
        match self.got.status() {
            300..=399 => FindingKind::NoHeadersOnRedirect,
            401 | 403 | 407 => FindingKind::NoHeadersWithoutLogin,
            404 | 405 => FindingKind::NoHeadersOnMissingRoute,
            400..=499 => FindingKind::NoHeadersOnRejection,
            500.. => FindingKind::NoHeadersOnServerError,
            _ => FindingKind::NoHeaders,
        }
    }

    /// Returns the kind of a response to a preflight that is not the policy's answer.
    fn preflight_kind(&self) -> FindingKind {
        match self.got.status() {
            300..=399 => FindingKind::PreflightRedirected,
            401 | 407 => FindingKind::PreflightNeedsLogin,
            403 if self.is_granted() => FindingKind::PreflightRefused,
            // What has no route has no list of methods for it.
            404 | 405 => FindingKind::PreflightReachedTheApp,
            400..=499 if self.is_granted() && self.has_lists() => FindingKind::PreflightRefused,
            _ => FindingKind::PreflightReachedTheApp,
        }
    }

    /// Returns whether the response has what only an answer to a preflight has.
    fn has_lists(&self) -> bool {
        let lists = [
            ResponseField::AccessControlAllowMethods,
            ResponseField::AccessControlAllowHeaders,
        ];
        lists
            .into_iter()
            .any(|list| value(self.got, list).is_some())
    }

    /// Returns what is wrong with the other fields, where `Access-Control-Allow-Origin` is right.
    fn other_fields(&self) -> Vec<FindingKind> {
        let mut kinds = BTreeSet::new();
        for field in ResponseField::ALL {
            let (got, expected) = (items(self.got, field), items(self.expected, field));
            let is_right = match field {
                ResponseField::Vary => got.contains("*") || expected.is_subset(&got),
                _ => got == expected,
            };
            if !is_right {
                kinds.insert(self.field_kind(field, !expected.is_empty()));
            }
        }
        kinds.into_iter().collect()
    }

    fn field_kind(&self, field: ResponseField, is_expected: bool) -> FindingKind {
        match field {
            ResponseField::Vary if self.is_preflight() && self.varies_by_origin() => {
                FindingKind::Unnoticed
            }
            ResponseField::Vary => FindingKind::VaryLacking,
            _ if !self.is_granted() => FindingKind::StrayHeaders,
            ResponseField::AccessControlAllowCredentials if is_expected => {
                FindingKind::CredentialsMissing
            }
            ResponseField::AccessControlAllowCredentials => FindingKind::CredentialsAllowed,
            ResponseField::AccessControlExposeHeaders if !self.is_preflight() => {
                FindingKind::OtherExposedHeaders
            }
            ResponseField::AccessControlExposeHeaders => FindingKind::StrayHeaders,
            _ if self.is_preflight() => FindingKind::OtherPermissions,
            _ => FindingKind::StrayHeaders,
        }
    }

    fn varies_by_origin(&self) -> bool {
        items(self.got, ResponseField::Vary).contains("origin")
    }

    fn is_preflight(&self) -> bool {
        self.decision.kind() == RequestKind::Preflight
    }

    /// Returns whether the policy's response names an origin.
    fn is_granted(&self) -> bool {
        value(self.expected, ALLOW_ORIGIN).is_some()
    }
}

/// Returns whether a value of `Access-Control-Allow-Origin` allows a page, without credentials.
fn allows(value: &[u8], page: &str) -> bool {
    value == b"*" || value == page.as_bytes()
}

const ALLOW_ORIGIN: ResponseField = ResponseField::AccessControlAllowOrigin;
const ALLOW_CREDENTIALS: ResponseField = ResponseField::AccessControlAllowCredentials;

fn value(response: &Response, field: ResponseField) -> Option<Vec<u8>> {
    response.headers().get(field.name())
}

/// Returns the items of a field that is a list, in any order; of any other field, its value.
fn items(response: &Response, field: ResponseField) -> BTreeSet<String> {
    let Some(value) = value(response, field) else {
        return BTreeSet::new();
    };
    let value = String::from_utf8_lossy(&value);
    let names = || {
        let items = value.split(',').map(str::trim);
        items.filter(|item| !item.is_empty())
    };
    match field {
        // Methods are case-sensitive.
        ResponseField::AccessControlAllowMethods => names().map(str::to_owned).collect(),
        ResponseField::AccessControlAllowHeaders
        | ResponseField::AccessControlExposeHeaders
        | ResponseField::Vary => names().map(str::to_ascii_lowercase).collect(),
        ResponseField::AccessControlAllowOrigin
        | ResponseField::AccessControlAllowCredentials
        | ResponseField::AccessControlMaxAge
        | ResponseField::AccessControlAllowPrivateNetwork
        | ResponseField::CacheControl => BTreeSet::from([value.clone().into_owned()]),
    }
}
