//! The cases whose response differs through a proxy, and why. Whatever else differs is a failure,
//! and so is an entry that nothing needs.

use std::io;

use conformance::cases;
use conformance_client::raw::Response;

use crate::proxy::Kind::{self, Envoy, Nginx};

/// A difference that is the proxy's own, or that of a service that stands beside the app.
pub(crate) struct Entry {
    pub(crate) why: &'static str,
    pub(crate) of: &'static [Kind],
    /// Parts of the names of the cases.
    pub(crate) cases: &'static [&'static str],
    pub(crate) what: What,
    /// Whether it depends on time.
    pub(crate) sometimes: bool,
}

/// What differs.
pub(crate) enum What {
    /// These, by their first words.
    Only(&'static [&'static str]),
    /// The response is the proxy's own: no handler is called, and it says nothing of CORS.
    ProxyResponds,
    /// What the app gets differs from what the client sent, and so does the response.
    OtherRequest,
}

impl Entry {
    /// Returns whether it explains a difference of a response.
    pub(crate) fn explains(&self, response: &Response, difference: &str) -> bool {
        match &self.what {
            What::Only(words) => words.iter().any(|words| difference.starts_with(words)),
            What::ProxyResponds => {
                let (fields, vary) = cases::fields_of(response);
                let is_mistake = (400..=599).contains(&response.status);
                is_mistake && fields.is_empty() && vary.is_empty()
            }
            What::OtherRequest => true,
        }
    }
}

const CORS: &str = "CORS fields:";
const STATUS: &str = "status:";

/// What a service can't do that does not see the app's response, or does for a proxy.
static OF_THE_SERVICE: [Entry; 4] = [
    Entry {
        why: "Vary is added to the app's: a name may be there twice, or beside `*`, which says the \
              same to a cache",
        of: &[Envoy, Nginx],
        cases: &["/vary-origin", "/vary-star"],
        what: What::Only(&["Vary:"]),
        sometimes: false,
    },
    Entry {
        why: "the app's own CORS headers are removed whatever the policy says: on a path that is \
              switched off, and under `keep_app_headers`",
        of: &[Envoy, Nginx],
        cases: &[
            "hosts: GET /own-cors for evil.example.net:8080",
            "hosts: the app's own headers, for api.example.com",
            "disabled: ",
            "kept: the app's own fields alone",
        ],
        what: What::Only(&[CORS]),
        sometimes: false,
    },
    Entry {
        why: "`expose_headers` has the beginnings of names, and the service does not see the names",
        of: &[Envoy, Nginx],
        cases: &["exposed prefixes"],
        what: What::Only(&[CORS]),
        sometimes: false,
    },
    Entry {
        why: "200 calls the app, so an answer whose status is 200 by setting has 204",
        of: &[Envoy, Nginx],
        cases: &["statuses 200 and 200: "],
        what: What::Only(&[STATUS]),
        sometimes: false,
    },
];

static OF_BOTH: [Entry; 2] = [
    Entry {
        why: "chunks that arrive together are passed on as one",
        of: &[Envoy, Nginx],
        cases: &["/stream"],
        what: What::Only(&["chunks:"]),
        sometimes: true,
    },
    Entry {
        why: "the proxy responds itself: to methods that it does not know, to `*`, to long lines",
        of: &[Envoy, Nginx],
        cases: &[
            "options in lower case is another method",
            "OPTIONS * with a preflight's lines is a preflight",
            "hostile requested method: 64 KiB of a token is refused",
        ],
        what: What::ProxyResponds,
        sometimes: false,
    },
];

static OF_ENVOY: [Entry; 4] = [
    Entry {
        why: "Envoy closes the connection after 400",
        of: &[Envoy],
        cases: &["statuses 204 and 400: ", "refusals: "],
        what: What::Only(&["closes:"]),
        sometimes: false,
    },
    Entry {
        why: "lines of one name reach the service joined, without the empty ones: no browser sends \
              such lines",
        of: &[Envoy],
        cases: &[
            "a partly empty requested method is a refused preflight",
            "an allowed Origin before an empty one",
            "an allowed Origin after an empty one",
            ": outside for lines",
        ],
        what: What::Only(&[CORS, STATUS]),
        sometimes: false,
    },
    Entry {
        why: "a carriage return is dropped, for the app too, and bytes that are not text reach the \
              service as `!`: no browser sends either",
        of: &[Envoy],
        cases: &[
            "hostile Origin: a carriage return is refused where any has credentials",
            "hostile requested method: bytes that are not text",
            "hostile requested headers, listed: a byte that is not text",
            "hostile requested headers, echoed: a byte that is not text",
            "hostile requested headers, listed: a carriage return",
            "hostile requested headers, echoed: a carriage return",
        ],
        what: What::Only(&[CORS, STATUS]),
        sometimes: false,
    },
    Entry {
        why: "an empty Host line beside another one is dropped, for the app too",
        of: &[Envoy],
        cases: &["hosts: an empty Host beside one"],
        what: What::OtherRequest,
        sometimes: false,
    },
];

