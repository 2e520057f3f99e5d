//! What a policy says that is likely not meant, though it can be built.

mod rules;

use std::collections::HashSet;

use cors_core::{Policy, PolicyMap};

use self::rules::{RULES, Warning};
use crate::finding::{Finding, Level};
use crate::place::{Place, Places};

/// Returns the warnings about policies: those of the default one first, those in the shadow last.
pub(crate) fn of(policies: &PolicyMap, text: &str) -> Vec<Finding> {
    let places = Places::of(text);
    let finding = |(place, warning): (Place, Warning)| Finding {
        level: Level::Warning,
        kind: warning.kind.to_owned(),
        place: place.to_string(),
        span: places.as_ref().and_then(|places| places.span(place)),
        why: warning.why,
        remedy: warning.remedy,
    };
    let counted = placed(policies, false);
    // What the table [shadow] takes over says nothing new.
    let in_shadow = policies.shadow().map(|shadow| placed(shadow, true));
    let in_shadow = in_shadow.unwrap_or_default().into_iter();
    let known: HashSet<_> = counted.iter().map(|(_, warning)| warning).collect();
    let in_shadow = in_shadow.filter(|(_, warning)| !known.contains(warning));
    let in_shadow: Vec<_> = in_shadow.collect();
    counted.into_iter().chain(in_shadow).map(finding).collect()
}

/// Returns the warnings about policies with their places.
fn placed(policies: &PolicyMap, in_shadow: bool) -> Vec<(Place, Warning)> {
    let top = policies.default_policy().map(of_policy).unwrap_or_default();
    let of_paths = policies
        .paths()
        .enumerate()
        .flat_map(|(path, (_, policy))| {
            let warnings = policy.map(of_policy).unwrap_or_default().into_iter();
            // A path that takes everything over from the top says nothing new.
            let new = warnings.filter(|warning| !top.contains(warning));
            new.map(move |warning| (Some(path), warning))
        });
    let of_paths: Vec<_> = of_paths.collect();
    let of_top = top.into_iter().map(|warning| (None, warning));
    let placed = of_top.chain(of_paths).map(|(path, warning)| {
        let (setting, item) = warning.place;
        let place = Place {
            in_shadow,
            path,
            setting,
            item,
        };
        (place, warning)
    });
    placed.collect()
}

fn of_policy(policy: &Policy) -> Vec<Warning> {
    let config = policy.config();
    RULES
        .iter()
        .filter_map(|rule| rule(policy, &config))
        .collect()
}
