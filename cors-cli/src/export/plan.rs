//! [`Plan`]: the policies of a file in the order in which they are tried, ready to be written for
//! another program.

use std::collections::BTreeSet;
use std::error::Error;

use cors_core::{Policy, PolicyConfig, PolicyMap, Setting};

use super::difference::{Difference, Differences, Effect};
use super::expression::Expressions;
use super::grant::Grant;
use super::paths::Path;
use crate::place::{Place, Places};

/// A file can say in few words that many paths have the same long list, and no proxy can.
const MAX_BYTES: usize = 8_000_000;

/// The policies of a file, the most specific path first.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) routes: Vec<Route>,
}

/// A path with its policy.
#[derive(Debug)]
pub(super) struct Route {
    /// Which of the `[[paths]]`; `None` for the top of the file.
    pub(super) index: Option<usize>,
    pub(super) path: Path,
    /// `None` where nothing is done.
    pub(super) policy: Option<Exported>,
}

/// What is written of a policy.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) config: PolicyConfig,
    pub(super) grants: Vec<Grant>,
}

impl Plan {
    /// Plans the export of policies. Returns also what no program can be told.
    pub(super) fn of(
        policies: &PolicyMap,
        places: &Places<'_>,
    ) -> Result<(Self, Differences), Box<dyn Error>> {
        let mut differences = Differences::default();
        let mut expressions = Expressions::default();
        let mut bytes = 0;
        let mut export = |index, policy: Option<&Policy>| {
            let Some(policy) = policy else {
                return Ok(None);
            };
            let mut notes = Notes::new(index, places, &mut differences);
            let config = policy.config();
            bytes += weight(&config);
            if bytes > MAX_BYTES {
                return Err(
                    "the export would be longer than 8 MB; write fewer paths, shorter \
                            lists, or fewer origins in allow_credentials_from"
                        .into(),
                );
            }
            let grants = Grant::all(&config, &mut expressions, &mut notes)?;
            prefixes(&config, &mut notes);
            Ok::<_, Box<dyn Error>>(Some(Exported { config, grants }))
        };
        let mut routes = Vec::new();
        for (index, (pattern, policy)) in policies.paths().enumerate() {
            routes.push(Route {
                index: Some(index),
                path: Path::of(pattern),
                policy: export(Some(index), policy)?,
            });
        }
        // A pattern of every path leaves nothing for it.
        if !routes.iter().any(|route| route.path == Path::every()) {
            routes.push(Route {
                index: None,
                path: Path::every(),
                policy: export(None, policies.default_policy())?,
            });
        }
        routes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((Self { routes }, differences))
    }

    /// Returns whether the path of a request makes a difference.
    pub(super) fn has_paths(&self) -> bool {
        self.routes.len() > 1
    }

    /// Returns the policies, each with the index of its path.
    pub(super) fn policies(&self) -> impl Iterator<Item = (Option<usize>, &Exported)> {
        let routes = self.routes.iter();
        routes.filter_map(|route| Some((route.index, route.policy.as_ref()?)))
    }

    /// Returns the hosts that every policy allows, if these are the same and not all.
    pub(super) fn common_hosts(&self) -> Option<&[String]> {
        let mut lists = self.policies().map(|(_, policy)| hosts(&policy.config));
        let first = lists.next()?;
        let set: BTreeSet<_> = first.iter().collect();
        let is_common = lists.all(|list| list.iter().collect::<BTreeSet<_>>() == set);
        (is_common && !first.is_empty()).then_some(first)
    }
}

/// Returns about how many bytes a policy takes where it is written out.
fn weight(config: &PolicyConfig) -> usize {
    const OF_A_PATH: usize = 400;
    const OF_AN_ITEM: usize = 40;
    let of = |list: &[String]| -> usize { list.iter().map(|item| item.len() + OF_AN_ITEM).sum() };
    let headers =
        of(&config.allow_methods) + of(&config.allow_headers) + of(&config.expose_headers);
    let origins = [
        &config.allow_origins,
        &config.allow_origin_regexes,
        &config.allow_hosts,
    ];
    // In Envoy each of these is a route with a policy of its own.
    let with_credentials = &config.allow_credentials_from;
    let routes = with_credentials.len().saturating_mul(headers);
    let origins: usize = origins.map(|list| of(list)).iter().sum();
    OF_A_PATH + origins + headers + of(with_credentials) + routes
}

/// Returns the hosts that a policy is for; none where it is for any.
pub(super) fn hosts(config: &PolicyConfig) -> &[String] {
    let hosts = &config.allow_hosts;
    if hosts.iter().any(|host| host == "*") {
        &[]
    } else {
        hosts
    }
}

/// Names of which a policy has the beginning depend on the request or on the response, and no
/// program here can tell.
fn prefixes(config: &PolicyConfig, notes: &mut Notes<'_>) {
    let lists = [
        (Setting::AllowHeaders, &config.allow_headers),
        (Setting::ExposeHeaders, &config.expose_headers),
    ];
    for (setting, list) in lists {
        for (index, item) in list.iter().enumerate() {
            if item.len() > 1 && item.ends_with('*') {
                let what = "names by their beginning can't be listed; the item is left out";
                notes.add((setting, Some(index)), Effect::Narrower, what.to_owned());
            }
        }
    }
}

/// Collects the differences of one policy.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    index: Option<usize>,
    places: &'a Places<'a>,
    differences: &'a mut Differences,
}

impl<'a> Notes<'a> {
    pub(super) const fn new(
        index: Option<usize>,
        places: &'a Places<'a>,
        differences: &'a mut Differences,
    ) -> Self {
        Self {
            index,
            places,
            differences,
        }
    }

    /// Adds a difference. What a path takes over from the top is named there, once.
    pub(super) fn add(
        &mut self,
        (setting, item): (Setting, Option<usize>),
        effect: Effect,
        what: String,
    ) {
        let name = setting.name();
        let writes = |path| self.places.writes(path, name);
        self.differences.add(Difference {
            place: Place {
                in_shadow: false,
                path: self
                    .index
                    .filter(|index| writes(Some(*index)) || !writes(None)),
                setting,
                item,
            },
            effect,
            what,
        });
    }
}
