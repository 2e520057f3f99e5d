//! What an adapter leaves in a response for those outside of it.

use super::header_types::{HeaderTypes, ResponseParts};
use crate::policy::Policy;

/// A response extension: an inner adapter has already applied its policy, so outer ones leave the
/// headers alone.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InnerPolicyApplied;

/// A response extension: the policy that an adapter has applied, for an outer adapter that looks
/// for mistakes.
#[derive(Clone)]
pub(super) struct AppliedPolicy {
    pub(super) policy: Policy,
    pub(super) for_route: bool,
}

/// Tells an adapter outside, which may look for mistakes, which policy was applied.
#[inline]
pub(super) fn name_policy<H: HeaderTypes>(
    response: &mut impl ResponseParts<H>,
    policy: &Policy,
    for_route: bool,
) {
    response.insert_extension(AppliedPolicy {
        policy: policy.clone(),
        for_route,
    });
}
