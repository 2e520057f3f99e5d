//! The rendering of a policy's texts, and of the headers that its responses have.

use std::sync::Arc;

use super::Methods;
use super::config::PolicyConfig;
use super::header_names::HeaderNames;
use super::list::List;
use super::texts::RenderedTexts;
use super::vary::Vary;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders};
use crate::protocol::value::{PolicyText, StaticText, Value};

/// Renders the headers of an allowed actual response.
pub(super) fn render_actual(
    any_origin: bool,
    switches: &PolicyConfig,
    exposed: &List<HeaderNames>,
    texts: &mut RenderedTexts,
) -> AnswerHeaders {
    let text = &exposed.text;
    texts.set(PolicyText::ExposeHeaders, Arc::clone(text));
    let fields = allow_origin(any_origin, switches);
    if exposed.compiled.prefixes.is_empty() {
        fields.with_if(!text.is_empty(), AnswerHeader::ExposeHeaders)
    } else {
        fields.with(AnswerHeader::ExposePresentHeaders)
    }
}

/// Renders the headers of an allowed preflight.
pub(super) fn render_preflight(
    any_origin: bool,
    switches: &PolicyConfig,
    methods: &List<Methods>,
    headers: &List<HeaderNames>,
    texts: &mut RenderedTexts,
) -> AnswerHeaders {
    let mut fields = allow_origin(any_origin, switches);
    fields = match (methods.any, switches.allow_credentials) {
        (true, true) => fields.with(AnswerHeader::AllowRequestedMethod),
        (true, false) => fields.with(AnswerHeader::AllowAnyMethod),
        (false, _) => {
            texts.set(PolicyText::AllowMethods, Arc::clone(&methods.text));
            fields.with_if(!methods.text.is_empty(), AnswerHeader::AllowMethods)
        }
    };
    // Where any header is allowed with credentials, the names are echoed if the request has some,
    // and only the request tells.
    if !(headers.any && switches.allow_credentials) {
        texts.set(PolicyText::AllowHeaders, Arc::clone(&headers.text));
        fields = fields.with_if(!headers.text.is_empty(), AnswerHeader::AllowHeaders);
    }
    if let Some(age) = switches.max_age {
        texts.set(PolicyText::MaxAge, age.as_secs().to_string());
        fields = fields.with(AnswerHeader::MaxAge);
    }
    fields
}

fn allow_origin(any_origin: bool, switches: &PolicyConfig) -> AnswerHeaders {
    let header = if any_origin && !switches.allow_credentials {
        AnswerHeader::AllowAnyOrigin
    } else {
        AnswerHeader::AllowOrigin
    };
    AnswerHeaders::default()
        .with(header)
        .with_if(switches.allow_credentials, AnswerHeader::AllowCredentials)
}

/// Renders the names that the two kinds of response depend on. Every preflight depends on the
/// method and the headers that it asks for, since some of them are refused under any policy.
pub(super) fn render_vary(
    switches: &PolicyConfig,
    echoes_origin: bool,
    declared: &[String],
    texts: &mut RenderedTexts,
) -> (Vary, Vary) {
    let asked = [StaticText::RequestMethod, StaticText::RequestHeaders];
    let private_network = switches
        .allow_private_network
        .then_some(StaticText::RequestPrivateNetwork);
    let mut actual = Vec::new();
    if echoes_origin {
        actual.push(Value::Static(StaticText::Origin));
    }
    let mut preflight = actual.clone();
    preflight.extend(asked.map(Value::Static));
    if echoes_origin {
        for (index, name) in (0..).zip(declared) {
            texts.set(PolicyText::Declared(index), name.as_str());
            actual.push(Value::Policy(PolicyText::Declared(index)));
            // A predicate may read a header that every preflight depends on anyway.
            let mut words = asked.into_iter().chain(private_network);
            if !words.any(|word| word.as_str().eq_ignore_ascii_case(name)) {
                preflight.push(Value::Policy(PolicyText::Declared(index)));
            }
        }
    }
    preflight.extend(private_network.map(Value::Static));
    (
        vary(actual, PolicyText::ActualVary, texts),
        vary(preflight, PolicyText::PreflightVary, texts),
    )
}

/// Makes a Vary of the tokens and one line with all of them. The line is a static text where one
/// fits, since a static value costs less than a shared one.
fn vary(tokens: Vec<Value>, text: PolicyText, texts: &mut RenderedTexts) -> Vary {
    let names = tokens.iter().filter_map(|token| match *token {
        Value::Static(text) => Some(text.as_str()),
        Value::Policy(text) => Some(texts.get(text)),
        Value::Echo(_) | Value::ListedAndAsked | Value::ListedAndPresent => None,
    });
    let line = names.collect::<Vec<_>>().join(", ");
    let word = [StaticText::Origin, StaticText::PreflightVary]
        .into_iter()
        .find(|word| word.as_str() == line);
    let value = match word {
        Some(word) => Value::Static(word),
        None => {
            texts.set(text, line);
            Value::Policy(text)
        }
    };
    Vary::new(value, tokens)
}
