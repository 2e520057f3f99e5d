//! The compilation of settings into a [`Compiled`] policy and a list of problems.

use std::sync::Arc;
use std::time::Duration;

use super::config::PolicyConfig;
use super::hazard::Beside;
use super::list::List;
use super::origins::regexes::RegexCompiler;
use super::parts::Parts;
use super::predicates::{Predicates, check_predicates};
use super::problem::{Problem, ProblemKind, Problems};
use super::setting::{Setting, takes_over};
use super::{Compiled, lists};

/// A day, the longest time that any browser keeps (Firefox; Chromium keeps 7200 seconds).
const MAX_MAX_AGE: Duration = Duration::from_secs(86_400);

/// Compiles the policies of one file, or the one of a builder. They have one list of problems.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    pub(crate) problems: Problems,
    regexes: RegexCompiler,
    /// Of the expressions that remedies name, so that those take a bounded time too.
    remedies: RegexCompiler,
}

/// What the policy of a path takes over from the policy at the top: each setting that it does not
/// write itself.
#[derive(Clone, Copy)]
pub(crate) struct Inheritance<'a> {
    pub(crate) top: &'a Compiled,
    pub(crate) written: &'a [Setting],
}

impl Compiler {
    /// Compiles a policy. One that has problems is fit for nothing but to be inherited from.
    ///
    /// Of a path, `config` has the lists that it writes itself, and all other settings, its own and
    /// inherited ones. What a path inherits is neither copied nor looked at again, so a path costs
    /// what it has of its own.
    pub(crate) fn compile(
        &mut self,
        mut config: PolicyConfig,
        mut predicates: Predicates,
        inheritance: Option<Inheritance<'_>>,
    ) -> Compiled {
        let origins = std::mem::take(&mut config.allow_origins);
        let regexes = std::mem::take(&mut config.allow_origin_regexes);
        let methods = std::mem::take(&mut config.allow_methods);
        let headers = std::mem::take(&mut config.allow_headers);
        let exposed = std::mem::take(&mut config.expose_headers);
        let with_credentials = std::mem::take(&mut config.allow_credentials_from);
        let hosts = std::mem::take(&mut config.allow_hosts);
        let mut switches = config;

        let problems = &mut self.problems;
        let mut settings = Settings {
            switches: &switches,
            has_list: !with_credentials.is_empty(),
            inheritance,
        };
        let top_with_credentials = settings.top_of(Setting::AllowCredentialsFrom);
        let top_with_credentials = top_with_credentials.map(|top| &top.credentials_from);
        settings.has_list |= top_with_credentials.is_some_and(|list| !list.written.is_empty());
        let top = settings.top_of(Setting::AllowOrigins);
        let top = top.map(|top| &top.origins.listed);
        let read = || lists::origins(Setting::AllowOrigins, origins, &mut self.remedies);
        let origins = settings.list(top, read, problems);
        let top = settings.top_of(Setting::AllowOriginRegexes);
        let top = top.map(|top| &top.origins.regexes);
        let read = || lists::regexes(regexes, &mut self.regexes);
        let regexes = settings.list(top, read, problems);
        let declared = check_predicates(&mut predicates, problems);
        settings.check(check_null, problems);
        let top = settings.top_of(Setting::AllowMethods);
        let top = top.map(|top| &top.methods);
        let methods = settings.list(top, || lists::methods(methods), problems);
        let top = settings.top_of(Setting::AllowHeaders);
        let top = top.map(|top| &top.headers.names);
        let headers = settings.list(top, || lists::allowed_headers(headers), problems);
        let top = settings.top_of(Setting::ExposeHeaders);
        let top = top.map(|top| &top.exposed);
        let exposed = settings.list(top, || lists::exposed_headers(exposed), problems);
        let top = settings.top_of(Setting::AllowCredentialsFrom);
        if switches.allow_credentials && settings.has_list && top.is_none() {
            let location = Setting::AllowCredentials.into();
            problems.add(
                location,
                "true",
                ProblemKind::CredentialsBesideCredentialsFrom,
            );
        }
        let setting = Setting::AllowCredentialsFrom;
        let read = || lists::origins(setting, with_credentials, &mut self.remedies);
        let credentials_from = settings.list(top_with_credentials, read, problems);
        let top = settings.top_of(Setting::AllowHosts);
        let top = top.map(|top| &top.hosts);
        let hosts = settings.list(top, || lists::hosts(hosts), problems);
        let rejects_nobody =
            switches.reject_disallowed_origins && origins.any && !switches.allow_credentials;
        if rejects_nobody && settings.top_of(Setting::RejectDisallowedOrigins).is_none() {
            let location = Setting::RejectDisallowedOrigins.into();
            problems.add(location, "true", ProblemKind::RejectBesideAnyOrigin);
        }
        settings.check(check_max_age, problems);
        settings.check(check_preflight_status, problems);
        settings.check(check_refusal_status, problems);
        #[cfg(not(feature = "public-suffix"))]
        settings.check(refuse_public_suffixes, problems);

        if rejects_nobody {
            // What does nothing is not kept, so that the policy of a path that inherits it can be
            // read back and built.
            switches.reject_disallowed_origins = false;
        }
        Parts {
            switches,
            origins,
            regexes,
            predicates,
            declared,
            methods,
            headers,
            exposed,
            credentials_from,
            hosts,
        }
        .assemble()
    }
}

