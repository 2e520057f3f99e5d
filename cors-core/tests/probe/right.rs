//! Right apps, and responses that are right in other words.

use std::time::Duration;

use cors_core::PolicyConfig;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::meaning::{EXPOSED, HEADERS, METHODS, ORIGINS};
use super::{Response, Result, config, run};

#[test]
fn a_right_app_gives_no_finding() -> Result {
    let report = run(&config().build()?.into(), |_, right| right)?;
    assert!(report.is_empty(), "{report}");
    Ok(())
}

#[test]
fn order_case_and_further_names_are_no_findings() -> Result {
    let mut config = config();
    config.allow_methods.push("DELETE".to_owned());
    let report = run(&config.build()?.into(), |_, right| {
        let mut lines = right.lines;
        for (name, value) in &mut lines {
            match &**name {
                "access-control-allow-methods" => *value = "DELETE,PUT".to_owned(),
                "access-control-allow-headers" => *value = "Content-Type".to_owned(),
                "vary" => *value = format!("Accept-Encoding, {}", value.to_uppercase()),
                _ => {}
            }
        }
        let status = right.status;
        Response { status, lines }
    })?;
    assert!(report.is_empty(), "{report}");
    Ok(())
}

#[test]
fn a_vary_for_everything_is_no_finding() -> Result {
    let report = run(&config().build()?.into(), |_, right| {
        right.without("vary").with("vary", "*")
    })?;
    assert!(report.is_empty(), "{report}");
    Ok(())
}

/// A subset of a list, in any order.
fn some(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(all, 0..=all.len().min(5))
        .prop_shuffle()
        .prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

/// Policies that can be built: every dangerous switch is on.
fn policies() -> impl Strategy<Value = PolicyConfig> {
    let lists = (some(ORIGINS), some(METHODS), some(HEADERS), some(EXPOSED));
    let statuses = (select(vec![200, 204]), select(vec![200, 204, 403, 404]));
    let lists = (lists, prop_oneof![Just(Vec::new()), some(ORIGINS)]);
    (lists, any::<[bool; 6]>(), statuses).prop_map(|(lists, switches, statuses)| {
        let (lists, mut with_credentials) = lists;
        let [null, credentials, keep, reject, max_age, hosts] = switches;
        let mut config = PolicyConfig::default();
        config.allow_origins = lists.0;
        config.allow_methods = lists.1;
        config.allow_headers = lists.2;
        config.expose_headers = lists.3;
        with_credentials.retain(|origin| origin != "*" && !credentials);
        config.allow_credentials_from = with_credentials;
        let is_for_some = !config.allow_credentials_from.is_empty();
        config
            .expose_headers
            .retain(|name| name != "*" || !(credentials || is_for_some));
        config.allow_null_origin = null;
        config.allow_credentials = credentials;
        config.keep_app_headers = keep;
        config.max_age = max_age.then_some(Duration::from_secs(600));
        config.allow_hosts = hosts
            .then(|| "*.example.net".to_owned())
            .into_iter()
            .collect();
        (config.preflight_status, config.preflight_refusal_status) = statuses;
        config.dangerously_allow_any_origin_with_credentials = true;
        config.dangerously_allow_null_origin_with_credentials = true;
        config.dangerously_allow_insecure_origins_with_credentials = true;
        config.dangerously_allow_private_networks_with_credentials = true;
        let is_for_all = config.allow_origins.iter().any(|origin| origin == "*") && !credentials;
        config.reject_disallowed_origins = reject && !is_for_all;
        config
    })
}

proptest! {
    #[test]
    fn no_right_app_gives_a_finding(config in policies()) {
        let policy = config.build().expect("the strategy makes policies that can be built");
        let report = run(&policy.into(), |_, right| right).expect("each policy has its origins");
        prop_assert!(report.is_empty(), "{}", report);
    }
}
