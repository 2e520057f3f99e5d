//! [`Grants`]: what a policy lets those do who read responses.

use std::collections::{BTreeMap, BTreeSet};

use cors_core::{Policy, PolicyConfig};

use super::access::{Access, Ask};
use super::names::Names;

/// The page of which a policy is asked.
const PAGE: &str = "https://page.example";

/// What a page can be let do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grant<'n> {
    Read,
    Send(&'n str),
    Set(&'n str),
    See(&'n str),
}

/// Whether a request has credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    WithCredentials,
    Without,
}

/// What a page is let do.
pub(super) type Granted<'n> = BTreeSet<(Mode, Grant<'n>)>;

/// What a policy lets those do who read responses, with credentials or without. It is the same for
/// all of them.
#[derive(Debug, Default)]
pub(super) struct Grants<'n> {
    by_access: BTreeMap<Access, Granted<'n>>,
}

impl<'n> Grants<'n> {
    /// Asks a policy; `None` where it can't be.
    pub(super) fn of(config: Option<&PolicyConfig>, names: &'n Names) -> Option<Self> {
        let mut grants = Self::default();
        let Some(config) = config else {
            return Some(grants);
        };
        let without = granted(&for_page(config, false)?, names);
        let without = without.into_iter().map(|grant| (Mode::Without, grant));
        grants.by_access.insert(Access::Reads, without.collect());
        // That is not for requests with credentials, so that no page has any.
        let exposes_all = config.expose_headers.iter().any(|item| item == "*");
        if !exposes_all || config.allow_credentials {
            let policy = for_page(config, true)?;
            let both = granted(&policy, names)
                .into_iter()
                .flat_map(|grant| [Mode::WithCredentials, Mode::Without].map(|mode| (mode, grant)));
            let both = both.collect();
            grants.by_access.insert(Access::ReadsWithCredentials, both);
        }
        Some(grants)
    }

    /// Returns what those are let do who get so far.
    pub(super) fn at(&self, access: Access) -> Granted<'n> {
        self.by_access.get(&access).cloned().unwrap_or_default()
    }
}

/// Makes the same policy for one page, so that all else of it can be asked about.
fn for_page(config: &PolicyConfig, credentials: bool) -> Option<Policy> {
    let mut config = config.clone();
    config.allow_origins = vec![PAGE.to_owned()];
    config.allow_origin_regexes.clear();
    config.allow_null_origin = false;
    config.allow_credentials = credentials;
    config.allow_credentials_from.clear();
    config.allow_hosts.clear();
    config.build().ok()
}

fn granted<'n>(policy: &Policy, names: &'n Names) -> BTreeSet<Grant<'n>> {
    let allows = |method, header| {
        let ask = Ask {
            host: "server.example",
            origin: Some(PAGE),
            preflight: Some((method, header)),
        };
        policy.decide(&ask).is_allowed()
    };
    let methods = names
        .methods
        .iter()
        .filter(|(method, _)| allows(method, None));
    let headers = names
        .headers
        .iter()
        .filter(|(name, _)| allows("GET", Some(name)));
    let exposed = Exposed::of(&policy.config());
    let exposed = names.exposed.iter().filter(|(name, _)| exposed.has(name));
    let grants = methods.map(|(_, words)| Grant::Send(words));
    let grants = grants.chain(headers.map(|(_, words)| Grant::Set(words)));
    let grants = grants.chain(exposed.map(|(_, words)| Grant::See(words)));
    let grants = grants.chain([Grant::Read]);
    grants.collect()
}

/// The response headers that a policy exposes.
struct Exposed {
    is_all: bool,
    names: BTreeSet<String>,
    prefixes: BTreeSet<String>,
}

impl Exposed {
    fn of(config: &PolicyConfig) -> Self {
        let items = config.expose_headers.iter();
        let items = items.map(|item| item.to_ascii_lowercase());
        let (prefixes, names): (BTreeSet<_>, _) = items.partition(|item| item.ends_with('*'));
        let prefixes = prefixes.iter().map(|item| item.trim_end_matches('*'));
        Self {
            is_all: config.expose_headers.iter().any(|item| item == "*"),
            prefixes: prefixes.map(str::to_owned).collect(),
            names,
        }
    }

    fn has(&self, name: &str) -> bool {
        // A prefix ends in a dash.
        let mut dashes = name.match_indices('-');
        let starts = dashes.any(|(dash, _)| {
            let start = name.get(..=dash).unwrap_or_default();
            start.len() < name.len() && self.prefixes.contains(start)
        });
        self.is_all || starts || self.names.contains(name)
    }
}
