//! Predicates: origins that only code can tell.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::protocol::origin::Origin;
use crate::protocol::request::{RequestField, RequestHead};

/// What a predicate is asked: may this origin, in this request, read the answer?
///
/// The origin is well-formed. Of the request it shows the method and the headers that the
/// predicate declared, since these are the ones that join Vary.
#[derive(Clone, Copy)]
pub struct OriginQuery<'a> {
    origin: Origin<'a>,
    request: &'a dyn RequestHead,
    reads: &'a [String],
}

impl<'a> OriginQuery<'a> {
    /// The request's origin.
    #[must_use]
    pub const fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// The request's method: `OPTIONS` in a preflight.
    #[must_use]
    pub fn method(&self) -> &'a str {
        self.request.method()
    }

    /// The host, and the port if there is one, that the request is for: the authority of its target
    /// or else its `Host`, as it was sent. `None` where it is absent, has several lines, or is no
    /// text.
    ///
    /// Like the path it is part of the URL, so it needs no declaration and no Vary. A client that
    /// is no browser writes into it what it likes.
    #[must_use]
    pub fn host(&self) -> Option<&'a str> {
        let host = self.request.lines(RequestField::Host).one()?;
        std::str::from_utf8(host).ok()
    }

    /// The path of the request's target, [as it was sent](RequestHead::path).
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.request.path()
    }

    /// The value of a declared header, in any case; `None` where it is absent, has several
    /// lines, or was not declared.
    ///
    /// A preflight carries none of the script's own headers.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        let declared = self
            .reads
            .iter()
            .find(|read| read.eq_ignore_ascii_case(name))?;
        self.request.lines(RequestField::Declared(declared)).one()
    }
}

impl fmt::Debug for OriginQuery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginQuery")
            .field("origin", &self.origin)
            .field("method", &self.method())
            .field("reads", &self.reads)
            .finish()
    }
}

/// A question in code, and the headers that it reads besides `Origin`.
pub(crate) struct Predicate {
    pub(crate) reads: Vec<String>,
    ask: Box<Ask>,
}

type Ask = dyn Fn(&OriginQuery<'_>) -> bool + Send + Sync;

/// The predicate panicked.
pub(crate) struct Panicked;

impl Predicate {
    pub(crate) fn new(reads: Vec<String>, ask: Box<Ask>) -> Self {
        Self { reads, ask }
    }

    /// Asks once. A panic ends here: it says nothing about the origin, and the request goes on.
    pub(crate) fn allows(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<bool, Panicked> {
        let query = OriginQuery {
            origin,
            request,
            reads: &self.reads,
        };
        catch_unwind(AssertUnwindSafe(|| (self.ask)(&query))).map_err(|_| Panicked)
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predicate")
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}
