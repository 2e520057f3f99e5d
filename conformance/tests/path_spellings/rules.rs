//! Rules by path: what a file of policies is written from, and what responses are judged by.

use std::fmt::Write as _;

use conformance_servers::policy_file::Format;
use cors_core::PolicyMap;

pub(crate) const OWN: &str = "https://own.example";
pub(crate) const PARTNER: &str = "https://partner.example";
const STRANGER: &str = "https://stranger.example";

/// Where requests come from.
pub(crate) const ORIGINS: [&str; 3] = [OWN, PARTNER, STRANGER];

/// The host that the client names by itself, with some port, and that of absolute targets; and one
/// that no rule lists.
const OWN_HOSTS: [&str; 2] = ["127.0.0.1", TARGET_HOST];
pub(crate) const TARGET_HOST: &str = "x";
pub(crate) const FOREIGN_HOST: &str = "evil.example";

/// What the policy of a pattern says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) pattern: &'static str,
    pub(crate) who: Who,
    pub(crate) rejects: bool,
    /// Whether the path is for requests to [`OWN_HOSTS`] alone.
    pub(crate) has_host: bool,
}

/// Who is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The path is disabled.
    Off,
    Nobody,
    /// [`OWN`], with credentials.
    Own,
    /// [`PARTNER`], with credentials and DELETE.
    Partner,
    /// Anyone, without credentials and with DELETE.
    Anyone,
}

impl Rule {
    /// The rule of a path that no pattern matches.
    const NONE: Self = rule("", Who::Off);

    pub(crate) const fn rejecting(self) -> Self {
        Self {
            rejects: true,
            ..self
        }
    }

    pub(crate) const fn for_own_host(self) -> Self {
        Self {
            has_host: true,
            ..self
        }
    }

    /// Returns what `Access-Control-Allow-Origin` says to an origin.
    pub(crate) fn allowed_origin(&self, origin: &'static str) -> Option<&'static str> {
        match self.who {
            Who::Own if origin == OWN => Some(OWN),
            Who::Partner if origin == PARTNER => Some(PARTNER),
            Who::Anyone => Some("*"),
            _ => None,
        }
    }

    pub(crate) fn allows_credentials(&self) -> bool {
        matches!(self.who, Who::Own | Who::Partner)
    }

    pub(crate) fn allows_delete(&self) -> bool {
        matches!(self.who, Who::Partner | Who::Anyone)
    }

    /// Returns whether the handler is not to run for an origin.
    pub(crate) fn keeps_out(&self, origin: &'static str) -> bool {
        self.rejects && self.who != Who::Off && self.allowed_origin(origin).is_none()
    }

    /// Returns whether the handler is not to run for a request to [`FOREIGN_HOST`].
    pub(crate) fn keeps_out_foreign_host(&self) -> bool {
        self.has_host && self.who != Who::Off
    }

    fn write(&self, file: &mut String) {
        let _ = writeln!(file, "[[paths]]\npath = '{}'", self.pattern);
        let origins = match self.who {
            Who::Off => {
                file.push_str("enabled = false\n");
                return;
            }
            Who::Nobody => "",
            Who::Own => OWN,
            Who::Partner => PARTNER,
            Who::Anyone => "*",
        };
        let origins: Vec<_> = Some(origins)
            .filter(|origin| !origin.is_empty())
            .into_iter()
            .collect();
        let _ = writeln!(file, "allow_origins = {origins:?}");
        let _ = writeln!(file, "allow_credentials = {}", self.allows_credentials());
        if self.allows_delete() {
            file.push_str("allow_methods = ['DELETE']\n");
        }
        // Beside `*` without credentials it would be a problem, since it does nothing.
        if self.rejects && (origins != ["*"] || self.allows_credentials()) {
            file.push_str("reject_disallowed_origins = true\n");
        }
        if self.has_host {
            let _ = writeln!(file, "allow_hosts = {OWN_HOSTS:?}");
        }
    }

    /// Returns how well the pattern matches a plain path: by segments, a text before `{name}`, and
    /// that before `{*name}`; `None` where it does not match.
    fn specificity(&self, path: &str) -> Option<Vec<u8>> {
        let mut path = path.split('/').skip(1);
        let mut specificity = Vec::new();
        let pattern = self.pattern.trim_end_matches('/');
        for part in pattern.split('/').skip(1) {
            if part.starts_with("{*") {
                specificity.push(1);
                return Some(specificity);
            }
            let segment = path.next()?;
            if part.starts_with('{') {
                specificity.push(2);
            } else if part == segment {
                specificity.push(3);
            } else {
                return None;
            }
        }
        specificity.push(3);
        path.next().is_none().then_some(specificity)
    }
}

/// Makes a rule that does not reject.
pub(crate) const fn rule(pattern: &'static str, who: Who) -> Rule {
    Rule {
        pattern,
        who,
        rejects: false,
        has_host: false,
    }
}

/// Returns the rule of a handler's path.
pub(crate) fn of_path(rules: &[Rule], path: &str) -> Rule {
    let matching = rules
        .iter()
        .filter_map(|rule| Some((rule.specificity(path)?, rule)));
    let best = matching.max_by(|(one, _), (other, _)| one.cmp(other));
    best.map_or(Rule::NONE, |(_, rule)| *rule)
}

/// Builds the policies from a file.
pub(crate) fn policies(rules: &[Rule]) -> PolicyMap {
    let mut file = String::new();
    for rule in rules {
        rule.write(&mut file);
    }
    let config = Format::Toml.read(&file).expect("it is TOML");
    config.build().expect("the rules are valid")
}
