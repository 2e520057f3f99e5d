//! [`KeptHead`]: a request's head, kept for a listener.

use std::ops::ControlFlow;

use crate::protocol::field::RequestField;
use crate::protocol::request::RequestHead;

/// A copy of what a [`DecisionEvent`](super::DecisionEvent) shows of a request, for a listener that
/// is told when the request is gone or may have been changed. Make it only where there is one.
///
/// It has no header that predicates declare: no predicate is asked again.
#[derive(Clone, Debug)]
pub struct KeptHead {
    method: String,
    path: String,
    authority: Option<String>,
    lines: Vec<(RequestField<'static>, Vec<u8>)>,
    is_method_overridden: bool,
}

impl KeptHead {
    /// Copies the head of a request.
    pub fn of(request: &dyn RequestHead) -> Self {
        let mut lines = Vec::new();
        for field in RequestField::OF_PROTOCOL {
            request.each_line(field, &mut |line| {
                lines.push((field, line.to_vec()));
                ControlFlow::Continue(())
            });
        }
        Self {
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            authority: request.authority().map(str::to_owned),
            lines,
            is_method_overridden: request.is_method_overridden(),
        }
    }
}

impl RequestHead for KeptHead {
    fn method(&self) -> &str {
        &self.method
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    fn is_method_overridden(&self) -> bool {
        self.is_method_overridden
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        for (_, line) in self.lines.iter().filter(|(kept, _)| *kept == field) {
            if visit(line).is_break() {
                return;
            }
        }
    }
}
