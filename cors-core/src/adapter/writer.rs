//! [`Writer`]: how the engine writes the headers of a response.

use super::header_types::{HeaderTypes, RequestParts};
use super::request_view::RequestView;
use super::value_table::ValueTable;
use crate::evaluate::apply::WriteHeaders;
use crate::policy::Compiled;
use crate::policy::allowed_headers::without_empty_elements;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::value::Value;

/// The headers of a response, with what their values are made from.
pub(super) struct Writer<'a, H: HeaderTypes> {
    pub(super) policy: &'a Compiled,
    pub(super) values: &'a ValueTable<H::Value>,
    pub(super) origin: &'a mut Option<H::Value>,
    pub(super) kept: Option<&'a mut KeptLines<H>>,
    pub(super) headers: &'a mut H::Map,
}

impl<H: HeaderTypes> Writer<'_, H> {
    #[cold]
    fn set_rare(&mut self, field: ResponseField, value: Value) {
        match value {
            Value::Echo(echoed) => self.echo(field, echoed),
            Value::ListedAndAsked => self.echo(field, RequestField::AccessControlRequestHeaders),
            Value::ListedAndPresent => {
                let names = self
                    .policy
                    .exposed
                    .listed_and_present(|visit| H::names(self.headers).for_each(visit));
                if names.is_empty() {
                    H::remove(self.headers, field);
                } else {
                    H::insert(self.headers, field, H::from_string(names));
                }
            }
            Value::Static(_) | Value::Policy(_) => {}
        }
    }

    /// Writes what was kept for a field, once; a response that comes after gets nothing.
    fn echo(&mut self, field: ResponseField, echoed: RequestField<'static>) {
        H::remove(self.headers, field);
        let Some(kept) = self.kept.as_deref_mut() else {
            return;
        };
        let (first, more) = match echoed {
            RequestField::AccessControlRequestMethod => (kept.method.take(), None),
            _ => (kept.headers.take(), Some(&mut kept.more_headers)),
        };
        if let Some(first) = first {
            H::insert(self.headers, field, first);
        }
        for line in more.into_iter().flat_map(|more| more.drain(..)) {
            H::append(self.headers, field, line);
        }
    }
}

impl<H: HeaderTypes> WriteHeaders for Writer<'_, H> {
    fn text(&self, value: Value) -> Option<&str> {
        self.policy.text(value)
    }

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
            match self.origin.take() {
                Some(origin) => H::insert(self.headers, field, origin),
                // It went to a response before this one.
                None => H::remove(self.headers, field),
            }
        } else {
            self.set_rare(field, value);
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

/// The lines of a preflight that its response echoes: one, as a rule.
pub(super) struct KeptLines<H: HeaderTypes> {
    method: Option<H::Value>,
    headers: Option<H::Value>,
    more_headers: Vec<H::Value>,
}

// Written by hand, since the derive would ask for a marker type that is `Clone`.
impl<H: HeaderTypes> Clone for KeptLines<H> {
    fn clone(&self) -> Self {
        Self {
            method: self.method.clone(),
            headers: self.headers.clone(),
            more_headers: self.more_headers.clone(),
        }
    }
}

/// Keeps the lines of a preflight that its response echoes, or the one that is made of the policy's
/// header names and of the preflight's. They were checked, so these and no others are sent, without
/// empty elements.
#[inline]
pub(super) fn keep_lines<H: HeaderTypes, R: RequestParts<H>>(
    decision: Decision,
    policy: &Compiled,
    request: &RequestView<'_, H, R>,
) -> Option<KeptLines<H>> {
    let echoed = decision.headers.and(AnswerHeaders::ECHO_PREFLIGHT);
    if echoed == AnswerHeaders::default() {
        return None;
    }
    let lines = |header, field| {
        let lines = H::request_lines(request.headers(), field);
        lines.filter(move |_| echoed.contains(header)).cloned()
    };
    let mut methods = lines(
        AnswerHeader::AllowRequestedMethod,
        RequestField::AccessControlRequestMethod,
    );
    let headers = lines(
        AnswerHeader::AllowRequestedHeaders,
        RequestField::AccessControlRequestHeaders,
    );
    let mut headers = headers.filter_map(|line| match without_empty_elements(H::as_bytes(&line)) {
        None => Some(line),
        Some(names) => (!names.is_empty()).then(|| H::from_ascii(&names)),
    });
    let asked = echoed.contains(AnswerHeader::AllowAskedHeaders);
    let asked = asked.then(|| H::from_string(policy.headers.listed_and_asked(request)));
    Some(KeptLines {
        method: methods.next(),
        headers: asked.or_else(|| headers.next()),
        more_headers: headers.collect(),
    })
}
