//! Why a response is another one.

/// One reason, for requests of peers.
pub struct Difference {
    pub peers: &'static [&'static str],
    pub requests: &'static [&'static str],
    pub why: &'static str,
}

pub const DIFFERENCES: [Difference; 19] = [
    Difference {
        peers: &["tower-http"],
        requests: &[
            "GET without `Origin`",
            "GET, another origin",
            "GET, `null`",
            "POST, another origin",
            "POST, the service's own origin",
            "PUT, another origin",
        ],
        why: "What is of use to an allowed origin alone is sent to no other.",
    },
    Difference {
        peers: &["actix-cors"],
        requests: &[
            "GET without `Origin`",
            "GET, another origin",
            "GET, `null`",
            "POST, another origin",
            "POST, the service's own origin",
            "PUT, another origin",
        ],
        why: "What is of use to an allowed origin alone is sent to no other; and only the answer to a preflight depends on what it requests.",
    },
    Difference {
        peers: &["actix-cors"],
        requests: &[
            "GET, allowed origin",
            "GET of a missing path, allowed origin",
            "POST, which no route takes, allowed origin",
            "OPTIONS, an origin, nothing requested",
        ],
        why: "Only the answer to a preflight depends on what it requests.",
    },
    Difference {
        peers: &["tower-http", "actix-cors", "rocket_cors", "warp::cors"],
        requests: &["GET, two `Origin` lines"],
        why: "Which of the two is meant can't be known, so neither is allowed.",
    },
    Difference {
        peers: &["tower-http"],
        requests: &[
            "preflight for PUT with `content-type`",
            "preflight for HEAD with `authorization`",
            "preflight for DELETE, which is not listed",
            "preflight with `x-other`, which is not listed",
        ],
        why: "There is no body, so 204; and a cache learns what the answer depends on.",
    },
    Difference {
        peers: &["actix-cors"],
        requests: &["preflight for PUT with `content-type`"],
        why: "There is no body, so 204.",
    },
    Difference {
        peers: &["rocket_cors"],
        requests: &["preflight for PUT with `content-type`"],
        why: "The whole lists are sent, so that a browser asks once for a URL; and a cache learns what the answer depends on.",
    },
    Difference {
        peers: &["warp::cors"],
        requests: &["preflight for PUT with `content-type`"],
        why: "There is no body, so 204; browsers look for exposed headers on the response itself; and a cache learns what the answer depends on.",
    },
    Difference {
        peers: &["actix-cors", "rocket_cors", "warp::cors"],
        requests: &["preflight for HEAD with `authorization`"],
        why: "Browsers allow GET, HEAD and POST whatever a policy says, so every policy allows them.",
    },
    Difference {
        peers: &["actix-cors", "rocket_cors", "warp::cors"],
        requests: &[
            "preflight for DELETE, which is not listed",
            "preflight with `x-other`, which is not listed",
        ],
        why: "The origin is allowed, so the answer has the lists: the browser refuses by them, and its console names what is missing.",
    },
    Difference {
        peers: &["tower-http", "actix-cors"],
        requests: &["preflight, another origin"],
        why: "A page from elsewhere learns nothing of the policy; its browser refuses either way.",
    },
    Difference {
        peers: &["rocket_cors", "warp::cors"],
        requests: &["preflight, another origin"],
        why: "A cache learns what the answer depends on.",
    },
    Difference {
        peers: &["rocket_cors", "warp::cors"],
        requests: &[
            "GET without `Origin`",
            "GET, allowed origin",
            "OPTIONS without `Origin`",
        ],
        why: "A cache learns that the response depends on `Origin`.",
    },
    Difference {
        peers: &["rocket_cors"],
        requests: &[
            "GET of a missing path, allowed origin",
            "POST, which no route takes, allowed origin",
        ],
        why: "A cache learns that the response depends on `Origin`.",
    },
    Difference {
        peers: &["warp::cors"],
        requests: &[
            "GET of a missing path, allowed origin",
            "POST, which no route takes, allowed origin",
            "OPTIONS, an origin, nothing requested",
        ],
        why: "The app's errors have the headers too, so that the page can read which error it is; and a cache learns that the response depends on `Origin`.",
    },
    Difference {
        peers: &["rocket_cors", "warp::cors"],
        requests: &[
            "GET, another origin",
            "GET, `null`",
            "POST, another origin",
            "PUT, another origin",
        ],
        why: "`reject_disallowed_origins` keeps the 403; and `Vary` is on every response that depends on `Origin`.",
    },
    Difference {
        peers: &["rocket_cors", "warp::cors"],
        requests: &["POST, the service's own origin"],
        why: "A request of the service's own pages is not cross-origin, so the app answers it.",
    },
    Difference {
        peers: &["tower-http", "actix-cors"],
        requests: &["OPTIONS without `Origin`"],
        why: "It is no preflight, so the app answers it.",
    },
    Difference {
        peers: &["tower-http", "rocket_cors"],
        requests: &["OPTIONS, an origin, nothing requested"],
        why: "It is no preflight, so the app answers it.",
    },
];

/// Returns why the response to a request is another one; `None` where nothing is written.
pub fn reason(peer: &str, request: &str) -> Option<&'static str> {
    let difference = DIFFERENCES.iter().find(|difference| {
        difference.peers.contains(&peer) && difference.requests.contains(&request)
    })?;
    Some(difference.why)
}
