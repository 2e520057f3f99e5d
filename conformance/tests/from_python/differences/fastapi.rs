//! What differs from FastAPI, and why.

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
        requests: &[
            "preflight for get",
            "preflight for head",
            "preflight for put",
            "preflight for a listed header",
            "preflight for two headers, a space, upper case",
            "preflight for an empty element",
            "preflight for authorization",
            "preflight for an unlisted header",
            "preflight for forbidden headers",
        ],
        fields: &[STATUS],
        ours: Some("204"),
        why: "an answer without content is 204 (RFC 9110, 15.3.5); theirs is 200 with the text \
              `OK`, and browsers take any status from 200 to 299 (Fetch)",
    },
    Difference {
        requests: &["preflight for a private network"],
        fields: &[STATUS],
        ours: Some("204"),
        why: "with its option off theirs refuses the whole preflight with 400; here the request \
              field is ignored then: a browser that enforces it misses the permission in the \
              answer, and one that only warns goes on",
    },
    Difference {
        requests: &[
            "preflight for patch in lower case",
            "preflight for an unlisted method",
        ],
        fields: &[STATUS],
        ours: Some("204"),
        why: "theirs refuses with 400 and a text that says why; here the browser gets the lists, \
              and its console names the method. By a status that is no success it would not look \
              at them",
    },
    Difference {
        requests: &["preflight for no method"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs refuses with 400 and a text that says why; here a refusal has no body",
    },
    Difference {
        requests: &["preflight for no header name"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs sends the list back unread; what is not a token is not a field name (RFC \
              9110, 5.1), and browsers never ask for it",
    },
    Difference {
        requests: &["preflight for no header name"],
        fields: &[ALLOW_HEADERS],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
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
        fields: ANSWER,
        ours: None,
        why: "a refused preflight tells nothing of the policy; theirs has all of these even in \
              its 400",
    },
    Difference {
        requests: PREFLIGHTS,
        fields: &[VARY],
        ours: Some("access-control-request-headers, access-control-request-method, origin"),
        why: "with allow_private_network off, nothing depends on \
              Access-Control-Request-Private-Network here; theirs names it always",
    },
];

/// What an allowed preflight has, and a refused one has not.
const ANSWER: &[&str] = &[ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, MAX_AGE];
