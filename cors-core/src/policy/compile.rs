//! From settings to a [`Compiled`] policy, or to every problem they have: one check a setting,
//! all adding to one list.

use std::time::Duration;

use crate::evaluate::apply::{MAX_VARY_TOKENS, Vary};
use crate::policy::allowed_headers::AllowedHeaders;
use crate::policy::config::PolicyConfig;
use crate::policy::origins::pattern::OriginPattern;
use crate::policy::origins::set::OriginSet;
use crate::policy::problem::{Place, PolicyErrors, ProblemKind, Problems};
use crate::policy::{AllowedMethods, AllowedOrigins, Compiled, Predicates};
use crate::protocol::decision::{FieldSet, Row};
use crate::protocol::token;
use crate::protocol::value::{Text, Texts, Value, Word};

/// A day, the most that any browser keeps (Firefox; Chromium keeps 7200 seconds).
const MAX_MAX_AGE: Duration = Duration::from_secs(86_400);

/// What is left for declared headers beside the four names of the protocol.
const MAX_DECLARED_HEADERS: usize = MAX_VARY_TOKENS - 4;

pub(super) fn compile(
    config: &PolicyConfig,
    mut predicates: Predicates,
) -> Result<Compiled, PolicyErrors> {
    let mut problems = Problems::default();
    let origins = check_origins(config, &mut problems);
    #[cfg(feature = "regex")]
    let regexes = check_regexes(config, &mut problems);
    #[cfg(not(feature = "regex"))]
    refuse_regexes(config, &mut problems);
    let declared = check_predicates(&predicates, &mut problems);
    check_null(config, &mut problems);
    let methods = check_methods(config, &mut problems);
    let headers = check_allowed_headers(config, &mut problems);
    let exposed = check_exposed_headers(config, &mut problems);
    check_max_age(config, &mut problems);
    check_statuses(config, &mut problems);
    #[cfg(not(feature = "public-suffix"))]
    refuse_public_suffixes(config, &mut problems);

    let any_origin = config.allow_origins.iter().any(|origin| origin == "*");
    let echoes_origin = config.allow_credentials || !any_origin;
    let mut texts = Texts::default();
    let actual_fields = render_actual(config, &exposed, &mut texts);
    let preflight_fields = render_preflight(config, &methods, &headers, &mut texts);
    let (actual_vary, preflight_vary) = render_vary(config, echoes_origin, &declared, &mut texts);

    problems.into_result(Compiled {
        origins: AllowedOrigins {
            any: any_origin,
            null: config.allow_null_origin,
            listed: origins,
            #[cfg(feature = "regex")]
            regexes,
            predicates: predicates.immediate,
            async_predicate: predicates.awaited.pop(),
            insecure: !config.allow_credentials
                || config.dangerously_allow_insecure_origins_with_credentials,
        },
        methods: match methods {
            Names::Any { .. } => AllowedMethods::Any,
            Names::Listed(methods) => AllowedMethods::Listed(methods),
        },
        headers: match headers {
            Names::Any { listed } => AllowedHeaders::Any {
                authorization: config.allow_credentials || names_authorization(&listed),
            },
            Names::Listed(names) => AllowedHeaders::listed(names),
        },
        credentials: config.allow_credentials,
        private_network: config.allow_private_network,
        preflight_status: config.preflight_status,
        preflight_refusal_status: config.preflight_refusal_status,
        preflight_passthrough: config.preflight_passthrough,
        keep_app_headers: config.keep_app_headers,
        reject_disallowed_origins: config.reject_disallowed_origins,
        texts,
        actual_fields,
        preflight_fields,
        actual_vary,
        preflight_vary,
    })
}

fn check_origins(config: &PolicyConfig, problems: &mut Problems) -> OriginSet {
    let mut origins = OriginSet::default();
    for (index, written) in config.allow_origins.iter().enumerate() {
        let place = Place::Item("allow_origins", index);
        if written == "*" {
            if config.allow_credentials && !config.dangerously_allow_any_origin_with_credentials {
                problems.add(place, written, ProblemKind::AnyOriginWithCredentials);
            }
            continue;
        }
        match OriginPattern::parse(written) {
            Ok(pattern) => {
                if let Some(problem) = credentials_problem(config, &pattern) {
                    problems.add(place, written, problem);
                }
                origins.insert(pattern);
            }
            Err(problem) => problems.add(place, written, problem),
        }
    }
    origins
}

