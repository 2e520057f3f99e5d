//! What differs from django-cors-headers, and why.

use super::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, Difference, MAX_AGE, PREFLIGHTS,
    STATUS, VARY,
};

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        requests: &["get from null", "get from no origin at all"],
        fields: &[ALLOW_ORIGIN, ALLOW_CREDENTIALS],
        ours: None,
        why: "theirs repeats whatever Origin says. With credentials `null` has a switch of its \
              own here, since any page becomes `null` in a sandboxed frame; a value with a path \
              is not a serialized origin (RFC 6454, 6.2)",
    },
    Difference {
        requests: &["options without requested method"],
        fields: &[ALLOW_METHODS, ALLOW_HEADERS, MAX_AGE],
        ours: None,
        why: "without Access-Control-Request-Method it is not a CORS-preflight request (Fetch), \
              and only to one do these fields belong; theirs adds them to every OPTIONS",
    },
    Difference {
        requests: ANSWERED,
        fields: &[STATUS],
        ours: Some("204"),
        why: "an answer without content is 204 (RFC 9110, 15.3.5); theirs is 200, and browsers \
              take any status from 200 to 299 (Fetch)",
    },
    Difference {
        requests: ANSWERED,
        fields: &[ALLOW_HEADERS],
        ours: Some(
            "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
        ),
        why: "accept-encoding, dnt and origin are forbidden request-headers (Fetch): no script \
              sets them, and no policy with them is built",
    },
    Difference {
        requests: &["preflight for no method"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs never looks at the method; no browser asks for what is not a token",
    },
    Difference {
        requests: &["preflight for no header name"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs never looks at the names; no browser asks for what is not a token",
    },
    Difference {
        requests: &["preflight from null", "preflight from no origin at all"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs repeats whatever Origin says; `null` and what is not a serialized origin are \
              refused here, as for GET",
    },
    Difference {
        requests: &[
            "preflight for no method",
            "preflight for no header name",
            "preflight from null",
            "preflight from no origin at all",
        ],
        fields: &[
            ALLOW_ORIGIN,
            ALLOW_CREDENTIALS,
            ALLOW_METHODS,
            ALLOW_HEADERS,
            MAX_AGE,
        ],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        requests: PREFLIGHTS,
        fields: &[VARY],
        ours: Some("access-control-request-headers, access-control-request-method, origin"),
        why: "what is refused without a word of the policy depends on the method and the headers \
              that are asked for; theirs answers all alike",
    },
];

/// The preflights that our policy answers with its lists, refused ones too.
const ANSWERED: &[&str] = &[
    "preflight for get",
    "preflight for head",
    "preflight for put",
    "preflight for a listed header",
    "preflight for two headers, a space, upper case",
    "preflight for an empty element",
    "preflight for authorization",
    "preflight for a private network",
    "preflight for patch in lower case",
    "preflight for an unlisted method",
    "preflight for an unlisted header",
    "preflight for forbidden headers",
];
