//! [`Finding`]: what is wrong with a response, ready to be written.

use cors_core::browser::Response;
use cors_core::probe::FindingKind;

use super::call::{Call, Seen};
use super::judge::Found;
use super::own_lines::OwnLines;
use super::target::Target;
use crate::finding::Level;
use crate::{quoted, shown};

/// What is wrong with a response, ready to be written: nothing in it is a secret, or can harm a
/// terminal.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// A name that stays the same for all findings of a kind.
    pub(crate) kind: String,
    /// The request in words.
    pub(crate) request: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) origin: Option<String>,
    pub(crate) url: String,
    /// The command that sends the same.
    pub(crate) curl: String,
    pub(crate) came_back: String,
    /// What the policy gives, where there is one.
    pub(crate) expected: Option<String>,
    /// What a browser makes of it.
    pub(crate) browser: String,
    /// What is wrong in a few words.
    pub(crate) title: String,
    pub(crate) why: String,
    pub(crate) remedy: String,
}

/// What findings are written with.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) target: &'a Target,
    pub(crate) own_lines: &'a OwnLines,
}

impl Writer<'_> {
    /// Writes what the battery finds.
    pub(crate) fn of_battery(&self, (kind, seen): &Found<'_>) -> Finding {
        self.of(
            seen,
            format!("{kind:?}"),
            kind.level(),
            Words {
                request: seen.call.words(),
                expected: None,
                browser: seen.browser(),
                title: kind.to_string(),
                remedy: kind.remedy().to_owned(),
            },
        )
    }

    /// Writes what the probe of a policy finds.
    pub(crate) fn of_policy(&self, seen: &Seen, finding: &cors_core::probe::Finding) -> Finding {
        let kind = finding.kind();
        let level = match kind {
            // What has no effect in browsers.
            FindingKind::StrayHeaders | FindingKind::Unnoticed => Level::Warning,
            _ => Level::Problem,
        };
        self.of(
            seen,
            format!("{kind:?}"),
            level,
            Words {
                request: finding.request().to_string(),
                expected: Some(self.head(finding.expected())),
                browser: finding.browser(),
                title: kind.to_string(),
                remedy: kind.remedy().to_owned(),
            },
        )
    }

    fn of(&self, seen: &Seen, kind: String, level: Level, words: Words) -> Finding {
        let call = &seen.call;
        let browser = self.own_lines.without_secrets(&words.browser);
        let came_back = self.head(&seen.response);
        Finding {
            level,
            kind,
            request: shown(&words.request),
            method: call.method.clone(),
            path: shown(&call.path),
            origin: call.page.as_deref().map(shown),
            url: shown(&format!("{}{}", self.target.server, call.path)),
            curl: self.curl(call),
            why: format!("{}: {came_back}; a browser {browser}", words.title),
            title: words.title,
            came_back,
            expected: words.expected,
            browser,
            remedy: words.remedy,
        }
    }

    /// Returns the command that sends a request, without the secrets.
    fn curl(&self, call: &Call) -> String {
        let mut command = match &*call.method {
            // With -X, curl would wait for a body.
            "HEAD" => "curl -I".to_owned(),
            method => format!("curl -i -X {method}"),
        };
        let host = call.host.as_deref().or(self.own_lines.host());
        let host = host.map(|host| ("Host", host));
        let lines = call.lines.iter().map(|(name, value)| (&**name, &**value));
        for (name, value) in host.into_iter().chain(lines) {
            // What curl sends anyway.
            if !(name.eq_ignore_ascii_case("accept") && value == "*/*") {
                command += &format!(" -H {}", quoted(&format!("{name}: {value}")));
            }
        }
        if call.has_own_lines {
            for (name, value) in self.own_lines.shown() {
                command += &format!(" -H {}", quoted(&format!("{name}: {value}")));
            }
        }
        let url = format!("{}{}", self.target.server, call.path);
        shown(&format!("{command} {}", quoted(&url)))
    }

    /// Returns the status of a response, and the headers that matter here.
    fn head(&self, response: &Response) -> String {
        let is_cors = |name: &str| name.to_ascii_lowercase().starts_with("access-control-");
        let is_named = |name: &str| {
            let names = ["Vary", "Location", "Age", "Cache-Control"];
            names.iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        let lines = || response.headers().iter();
        let mut head = response.status().to_string();
        if !lines().any(|(name, _)| is_cors(name)) {
            head += " without CORS headers";
        }
        for (name, value) in lines()
            .filter(|(name, _)| is_cors(name) || is_named(name))
            .take(20)
        {
            let value = self
                .own_lines
                .without_secrets(&String::from_utf8_lossy(value));
            let cut: String = value.chars().take(200).collect();
            let more = if cut.len() < value.len() { ".." } else { "" };
            let name = self.own_lines.without_secrets(&name.to_ascii_lowercase());
            head += &format!(", {}: {}{more}", shown(&name), shown(&cut));
        }
        head
    }
}

struct Words {
    request: String,
    expected: Option<String>,
    browser: String,
    title: String,
    remedy: String,
}
