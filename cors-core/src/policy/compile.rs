//! The compilation of settings into a [`Compiled`] policy, or into the list of all problems: there
//! is one check per setting, and all checks add to one list.

use std::time::Duration;

use super::allowed_headers::AllowedHeaders;
use super::async_predicate::AsyncPredicate;
use super::config::PolicyConfig;
use super::origins::pattern::OriginPattern;
#[cfg(feature = "regex")]
use super::origins::regex::OriginRegex;
use super::origins::set::OriginSet;
use super::predicate::Predicate;
use super::problem::{PolicyErrors, ProblemKind, Problems};
use super::setting::{Setting, SettingLocation};
use super::texts::RenderedTexts;
use super::vary::{MAX_VARY_TOKENS, Vary};
use super::{AllowedMethods, AllowedOrigins, Compiled};
use crate::protocol::decision::{AnswerHeader, AnswerHeaders};
use crate::protocol::token;
use crate::protocol::value::{PolicyText, StaticText, Value};

/// A day, the longest time that any browser keeps (Firefox; Chromium keeps 7200 seconds).
const MAX_MAX_AGE: Duration = Duration::from_secs(86_400);

/// The room that the four names of the protocol leave for declared headers.
const MAX_DECLARED_HEADERS: usize = MAX_VARY_TOKENS - 4;

/// The predicates of a policy.
#[derive(Debug, Default)]
pub(crate) struct Predicates {
    pub(crate) sync: Vec<Predicate>,
    /// A policy can have one at most.
    pub(crate) asynchronous: Vec<AsyncPredicate>,
}

pub(crate) fn compile(
    config: PolicyConfig,
    mut predicates: Predicates,
) -> Result<Compiled, PolicyErrors> {
    let mut problems = Problems::default();
    let origins = check_origins(&config, &mut problems);
    #[cfg(feature = "regex")]
    let regexes = check_regexes(&config, &mut problems);
    #[cfg(not(feature = "regex"))]
    refuse_regexes(&config, &mut problems);
    let declared = check_predicates(&mut predicates, &mut problems);
    check_null(&config, &mut problems);
    let methods = check_methods(&config, &mut problems);
    let headers = check_allowed_headers(&config, &mut problems);
    let exposed = check_exposed_headers(&config, &mut problems);
    check_max_age(&config, &mut problems);
    check_statuses(&config, &mut problems);
    #[cfg(not(feature = "public-suffix"))]
    refuse_public_suffixes(&config, &mut problems);

    let any_origin = config.allow_origins.iter().any(|origin| origin == "*");
    let echoes_origin = config.allow_credentials || !any_origin;
    let mut texts = RenderedTexts::default();
    let actual_headers = render_actual(&config, &exposed, &mut texts);
    let preflight_headers = render_preflight(&config, &methods, &headers, &mut texts);
    let (actual_vary, preflight_vary) = render_vary(&config, echoes_origin, &declared, &mut texts);

    problems.into_result(Compiled {
        refuses_all: None,
        origins: AllowedOrigins {
            any: any_origin,
            null: config.allow_null_origin,
            listed: origins,
            #[cfg(feature = "regex")]
            regexes,
            predicates: predicates.sync,
            async_predicate: predicates.asynchronous.pop(),
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
        texts,
        actual_headers,
        preflight_headers,
        actual_vary,
        preflight_vary,
        config,
    })
}

fn check_origins(config: &PolicyConfig, problems: &mut Problems) -> OriginSet {
    let mut origins = OriginSet::default();
    for (index, written) in config.allow_origins.iter().enumerate() {
        let location = SettingLocation::at(Setting::AllowOrigins, index);
        if written == "*" {
            if config.allow_credentials && !config.dangerously_allow_any_origin_with_credentials {
                problems.add(location, written, ProblemKind::AnyOriginWithCredentials);
            }
            continue;
        }
        match OriginPattern::parse(written) {
            Ok(pattern) => {
                if let Some(problem) = credentials_problem(config, &pattern) {
                    problems.add(location, written, problem);
                }
                origins.insert(pattern);
            }
            Err(problem) => problems.add(location, written, problem),
        }
    }
    origins
}

/// Returns the problem that an origin has only because its pages act as the signed-in user.
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
    // For a name right below the base, the public suffix is the base if that is one, or the whole
    // name if all names below the base are public suffixes.
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
        let location = Setting::CheckPublicSuffixes.into();
        problems.add(location, "true", ProblemKind::PublicSuffixesNotBuiltIn);
    }
}

