//! The seam between `decide` and `explain`: one evaluation, watched or not.

/// Which part of a request a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The origin, against the origins that the policy allows.
    Origin,
    /// The method that a preflight asks for.
    Method,
    /// One of the request headers that a preflight asks for.
    Headers,
}

/// Is told each value before it is judged.
pub(crate) trait Observer {
    fn saw(&mut self, check: Check, value: &[u8]);
}

/// Nobody watches: `decide`.
impl Observer for () {
    fn saw(&mut self, _: Check, _: &[u8]) {}
}
