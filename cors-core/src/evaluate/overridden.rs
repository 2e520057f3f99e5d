//! The decision on a request whose method is not the one that was sent.

use super::same_origin::is_same_origin;
use crate::policy::{Compiled, Judging};
use crate::protocol::decision::{Decision, OriginRule};
use crate::protocol::refusal::{Failure, Refusal};
use crate::protocol::request::{FieldValue, RequestHead};
use crate::protocol::token;

impl Compiled {
    /// Decides on an actual request whose method the framework took from its body.
    ///
    /// A browser sends the form of another site by POST, and so
    /// [without a preflight](https://fetch.spec.whatwg.org/#cors-safelisted-method). What a
    /// preflight for the method would be refused for is refused here, and the app is not called.
    /// A form has cookies, so where a list says who has credentials, it counts. The server's own
    /// forms are left alone.
    #[cold]
    pub(super) fn overridden<'a>(
        &self,
        verdict: Result<OriginRule, Refusal>,
        request: &'a dyn RequestHead,
        failure: &mut Option<Failure<'a>>,
    ) -> Decision {
        let method = request.method().as_bytes();
        if token::is_safelisted_method(method) || is_same_origin(request) {
            return self.actual(verdict, request);
        }
        let verdict = match verdict {
            // An origin of the list is judged by the policy within.
            Ok(_) | Err(Refusal::PredicateNotAsked)
                if matches!(self.judging, Judging::Apart(_)) =>
            {
                Err(Refusal::OriginNotAllowed)
            }
            // A predicate that is still to be asked could not help a method that fails.
            Ok(_) | Err(Refusal::PredicateNotAsked) => {
                let judged = self.judge_method(FieldValue::Single(method));
                if let Err(refusal) = judged {
                    *failure = Some(Failure {
                        refusal,
                        value: Some(method),
                        only_lists: false,
                    });
                }
                judged.and(verdict)
            }
            Err(_) => verdict,
        };
        let decision = self.actual(verdict, request);
        if verdict.is_ok() {
            decision
        } else {
            decision.rejected()
        }
    }
}
