//! What a policy does: in words, and as the headers for a page.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use cors_core::browser::{Browser, Credentials, Request, RequestError};
use cors_core::{Policy, PolicyConfig, PolicyMap, probe};

use super::words;
use crate::exchange::{Exchange, sample_host};

/// Writes the words, and the headers for a page.
pub(super) fn write_effect(
    text: &mut String,
    policy: &Policy,
    config: &PolicyConfig,
    page: Option<String>,
    pattern: &str,
) -> Result<(), Box<dyn Error>> {
    writeln!(text, "\n{}", words::of(config))?;
    if let Some(page) = page {
        for exchange in exchanges(policy, config, &page, pattern)? {
            write!(text, "\n{exchange}")?;
        }
    } else if !config.allow_origin_regexes.is_empty() {
        *text += "\nNo origin can be made of a regular expression: `cors explain --origin` shows \
                  what goes over the wire for one.\n";
    }
    Ok(())
}

/// Returns the origin of a page that the policy allows, if one can be made of an item.
pub(super) fn page(policy: &Policy) -> Option<String> {
    let mut pages = probe::sample_origins(policy).into_iter();
    pages.find(|page| policy.allows_origin(page))
}

/// Returns what goes over the wire for a request that needs a preflight, if the policy lists
/// anything that does.
fn exchanges(
    policy: &Policy,
    config: &PolicyConfig,
    page: &str,
    pattern: &str,
) -> Result<Vec<Exchange>, RequestError> {
    let named = |list: &[String], or: &str| {
        let named = list.iter().find(|item| !item.contains('*'));
        let any = list.first().map(|_| or.to_owned());
        named.cloned().or(any)
    };
    let method = named(&config.allow_methods, "PUT").unwrap_or_else(|| "GET".to_owned());
    let mut request = Request::new(&method)?;
    if let Some(name) = named(&config.allow_headers, "x-any") {
        let value = if name.eq_ignore_ascii_case("content-type") {
            "application/json"
        } else {
            "1"
        };
        request = request.header(&name, value)?;
    }
    if config.allow_credentials || !config.allow_credentials_from.is_empty() {
        request = request.credentials(Credentials::Include);
    }
    let policies = PolicyMap::from(policy.clone());
    let mut exchanges = Vec::new();
    let host = sample_host(Some(policy), page);
    let url = format!("https://{host}{}", probe::sample_path(pattern));
    // What the script gets is no part of this.
    let _ = Browser::new().fetch(Duration::ZERO, page, &url, &request, |sent| {
        let exchange = Exchange::of(sent, &policies);
        let response = exchange.response.clone();
        exchanges.push(exchange);
        response
    });
    Ok(exchanges)
}
