//! The settings that are lists: each is checked item by item and compiled into a [`List`].

use std::fmt::Write as _;
use std::sync::Arc;

use super::Methods;
use super::allowed_headers::{HeaderNames, MAX_HEADER_NAME_BYTES};
use super::byte_set::ByteSet;
use super::hosts::pattern::HostPattern;
use super::hosts::set::HostSet;
use super::list::{Findings, Hazard, List};
use super::origins::pattern::OriginPattern;
use super::origins::regexes::OriginRegexes;
#[cfg(feature = "regex")]
use super::origins::regexes::RegexCompiler;
use super::origins::set::OriginSet;
use super::problem::ProblemKind;
use super::setting::Setting;
use crate::protocol::token;

/// The most bytes of a method. The longest registered one has 17.
const MAX_METHOD_BYTES: usize = 256;

pub(super) fn origins(written: Vec<String>) -> List<OriginSet> {
    let mut findings = Findings::of(Setting::AllowOrigins);
    let mut any = false;
    let pattern = |(index, item): (usize, &String)| {
        if item == "*" {
            any = true;
            findings.hazard(index, Hazard::AnyOrigin);
            return None;
        }
        let pattern = OriginPattern::parse(item)
            .map_err(|problem| findings.fault(index, item, problem))
            .ok()?;
        if matches!(pattern, OriginPattern::AnyHost { .. }) {
            findings.hazard(index, Hazard::AnyHost);
        }
        if pattern.is_file() {
            findings.hazard(index, Hazard::NullOrigin);
        }
        if pattern.is_insecure() {
            findings.hazard(index, Hazard::InsecureOrigin);
        }
        if is_over_public_suffix(&pattern) {
            findings.hazard(index, Hazard::PublicSuffix);
        }
        Some(pattern)
    };
    let compiled = written.iter().enumerate().filter_map(pattern).collect();
    List {
        written,
        any,
        compiled,
        text: Arc::default(),
        findings,
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
    // A policy that asks for the check is refused.
    false
}

#[cfg(feature = "regex")]
pub(super) fn regexes(written: Vec<String>, compiler: &mut RegexCompiler) -> List<OriginRegexes> {
    let mut findings = Findings::of(Setting::AllowOriginRegexes);
    let mut compiled = OriginRegexes::default();
    for (index, item) in written.iter().enumerate() {
        let outcome = compiler.compile(item);
        if outcome.is_insecure {
            findings.hazard(index, Hazard::InsecureOrigin);
        }
        if outcome.is_below_public_suffix {
            findings.hazard(index, Hazard::PublicSuffix);
        }
        match outcome.regex {
            Ok(regex) => compiled.push(index, regex),
            Err(problem) => findings.fault(index, item, problem),
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
pub(super) fn regexes(written: Vec<String>) -> List<OriginRegexes> {
    let mut findings = Findings::of(Setting::AllowOriginRegexes);
    for (index, item) in written.iter().enumerate() {
        findings.fault(index, item, ProblemKind::RegexNotBuiltIn);
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
    let names = Names::read(Setting::AllowMethods, &written, check_method, |name| {
        compiled.insert(name.as_bytes())
    });
    List {
        any: !names.stars.is_empty(),
        text: names.text.into(),
        findings: names.findings,
        compiled,
        written,
    }
}

pub(super) fn allowed_headers(written: Vec<String>) -> List<HeaderNames> {
    let mut compiled = HeaderNames::default();
    let check = |name: &str| {
        let name = check_header_name(name)?;
        if token::is_forbidden_request_header_name(name.as_bytes()) {
            Err(ProblemKind::RequestHeaderForbidden)
        } else {
            Ok(name)
        }
    };
    let names = Names::read(Setting::AllowHeaders, &written, check, |name| {
        compiled.insert(name)
    });
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

pub(super) fn exposed_headers(written: Vec<String>) -> List<()> {
    let mut distinct = ByteSet::<4>::default();
    let check = |name: &str| {
        let name = check_header_name(name)?;
        if token::is_forbidden_response_header_name(name.as_bytes()) {
            Err(ProblemKind::ResponseHeaderForbidden)
        } else {
            Ok(name)
        }
    };
    let mut names = Names::read(Setting::ExposeHeaders, &written, check, |name| {
        distinct.insert(name.as_bytes())
    });
    for index in &names.stars {
        names.findings.hazard(*index, Hazard::AnyExposedHeader);
    }
    let any = !names.stars.is_empty();
    List {
        any,
        text: if any { "*".into() } else { names.text.into() },
        findings: names.findings,
        compiled: (),
        written,
    }
}

pub(super) fn hosts(written: Vec<String>) -> List<HostSet> {
    let mut findings = Findings::of(Setting::AllowHosts);
    let pattern = |(index, item): (usize, &String)| {
        HostPattern::parse(item)
            .map_err(|problem| findings.fault(index, item, problem))
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
    /// Reads names: checks and normalises each. `insert` says whether a name is a new one.
    fn read(
        setting: Setting,
        written: &[String],
        check: impl Fn(&str) -> Result<String, ProblemKind>,
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
                Ok(name) if insert(&name) => {
                    let comma = if names.text.is_empty() { "" } else { ", " };
                    // Writing to a String can't fail.
                    let _ = write!(names.text, "{comma}{name}");
                }
                Ok(_) => {}
                Err(problem) => names.findings.fault(index, item, problem),
            }
        }
        names
    }
}

fn check_method(method: &str) -> Result<String, ProblemKind> {
    if method.len() > MAX_METHOD_BYTES {
        Err(ProblemKind::MethodTooLong)
    } else if !token::is_token(method.as_bytes()) {
        Err(ProblemKind::MethodNotToken)
    } else if method.contains('*') {
        Err(ProblemKind::WildcardInName)
    } else if token::is_forbidden_method(method.as_bytes()) {
        Err(ProblemKind::MethodForbidden)
    } else {
        Ok(token::normalize_method(method).to_owned())
    }
}

/// Checks a header's name, and returns it in lower case.
pub(super) fn check_header_name(name: &str) -> Result<String, ProblemKind> {
    if name.len() > MAX_HEADER_NAME_BYTES {
        Err(ProblemKind::HeaderNameTooLong)
    } else if !token::is_token(name.as_bytes()) {
        Err(ProblemKind::HeaderNameNotToken)
    } else if name.contains('*') {
        Err(ProblemKind::WildcardInName)
    } else {
        Ok(name.to_ascii_lowercase())
    }
}
