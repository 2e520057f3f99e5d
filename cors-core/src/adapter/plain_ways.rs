//! [`PlainWays`]: which requests of a policy need no decision.

use crate::policy::Compiled;
use crate::policy::allowed_headers::EchoedHeaders;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders};

/// What goes the plain way under a policy.
#[derive(Clone, Copy)]
pub(super) struct PlainWays {
    /// The app's responses.
    pub(super) responses: bool,
    /// Requests, also before there is a decision.
    pub(super) requests: bool,
    /// Preflights.
    pub(super) preflights: bool,
    /// The headers of the response to an allowed request, here so that no request reads the policy
    /// for them.
    pub(super) headers: AnswerHeaders,
    /// Whether responses have `Vary: Origin`.
    pub(super) varies: bool,
}

impl PlainWays {
    pub(super) fn of(policy: &Compiled) -> Self {
        let switches = &policy.switches;
        let responses = !switches.keep_app_headers
            && !policy
                .actual_headers
                .contains(AnswerHeader::ExposePresentHeaders)
            && policy.actual_vary.is_of_origin_at_most();
        let requests = responses && policy.decides_by_origin();
        let of_request = policy.preflight_headers.and(AnswerHeaders::FROM_REQUEST);
        let of_request = of_request.without(AnswerHeader::AllowOrigin);
        Self {
            responses,
            requests,
            preflights: requests
                && !switches.preflight_passthrough
                && !switches.allow_private_network
                && of_request == AnswerHeaders::default()
                && policy.headers.echoed == EchoedHeaders::None,
            headers: policy.actual_headers,
            varies: policy.actual_vary.line().is_some(),
        }
    }
}
