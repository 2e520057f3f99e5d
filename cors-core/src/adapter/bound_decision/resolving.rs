//! [`Resolving`]: how a bound decision writes the headers of a response.

use crate::evaluate::apply::WriteHeaders;
use crate::policy::Compiled;
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::response::ResponseHead;
use crate::protocol::value::Value;

/// Turns symbols into the texts of their decision.
pub(super) struct Resolving<'a, 'p, R> {
    pub(super) policy: &'p Compiled,
    pub(super) origin: Option<&'p str>,
    /// The lines of a preflight that the response echoes.
    pub(super) of_preflight: &'p [(RequestField<'static>, Box<str>)],
    pub(super) response: &'a mut R,
}

impl<'p, R: ResponseHead<'p>> Resolving<'_, 'p, R> {
    #[cold]
    fn echo(&mut self, field: ResponseField, echoed: RequestField<'static>) {
        self.response.remove(field);
        let kept = self.of_preflight.iter();
        for (_, line) in kept.filter(|(kept, _)| *kept == echoed) {
            self.response.append(field, line);
        }
    }

    #[cold]
    fn expose(&mut self, field: ResponseField) {
        let names = self
            .policy
            .exposed
            .listed_and_present(|visit| self.response.each_name(visit));
        if names.is_empty() {
            self.response.remove(field);
        } else {
            self.response.set_owned(field, names);
        }
    }
}

impl<'p, R: ResponseHead<'p>> WriteHeaders for Resolving<'_, 'p, R> {
    fn text(&self, value: Value) -> Option<&str> {
        self.policy.text(value)
    }

    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.response.each_name(visit);
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        self.response.each_line(field, visit);
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        let text = match value {
            Value::Echo(RequestField::Origin) => self.origin,
            Value::Echo(echoed) => return self.echo(field, echoed),
            Value::ListedAndAsked => {
                return self.echo(field, RequestField::AccessControlRequestHeaders);
            }
            Value::ListedAndPresent => return self.expose(field),
            Value::Static(_) | Value::Policy(_) => self.policy.text(value),
        };
        match text {
            Some(text) => self.response.set(field, text),
            None => self.response.remove(field),
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(text) = self.policy.text(value) {
            self.response.append(field, text);
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.response.remove(field);
    }
}
