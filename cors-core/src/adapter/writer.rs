//! [`Writer`]: how the engine writes the headers of a response.

use super::header_types::{HeaderTypes, RequestParts};
use super::request_view::RequestView;
use super::value_table::ValueTable;
use crate::evaluate::apply::WriteHeaders;
use crate::protocol::decision::{AnswerHeaders, Decision};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::value::Value;

/// The headers of a response, with what their values are made from.
pub(super) struct Writer<'a, H: HeaderTypes> {
    pub(super) values: &'a ValueTable<H::Value>,
    pub(super) origin: &'a mut Option<H::Value>,
    pub(super) kept: &'a Option<Box<KeptLines<H>>>,
    pub(super) headers: &'a mut H::Map,
}

impl<H: HeaderTypes> Writer<'_, H> {
    #[cold]
    fn echo(&mut self, field: ResponseField, echoed: RequestField<'static>) {
        H::remove(self.headers, field);
        let kept = self.kept.iter().flat_map(|kept| kept.iter());
        for (_, line) in kept.filter(|(kept, _)| *kept == echoed) {
            H::append(self.headers, field, line.clone());
        }
    }
}

impl<H: HeaderTypes> WriteHeaders for Writer<'_, H> {
    #[inline]
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        H::names(self.headers).for_each(visit);
    }

    #[inline]
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in H::response_lines(self.headers, field) {
            visit(H::as_bytes(line));
        }
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            H::insert(self.headers, field, value.clone());
        } else if field == ResponseField::AccessControlAllowOrigin {
            if let Some(origin) = self.origin.take() {
                H::insert(self.headers, field, origin);
            }
        } else if let Value::Echo(echoed) = value {
            self.echo(field, echoed);
        }
    }

    #[inline]
    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            H::append(self.headers, field, value.clone());
        }
    }

    #[inline]
    fn remove(&mut self, field: ResponseField) {
        H::remove(self.headers, field);
    }
}

/// Request fields and their lines.
pub(super) type KeptLines<H> = Vec<(RequestField<'static>, <H as HeaderTypes>::Value)>;

/// Keeps the lines of a preflight that its response echoes. They were checked, so these and no others
/// are sent.
#[inline]
pub(super) fn keep_lines<H: HeaderTypes, R: RequestParts<H>>(
    decision: Decision,
    request: &RequestView<'_, H, R>,
) -> Option<Box<KeptLines<H>>> {
    let echoed = decision.headers.and(AnswerHeaders::ECHO_PREFLIGHT);
    if echoed == AnswerHeaders::default() {
        return None;
    }
    let fields = echoed.iter().filter_map(|(_, value)| match value {
        Value::Echo(field) => Some(field),
        Value::Static(_) | Value::Policy(_) => None,
    });
    let lines = fields.flat_map(|field| {
        let lines = H::request_lines(request.headers(), field);
        lines.map(move |line| (field, line.clone()))
    });
    Some(Box::new(lines.collect()))
}
