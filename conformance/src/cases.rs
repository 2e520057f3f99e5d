//! The contract as data: one request, and all that may come back in the fields of CORS.
//!
//! Expected values are derived from the contract and the standards it cites, never from what a
//! program printed.

mod acrh;
mod actual;
mod app_headers;
mod case;
mod credentials_from;
mod expected;
mod fields;
mod form_method;
mod header_prefixes;
mod hostile;
mod hosts;
mod kinds;
mod origins;
mod path_spellings;
mod paths;
mod policies;
mod preflight;
mod refusals;
mod reject;
mod request;
mod vary;
mod words;

pub use case::Case;
pub use expected::Expected;
pub use fields::fields_of;

/// Returns all cases, each with a name of its own.
#[must_use]
pub fn all() -> Vec<Case> {
    [
        kinds::cases(),
        origins::cases(),
        actual::cases(),
        preflight::cases(),
        refusals::cases(),
        acrh::cases(),
        header_prefixes::cases(),
        vary::cases(),
        app_headers::cases(),
        reject::cases(),
        credentials_from::cases(),
        form_method::cases(),
        paths::cases(),
        path_spellings::cases(),
        hostile::cases(),
        hosts::cases(),
    ]
    .concat()
}

/// Returns every policy that a case has, each once.
#[must_use]
pub fn policies() -> Vec<&'static str> {
    let mut policies: Vec<_> = all().iter().map(|case| case.policy).collect();
    policies.sort_unstable();
    policies.dedup();
    policies
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::all;

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        for case in all() {
            assert!(names.insert(case.name.clone()), "{}", case.name);
        }
    }
}
