//! The form's fields: every setting of a policy, in groups.

use serde::Serialize;

/// A group of fields.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    title: &'static str,
    fields: &'static [Field],
}

#[derive(Debug, Serialize)]
struct Field {
    key: &'static str,
    label: &'static str,
    kind: Kind,
    hint: &'static str,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Texts, one a line.
    List,
    Switch,
    Number,
}

const fn field(key: &'static str, label: &'static str, kind: Kind, hint: &'static str) -> Field {
    Field {
        key,
        label,
        kind,
        hint,
    }
}

/// All fields.
pub(crate) const GROUPS: [Group; 4] = [
    Group {
        title: "Who may read answers",
        fields: &[
            field(
                "allow_origins",
                "Origins",
                Kind::List,
                "One a line: https://app.example.com, https://*.example.com, http://localhost:*, \
                 or * for any",
            ),
            field(
                "allow_credentials",
                "Credentials",
                Kind::Switch,
                "cookies, client certificates, HTTP authentication",
            ),
            field(
                "allow_credentials_from",
                "Origins with credentials",
                Kind::List,
                "One a line, like the origins but for *; these have credentials, all others have \
                 none",
            ),
            field(
                "allow_null_origin",
                "The origin null",
                Kind::Switch,
                "sandboxed frames; any site can take it",
            ),
        ],
    },
    Group {
        title: "What they may send and read",
        fields: &[
            field(
                "allow_methods",
                "Methods",
                Kind::List,
                "Besides GET, HEAD and POST, one a line; * for any",
            ),
            field(
                "allow_headers",
                "Request headers",
                Kind::List,
                "Besides the safelisted ones, one a line; content-type for JSON; x-acme-* for all \
                 that begin so; * for any",
            ),
            field(
                "expose_headers",
                "Response headers",
                Kind::List,
                "That scripts may read besides the safelisted ones, one a line; x-acme-* for all \
                 that begin so",
            ),
            field(
                "max_age",
                "Keep preflights for (seconds)",
                Kind::Number,
                "At most 86400; 0 turns the browser's cache off; empty says nothing",
            ),
        ],
    },
    Group {
        title: "More",
        fields: &[
            field(
                "allow_origin_regexes",
                "Origins by regular expression",
                Kind::List,
                "One a line; each must match a whole origin",
            ),
            field(
                "preflight_status",
                "Status of an allowed preflight",
                Kind::Number,
                "200 to 299",
            ),
            field(
                "preflight_refusal_status",
                "Status of a refused preflight",
                Kind::Number,
                "200 to 299 or 400 to 499",
            ),
            field(
                "reject_disallowed_origins",
                "Reject other origins",
                Kind::Switch,
                "403 for actual requests too, without calling the app",
            ),
            field(
                "allow_hosts",
                "Hosts",
                Kind::List,
                "Under which the server is reached, one a line: localhost, 127.0.0.1, \
                 api.example.com, *.example.com; 403 for any other; empty for any",
            ),
            field(
                "preflight_passthrough",
                "Pass preflights through",
                Kind::Switch,
                "the app is called for them too",
            ),
            field(
                "keep_app_headers",
                "Keep the app's headers",
                Kind::Switch,
                "CORS headers that the app itself sets",
            ),
            field(
                "allow_private_network",
                "Private networks",
                Kind::Switch,
                "legacy preflights of Private Network Access",
            ),
            field(
                "check_public_suffixes",
                "Check public suffixes",
                Kind::Switch,
                "no wildcard over one, such as https://*.github.io, with credentials",
            ),
        ],
    },
    Group {
        title: "Dangerous with credentials",
        fields: &[
            field(
                "dangerously_allow_any_origin_with_credentials",
                "Any origin",
                Kind::Switch,
                "every site acts as the signed-in user",
            ),
            field(
                "dangerously_allow_null_origin_with_credentials",
                "The origin null",
                Kind::Switch,
                "every site does, from a sandboxed frame",
            ),
            field(
                "dangerously_allow_insecure_origins_with_credentials",
                "Plain http",
                Kind::Switch,
                "anybody on the network does",
            ),
            field(
                "dangerously_allow_private_networks_with_credentials",
                "Private networks",
                Kind::Switch,
                "any device on a private network does",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cors_core::PolicyConfig;

    use super::*;

    #[test]
    fn every_setting_has_a_field() {
        let mut config = PolicyConfig::default();
        config.max_age = Some(std::time::Duration::ZERO);
        let value = serde_json::to_value(config).expect("it is plain data");
        let keys: BTreeSet<_> = value.as_object().expect("a table").keys().collect();
        let fields: Vec<String> = GROUPS
            .iter()
            .flat_map(|group| group.fields)
            .map(|field| field.key.to_owned())
            .collect();
        assert_eq!(fields.iter().collect::<BTreeSet<_>>(), keys);
        assert_eq!(fields.len(), keys.len(), "none twice");
    }
}
