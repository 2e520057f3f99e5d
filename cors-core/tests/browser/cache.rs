//! Tests what the preflight cache remembers, and for how long.
//!
//! [CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache)

use cors_core::browser::Credentials::{Include, Omit, SameOrigin};
use cors_core::browser::{PreflightCache, Request, preflight_check};

use crate::support::{
    ALLOW_HEADERS, ALLOW_METHODS, MAX_AGE, ORIGIN, URL, answer, request, seconds,
};

/// Stores what an [`answer`] with these lines grants. Panics if the answer does not pass.
fn store(cache: &mut PreflightCache, at: u64, request: &Request, lines: &[(&str, &str)]) {
    let pass = preflight_check(ORIGIN, request, 200, &answer(lines)).expect("the preflight passes");
    cache.store(seconds(at), URL, pass);
}

#[test]
fn an_answer_ages() {
    for (max_age, fresh_for) in [(Some("600"), 600), (None, 5), (Some("-1"), 5)] {
        let mut cache = PreflightCache::new();
        let put = request("PUT", &[("X-A", b"1")]);
        let mut lines = vec![(ALLOW_METHODS, "PUT"), (ALLOW_HEADERS, "x-a")];
        lines.extend(max_age.map(|value| (MAX_AGE, value)));
        assert!(!cache.covers(seconds(100), ORIGIN, URL, &put));
        store(&mut cache, 100, &put, &lines);
        for at in [100, 100 + fresh_for - 1] {
            assert!(cache.covers(seconds(at), ORIGIN, URL, &put));
        }
        assert!(!cache.covers(seconds(100 + fresh_for), ORIGIN, URL, &put));
        // The expired answer is removed, so it does not cover an earlier time either.
        assert!(!cache.covers(seconds(100), ORIGIN, URL, &put));
    }
}

#[test]
fn max_age_zero_is_never_remembered_and_forgets_what_was() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]);
    store(
        &mut cache,
        0,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, "0")],
    );
    assert!(!cache.covers(seconds(0), ORIGIN, URL, &put));
    store(
        &mut cache,
        0,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, "9")],
    );
    assert!(cache.covers(seconds(0), ORIGIN, URL, &put));
    store(
        &mut cache,
        1,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, "0")],
    );
    assert!(!cache.covers(seconds(1), ORIGIN, URL, &put));
}

#[test]
fn a_new_answer_renews_the_age() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]);
    let lines = [(ALLOW_METHODS, "PUT"), (MAX_AGE, "10")];
    store(&mut cache, 0, &put, &lines);
    store(&mut cache, 8, &put, &lines);
    assert!(cache.covers(seconds(17), ORIGIN, URL, &put));
    assert!(!cache.covers(seconds(18), ORIGIN, URL, &put));
}

#[test]
fn a_cap_limits_the_age() {
    let put = request("PUT", &[]);
    for (max_age, cap, fresh_for) in [("9000", 7200, 7200), ("60", 7200, 60)] {
        let mut cache = PreflightCache::new().with_max_age_cap(cap);
        store(
            &mut cache,
            0,
            &put,
            &[(ALLOW_METHODS, "PUT"), (MAX_AGE, max_age)],
        );
        assert!(cache.covers(seconds(fresh_for - 1), ORIGIN, URL, &put));
        assert!(!cache.covers(seconds(fresh_for), ORIGIN, URL, &put));
    }
    let mut cache = PreflightCache::new();
    let forever = "99999999999999999999999";
    store(
        &mut cache,
        1,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, forever)],
    );
    assert!(cache.covers(seconds(u64::MAX - 1), ORIGIN, URL, &put));
}

#[test]
fn an_answer_serves_one_origin_and_one_url() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]);
    store(&mut cache, 0, &put, &[(ALLOW_METHODS, "PUT")]);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &put));
    assert!(!cache.covers(seconds(0), "https://www.example.com", URL, &put));
    assert!(!cache.covers(seconds(0), "null", URL, &put));
    assert!(!cache.covers(seconds(0), ORIGIN, "https://api.example.net/notes?", &put));

    cache.clear(ORIGIN, "https://api.example.net/");
    cache.clear("null", URL);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &put));
    cache.clear(ORIGIN, URL);
    assert!(!cache.covers(seconds(0), ORIGIN, URL, &put));
}

