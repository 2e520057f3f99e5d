//! [`Case`]: one rule of the contract on one request.

use conformance_client::raw::Request;

use super::expected::Expected;

/// One rule of the contract on one request.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rule.
    pub name: String,
    /// The policy, as a TOML file.
    pub policy: &'static str,
    /// The request that is sent.
    pub request: Request,
    /// The response that must come back.
    pub expected: Expected,
}

/// Returns a case.
pub(super) fn case(
    name: impl Into<String>,
    policy: &'static str,
    request: Request,
    expected: Expected,
) -> Case {
    Case {
        name: name.into(),
        policy,
        request,
        expected,
    }
}
