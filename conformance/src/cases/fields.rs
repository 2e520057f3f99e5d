//! What CORS says in a response.

use conformance_client::raw::Response;

use super::words::ACAH;

/// Returns all that CORS says in a response: every `Access-Control-*` line and every name in Vary,
/// sorted.
#[must_use]
pub fn fields_of(response: &Response) -> (Vec<(String, String)>, Vec<String>) {
    (cors(response), vary_names(response))
}

/// Returns every `Access-Control-*` line, sorted. The lines of Access-Control-Allow-Headers are
/// joined: an echo takes as many lines as the request.
pub(super) fn cors(response: &Response) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in &response.lines {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("access-control-") {
            continue;
        }
        let value = value.escape_ascii().to_string();
        match fields.iter_mut().find(|field| field.0 == name) {
            Some((_, first)) if name == ACAH => *first = format!("{first},{value}"),
            _ => fields.push((name, value)),
        }
    }
    fields.sort();
    fields
}

/// Returns every name in Vary, sorted, with its repetitions.
pub(super) fn vary_names(response: &Response) -> Vec<String> {
    let mut names: Vec<_> = response
        .values("vary")
        .flat_map(|line| line.split(|byte| *byte == b','))
        .map(|name| {
            name.trim_ascii()
                .to_ascii_lowercase()
                .escape_ascii()
                .to_string()
        })
        .collect();
    names.sort();
    names
}

/// Returns the values of all lines of a name.
pub(super) fn values(response: &Response, name: &str) -> Vec<String> {
    response
        .values(name)
        .map(|value| value.escape_ascii().to_string())
        .collect()
}
