//! [`Predicate`]: code that decides on origins; [`OriginQuery`]: what it is asked.

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::setting_text::SettingTexts;
use super::vary::MAX_VARY_TOKENS;
use crate::protocol::field::RequestField;
use crate::protocol::origin::Origin;
use crate::protocol::request::{RequestHead, host};

/// A predicate: code that decides whether an origin is allowed; see
/// [`PolicyBuilder::allow_origin_if`](crate::PolicyBuilder::allow_origin_if).
///
/// It runs on the request's path, so it must not block. A panic counts as a no (where panics
/// unwind: a build with `panic = "abort"` ends at the first one, as everywhere).
///
/// ```
/// use cors_core::{Policy, Predicate};
///
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// // A proxy tells the tenant, and each tenant has pages of its own.
/// let of_tenant = Predicate::new(|query| {
///     let tenant = query.header("x-tenant").and_then(|name| std::str::from_utf8(name).ok());
///     tenant.is_some_and(|tenant| query.origin() == format!("https://{tenant}.example").as_str())
/// });
/// let policy = Policy::builder()
///     .allow_origin_predicate(of_tenant.reads(["x-tenant"]))
///     .build()?;
/// # let _ = policy;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Predicate {
    reads: Vec<String>,
    ask: Box<Ask>,
}

type Ask = dyn Fn(&OriginQuery<'_>) -> bool + Send + Sync;

/// The error of a predicate that panicked.
pub(crate) struct Panicked;

impl Predicate {
    /// Makes a predicate that reads no request headers.
    pub fn new(predicate: impl Fn(&OriginQuery<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self {
            reads: Vec::new(),
            ask: Box::new(predicate),
        }
    }

    /// Declares request headers that the predicate reads, besides `Origin` and the host.
    ///
    /// The predicate sees no other headers, and these join Vary. They should be headers that the
    /// browser or a proxy adds. A preflight has none of the script's own headers, so a predicate
    /// that depends on one of those allows no request that needs a preflight.
    pub fn reads<M>(mut self, names: impl SettingTexts<M>) -> Self {
        names.push_to(&mut self.reads);
        self
    }

    pub(crate) fn declared(&self) -> &[String] {
        &self.reads
    }

    /// Replaces the names by their checked and normalised form.
    pub(crate) fn set_declared(&mut self, names: Vec<String>) {
        self.reads = names;
    }

    /// Asks the predicate. A panic ends here: it says nothing about the origin, and the request
    /// goes on.
    pub(crate) fn allows(
        &self,
        origin: Origin<'_>,
        request: &dyn RequestHead,
    ) -> Result<bool, Panicked> {
        let mut values = [None; MAX_VARY_TOKENS];
        for (value, name) in values.iter_mut().zip(&self.reads) {
            *value = request.field(RequestField::Declared(name)).single();
        }
        let query = OriginQuery::of(origin, request, Declared::Borrowed(&self.reads, &values));
        unless_panicked(|| (self.ask)(&query))
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predicate")
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}

impl Drop for Predicate {
    /// Ends a panic here: the last one to use a policy is a request, or who replaces the policy.
    fn drop(&mut self) {
        drop_foreign(mem::replace(&mut self.ask, Box::new(|_| false)));
    }
}

/// Runs code of the user, and ends a panic here: it says nothing about the origin, and the request
/// goes on.
pub(crate) fn unless_panicked<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        drop_foreign(payload);
        Panicked
    })
}

/// Drops a value of the user, and ends a panic here.
pub(crate) fn drop_foreign<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // It may panic as well, and so may what that panics with: without end.
        mem::forget(payload);
    }
}

/// A question for a predicate: may pages of this origin read the response to this request?
///
/// The origin is well-formed, and nothing else in the policy matches it. The query shows the
/// method, host and path of the request, and the headers that the predicate declared, since these
/// are the ones that join Vary.
#[derive(Clone)]
pub struct OriginQuery<'a> {
    origin: Cow<'a, str>,
    /// The same, read; `None` in a copy, which can't borrow from itself.
    parsed: Option<Origin<'a>>,
    method: Cow<'a, str>,
    host: Option<Cow<'a, str>>,
    path: Cow<'a, str>,
    headers: Declared<'a>,
}