/// What speaks against an origin only because its pages act as the signed-in user.
fn credentials_problem(config: &PolicyConfig, pattern: &OriginPattern) -> Option<ProblemKind> {
    if !config.allow_credentials {
        None
    } else if pattern.is_file() && !config.dangerously_allow_null_origin_with_credentials {
        Some(ProblemKind::NullOriginWithCredentials)
    } else if pattern.is_insecure() && !config.dangerously_allow_insecure_origins_with_credentials {
        Some(ProblemKind::InsecureOriginWithCredentials)
    } else if config.check_public_suffixes && is_over_public_suffix(pattern) {
        Some(ProblemKind::PublicSuffixWithCredentials)
    } else {
        None
    }
}

#[cfg(feature = "public-suffix")]
fn is_over_public_suffix(pattern: &OriginPattern) -> bool {
    let OriginPattern::Subdomains { base, .. } = pattern else {
        return false;
    };
    // What a name right below the base is registered under: the base, or already that name, where
    // all names below the base are public suffixes.
    let below = format!("a.{}", base.strip_suffix('.').unwrap_or(base));
    psl::suffix(below.as_bytes()).is_some_and(|suffix| {
        suffix.is_known() && suffix.as_bytes().len() + "a.".len() >= below.len()
    })
}

#[cfg(not(feature = "public-suffix"))]
fn is_over_public_suffix(_: &OriginPattern) -> bool {
    // `refuse_public_suffixes` has refused the policy.
    false
}

#[cfg(not(feature = "public-suffix"))]
fn refuse_public_suffixes(config: &PolicyConfig, problems: &mut Problems) {
    if config.check_public_suffixes {
        let place = Place::Setting("check_public_suffixes");
        problems.add(place, "true", ProblemKind::PublicSuffixesNotBuiltIn);
    }
}

#[cfg(feature = "regex")]
fn check_regexes(
    config: &PolicyConfig,
    problems: &mut Problems,
) -> Vec<crate::policy::origins::regex::OriginRegex> {
    let mut regexes = Vec::new();
    for (index, written) in config.allow_origin_regexes.iter().enumerate() {
        match crate::policy::origins::regex::OriginRegex::new(written) {
            Ok(regex) => regexes.push(regex),
            Err(problem) => {
                problems.add(Place::Item("allow_origin_regexes", index), written, problem);
            }
        }
    }
    regexes
}

#[cfg(not(feature = "regex"))]
fn refuse_regexes(config: &PolicyConfig, problems: &mut Problems) {
    for (index, written) in config.allow_origin_regexes.iter().enumerate() {
        let place = Place::Item("allow_origin_regexes", index);
        problems.add(place, written, ProblemKind::RegexNotBuiltIn);
    }
}

/// The headers that all predicates together read, in lower case and without repeats.
fn check_predicates(predicates: &Predicates, problems: &mut Problems) -> Vec<String> {
    if predicates.awaited.len() > 1 {
        let place = Place::Setting("allow_origin_if_async");
        let count = predicates.awaited.len().to_string();
        problems.add(place, count, ProblemKind::SeveralAsyncPredicates);
    }
    let immediate = predicates
        .immediate
        .iter()
        .enumerate()
        .map(|(index, predicate)| (Place::Item("allow_origin_if", index), &predicate.reads));
    let awaited = predicates
        .awaited
        .iter()
        .map(|predicate| (Place::Setting("allow_origin_if_async"), &predicate.reads));
    let mut declared = Vec::new();
    for (place, reads) in immediate.chain(awaited) {
        for name in reads {
            match check_header_name(name) {
                Ok(name) => push_new(&mut declared, name),
                Err(problem) => problems.add(place, name, problem),
            }
        }
    }
    // `Origin` is in every Vary already.
    declared.retain(|name| name != "origin");
    if declared.len() > MAX_DECLARED_HEADERS {
        let place = Place::Setting("allow_origin_if");
        problems.add(
            place,
            declared.join(", "),
            ProblemKind::TooManyDeclaredHeaders,
        );
        declared.truncate(MAX_DECLARED_HEADERS);
    }
    declared
}

