//! [`Grant`]: some origins of a policy, and what it answers to them.

use std::error::Error;
use std::time::Duration;

use cors_core::browser::{Browser, Credentials, Request, Response, SentRequest};
use cors_core::{PolicyConfig, Setting};

use super::difference::Effect;
use super::expression::Expressions;
use super::origins::OriginRule;
use super::plan::Notes;

/// Some origins of a policy, and what it answers to them.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) origins: Vec<OriginRule>,
    pub(super) credentials: bool,
    pub(super) texts: Texts,
}

/// The values of the headers.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) methods: Listed,
    pub(super) headers: Listed,
    /// Empty where nothing is exposed.
    pub(super) exposed: String,
    /// Empty where no age is sent.
    pub(super) max_age: String,
}

/// What a preflight allows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// This list; empty where there is none.
    Text(String),
    /// What the preflight asks for.
    Asked,
}

impl Default for Listed {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Grant {
    /// Returns the grants of a policy, those with credentials first. `notes` is told what could not
    /// be exported.
    pub(super) fn all(
        config: &PolicyConfig,
        expressions: &mut Expressions,
        notes: &mut Notes<'_>,
    ) -> Result<Vec<Self>, Box<dyn Error>> {
        let with_credentials = config.allow_credentials_from.iter();
        let with_credentials = with_credentials.map(|item| OriginRule::of(item, true));
        let lists = [
            (with_credentials.collect(), true),
            (
                origins(config, expressions, notes),
                config.allow_credentials,
            ),
        ];
        let mut grants = Vec::new();
        for (origins, credentials) in lists {
            let origins: Vec<_> = origins;
            if !origins.is_empty() {
                grants.push(Self {
                    texts: Texts::of(config, credentials)?,
                    origins,
                    credentials,
                });
            }
        }
        Ok(grants)
    }

    /// Returns whether every origin has it.
    pub(super) fn is_for_any(&self) -> bool {
        self.origins.contains(&OriginRule::Any)
    }
}

/// Returns the origins that have what `allow_credentials` says.
fn origins(
    config: &PolicyConfig,
    expressions: &mut Expressions,
    notes: &mut Notes<'_>,
) -> Vec<OriginRule> {
    let credentials = config.allow_credentials;
    let items = config.allow_origins.iter();
    let mut origins: Vec<_> = items
        .map(|item| OriginRule::of(item, credentials))
        .collect();
    if origins.contains(&OriginRule::Any) {
        return vec![OriginRule::Any];
    }
    if config.allow_null_origin {
        origins.push(OriginRule::Exact("null".to_owned()));
    }
    let plain_http = !credentials || config.dangerously_allow_insecure_origins_with_credentials;
    for (index, written) in config.allow_origin_regexes.iter().enumerate() {
        match expressions.portable(written, plain_http) {
            Ok(expression) => origins.push(OriginRule::Matching(expression)),
            Err(why) => notes.add(
                (Setting::AllowOriginRegexes, Some(index)),
                Effect::Narrower,
                format!("the expression is left out: {why}"),
            ),
        }
    }
    origins
}

impl Texts {
    /// Returns the headers that a policy answers with: those that one for a single origin answers
    /// with in its stead.
    fn of(config: &PolicyConfig, credentials: bool) -> Result<Self, Box<dyn Error>> {
        const PAGE: &str = "https://page.example";
        let mut single = config.clone();
        single.allow_origins = vec![PAGE.to_owned()];
        single.allow_origin_regexes.clear();
        single.allow_null_origin = false;
        single.allow_credentials = credentials;
        single.allow_credentials_from.clear();
        single.allow_hosts.clear();
        single.keep_app_headers = false;
        single.preflight_passthrough = false;
        single.reject_disallowed_origins = false;
        let policy = single.build()?;
        let mode = if credentials {
            Credentials::Include
        } else {
            Credentials::Omit
        };
        // Needs a preflight, and asks for nothing that could be refused.
        let request = Request::new("POST")?
            .upload_listener(true)
            .credentials(mode);
        let mut responses = Vec::new();
        let respond = |sent: &SentRequest| {
            let response = sent.respond(&policy, |_| Response::new(200));
            responses.push(response.clone());
            response
        };
        let url = "https://api.example/";
        Browser::new().fetch(Duration::ZERO, PAGE, url, &request, respond)?;
        let value = |name: &str| {
            let mut values = responses.iter().filter_map(|got| got.headers().get(name));
            let value = values.next().unwrap_or_default();
            String::from_utf8_lossy(&value).into_owned()
        };
        let listed = |list: &[String], name: &str| {
            if credentials && list.iter().any(|item| item == "*") {
                Listed::Asked
            } else {
                Listed::Text(value(name))
            }
        };
        Ok(Self {
            methods: listed(&config.allow_methods, "access-control-allow-methods"),
            headers: listed(&config.allow_headers, "access-control-allow-headers"),
            exposed: value("access-control-expose-headers"),
            max_age: value("access-control-max-age"),
        })
    }

    /// Returns whether any header is allowed except for `Authorization`. Some browsers read the
    /// answer as if that were allowed too.
    pub(super) fn is_all_but_authorization(&self) -> bool {
        self.headers == Listed::Text("*".to_owned())
    }
}
