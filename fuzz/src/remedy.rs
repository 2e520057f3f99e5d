//! Remedies: what the text of a problem says to write.

use cors_core::{PolicyConfig, Problem};

/// Returns the lists of items that a problem of `allow_origins` says to write, and whether they are
/// regular expressions. Of samples, each is a list of its own.
pub fn remedies(problem: &Problem) -> Vec<(Vec<String>, bool)> {
    let words = problem.kind().to_string();
    let Some((_, remedy)) = words.rsplit_once("; write ") else {
        return Vec::new();
    };
    let (items, end) = quoted(remedy);
    let is_regex = end.ends_with("allow_origin_regexes");
    if items.is_empty() {
        return Vec::new();
    }
    if words.contains(" as in ") {
        return items
            .into_iter()
            .map(|item| (vec![item], is_regex))
            .collect();
    }
    vec![(items, is_regex)]
}

/// Builds the policy that a remedy makes, and panics where it has a problem.
pub fn check(config: &PolicyConfig, items: Vec<String>, is_regex: bool) {
    let mut remedied = config.clone();
    remedied.allow_origins.clear();
    if is_regex {
        remedied.allow_origin_regexes = items;
    } else {
        remedied.allow_origins = items;
    }
    if let Err(errors) = remedied.build() {
        panic!("a remedy is no remedy: {errors}, for {config:?}");
    }
}

/// Returns the texts in quotes, with their escapes undone, and what follows the last one.
fn quoted(text: &str) -> (Vec<String>, &str) {
    let mut items = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let from = &rest[start..];
        let mut texts = serde_json::Deserializer::from_str(from).into_iter::<String>();
        match texts.next() {
            Some(Ok(item)) => items.push(item),
            _ => panic!("what is between quotes is no text: {text:?}"),
        }
        rest = &from[texts.byte_offset()..];
    }
    (items, rest)
}
