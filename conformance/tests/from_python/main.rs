//! The examples for users of three Python libraries: how their responses differ from the recorded
//! ones of the library, all of it, and why.

mod differences;
mod exchange;
mod table;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cors_core::browser::Credentials;
use cors_core::{PolicyConfig, ProblemKind};

use crate::differences::{OTHER_OUTCOMES, Place, listed_differences};
use crate::exchange::{LIBRARIES, exchanges, policy};
use crate::table::{HEADER, table};

const GUIDE: &str = include_str!("../../../cors-core/src/guide/from_python.md");

#[tokio::test]
async fn responses_differ_as_listed_and_no_more() {
    let mut listed = listed_differences();
    let mut failures = String::new();
    for library in &LIBRARIES {
        for (request, theirs, ours) in exchanges(library).await {
            let (theirs, ours) = (theirs.fields(), ours.fields());
            let fields: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
            for field in fields {
                let (theirs, ours) = (theirs.get(field), ours.get(field));
                let place = (library.name, request.name.clone(), field.clone());
                let expected = match listed.remove(&place) {
                    Some(difference) if theirs == ours => {
                        fail(
                            &mut failures,
                            &place,
                            &format_args!("no difference any more, but: {}", difference.why),
                        );
                        continue;
                    }
                    Some(difference) => difference.ours,
                    None => theirs.map(String::as_str),
                };
                if ours.map(String::as_str) != expected {
                    let found =
                        format_args!("theirs {theirs:?}, ours {ours:?}, expected {expected:?}");
                    fail(&mut failures, &place, &found);
                }
            }
        }
    }
    for place in listed.keys() {
        fail(&mut failures, place, &"listed, but in neither response");
    }
    assert!(failures.is_empty(), "{failures}");
}

#[tokio::test]
async fn pages_get_through_as_they_did_but_where_listed() {
    let mut others = Vec::new();
    for library in &LIBRARIES {
        for (request, theirs, ours) in exchanges(library).await {
            let credentials = if policy(library.policy).allow_credentials {
                Credentials::Include
            } else {
                Credentials::Omit
            };
            let outcome = |response| request.gets_through(credentials, response);
            if outcome(&theirs) != outcome(&ours) {
                others.push((library.name, request.name.clone(), outcome(&ours)));
            }
        }
    }
    let expected =
        OTHER_OUTCOMES.map(|(library, name, ours)| (library, name.to_owned(), Some(ours)));
    assert_eq!(others, expected);
}

#[test]
fn the_guide_shows_the_files() {
    for library in &LIBRARIES {
        let start = library
            .policy
            .find("\n\n")
            .expect("a comment, then the keys");
        let keys = library.policy[start..].trim_start();
        let block = format!("```toml\n{keys}```\n");
        assert!(GUIDE.contains(&block), "{}", library.name);
    }
}

#[tokio::test]
async fn the_guide_has_the_table_of_each_library() {
    let mut missing = String::new();
    for library in &LIBRARIES {
        let table = table(library).await;
        if !GUIDE.contains(&format!("\n\n{table}\n")) {
            write!(missing, "\n{}\n\n{table}", library.name).expect("a String takes all");
        }
    }
    assert!(missing.is_empty(), "it lacks:\n{missing}");
    let tables = GUIDE.matches(HEADER).count();
    assert_eq!(tables, LIBRARIES.len(), "one of each library");
}

#[test]
fn credentials_for_any_origin_need_the_dangerous_key() {
    for library in &LIBRARIES {
        let mut config = policy(library.policy);
        config.dangerously_allow_any_origin_with_credentials = false;
        let expected = if config.allow_credentials {
            vec![ProblemKind::AnyOriginWithCredentials]
        } else {
            Vec::new()
        };
        assert_eq!(problems(&config), expected, "{}", library.name);
    }
}

#[test]
fn the_header_names_that_are_left_out_are_problems() {
    let mut config = policy(LIBRARIES[0].policy);
    for name in ["accept-encoding", "dnt", "origin"] {
        config.allow_headers.push(name.to_owned());
    }
    assert_eq!(
        problems(&config),
        [const { ProblemKind::RequestHeaderForbidden }; 3]
    );
}

fn problems(config: &PolicyConfig) -> Vec<ProblemKind> {
    let Err(errors) = config.build() else {
        return Vec::new();
    };
    let problems = errors.problems().iter();
    problems.map(|problem| problem.kind().clone()).collect()
}

fn fail(failures: &mut String, (library, request, field): &Place, what: &dyn std::fmt::Display) {
    writeln!(failures, "{library}: {request}: {field}: {what}").expect("a String takes all");
}
