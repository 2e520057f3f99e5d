//! What differs from flask-cors, and why.

use super::{
    ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, ALLOW_PRIVATE_NETWORK, Difference, PREFLIGHTS,
    STATUS, VARY,
};

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        requests: ACTUAL,
        fields: &[ALLOW_ORIGIN],
        ours: Some("*"),
        why: "without credentials the answer is the same for everybody; theirs is too with \
              send_wildcard=True, and repeats whatever Origin says without",
    },
    Difference {
        requests: ACTUAL,
        fields: &[VARY],
        ours: None,
        why: "the answer does not depend on Origin, so that caches may share it (Fetch, CORS \
              protocol and HTTP caches)",
    },
    Difference {
        requests: &["options without origin"],
        fields: &[ALLOW_METHODS],
        ours: None,
        why: "without Origin it is not a CORS request at all (Fetch); theirs takes every OPTIONS \
              for a preflight",
    },
    Difference {
        requests: ANSWERED,
        fields: &[STATUS],
        ours: Some("204"),
        why: "an answer without content is 204 (RFC 9110, 15.3.5); theirs is Flask's own answer \
              to OPTIONS, 200, and browsers take any status from 200 to 299 (Fetch)",
    },
    Difference {
        requests: ANSWERED,
        fields: &[ALLOW_ORIGIN],
        ours: Some("*"),
        why: "without credentials the answer is the same for everybody; theirs is too with \
              send_wildcard=True, and repeats whatever Origin says without",
    },
    Difference {
        requests: ANSWERED,
        fields: &[ALLOW_HEADERS],
        ours: Some("*, authorization"),
        why: "one answer for all headers, which a browser keeps for all of them; theirs repeats \
              those that were asked for",
    },
    Difference {
        requests: &["preflight for an unlisted method"],
        fields: &[ALLOW_METHODS],
        ours: Some("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
        why: "theirs leaves the lists out; here the browser gets them, and its console names the \
              method",
    },
    Difference {
        requests: &["preflight for no method"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs leaves the lists out of an answer of 200, which makes the browser refuse",
    },
    Difference {
        requests: &["preflight for no header name"],
        fields: &[STATUS],
        ours: Some("403"),
        why: "theirs repeats whatever matches its pattern, which is all there is; what is no \
              token is not a field name (RFC 9110, 5.1), and browsers never ask for it",
    },
    Difference {
        requests: &["preflight for no header name"],
        fields: &[ALLOW_METHODS, ALLOW_HEADERS],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        requests: &["preflight for no method", "preflight for no header name"],
        fields: &[ALLOW_ORIGIN],
        ours: None,
        why: "a refused preflight tells nothing of the policy",
    },
    Difference {
        requests: PREFLIGHTS,
        fields: &[VARY],
        ours: Some("access-control-request-headers, access-control-request-method"),
        why: "the answer does not depend on Origin, but on the method and the headers that are \
              asked for: some are refused under any policy",
    },
    Difference {
        requests: &["preflight for a private network"],
        fields: &[ALLOW_PRIVATE_NETWORK],
        ours: None,
        why: "the field's only value is `true` (Private Network Access); theirs says `false`",
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
    "preflight for an unlisted header",
    "preflight for forbidden headers",
    "preflight from null",
    "preflight from no origin at all",
    "preflight for a private network",
    "preflight for patch in lower case",
    "preflight for an unlisted method",
];

/// The requests with Origin that our policy takes for actual ones.
const ACTUAL: &[&str] = &[
    "get",
    "post of json",
    "get from http",
    "get from null",
    "get from no origin at all",
    "options without requested method",
];
