//! The rules as a policy of this library.

use std::time::Duration;

use cors_core::Policy;

use crate::scenario::{DOMAIN, HEADERS, HOST, MAX_AGE, METHODS, Origins, Rules};

pub fn policy(rules: &Rules) -> Policy {
    let builder = Policy::builder();
    let mut builder = match &rules.origins {
        Origins::Listed(origins) => builder.allow_origins(origins),
        Origins::Any => builder.allow_origins(["*"]),
        Origins::AnyWithCredentials => builder
            .allow_origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_insecure_origins_with_credentials(true),
        Origins::Subdomains => builder.allow_origins([format!("https://*.{DOMAIN}")]),
    };
    if rules.preflights {
        builder = builder
            .allow_methods(METHODS)
            .allow_headers(HEADERS)
            .max_age(Duration::from_secs(MAX_AGE.into()));
    }
    if rules.hosts {
        builder = builder.allow_hosts([HOST]);
    }
    builder
        .build()
        .expect("the rules of every scenario are valid")
}