static OF_NGINX: [Entry; 5] = [
    Entry {
        why: "nginx responds itself: to TRACE, to paths that have no normal form",
        of: &[Nginx],
        cases: &[
            "TRACE with a preflight's lines is actual",
            "path spellings: a preflight for /echo%00 ",
            "path spellings: a preflight for /echo% ",
            "path spellings: a preflight for /echo%6 ",
            "preflight to /%2e%2e/echo ",
        ],
        what: What::ProxyResponds,
        sometimes: false,
    },
    Entry {
        why: "a line of more than 8 KiB is too long for nginx, unless it is told otherwise",
        of: &[Nginx],
        cases: &[
            "bounds, any: outside for bytes",
            "bounds, echoed: outside for bytes",
            "bounds, echoed: twice the bound of names are refused",
            "bounds, listed: outside for bytes",
        ],
        what: What::ProxyResponds,
        sometimes: false,
    },
    Entry {
        why: "control characters reach the service, whose 400 `auth_request` takes for a failure",
        of: &[Nginx],
        cases: &[
            "hostile Origin: a control character ",
            "hostile Origin: DEL ",
        ],
        what: What::ProxyResponds,
        sometimes: false,
    },
    Entry {
        why: "the service and the app get the Host line, and not the host of the target",
        of: &[Nginx],
        cases: &["hosts: the target http://", "reject: the target http://"],
        what: What::OtherRequest,
        sometimes: false,
    },
    Entry {
        why: "lines without a value are not sent on: no browser sends them",
        of: &[Nginx],
        cases: &[
            ": `` (0 bytes) is refused a preflight",
            "an empty Origin ",
            "an empty requested method is a refused preflight",
            "any method: `` is refused",
            "reject: `` is not ",
            "at its own host with Sec-Fetch-Site: ``",
        ],
        what: What::OtherRequest,
        sometimes: false,
    },
];

static OF_NGINX_BEFORE_1_23: [Entry; 2] = [
    Entry {
        why: "of several lines of one name the first is sent on: no browser sends several",
        of: &[Nginx],
        cases: &[
            ": two methods",
            "two Origin lines",
            "two origins",
            "two allowed Origins is not allowed",
            "the same Origin twice is not allowed",
            "an allowed Origin before another",
            "an allowed Origin before an empty one",
            "an allowed Origin after an empty one",
            "hostile Origin: 64 lines are refused",
            "hostile requested headers: 64 lines are echoed",
            "a repeated requested method is a refused preflight",
            "a contradictory requested method is a refused preflight",
            "a partly empty requested method is a refused preflight",
            // Lists of lines.
            "\", \"",
            " over lines",
            " for lines",
        ],
        what: What::OtherRequest,
        sometimes: false,
    },
    Entry {
        why: "of an echo in several lines `auth_request_set` takes the first",
        of: &[Nginx],
        cases: &["passthrough: what was asked for is repeated"],
        what: What::Only(&[CORS]),
        sometimes: false,
    },
];

static OF_NGINX_FROM_1_23: [Entry; 2] = [
    Entry {
        why: "several lines of one name are sent on as one, with a blank after each comma, and so \
              they are echoed",
        of: &[Nginx],
        cases: &[
            "passthrough: what was asked for is repeated",
            "hostile requested headers: 64 lines are echoed",
            "requested headers, echoed: [",
            "bounds, echoed: inside for ",
        ],
        what: What::Only(&[CORS]),
        sometimes: false,
    },
    Entry {
        why: "lines of one name that are too many reach the service as one: no browser sends such \
              lines",
        of: &[Nginx],
        cases: &[": outside for lines"],
        what: What::Only(&[CORS, STATUS]),
        sometimes: false,
    },
];

/// Returns the entries of a proxy.
pub(crate) fn entries(kind: Kind) -> io::Result<Vec<&'static Entry>> {
    let of_its_version = if kind.sends_first_lines()? {
        &OF_NGINX_BEFORE_1_23[..]
    } else {
        &OF_NGINX_FROM_1_23
    };
    let all = [
        &OF_THE_SERVICE[..],
        &OF_BOTH,
        &OF_ENVOY,
        &OF_NGINX,
        of_its_version,
    ];
    let all = all.into_iter().flatten();
    Ok(all.filter(|entry| entry.of.contains(&kind)).collect())
}
