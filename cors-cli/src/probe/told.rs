//! [`Told`]: what findings about a policy say about others.

use std::collections::BTreeSet;

use cors_core::probe::FindingKind;

use super::call::Seen;
use super::pages::FOREIGN;

/// A finding about a path: of its preflights for a method, or of its other requests by one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    path: String,
    is_preflight: bool,
    /// The method, of a preflight the one that it asks for.
    method: String,
    what: What,
}

/// What a finding says about others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// CORS is not there at all, so that Vary is not either.
    NoCors,
    /// Any origin may be allowed, `null` included.
    OthersAllowed,
    Alone,
}

impl Told {
    pub(crate) fn of(seen: &Seen, kind: FindingKind) -> Self {
        let what = match kind {
            FindingKind::NoHeaders
            | FindingKind::NoHeadersOnRedirect
            | FindingKind::NoHeadersWithoutLogin
            | FindingKind::NoHeadersOnMissingRoute
            | FindingKind::NoHeadersOnRejection
            | FindingKind::NoHeadersOnServerError
            | FindingKind::PreflightRedirected
            | FindingKind::PreflightNeedsLogin
            | FindingKind::PreflightRefused
            | FindingKind::PreflightReachedTheApp => What::NoCors,
            // An origin that looks like an allowed one says nothing about others.
            FindingKind::RefusedOriginAllowed if seen.call.page.as_deref() == Some(FOREIGN) => {
                What::OthersAllowed
            }
            _ => What::Alone,
        };
        Self {
            path: seen.call.place.clone(),
            is_preflight: seen.call.is_preflight(),
            method: seen.call.asked().unwrap_or(&seen.call.method).to_owned(),
            what,
        }
    }

    /// Returns whether a finding follows from one of those that are told.
    pub(crate) fn follows(seen: &Seen, kind: FindingKind, told: &BTreeSet<Self>) -> bool {
        let what = match kind {
            FindingKind::VaryLacking | FindingKind::Unnoticed => What::NoCors,
            FindingKind::ServerError if seen.call.is_preflight() => What::NoCors,
            FindingKind::NullAllowed => What::OthersAllowed,
            _ => return false,
        };
        let cause = Self {
            what,
            ..Self::of(seen, kind)
        };
        told.contains(&cause)
    }
}