#[cfg(feature = "regex")]
fn check_regexes(config: &PolicyConfig, problems: &mut Problems) -> Vec<OriginRegex> {
    let mut regexes = Vec::new();
    for (index, written) in config.allow_origin_regexes.iter().enumerate() {
        match OriginRegex::new(written) {
            Ok(regex) => regexes.push(regex),
            Err(problem) => {
                problems.add(
                    SettingLocation::at(Setting::AllowOriginRegexes, index),
                    written,
                    problem,
                );
            }
        }
    }
    regexes
}

#[cfg(not(feature = "regex"))]
fn refuse_regexes(config: &PolicyConfig, problems: &mut Problems) {
    for (index, written) in config.allow_origin_regexes.iter().enumerate() {
        let location = SettingLocation::at(Setting::AllowOriginRegexes, index);
        problems.add(location, written, ProblemKind::RegexNotBuiltIn);
    }
}

/// Checks the names that a predicate reads, and returns them in lower case and without repeats.
fn check_reads(
    location: SettingLocation,
    reads: &[String],
    problems: &mut Problems,
) -> Vec<String> {
    let mut names = Vec::new();
    for name in reads {
        match check_header_name(name) {
            Ok(name) => push_new(&mut names, name),
            Err(problem) => problems.add(location, name, problem),
        }
    }
    names
}

/// Checks the predicates, and returns the headers that they read together, in lower case and
/// without repeats.
fn check_predicates(predicates: &mut Predicates, problems: &mut Problems) -> Vec<String> {
    if predicates.asynchronous.len() > 1 {
        let location = Setting::AllowOriginIfAsync.into();
        let count = predicates.asynchronous.len().to_string();
        problems.add(location, count, ProblemKind::SeveralAsyncPredicates);
    }
    if predicates
        .asynchronous
        .iter()
        .any(|predicate| !predicate.has_timeout())
    {
        let location = Setting::AllowOriginIfAsync.into();
        problems.add(
            location,
            "no timeout",
            ProblemKind::AsyncPredicateHasNoTimeout,
        );
    }
    let mut declared = Vec::new();
    for (index, predicate) in predicates.sync.iter_mut().enumerate() {
        let location = SettingLocation::at(Setting::AllowOriginIf, index);
        let names = check_reads(location, predicate.declared(), problems);
        names
            .iter()
            .for_each(|name| push_new(&mut declared, name.clone()));
        predicate.set_declared(names);
    }
    for predicate in &mut predicates.asynchronous {
        let location = Setting::AllowOriginIfAsync.into();
        let names = check_reads(location, predicate.declared(), problems);
        names
            .iter()
            .for_each(|name| push_new(&mut declared, name.clone()));
        predicate.set_declared(names);
    }
    // `Origin` is in every Vary already.
    declared.retain(|name| name != "origin");
    if declared.len() > MAX_DECLARED_HEADERS {
        let location = Setting::AllowOriginIf.into();
        problems.add(
            location,
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
        let location = Setting::AllowNullOrigin.into();
        problems.add(location, "true", ProblemKind::NullOriginWithCredentials);
    }
}

/// A list of names, or any name together with those that were listed beside `*`.
enum Names {
    Any { listed: Vec<String> },
    Listed(Vec<String>),
}

/// Reads a list of names: checks and normalises each, and merges repeats.
fn check_names(
    setting: Setting,
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
            Err(problem) => problems.add(SettingLocation::at(setting, index), name, problem),
        }
    }
    if any {
        Names::Any { listed: names }
    } else {
        Names::Listed(names)
    }
}

fn check_methods(config: &PolicyConfig, problems: &mut Problems) -> Names {
    check_names(
        Setting::AllowMethods,
        &config.allow_methods,
        problems,
        |method| {
            if !token::is_token(method.as_bytes()) {
                Err(ProblemKind::MethodNotToken)
            } else if method.contains('*') {
                Err(ProblemKind::WildcardInName)
            } else if token::is_forbidden_method(method.as_bytes()) {
                Err(ProblemKind::MethodForbidden)
            } else {
                Ok(token::normalize_method(method).to_owned())
            }
        },
    )
}

fn check_allowed_headers(config: &PolicyConfig, problems: &mut Problems) -> Names {
    check_names(
        Setting::AllowHeaders,
        &config.allow_headers,
        problems,
        |name| {
            let name = check_header_name(name)?;
            if token::is_forbidden_request_header_name(name.as_bytes()) {
                Err(ProblemKind::RequestHeaderForbidden)
            } else {
                Ok(name)
            }
        },
    )
}

