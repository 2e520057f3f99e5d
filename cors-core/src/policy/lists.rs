//! The settings that are lists: each is checked item by item and compiled into a [`List`].

use std::fmt::Write as _;
use std::sync::Arc;

use super::Methods;
use super::hazard::Hazard;
use super::header_names::HeaderNames;
use super::hosts;
use super::hosts::pattern::HostPattern;
use super::hosts::set::HostSet;
use super::list::{Findings, List};
use super::names::{check_header_item, check_method, headers_in, methods_in, problem};
use super::origins::pattern::OriginPattern;
use super::origins::regexes::{OriginRegexes, RegexCompiler};
use super::origins::remedy;
use super::origins::set::OriginSet;
use super::problem::{ProblemKind, Reason};
use super::setting::Setting;
use crate::protocol::token;

/// Reads `allow_origins`, or `allow_credentials_from`, which has fewer items.
pub(super) fn origins(
    setting: Setting,
    written: Vec<String>,
    remedies: &mut RegexCompiler,
) -> List<OriginSet> {
    let has_credentials = setting == Setting::AllowCredentialsFrom;
    let mut findings = Findings::of(setting).settled_by(remedy::settle);
    let mut any = false;
    let items = written.iter().enumerate();
    let compiled = items.filter_map(|(index, item)| {
        if item == "*" && has_credentials {
            findings.fault(index, item, || ProblemKind::AnyOriginInCredentialsFrom);
            return None;
        }
        if item == "*" {
            any = true;
            findings.hazard(index, Hazard::AnyOrigin);
            return None;
        }
        let pattern = OriginPattern::parse(item)
            .map_err(|reason| {
                findings.fault(index, item, || {
                    match remedy::problem(item, reason, remedies) {
                        // They would have no credentials where these go.
                        ProblemKind::OriginIsRegex(_) if has_credentials => {
                            ProblemKind::NoPatternInCredentialsFrom
                        }
                        ProblemKind::WildcardMisplaced(items)
                            if has_credentials && items.is_empty() =>
                        {
                            ProblemKind::NoPatternInCredentialsFrom
                        }
                        kind => kind,
                    }
                });
            })
            .ok()?;
        for hazard in Hazard::of_origin(&pattern) {
            findings.hazard(index, hazard);
        }
        Some(pattern)
    });
    List {
        compiled: compiled.collect(),
        written,
        any,
        text: Arc::default(),
        findings,
    }
}

#[cfg(feature = "regex")]
pub(super) fn regexes(written: Vec<String>, compiler: &mut RegexCompiler) -> List<OriginRegexes> {
    let mut findings = Findings::of(Setting::AllowOriginRegexes).settled_by(remedy::settle);
    let mut compiled = OriginRegexes::default();
    for (index, item) in written.iter().enumerate() {
        let outcome = compiler.compile(item);
        for hazard in outcome.hazards {
            findings.hazard(index, hazard);
        }
        match outcome.regex {
            Ok(regex) => compiled.push(index, regex),
            Err(problem) => findings.fault(index, item, || problem),
        }
    }
    List {
        written,
        any: false,
        compiled,
        text: Arc::default(),
        findings,
    }
}

#[cfg(not(feature = "regex"))]
pub(super) fn regexes(written: Vec<String>, _: &mut RegexCompiler) -> List<OriginRegexes> {
    let mut findings = Findings::of(Setting::AllowOriginRegexes);
    for (index, item) in written.iter().enumerate() {
        findings.fault(index, item, || ProblemKind::RegexNotBuiltIn);
    }
    List {
        written,
        any: false,
        compiled: OriginRegexes::default(),
        text: Arc::default(),
        findings,
    }
}

pub(super) fn methods(written: Vec<String>) -> List<Methods> {
    let mut compiled = Methods::default();
    let names = Names::read(
        Setting::AllowMethods,
        &written,
        check_method,
        methods_in,
        |name| compiled.insert(name.as_bytes()),
    );
    List {
        any: !names.stars.is_empty(),
        text: names.text.into(),
        findings: names.findings,
        compiled,
        written,
    }
}

