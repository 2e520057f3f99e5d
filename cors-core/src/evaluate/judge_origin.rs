//! The verdict about an origin, and the rule or the refusal that makes it.

use crate::policy::AllowedOrigins;
use crate::policy::predicate::Panicked;
use crate::protocol::decision::OriginRule;
use crate::protocol::origin::Origin;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RequestHead;

impl AllowedOrigins {
    pub(super) fn judge(
        &self,
        value: &[u8],
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        // An origin that equals one of the policy's is well-formed, since that one has passed the
        // grammar.
        let listed = &self.listed.compiled;
        if listed.contains_exact(value) {
            return Ok(OriginRule::Exact);
        }
        let origin = Origin::parse(value).map_err(Refusal::MalformedOrigin)?;
        if origin.is_null_or_file() {
            return match value {
                _ if self.any_covers_null => Ok(OriginRule::Any),
                b"null" if self.null => Ok(OriginRule::Null),
                b"null" => Err(Refusal::NullOrigin),
                _ => Err(Refusal::OriginNotAllowed),
            };
        }
        if self.any {
            return Ok(OriginRule::Any);
        }
        match listed.matching(origin) {
            Some(rule) => Ok(rule),
            None => self.judge_by_code(origin, request),
        }
    }

    /// Asks regular expressions and predicates. What they match is not known before a request, so
    /// the check for plain http is made here.
    fn judge_by_code(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        let rule = match self.regexes.compiled.matching(origin) {
            Some(index) => OriginRule::Regex(index),
            None => self.ask_predicates(origin, request)?,
        };
        if self.refuses_insecure(origin) {
            return Err(Refusal::InsecureOrigin);
        }
        Ok(rule)
    }

    /// Returns whether nothing that is asked for a request can allow an origin, since it is plain
    /// http.
    pub(super) fn refuses_insecure(&self, origin: Origin<'_>) -> bool {
        let is_tolerated = self.insecure || (self.private && origin.has_private_address());
        !is_tolerated && origin.is_insecure()
    }

    fn ask_predicates(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<OriginRule, Refusal> {
        for (index, predicate) in (0..).zip(&self.predicates) {
            match predicate.allows(origin, request) {
                Ok(true) => return Ok(OriginRule::Predicate(index)),
                Ok(false) => {}
                Err(Panicked) => return Err(Refusal::PredicatePanicked),
            }
        }
        match &self.async_predicate {
            None => Err(Refusal::OriginNotAllowed),
            // Its result would not count.
            Some(_) if self.refuses_insecure(origin) => Err(Refusal::InsecureOrigin),
            Some(_) => Err(Refusal::PredicateNotAsked),
        }
    }
}
