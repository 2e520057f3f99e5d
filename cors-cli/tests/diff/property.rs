//! Whatever is called no wider never allows more: by the model of a browser, on random requests,
//! for files that differ in each of the settings.

use std::collections::BTreeSet;
use std::error::Error;

use cors_core::browser::{Credentials, Request};
use cors_core::{PolicyMap, PolicyMapConfig, probe};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;

use super::judge::{App, Sent, gets_more};
use super::run::{Tested, diff};
use super::tried::{HEADERS, HOSTS, KEYS, METHODS, PAGES, PATHS};

/// How many pairs of files are compared. Each takes two processes, so it does not depend on the
/// environment, as proptest's number does.
const CASES: u32 = 100;

/// How many requests are tried under each pair.
const REQUESTS: usize = 120;

fn build(text: &str) -> Option<PolicyMap> {
    toml::from_str::<PolicyMapConfig>(text).ok()?.build().ok()
}

/// Returns a file with these values of the keys. Defaults are left out, so that it has no policy at
/// the top where there is nothing else.
fn file(values: &[usize]) -> String {
    let lines = KEYS.iter().zip(values).filter(|(_, value)| **value > 0);
    let lines = lines.map(|((key, values), value)| match *key {
        "paths" | "shadow" => values[*value].to_owned(),
        key => format!("{key} = {}\n", values[*value]),
    });
    lines.collect()
}

fn values() -> impl Strategy<Value = Vec<usize>> {
    let of = |(_, values): &(&str, &[&str])| prop_oneof![3 => Just(0), 2 => 0..values.len()];
    KEYS.iter().map(of).collect::<Vec<_>>()
}

/// Two files that can be built and differ in one to three keys. Most have an origin.
fn files() -> impl Strategy<Value = [String; 2]> {
    let changed = prop::collection::vec((0..KEYS.len(), any::<Index>()), 1..4);
    let origin = 0..KEYS[0].1.len();
    let files = (values(), origin, changed).prop_map(|(mut values, origin, changed)| {
        values[0] = origin;
        let old = file(&values);
        for (key, value) in changed {
            values[key] = value.index(KEYS[key].1.len());
        }
        [old, file(&values)]
    });
    files.prop_filter(
        "a file has a problem, or both are the same",
        |[old, new]| old != new && build(old).is_some() && build(new).is_some(),
    )
}

/// What a request is chosen by.
type Choice = ([Index; 4], Option<Index>, bool, u8);

fn sent<'a>(choice: &Choice, pages: &'a [String]) -> Result<Sent<'a>, Box<dyn Error>> {
    let ([page, host, method, _], header, has_credentials, app) = choice;
    let mode = if *has_credentials {
        Credentials::Include
    } else {
        Credentials::Omit
    };
    let mut request = Request::new(METHODS[method.index(METHODS.len())])?.credentials(mode);
    if let Some(header) = header {
        let (name, value) = HEADERS[header.index(HEADERS.len())];
        request = request.header(name, value)?;
    }
    Ok(Sent {
        page: page.get::<String>(pages),
        host: HOSTS[host.index(HOSTS.len())],
        request,
        app: match app % 4 {
            0 => App::HasNoOptions,
            1 => App::AllowsAll,
            _ => App::RespondsToAll,
        },
    })
}

/// Returns the pages to try: some that both files know nothing of, and near-misses.
fn pages(sides: [&PolicyMap; 2]) -> Vec<String> {
    let near = sides.into_iter().flat_map(|policies| {
        let of_paths = policies.paths().filter_map(|(_, policy)| policy);
        let all = policies.default_policy().into_iter().chain(of_paths);
        all.flat_map(probe::sample_origins)
    });
    let near: BTreeSet<_> = near.collect();
    PAGES.map(str::to_owned).into_iter().chain(near).collect()
}

#[test]
fn every_key_of_a_file_is_tried() -> Tested {
    let schema = include_str!("../../../cors-core/policy.schema.json");
    let schema: Value = serde_json::from_str(schema)?;
    let keys = schema["properties"].as_object().ok_or("it has keys")?;
    let keys: BTreeSet<_> = keys.keys().map(String::as_str).collect();
    assert_eq!(keys, KEYS.map(|(key, _)| key).into());
    Ok(())
}

/// Also holds that the same file allows the same, and that both directions say the same.
#[test]
fn no_request_gets_more_under_what_is_called_no_wider() -> Tested {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let choices = (
        any::<[Index; 4]>(),
        any::<Option<Index>>(),
        any::<bool>(),
        any::<u8>(),
    );
    let choices = prop::collection::vec(choices, REQUESTS).no_shrink();
    let mut count = [0; 2];
    let counts = std::cell::RefCell::new(&mut count);
    let mut runner = TestRunner::new(config);
    let tried = runner.run(&(files(), choices), |([old, new], choices)| {
        let failed = |error: Box<dyn Error>| TestCaseError::fail(error.to_string());
        let said = diff(&old, &new).map_err(failed)?;
        let back = diff(&new, &old).map_err(failed)?;
        prop_assert_eq!(said.list("wider"), back.list("narrower"));
        prop_assert_eq!(said.list("narrower"), back.list("wider"));
        for list in ["left_out", "untried"] {
            prop_assert_eq!(said.list(list).len(), 0);
        }
        counts.borrow_mut()[usize::from(said.widens())] += 1;
        let (Some(before), Some(after)) = (build(&old), build(&new)) else {
            return Err(TestCaseError::reject("a file has a problem"));
        };
        let pages = pages([&before, &after]);
        for choice in &choices {
            let path = PATHS[choice.0[3].index(PATHS.len())];
            let sent = sent(choice, &pages).map_err(failed)?;
            for (sides, said) in [([&before, &after], &said), ([&after, &before], &back)] {
                let is_more = gets_more(sides, path, &sent);
                prop_assert!(said.widens() || !is_more, "{path:?} {sent:?}");
            }
        }
        Ok(())
    });
    match tried {
        Err(TestError::Fail(why, ([old, new], _))) => {
            return Err(format!("{why}\n# OLD\n{old}\n# NEW\n{new}").into());
        }
        Err(TestError::Abort(why)) => return Err(why.message().into()),
        Ok(()) => {}
    }
    // To call everything wider would be right, and of no use.
    assert!(count.into_iter().min() > Some(CASES / 8), "{count:?}");
    Ok(())
}

#[test]
fn the_same_file_allows_the_same() -> Tested {
    for values in (0..12).map(|value| KEYS.map(|(_, values)| value % values.len())) {
        let text = file(&values);
        if build(&text).is_some() {
            assert!(diff(&text, &text)?.is_empty(), "{text}");
        }
    }
    for (key, values) in &KEYS[..KEYS.len() - 2] {
        let text = format!("{key} = {}\n", values[1]);
        if build(&text).is_some() {
            let other = format!("\n{text}# The same.\n");
            assert!(diff(&text, &other)?.is_empty(), "{text}");
        }
    }
    Ok(())
}