fn check_null(config: &PolicyConfig, problems: &mut Problems) {
    if config.allow_null_origin
        && config.allow_credentials
        && !config.dangerously_allow_null_origin_with_credentials
    {
        let place = Place::Setting("allow_null_origin");
        problems.add(place, "true", ProblemKind::NullOriginWithCredentials);
    }
}

/// A list of names, or any name and those that were listed beside `*`.
enum Names {
    Any { listed: Vec<String> },
    Listed(Vec<String>),
}

/// Reads a list of names: each is checked and normalised, repeats are merged.
fn check_names(
    setting: &'static str,
    written: &[String],
    problems: &mut Problems,
    check: impl Fn(&str) -> Result<String, ProblemKind>,
) -> Names {
    let mut any = false;
    let mut names = Vec::new();
    for (index, name) in written.iter().enumerate() {
        if name == "*" {
            any = true;
            continue;
        }
        match check(name) {
            Ok(name) => push_new(&mut names, name),
            Err(problem) => problems.add(Place::Item(setting, index), name, problem),
        }
    }
    if any {
        Names::Any { listed: names }
    } else {
        Names::Listed(names)
    }
}

fn check_methods(config: &PolicyConfig, problems: &mut Problems) -> Names {
    check_names("allow_methods", &config.allow_methods, problems, |method| {
        if !token::is_token(method.as_bytes()) {
            Err(ProblemKind::MethodNotToken)
        } else if method.contains('*') {
            Err(ProblemKind::WildcardInName)
        } else if token::is_forbidden_method(method.as_bytes()) {
            Err(ProblemKind::MethodForbidden)
        } else {
            Ok(token::normalize_method(method).to_owned())
        }
    })
}

fn check_allowed_headers(config: &PolicyConfig, problems: &mut Problems) -> Names {
    check_names("allow_headers", &config.allow_headers, problems, |name| {
        let name = check_header_name(name)?;
        if token::is_forbidden_request_header_name(name.as_bytes()) {
            Err(ProblemKind::RequestHeaderForbidden)
        } else {
            Ok(name)
        }
    })
}

fn check_exposed_headers(config: &PolicyConfig, problems: &mut Problems) -> Names {
    let names = check_names("expose_headers", &config.expose_headers, problems, |name| {
        let name = check_header_name(name)?;
        if token::is_forbidden_response_header_name(name.as_bytes()) {
            Err(ProblemKind::ResponseHeaderForbidden)
        } else {
            Ok(name)
        }
    });
    if config.allow_credentials {
        for (index, name) in config.expose_headers.iter().enumerate() {
            if name == "*" {
                let place = Place::Item("expose_headers", index);
                problems.add(place, name, ProblemKind::AnyExposedHeaderWithCredentials);
            }
        }
    }
    names
}

fn check_header_name(name: &str) -> Result<String, ProblemKind> {
    if !token::is_token(name.as_bytes()) {
        Err(ProblemKind::HeaderNameNotToken)
    } else if name.contains('*') {
        Err(ProblemKind::WildcardInName)
    } else {
        Ok(name.to_ascii_lowercase())
    }
}

fn check_max_age(config: &PolicyConfig, problems: &mut Problems) {
    let Some(age) = config.max_age else {
        return;
    };
    let problem = if age.subsec_nanos() > 0 {
        ProblemKind::MaxAgeNotWholeSeconds
    } else if age > MAX_MAX_AGE {
        ProblemKind::MaxAgeTooLong
    } else {
        return;
    };
    problems.add(Place::Setting("max_age"), format!("{age:?}"), problem);
}

fn check_statuses(config: &PolicyConfig, problems: &mut Problems) {
    let status = config.preflight_status;
    if !(200..=299).contains(&status) {
        let place = Place::Setting("preflight_status");
        problems.add(
            place,
            status.to_string(),
            ProblemKind::PreflightStatusOutOfRange,
        );
    }
    let status = config.preflight_refusal_status;
    if !matches!(status, 200..=299 | 400..=499) {
        let place = Place::Setting("preflight_refusal_status");
        problems.add(
            place,
            status.to_string(),
            ProblemKind::RefusalStatusOutOfRange,
        );
    }
}

