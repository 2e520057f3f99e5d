//! A request and a response in the plainest form: header lines in order.

use std::fmt;
use std::ops::ControlFlow;

use arbitrary::{Result, Unstructured};
use cors_core::adapter::{RequestField, RequestHead, ResponseField, ResponseHead};

/// A header line.
pub type Line = (String, Vec<u8>);

/// A request's head.
#[derive(Clone, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub authority: Option<String>,
    pub lines: Vec<Line>,
}

impl Request {
    /// Returns the values of the lines of this name, which is in lower case.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        values(&self.lines, name)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            path,
            authority,
            lines,
        } = self;
        write!(f, "{method} {path} at {authority:?} with {}", shown(lines))
    }
}

/// Returns header lines in a short form that can be read.
pub fn shown(lines: &[Line]) -> String {
    const LONGEST: usize = 200;
    let shown = |(name, value): &Line| {
        let start = &value[..value.len().min(LONGEST)];
        let more = value.len() - start.len();
        format!(
            "[{name}: {}{}]",
            start.escape_ascii(),
            if more > 0 { "..." } else { "" }
        )
    };
    lines.iter().map(shown).collect()
}

impl RequestHead for Request {
    fn method(&self) -> &str {
        &self.method
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        for value in self.values(field.name()) {
            if visit(value).is_break() {
                return;
            }
        }
    }
}

/// A response's header lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub lines: Vec<Line>,
}

impl<'p> ResponseHead<'p> for Response {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.lines.iter().for_each(|(name, _)| visit(name));
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        values(&self.lines, field.name())
            .into_iter()
            .for_each(visit);
    }

    fn set(&mut self, field: ResponseField, value: &'p str) {
        self.set_owned(field, value.to_owned());
    }

    fn set_owned(&mut self, field: ResponseField, value: String) {
        self.remove(field);
        self.lines
            .push((field.name().to_owned(), value.into_bytes()));
    }

    fn append(&mut self, field: ResponseField, value: &'p str) {
        self.lines.push((field.name().to_owned(), value.into()));
    }

    fn remove(&mut self, field: ResponseField) {
        self.lines
            .retain(|(name, _)| !name.eq_ignore_ascii_case(field.name()));
    }
}

/// Returns the values of the lines of this name.
pub fn values<'a>(lines: &'a [Line], name: &str) -> Vec<&'a [u8]> {
    let named = lines
        .iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_slice()).collect()
}

/// Returns the elements of a list over several lines, without blanks around them and without the
/// empty ones.
pub fn elements<'a>(lines: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let elements = lines
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','));
    elements
        .map(trim)
        .filter(|element| !element.is_empty())
        .collect()
}

/// Returns a text without the blanks around it.
pub fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Returns whether a text is the name of a method or of a header.
pub fn is_token(text: &[u8]) -> bool {
    let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(is_of_token)
}

/// Makes a text of a few of these pieces.
pub fn text_of(input: &mut Unstructured<'_>, pieces: &[&str], most: usize) -> Result<String> {
    let count = input.int_in_range(0..=most)?;
    (0..count).map(|_| input.choose(pieces).copied()).collect()
}

/// Makes a list of a few of these items.
pub fn some(input: &mut Unstructured<'_>, items: &[&str], most: usize) -> Result<Vec<String>> {
    let count = input.int_in_range(0..=most)?;
    (0..count)
        .map(|_| Ok((*input.choose(items)?).to_owned()))
        .collect()
}
