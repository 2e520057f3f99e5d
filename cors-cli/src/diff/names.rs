//! [`Names`]: the methods and the header names that are tried.

use std::collections::BTreeMap;

use cors_core::PolicyConfig;
use cors_core::browser::Request;

use super::access::Side;

/// The methods and the header names that are tried, each with the words for it.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) methods: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    /// The headers of the app's responses.
    pub(super) exposed: BTreeMap<String, String>,
}

/// Headers that every page may set, to values that are safelisted
/// (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header>). To others it may where they
/// are allowed.
pub(super) const SAFELISTED: [&str; 5] = [
    "accept",
    "accept-language",
    "content-language",
    "content-type",
    "range",
];

/// Headers of responses that every page may read
/// (<https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>).
const READ_ANYWAY: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

impl Names {
    pub(super) fn of(sides: &[Side<'_>; 2]) -> Self {
        let listed = |list: fn(&PolicyConfig) -> &Vec<String>| {
            let items = sides.iter().flat_map(move |side| side.list(list));
            items.filter(|item| *item != "*")
        };
        let methods = listed(|config| &config.allow_methods);
        let mut methods: BTreeMap<_, _> = methods
            .filter_map(|item| Request::new(item).ok())
            .map(|request| (request.method().to_owned(), request.method().to_owned()))
            .collect();
        let other = fresh("PURGE", methods.keys().map(String::as_str));
        let words = format!("any method that is not listed (such as {other})");
        methods.insert(other, words);
        // These are always allowed.
        methods.retain(|method, _| !matches!(&**method, "GET" | "HEAD" | "POST"));

        let mut headers = headers(listed(|config| &config.allow_headers));
        // `*` is not for the first one.
        let always = ["authorization"].into_iter().chain(SAFELISTED);
        headers.extend(always.map(|name| (name.to_owned(), name.to_owned())));
        // What a browser leaves out says nothing.
        headers.retain(|name, _| {
            let request = Request::new("GET").and_then(|request| request.header(name, "1"));
            request.is_ok_and(|request| request.headers().get(name).is_some())
        });
        let mut exposed = self::headers(listed(|config| &config.expose_headers));
        exposed.retain(|name, _| !READ_ANYWAY.contains(&&**name));
        Self {
            methods,
            headers,
            exposed,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.methods.len() + self.headers.len() + self.exposed.len()
    }
}

/// Returns the names of a list, for each prefix a name that no longer prefix has, and one that
/// neither a name nor a prefix is for.
fn headers<'i>(items: impl Iterator<Item = &'i String>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut prefixes = Vec::new();
    for item in items {
        let item = item.to_ascii_lowercase();
        match item.strip_suffix('*') {
            Some(prefix) => prefixes.push(prefix.to_owned()),
            None => {
                names.insert(item.clone(), item);
            }
        }
    }
    // A prefix ends in a dash, and this has none: whatever begins so begins with no longer one.
    let mut ends = names
        .keys()
        .map(|name| name.rsplit('-').next().unwrap_or(name));
    let end = fresh("other", ends.by_ref());
    for prefix in prefixes {
        names.insert(format!("{prefix}{end}"), format!("{prefix}*"));
    }
    let words = format!("any header that is not listed (such as {end})");
    names.insert(end, words);
    names
}

/// Returns a text that is none of those that are known, and none of their labels or segments.
pub(super) fn fresh<'k>(text: &str, known: impl Iterator<Item = &'k str>) -> String {
    let mut taken: Vec<u64> = Vec::new();
    for known in known {
        let mut rest = known;
        while let Some(start) = rest.find(text) {
            rest = rest.get(start + text.len()..).unwrap_or_default();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest.get(..digits).unwrap_or_default();
            // A number that is longer than this is that of nobody.
            taken.push(number.parse().unwrap_or(0));
        }
    }
    taken.sort_unstable();
    taken.dedup();
    let is_free = |(number, taken): &(u64, u64)| number != taken;
    let free = (0..).zip(taken.iter().copied()).find(is_free);
    match free.map_or(taken.len() as u64, |(number, _)| number) {
        0 => text.to_owned(),
        number => format!("{text}{number}"),
    }
}