fn render_actual(config: &PolicyConfig, exposed: &Names, texts: &mut Texts) -> FieldSet {
    let exposed = match exposed {
        Names::Any { .. } => "*".to_owned(),
        Names::Listed(names) => names.join(", "),
    };
    let fields = allow_origin(config).with_if(!exposed.is_empty(), Row::ExposeHeaders);
    texts.set(Text::ExposeHeaders, exposed);
    fields
}

fn render_preflight(
    config: &PolicyConfig,
    methods: &Names,
    headers: &Names,
    texts: &mut Texts,
) -> FieldSet {
    let mut fields = allow_origin(config);
    fields = match methods {
        Names::Any { .. } if config.allow_credentials => fields.with(Row::AllowRequestedMethod),
        Names::Any { .. } => fields.with(Row::AllowAnyMethod),
        Names::Listed(methods) => {
            texts.set(Text::AllowMethods, methods.join(", "));
            fields.with_if(!methods.is_empty(), Row::AllowMethods)
        }
    };
    fields = match headers {
        // Echoed where there is something to echo, which only the request tells.
        Names::Any { .. } if config.allow_credentials => fields,
        Names::Any { listed } => {
            let names = if names_authorization(listed) {
                "*, authorization"
            } else {
                "*"
            };
            texts.set(Text::AllowHeaders, names.to_owned());
            fields.with(Row::AllowHeaders)
        }
        Names::Listed(names) => {
            texts.set(Text::AllowHeaders, names.join(", "));
            fields.with_if(!names.is_empty(), Row::AllowHeaders)
        }
    };
    if let Some(age) = config.max_age {
        texts.set(Text::MaxAge, age.as_secs().to_string());
        fields = fields.with(Row::MaxAge);
    }
    fields
}

fn allow_origin(config: &PolicyConfig) -> FieldSet {
    let any = config.allow_origins.iter().any(|origin| origin == "*");
    let row = if any && !config.allow_credentials {
        Row::AllowAnyOrigin
    } else {
        Row::AllowOrigin
    };
    FieldSet::default()
        .with(row)
        .with_if(config.allow_credentials, Row::AllowCredentials)
}

/// What the two kinds of answer depend on. Every preflight depends on the method and the headers
/// that it asks for, since some of them are refused under any policy.
fn render_vary(
    config: &PolicyConfig,
    echoes_origin: bool,
    declared: &[String],
    texts: &mut Texts,
) -> (Vary, Vary) {
    let asked = [Word::RequestMethod, Word::RequestHeaders];
    let private_network = config
        .allow_private_network
        .then_some(Word::RequestPrivateNetwork);
    let mut actual = Vec::new();
    if echoes_origin {
        actual.push(Value::word(Word::Origin));
    }
    let mut preflight = actual.clone();
    preflight.extend(asked.map(Value::word));
    if echoes_origin {
        for (index, name) in (0..).zip(declared) {
            texts.set(Text::Declared(index), name.clone());
            actual.push(Value::text(Text::Declared(index)));
            // A predicate may read what every preflight depends on anyway.
            let mut words = asked.into_iter().chain(private_network);
            if !words.any(|word| word.as_str().eq_ignore_ascii_case(name)) {
                preflight.push(Value::text(Text::Declared(index)));
            }
        }
    }
    preflight.extend(private_network.map(Value::word));
    (
        vary(actual, Text::ActualVary, texts),
        vary(preflight, Text::PreflightVary, texts),
    )
}

/// The tokens, and one line of them all: one of the protocol's words where there is one, since a
/// static value costs less than a shared one.
fn vary(tokens: Vec<Value>, text: Text, texts: &mut Texts) -> Vary {
    let names = tokens.iter().filter_map(|token| match token.0 {
        crate::protocol::value::Source::Word(word) => Some(word.as_str()),
        crate::protocol::value::Source::Text(text) => Some(texts.get(text)),
        crate::protocol::value::Source::Echo(_) => None,
    });
    let line = names.collect::<Vec<_>>().join(", ");
    let word = [Word::Origin, Word::PreflightVary]
        .into_iter()
        .find(|word| word.as_str() == line);
    let value = word.map_or(Value::text(text), Value::word);
    texts.set(text, line);
    Vary::new(value, tokens)
}

fn names_authorization(names: &[String]) -> bool {
    names
        .iter()
        .any(|name| token::is_non_wildcard_request_header_name(name.as_bytes()))
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}
