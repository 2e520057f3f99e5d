//! [`Outcome`]: how a call ends.

use serde::Serialize;

/// What the script gets.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Outcome {
    Readable {
        status: u16,
        /// The names of the headers that the script may read, sorted.
        headers: Vec<String>,
        /// Those that it may not.
        hidden: Vec<String>,
    },
    Blocked {
        at: Stage,
        why: String,
        /// What Chromium's console says.
        console: Option<String>,
    },
}

/// The stage at which a call is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    Preflight,
    Sending,
    Response,
}

/// One request that is sent, and what the policy decides.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) preflight: bool,
    pub(crate) verdict: &'static str,
    pub(crate) reason: String,
    pub(crate) remedy: Option<String>,
    /// Whether the app was not called, although it is no preflight.
    #[serde(skip)]
    pub(crate) rejected: bool,
}