#[test]
fn an_answer_with_credentials_serves_both_modes() {
    let put = request("PUT", &[("X-A", b"1")]);
    let lines = [(ALLOW_METHODS, "PUT"), (ALLOW_HEADERS, "x-a")];
    for (stored, asked, covered) in [
        (Include, Include, true),
        (Include, Omit, true),
        (Include, SameOrigin, true),
        (Omit, Include, false),
        (SameOrigin, Include, false),
        (Omit, SameOrigin, true),
        (SameOrigin, Omit, true),
    ] {
        let mut cache = PreflightCache::new();
        store(&mut cache, 0, &put.clone().credentials(stored), &lines);
        assert_eq!(
            cache.covers(seconds(0), ORIGIN, URL, &put.clone().credentials(asked)),
            covered,
            "{stored:?} then {asked:?}"
        );
    }
}

#[test]
fn the_method_and_every_unsafe_header_must_be_remembered() {
    let get = |headers| request("GET", headers);
    let mut cache = PreflightCache::new();
    let lines = [(ALLOW_METHODS, "PUT, patch"), (ALLOW_HEADERS, "X-A, x-b")];
    store(&mut cache, 0, &get(&[]), &lines);
    for (request, covered) in [
        (get(&[]), true),
        (get(&[("X-a", b""), ("X-B", b"")]), true),
        (get(&[("X-A", b""), ("X-C", b"")]), false),
        (get(&[("Accept", b"*/*")]), true),
        (get(&[("Accept", b"(")]), false),
        (get(&[("Authorization", b"x")]), false),
        (request("PUT", &[("x-b", b"")]), true),
        (request("patch", &[]), true),
        (request("PATCH", &[]), false),
        (request("DELETE", &[]), false),
        // With an upload listener or a streamed body, even a safelisted method must be remembered.
        (get(&[]).upload_listener(true), false),
        (get(&[]).stream_body(true), false),
        (request("PUT", &[]).stream_body(true), true),
    ] {
        assert_eq!(
            cache.covers(seconds(0), ORIGIN, URL, &request),
            covered,
            "{request:?}"
        );
    }
}

#[test]
fn a_forced_preflight_is_remembered() {
    let mut cache = PreflightCache::new();
    let post = request("POST", &[]).upload_listener(true);
    store(&mut cache, 0, &post, &[]);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &post));
    cache.clear(ORIGIN, URL);
    store(&mut cache, 0, &post, &[(ALLOW_METHODS, "PUT")]);
    assert!(!cache.covers(seconds(0), ORIGIN, URL, &post));
}

#[test]
fn a_remembered_star_covers_all_but_authorization() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[("X-A", b"1")]);
    store(
        &mut cache,
        0,
        &put,
        &[(ALLOW_METHODS, "*"), (ALLOW_HEADERS, "*")],
    );
    let covers = |cache: &mut PreflightCache, request: &Request| {
        cache.covers(seconds(0), ORIGIN, URL, request)
    };
    assert!(covers(&mut cache, &request("DELETE", &[("X-B", b"")])));
    assert!(!covers(
        &mut cache,
        &request("DELETE", &[]).credentials(Include)
    ));
    let authorized = request("PUT", &[("Authorization", b"x")]);
    assert!(!covers(&mut cache, &authorized));
    // The star that the cache already holds must not stop it from storing the name.
    store(
        &mut cache,
        0,
        &authorized,
        &[(ALLOW_METHODS, "*"), (ALLOW_HEADERS, "authorization")],
    );
    assert!(covers(&mut cache, &authorized));
}

#[test]
fn a_star_remembered_with_credentials_covers_all_methods() {
    // By the standard's "method cache entry match", a remembered `*` matches every method in every
    // credentials mode. Here the preflight passes because its answer lists PUT as well.
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]).credentials(Include);
    store(&mut cache, 0, &put, &[(ALLOW_METHODS, "PUT, *")]);
    let delete = request("DELETE", &[]).credentials(Include);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &delete));
}