fn check_exposed_headers(config: &PolicyConfig, problems: &mut Problems) -> Names {
    let names = check_names(
        Setting::ExposeHeaders,
        &config.expose_headers,
        problems,
        |name| {
            let name = check_header_name(name)?;
            if token::is_forbidden_response_header_name(name.as_bytes()) {
                Err(ProblemKind::ResponseHeaderForbidden)
            } else {
                Ok(name)
            }
        },
    );
    if config.allow_credentials {
        for (index, name) in config.expose_headers.iter().enumerate() {
            if name == "*" {
                let location = SettingLocation::at(Setting::ExposeHeaders, index);
                problems.add(location, name, ProblemKind::AnyExposedHeaderWithCredentials);
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
    problems.add(Setting::MaxAge.into(), format!("{age:?}"), problem);
}

fn check_statuses(config: &PolicyConfig, problems: &mut Problems) {
    let status = config.preflight_status;
    if !(200..=299).contains(&status) {
        let location = Setting::PreflightStatus.into();
        problems.add(
            location,
            status.to_string(),
            ProblemKind::PreflightStatusOutOfRange,
        );
    }
    let status = config.preflight_refusal_status;
    if !matches!(status, 200..=299 | 400..=499) {
        let location = Setting::PreflightRefusalStatus.into();
        problems.add(
            location,
            status.to_string(),
            ProblemKind::RefusalStatusOutOfRange,
        );
    }
}

fn render_actual(
    config: &PolicyConfig,
    exposed: &Names,
    texts: &mut RenderedTexts,
) -> AnswerHeaders {
    let exposed = match exposed {
        Names::Any { .. } => "*".to_owned(),
        Names::Listed(names) => names.join(", "),
    };
    let fields = allow_origin(config).with_if(!exposed.is_empty(), AnswerHeader::ExposeHeaders);
    texts.set(PolicyText::ExposeHeaders, exposed);
    fields
}

fn render_preflight(
    config: &PolicyConfig,
    methods: &Names,
    headers: &Names,
    texts: &mut RenderedTexts,
) -> AnswerHeaders {
    let mut fields = allow_origin(config);
    fields = match methods {
        Names::Any { .. } if config.allow_credentials => {
            fields.with(AnswerHeader::AllowRequestedMethod)
        }
        Names::Any { .. } => fields.with(AnswerHeader::AllowAnyMethod),
        Names::Listed(methods) => {
            texts.set(PolicyText::AllowMethods, methods.join(", "));
            fields.with_if(!methods.is_empty(), AnswerHeader::AllowMethods)
        }
    };
    fields = match headers {
        // The names are echoed if the request has any, and only the request tells.
        Names::Any { .. } if config.allow_credentials => fields,
        Names::Any { listed } => {
            let names = if names_authorization(listed) {
                "*, authorization"
            } else {
                "*"
            };
            texts.set(PolicyText::AllowHeaders, names.to_owned());
            fields.with(AnswerHeader::AllowHeaders)
        }
        Names::Listed(names) => {
            texts.set(PolicyText::AllowHeaders, names.join(", "));
            fields.with_if(!names.is_empty(), AnswerHeader::AllowHeaders)
        }
    };
    if let Some(age) = config.max_age {
        texts.set(PolicyText::MaxAge, age.as_secs().to_string());
        fields = fields.with(AnswerHeader::MaxAge);
    }
    fields
}

fn allow_origin(config: &PolicyConfig) -> AnswerHeaders {
    let any = config.allow_origins.iter().any(|origin| origin == "*");
    let header = if any && !config.allow_credentials {
        AnswerHeader::AllowAnyOrigin
    } else {
        AnswerHeader::AllowOrigin
    };
    AnswerHeaders::default()
        .with(header)
        .with_if(config.allow_credentials, AnswerHeader::AllowCredentials)
}

/// Renders the names that the two kinds of response depend on. Every preflight depends on the
/// method and the headers that it asks for, since some of them are refused under any policy.
fn render_vary(
    config: &PolicyConfig,
    echoes_origin: bool,
    declared: &[String],
    texts: &mut RenderedTexts,
) -> (Vary, Vary) {
    let asked = [StaticText::RequestMethod, StaticText::RequestHeaders];
    let private_network = config
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
            texts.set(PolicyText::Declared(index), name.clone());
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
        Value::Echo(_) => None,
    });
    let line = names.collect::<Vec<_>>().join(", ");
    let word = [StaticText::Origin, StaticText::PreflightVary]
        .into_iter()
        .find(|word| word.as_str() == line);
    let value = word.map_or(Value::Policy(text), Value::Static);
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
