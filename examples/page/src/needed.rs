//! Whether each item of a policy's lists is needed.

use cors_core::browser::{NetworkError, PreflightCheckError};
use cors_core::{Policy, PolicyConfig};

use crate::Seen;

/// Asserts that a page can do `call` under the policy, and that it needs each method, each header
/// and each exposed header that the policy lists: without it the browser sends no request, or shows
/// no such header.
///
/// # Panics
///
/// When that is not so.
pub async fn assert_all_needed(
    policy: &Policy,
    call: impl AsyncFn(Policy) -> Result<Seen, NetworkError>,
) {
    call(policy.clone())
        .await
        .expect("the policy lets the page");
    for (missing, policy) in without_each(policy, |config| &mut config.allow_headers) {
        let blocked = call(policy).await.map(|seen| seen.status);
        let names_it = matches!(
            &blocked,
            Err(NetworkError::Preflight(
                PreflightCheckError::Header { name }
                | PreflightCheckError::NonWildcardHeader { name },
            )) if *name == missing
        );
        assert!(names_it, "without {missing}: {blocked:?}");
    }
    for (missing, policy) in without_each(policy, |config| &mut config.allow_methods) {
        let blocked = call(policy).await.map(|seen| seen.status);
        let names_it = matches!(
            &blocked,
            Err(NetworkError::Preflight(PreflightCheckError::Method { method }))
                if *method == missing
        );
        assert!(names_it, "without {missing}: {blocked:?}");
    }
    for (missing, less) in without_each(policy, |config| &mut config.expose_headers) {
        for (policy, is_read) in [(policy.clone(), true), (less, false)] {
            let seen = call(policy).await.expect("no request needs it");
            assert_eq!(seen.header(&missing).is_some(), is_read, "{missing}");
        }
    }
}

/// Returns each item of a list, and the policy without it.
fn without_each(
    policy: &Policy,
    list: fn(&mut PolicyConfig) -> &mut Vec<String>,
) -> Vec<(String, Policy)> {
    let mut whole = policy.config();
    let items = list(&mut whole).clone();
    let without = |missing: String| {
        let mut config = policy.config();
        list(&mut config).retain(|item| *item != missing);
        let policy = config.build().expect("shorter lists are valid");
        (missing, policy)
    };
    items.into_iter().map(without).collect()
}
