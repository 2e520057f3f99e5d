//! Compares the preflight cache with a twin that follows the standard to the letter.
//!
//! [CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache)

use cors_core::browser::Credentials::{Include, Omit, SameOrigin};
use cors_core::browser::{Credentials, HeaderList, PreflightCache, preflight_check};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::support::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, MAX_AGE, ORIGIN, URL, request,
    seconds,
};

/// The cache as the standard has it: a list of entries, each compared with what is asked for.
#[derive(Debug, Default)]
struct Twin(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    origin: &'static str,
    url: &'static str,
    credentials: bool,
    is_method: bool,
    /// The method or the name of the header.
    text: String,
    expires: u64,
}

impl Entry {
    /// [Cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match), and the matches of
    /// methods and header names below it.
    fn matches(&self, asker: Asker, is_method: bool, text: &str) -> bool {
        self.origin == asker.origin
            && self.url == asker.url
            && (self.credentials || asker.credentials != Include)
            && self.is_method == is_method
            && (if is_method {
                self.text == text || self.text == "*"
            } else {
                self.text.eq_ignore_ascii_case(text)
                    || (self.text == "*" && !text.eq_ignore_ascii_case("authorization"))
            })
    }
}

impl Twin {
    fn store(&mut self, now: u64, asker: Asker, is_method: bool, texts: &[String], max_age: u64) {
        self.0.retain(|entry| now < entry.expires);
        for text in texts {
            let mut known = false;
            for entry in &mut self.0 {
                if entry.matches(asker, is_method, text) {
                    entry.expires = now + max_age;
                    known = true;
                }
            }
            if !known {
                self.0.push(Entry {
                    origin: asker.origin,
                    url: asker.url,
                    credentials: asker.credentials == Include,
                    is_method,
                    text: text.clone(),
                    expires: now + max_age,
                });
            }
        }
    }

    fn covers(&mut self, now: u64, asker: Asker, method: &str, names: &[String]) -> bool {
        self.0.retain(|entry| now < entry.expires);
        let matches = |is_method, text: &str| {
            let mut entries = self.0.iter();
            entries.any(|entry| entry.matches(asker, is_method, text))
        };
        (["GET", "POST"].contains(&method) || matches(true, method))
            && names.iter().all(|name| matches(false, name))
    }
}

#[derive(Clone, Copy, Debug)]
struct Asker {
    origin: &'static str,
    url: &'static str,
    credentials: Credentials,
}

#[derive(Clone, Debug)]
enum Step {
    /// The methods and the header names that a server lists, and how long they are kept.
    Store(Vec<String>, Vec<String>, u64),
    Covers(&'static str, Vec<String>),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<(u64, Asker, Step)>> {
    let some = |all: &'static [&'static str]| {
        let some = subsequence(all, 0..=all.len()).prop_shuffle();
        some.prop_map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let listed = some(&["authorization", "X-A", "x-a", "x-b", "x-c", "*"]);
    let asked = some(&["Authorization", "x-A", "X-B"]);
    let methods = some(&["PUT", "DELETE", "patch", "PUT", "*"]);
    let method = select(vec!["GET", "POST", "PUT", "DELETE", "PATCH", "patch"]);
    let step = prop_oneof![
        4 => (methods, listed, 0..5u64).prop_map(|(methods, names, age)| Step::Store(methods, names, age)),
        4 => (method, asked).prop_map(|(method, names)| Step::Covers(method, names)),
        1 => Just(Step::Clear),
    ];
    let asker = (
        select(vec![ORIGIN, "null"]),
        select(vec![URL, "https://api.example.net/"]),
        select(vec![Omit, SameOrigin, Include]),
    );
    let asker = asker.prop_map(|(origin, url, credentials)| Asker {
        origin,
        url,
        credentials,
    });
    vec((0..3u64, asker, step), 0..40)
}

proptest! {
    #[test]
    fn the_cache_is_a_list_of_entries(steps in steps()) {
        let (mut cache, mut twin, mut now) = (PreflightCache::new(), Twin::default(), 0);
        for (later, asker, step) in steps {
            now += later;
            let Asker { origin, url, credentials } = asker;
            match step {
                Step::Store(methods, names, max_age) => {
                    // A request that every answer allows, so that what is granted is what is listed.
                    let get = request("GET", &[]).credentials(credentials);
                    let lines = [
                        (ALLOW_ORIGIN, origin),
                        (ALLOW_CREDENTIALS, "true"),
                        (ALLOW_METHODS, &methods.join(",")),
                        (ALLOW_HEADERS, &names.join(",")),
                        (MAX_AGE, &max_age.to_string()),
                    ];
                    let response = HeaderList::from_iter(lines);
                    let grant = preflight_check(origin, &get, 200, &response);
                    cache.store(seconds(now), url, grant.expect("GET is safelisted"));
                    twin.store(now, asker, true, &methods, max_age);
                    twin.store(now, asker, false, &names, max_age);
                }
                Step::Covers(method, names) => {
                    let lines: Vec<_> = names.iter().map(|name| (&**name, &b""[..])).collect();
                    let asked = request(method, &lines).credentials(credentials);
                    prop_assert_eq!(
                        cache.covers(seconds(now), origin, url, &asked),
                        twin.covers(now, asker, method, &names),
                        "{:?} of {:?} in {:?}", asked, asker, twin
                    );
                }
                Step::Clear => {
                    cache.clear(origin, url);
                    twin.0.retain(|entry| entry.origin != origin || entry.url != url);
                }
            }
        }
    }
}
