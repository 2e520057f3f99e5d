//! [`Echoes`]: the lines of a request that its answer repeats.

use crate::decision::Decision;
use crate::request::RequestField;
use crate::values::Value;

/// The lines of a request that a decision sends back, in a framework's own value type, kept for
/// when the request is gone.
///
/// ```
/// use cors_core::{Decision, Echoes, RequestField};
///
/// # fn keep(decision: Decision, lines: &[(&str, String)]) -> Echoes<String> {
/// Echoes::of(decision, |field: RequestField<'_>| {
///     let of_field = lines.iter().filter(move |(name, _)| *name == field.name());
///     of_field.map(|(_, value)| value.clone())
/// })
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Echoes<V> {
    origin: Option<V>,
    method: Option<V>,
    headers: Vec<V>,
}

impl<V> Echoes<V> {
    /// Keeps what the decision needs of the request, and nothing else: `lines` gives the lines of
    /// a field.
    #[must_use]
    pub fn of<I>(decision: Decision, mut lines: impl FnMut(RequestField<'static>) -> I) -> Self
    where
        I: IntoIterator<Item = V>,
    {
        let mut echoes = Self::default();
        for field in decision.echoes() {
            let mut lines = lines(field).into_iter();
            match field {
                RequestField::Origin => echoes.origin = lines.next(),
                RequestField::AccessControlRequestMethod => echoes.method = lines.next(),
                RequestField::AccessControlRequestHeaders => echoes.headers.extend(lines),
                RequestField::AccessControlRequestPrivateNetwork
                | RequestField::Host
                | RequestField::SecFetchSite
                | RequestField::Declared(_) => {}
            }
        }
        echoes
    }

    /// Hands over the lines that `value` [echoes](Value::echoed); none where it echoes nothing.
    pub fn take(&mut self, value: Value) -> impl Iterator<Item = V> {
        let (one, several) = match value.echoed() {
            Some(RequestField::Origin) => (self.origin.take(), Vec::new()),
            Some(RequestField::AccessControlRequestMethod) => (self.method.take(), Vec::new()),
            Some(RequestField::AccessControlRequestHeaders) => {
                (None, std::mem::take(&mut self.headers))
            }
            Some(
                RequestField::AccessControlRequestPrivateNetwork
                | RequestField::Host
                | RequestField::SecFetchSite
                | RequestField::Declared(_),
            )
            | None => (None, Vec::new()),
        };
        one.into_iter().chain(several)
    }
}

impl<V> Default for Echoes<V> {
    fn default() -> Self {
        Self {
            origin: None,
            method: None,
            headers: Vec::new(),
        }
    }
}
