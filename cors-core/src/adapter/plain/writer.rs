//! How an exchange of the plain way writes headers.

use super::added::Added;
use crate::adapter::header_types::HeaderTypes;
use crate::adapter::prepared_policy::Prepared;
use crate::evaluate::apply::{WriteHeaders, apply};
use crate::policy::vary::Vary;
use crate::protocol::decision::AnswerHeader;
use crate::protocol::field::ResponseField;
use crate::protocol::value::{PolicyText, StaticText, Value};

/// Adds everything to a response that has nothing of it.
#[inline(always)]
pub(super) fn append<H: HeaderTypes>(
    response: &mut H::Map,
    added: Added,
    origin: &mut Option<H::Value>,
    prepared: Option<&Prepared<H>>,
) {
    let mut append = |field, value| H::append(response, field, value);
    let allow_origin = if added.headers.contains(AnswerHeader::AllowAnyOrigin) {
        Some(H::from_static(StaticText::Any.as_str()))
    } else {
        origin.take()
    };
    if let Some(allow_origin) = allow_origin {
        append(ResponseField::AccessControlAllowOrigin, allow_origin);
        if added.headers.contains(AnswerHeader::AllowCredentials) {
            let field = ResponseField::AccessControlAllowCredentials;
            append(field, H::from_static(StaticText::True.as_str()));
        }
        if added.headers.contains(AnswerHeader::ExposeHeaders)
            && let Some(prepared) = prepared
            && let Some(names) = prepared
                .values()
                .get(Value::Policy(PolicyText::ExposeHeaders))
        {
            append(ResponseField::AccessControlExposeHeaders, names.clone());
        }
    }
    if added.varies {
        let origin = H::from_static(StaticText::Origin.as_str());
        append(ResponseField::Vary, origin);
    }
}

/// Adds everything in the place of what the response has of it.
// Its arguments are single, since the compiler copies a response once more that a struct points to.
#[cold]
#[inline(never)]
pub(super) fn replace<H: HeaderTypes>(
    response: &mut H::Map,
    added: Added,
    origin: &mut Option<H::Value>,
    prepared: Option<&Prepared<H>>,
) {
    let vary = if added.varies {
        &Vary::ORIGIN
    } else {
        &Vary::NOTHING
    };
    let mut writer = PlainWriter::<H> {
        origin,
        prepared,
        headers: response,
    };
    apply(added.headers, vary, false, &mut writer);
}

/// The headers of a response, and what is to be written there.
struct PlainWriter<'a, H: HeaderTypes> {
    /// The request's, if the response names it. A response that comes after gets none.
    origin: &'a mut Option<H::Value>,
    /// Is there where the response names a text of the policy.
    prepared: Option<&'a Prepared<H>>,
    headers: &'a mut H::Map,
}

impl<H: HeaderTypes> PlainWriter<'_, H> {
    fn value(&mut self, value: Value) -> Option<H::Value> {
        match value {
            Value::Echo(_) => self.origin.take(),
            Value::Static(text) => Some(H::from_static(text.as_str())),
            value => self.prepared?.values().get(value).cloned(),
        }
    }
}

impl<H: HeaderTypes> WriteHeaders for PlainWriter<'_, H> {
    fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Static(text) => Some(text.as_str()),
            // The Vary of a plain policy has no other.
            _ => None,
        }
    }

    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        H::names(self.headers).for_each(visit);
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in H::response_lines(self.headers, field) {
            visit(H::as_bytes(line));
        }
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        match self.value(value) {
            Some(value) => H::insert(self.headers, field, value),
            None => H::remove(self.headers, field),
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.value(value) {
            H::append(self.headers, field, value);
        }
    }

    fn remove(&mut self, field: ResponseField) {
        H::remove(self.headers, field);
    }
}
