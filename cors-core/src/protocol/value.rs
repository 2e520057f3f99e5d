//! [`Value`]: what a response field is to be set to, without a header value of any crate.

use crate::policy::Policy;
use crate::protocol::request::RequestField;

/// A symbol for the value of a response field: a word of the protocol, a text of the policy, or
/// the request's own lines. A [`ValueTable`] turns it into a framework's header value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Value(pub(crate) Source);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    Word(Word),
    Text(Text),
    Echo(RequestField<'static>),
}

impl Value {
    pub(crate) const fn word(word: Word) -> Self {
        Self(Source::Word(word))
    }

    pub(crate) const fn text(text: Text) -> Self {
        Self(Source::Text(text))
    }

    pub(crate) const fn echo(field: RequestField<'static>) -> Self {
        Self(Source::Echo(field))
    }

    /// The request field whose lines are sent back as they came, one for one.
    ///
    /// They were checked: an origin that matched, a token, or lines of tokens.
    #[must_use]
    pub const fn echoed(self) -> Option<RequestField<'static>> {
        match self.0 {
            Source::Echo(field) => Some(field),
            Source::Word(_) | Source::Text(_) => None,
        }
    }

    /// The text, for whoever keeps no [`ValueTable`]; `None` where the request's own lines are
    /// to be sent.
    ///
    /// `policy` is the one that made the decision.
    #[must_use]
    pub fn as_str(self, policy: &Policy) -> Option<&str> {
        match self.0 {
            Source::Word(word) => Some(word.as_str()),
            Source::Text(text) => Some(policy.texts().get(text)),
            Source::Echo(_) => None,
        }
    }
}

/// The texts that no policy changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Word {
    Any,
    True,
    Origin,
    RequestMethod,
    RequestHeaders,
    RequestPrivateNetwork,
    /// The whole Vary of most policies' preflights.
    PreflightVary,
}

impl Word {
    const ALL: [Self; 7] = [
        Self::Any,
        Self::True,
        Self::Origin,
        Self::RequestMethod,
        Self::RequestHeaders,
        Self::RequestPrivateNetwork,
        Self::PreflightVary,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "*",
            Self::True => "true",
            Self::Origin => "Origin",
            Self::RequestMethod => "Access-Control-Request-Method",
            Self::RequestHeaders => "Access-Control-Request-Headers",
            Self::RequestPrivateNetwork => "Access-Control-Request-Private-Network",
            Self::PreflightVary => {
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            }
        }
    }
}

/// The texts that a policy has one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Text {
    AllowMethods,
    AllowHeaders,
    MaxAge,
    ExposeHeaders,
    /// A whole Vary that is none of the [`Word`]s.
    ActualVary,
    PreflightVary,
    /// The name of a header that a predicate reads.
    Declared(u8),
}

impl Text {
    const fn index(self) -> usize {
        match self {
            Self::AllowMethods => 0,
            Self::AllowHeaders => 1,
            Self::MaxAge => 2,
            Self::ExposeHeaders => 3,
            Self::ActualVary => 4,
            Self::PreflightVary => 5,
            Self::Declared(index) => 6 + index as usize,
        }
    }
}

/// A policy's texts, all visible ASCII, rendered when it is built.
#[derive(Debug, Default)]
pub(crate) struct Texts(Vec<String>);

impl Texts {
    pub(crate) fn set(&mut self, text: Text, value: String) {
        let index = text.index();
        if self.0.len() <= index {
            self.0.resize(index + 1, String::new());
        }
        if let Some(slot) = self.0.get_mut(index) {
            *slot = value;
        }
    }

    /// Empty where the policy has no such text; no decision asks for it then.
    pub(crate) fn get(&self, text: Text) -> &str {
        self.0.get(text.index()).map_or("", String::as_str)
    }
}

/// Every value that a policy's decisions can name, in a framework's own type, made once.
///
/// ```
/// use cors_core::{Policy, ValueTable};
///
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let policy = Policy::builder().allow_origins(["*"]).build()?;
/// let table = ValueTable::render(&policy, str::to_owned, str::to_owned);
/// # let _: ValueTable<String> = table;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ValueTable<V> {
    words: [V; Word::ALL.len()],
    texts: Vec<V>,
}

impl<V> ValueTable<V> {
    /// Renders the protocol's fixed words through `word`, and the policy's own texts, which are
    /// visible ASCII, through `text`.
    pub fn render(
        policy: &Policy,
        word: impl FnMut(&'static str) -> V,
        text: impl FnMut(&str) -> V,
    ) -> Self {
        Self {
            words: Word::ALL.map(Word::as_str).map(word),
            texts: policy
                .texts()
                .0
                .iter()
                .map(String::as_str)
                .map(text)
                .collect(),
        }
    }

    /// The rendered value; `None` for an [echo](Value::echoed).
    ///
    /// `value` must come from a decision of the policy that was rendered: another policy's texts
    /// have the same numbers.
    #[inline]
    #[must_use]
    pub fn get(&self, value: Value) -> Option<&V> {
        match value.0 {
            Source::Word(word) => self.words.get(word as usize),
            Source::Text(text) => self.texts.get(text.index()),
            Source::Echo(_) => None,
        }
    }
}
