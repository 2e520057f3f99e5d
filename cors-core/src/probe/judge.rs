//! The judgement of a response: [`ProbeRequest::judge`].

use super::compare::Comparison;
use super::finding::Finding;
use super::request::ProbeRequest;
use crate::browser::Response;

impl ProbeRequest {
    /// Compares the app's response with what the policy says, and returns the differences; none for
    /// a right response.
    ///
    /// `headers` are the names and values of all header lines.
    #[must_use]
    pub fn judge<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Vec<Finding> {
        let mut got = Response::new(status);
        let headers = headers.into_iter();
        let headers =
            headers.map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_vec()));
        got.headers_mut().extend(headers);
        // What is right stays as it is when the policy is applied to it once more.
        let expected = self.sent.respond(&self.policy, |_| got.clone());
        let decision = self.policy.decide(&self.sent);
        let comparison = Comparison {
            got: &got,
            expected: &expected,
            decision,
            page: self.page.as_deref(),
            is_blocked: self.browser(&got).is_err(),
            is_meant_blocked: self.browser(&expected).is_err(),
        };
        let kinds = comparison.kinds();
        kinds
            .into_iter()
            .map(|kind| Finding {
                kind,
                request: self.clone(),
                got: got.clone(),
                expected: expected.clone(),
            })
            .collect()
    }
}
