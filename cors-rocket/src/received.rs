//! [`Received`]: a request as it was received, when its response is there.

use std::ops::ControlFlow;

use cors_core::adapter::{KeptHead, RequestField, RequestHead};

use crate::view::RequestView;

/// A request as it was received, whatever fairings made of it since. Only the headers that
/// predicates declare are as they are now, since nobody has kept them.
pub(crate) struct Received<'r> {
    pub(crate) head: &'r KeptHead,
    pub(crate) now: RequestView<'r>,
}

impl RequestHead for Received<'_> {
    fn method(&self) -> &str {
        self.head.method()
    }

    fn is_method_overridden(&self) -> bool {
        self.head.is_method_overridden()
    }

    fn path(&self) -> &str {
        self.head.path()
    }

    fn authority(&self) -> Option<&str> {
        self.head.authority()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        match field {
            RequestField::Declared(_) => self.now.each_line(field, visit),
            _ => self.head.each_line(field, visit),
        }
    }
}