/// The declared headers: their names, and their values in the same order.
#[derive(Clone)]
pub(crate) enum Declared<'a> {
    Borrowed(&'a [String], &'a [Option<&'a [u8]>]),
    Owned(Vec<(String, Option<Vec<u8>>)>),
}

impl<'a> OriginQuery<'a> {
    pub(crate) fn of(
        origin: Origin<'a>,
        request: &'a dyn RequestHead,
        headers: Declared<'a>,
    ) -> Self {
        let host = host(request).single();
        let host = host.and_then(|host| std::str::from_utf8(host).ok());
        Self {
            origin: origin.as_str().into(),
            parsed: Some(origin),
            method: request.method().into(),
            host: host.map(Cow::Borrowed),
            path: request.path().into(),
            headers,
        }
    }

    /// Returns the request's origin.
    #[must_use]
    pub fn origin(&self) -> Origin<'_> {
        let parse = || Origin::parse(self.origin.as_bytes());
        self.parsed
            .unwrap_or_else(|| parse().expect("the text of an origin is one"))
    }

    /// Returns the request's method: `OPTIONS` in a preflight.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the host that the request is for, with the port if there is one: the authority of
    /// its target or else its `Host`, as it was sent. `None` where it is absent, has several lines,
    /// or is not text.
    ///
    /// Like the path it is part of the URL, so it needs no declaration and no Vary. A client that
    /// is not a browser can write any host.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the path of the request's target, [as it was
    /// sent](crate::adapter::RequestHead::path).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the value of a declared header, in any case; `None` where it is absent or has
    /// several lines.
    ///
    /// A preflight has none of the script's own headers. A header that was not declared is never
    /// shown: in a debug build the predicate then panics with a text that says so, which refuses
    /// the origin.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let (declared, value) = match &self.headers {
            Declared::Borrowed(names, values) => {
                let index = position(names.iter(), name);
                (index, index.and_then(|index| *values.get(index)?))
            }
            Declared::Owned(headers) => {
                let index = position(headers.iter().map(|(name, _)| name), name);
                let header = index.and_then(|index| headers.get(index));
                (index, header.and_then(|(_, value)| value.as_deref()))
            }
        };
        debug_assert!(
            declared.is_some(),
            "the predicate reads {name:?} without having declared it; write .reads([{name:?}])",
        );
        value
    }

    fn declared_names(&self) -> Vec<&str> {
        match &self.headers {
            Declared::Borrowed(names, _) => names.iter().map(String::as_str).collect(),
            Declared::Owned(headers) => headers.iter().map(|(name, _)| name.as_str()).collect(),
        }
    }
}

fn position<'n>(mut names: impl Iterator<Item = &'n String>, name: &str) -> Option<usize> {
    names.position(|declared| declared.eq_ignore_ascii_case(name))
}

impl OriginQuery<'static> {
    /// Copies the query, for a predicate that outlives the request.
    pub(crate) fn owned(
        origin: Origin<'_>,
        request: &dyn RequestHead,
        declared: &[String],
    ) -> Self {
        let headers = declared.iter().map(|name| {
            let value = request.field(RequestField::Declared(name)).single();
            (name.clone(), value.map(<[u8]>::to_vec))
        });
        let query = OriginQuery::of(origin, request, Declared::Owned(Vec::new()));
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Self {
            origin: own(query.origin),
            parsed: None,
            method: own(query.method),
            host: query.host.map(own),
            path: own(query.path),
            headers: Declared::Owned(headers.collect()),
        }
    }
}

impl fmt::Debug for OriginQuery<'_> {
    /// Leaves out the values of headers, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginQuery")
            .field("origin", &self.origin)
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("reads", &self.declared_names())
            .finish()
    }
}