pub(super) fn allowed_headers(written: Vec<String>) -> List<HeaderNames> {
    let check = |item: &str| -> Result<String, Reason> {
        let item = check_header_item(item)?;
        // It finds prefixes too: all names that begin with one of `sec-` or `proxy-` are forbidden.
        if token::is_forbidden_request_header_name(item.as_bytes()) {
            Err(|_| ProblemKind::RequestHeaderForbidden)
        } else {
            Ok(item)
        }
    };
    let (names, compiled) = header_names(Setting::AllowHeaders, &written, check);
    let any = !names.stars.is_empty();
    let text = match (any, compiled.contains(b"authorization")) {
        (false, _) => names.text.into(),
        (true, false) => "*".into(),
        (true, true) => "*, authorization".into(),
    };
    List {
        any,
        text,
        findings: names.findings,
        compiled,
        written,
    }
}

pub(super) fn exposed_headers(written: Vec<String>) -> List<HeaderNames> {
    let check = |item: &str| -> Result<String, Reason> {
        let item = check_header_item(item)?;
        if token::is_forbidden_response_header_name(item.as_bytes()) {
            Err(|_| ProblemKind::ResponseHeaderForbidden)
        } else {
            Ok(item)
        }
    };
    let (mut names, compiled) = header_names(Setting::ExposeHeaders, &written, check);
    for index in &names.stars {
        names.findings.hazard(*index, Hazard::AnyExposedHeader);
    }
    let any = !names.stars.is_empty();
    List {
        any,
        text: if any { "*".into() } else { names.text.into() },
        findings: names.findings,
        compiled,
        written,
    }
}

/// Reads header names and prefixes of such.
fn header_names(
    setting: Setting,
    written: &[String],
    check: impl Fn(&str) -> Result<String, Reason>,
) -> (Names, HeaderNames) {
    let mut compiled = HeaderNames::default();
    let mut prefixes = Vec::new();
    let insert = |item: &str| match item.strip_suffix('*') {
        Some(prefix) => {
            prefixes.push(prefix.to_owned());
            // The names that it stands for are not known yet.
            false
        }
        None => compiled.insert(item),
    };
    let names = Names::read(setting, written, check, headers_in, insert);
    // Where `*` is among the items too, it covers all that they do.
    if names.stars.is_empty() {
        compiled.prefixes = prefixes.into_iter().collect();
    }
    (names, compiled)
}

pub(super) fn hosts(written: Vec<String>) -> List<HostSet> {
    let mut findings = Findings::of(Setting::AllowHosts);
    let pattern = |(index, item): (usize, &String)| {
        HostPattern::parse(item)
            .map_err(|reason| findings.fault(index, item, || hosts::remedy::problem(item, reason)))
            .ok()
    };
    let items = written.iter().enumerate();
    let compiled = items.filter(|(_, item)| *item != "*").filter_map(pattern);
    List {
        compiled: compiled.collect(),
        any: written.iter().any(|item| item == "*"),
        text: Arc::default(),
        findings,
        written,
    }
}

/// A list of names that was read.
struct Names {
    /// The positions of `*`.
    stars: Vec<usize>,
    /// The names, each once and as browsers send it, in the order in which they were written.
    text: String,
    findings: Findings,
}

impl Names {
    /// Reads names: checks and normalises each. `pieces` finds those that one text holds, and
    /// `insert` says whether a name is a new one.
    fn read(
        setting: Setting,
        written: &[String],
        check: impl Fn(&str) -> Result<String, Reason>,
        pieces: fn(&str) -> Vec<String>,
        mut insert: impl FnMut(&str) -> bool,
    ) -> Self {
        let mut names = Self {
            stars: Vec::new(),
            text: String::new(),
            findings: Findings::of(setting),
        };
        for (index, item) in written.iter().enumerate() {
            if item == "*" {
                names.stars.push(index);
                continue;
            }
            match check(item) {
                // The token of a name may have a `|`, but no name has.
                Ok(_) if item.contains('|') && pieces(item).len() > 1 => {
                    let kind = || problem(&pieces(item), &check, ProblemKind::SeveralInItem);
                    names.findings.fault(index, item, kind);
                }
                Ok(name) if insert(&name) => {
                    let comma = if names.text.is_empty() { "" } else { ", " };
                    // Writing to a String can't fail.
                    let _ = write!(names.text, "{comma}{name}");
                }
                Ok(_) => {}
                Err(reason) => {
                    let kind = || problem(&pieces(item), &check, reason);
                    names.findings.fault(index, item, kind);
                }
            }
        }
        names
    }
}