/// The settings of a policy except for lists, and where the others come from.
struct Settings<'a> {
    switches: &'a PolicyConfig,
    /// Whether there is an `allow_credentials_from`.
    has_list: bool,
    inheritance: Option<Inheritance<'a>>,
}

impl<'a> Settings<'a> {
    /// Returns the policy that a setting is taken over from, if it is.
    fn top_of(&self, setting: Setting) -> Option<&'a Compiled> {
        let Inheritance { top, written } = self.inheritance?;
        takes_over(written, setting).then_some(top)
    }

    /// Returns a list, the inherited one or else the one that is read, and reports what is wrong
    /// with it and has not been reported at the top.
    fn list<T>(
        &self,
        inherited: Option<&Arc<List<T>>>,
        read: impl FnOnce() -> List<T>,
        problems: &mut Problems,
    ) -> Arc<List<T>> {
        match (inherited, self.inheritance) {
            (Some(list), Some(Inheritance { top, .. })) => {
                let of_top = !top.credentials_from.written.is_empty();
                let of_top = Beside::of(list.setting(), &top.switches, of_top);
                list.report_inherited(self.beside(list), of_top, problems);
                Arc::clone(list)
            }
            _ => {
                let list = read();
                list.report(self.beside(&list), problems);
                Arc::new(list)
            }
        }
    }

    /// Returns what the items of a list stand beside.
    fn beside<T>(&self, list: &List<T>) -> Beside<'a> {
        Beside::of(list.setting(), self.switches, self.has_list)
    }

    /// Reports what is wrong with a setting that is not a list, unless it has been reported at the
    /// top.
    fn check(&self, check: impl Fn(&PolicyConfig) -> Option<Problem>, problems: &mut Problems) {
        let Some(problem) = check(self.switches) else {
            return;
        };
        let top = self.top_of(problem.location().setting());
        if top.and_then(|top| check(&top.switches)).as_ref() != Some(&problem) {
            problems.push(problem);
        }
    }
}

fn check_null(switches: &PolicyConfig) -> Option<Problem> {
    let is_wrong = switches.allow_null_origin
        && switches.allow_credentials
        && !switches.dangerously_allow_null_origin_with_credentials;
    let location = Setting::AllowNullOrigin.into();
    is_wrong.then(|| {
        Problem::new(location, "true", ProblemKind::NullOriginWithCredentials)
            .with_credentials(Setting::AllowCredentials)
    })
}

fn check_max_age(switches: &PolicyConfig) -> Option<Problem> {
    let age = switches.max_age?;
    let problem = if age.subsec_nanos() > 0 {
        ProblemKind::MaxAgeNotWholeSeconds
    } else if age > MAX_MAX_AGE {
        ProblemKind::MaxAgeTooLong
    } else {
        return None;
    };
    let location = Setting::MaxAge.into();
    Some(Problem::new(location, &format!("{age:?}"), problem))
}

fn check_preflight_status(switches: &PolicyConfig) -> Option<Problem> {
    let status = switches.preflight_status;
    let problem = ProblemKind::PreflightStatusOutOfRange;
    let location = Setting::PreflightStatus.into();
    (!(200..=299).contains(&status)).then(|| Problem::new(location, &status.to_string(), problem))
}

fn check_refusal_status(switches: &PolicyConfig) -> Option<Problem> {
    let status = switches.preflight_refusal_status;
    let problem = ProblemKind::RefusalStatusOutOfRange;
    let location = Setting::PreflightRefusalStatus.into();
    (!matches!(status, 200..=299 | 400..=499))
        .then(|| Problem::new(location, &status.to_string(), problem))
}

#[cfg(not(feature = "public-suffix"))]
fn refuse_public_suffixes(switches: &PolicyConfig) -> Option<Problem> {
    let problem = ProblemKind::PublicSuffixesNotBuiltIn;
    let location = Setting::CheckPublicSuffixes.into();
    let is_wrong = switches.check_public_suffixes;
    is_wrong.then(|| Problem::new(location, "true", problem))
}
