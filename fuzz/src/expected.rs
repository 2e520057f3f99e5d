//! What a response must have: the contract's section 3, and the values of section 4.

use std::collections::BTreeSet;
use std::fmt;

use cors_core::{PolicyConfig, RequestKind, RequestPart};

use crate::head::{Line, Request, elements, shown, values};
use crate::input::{DECLARED, Written};
use crate::meant::{Meant, as_sent, is_for_everyone, means_name};

const OF_PROTOCOL: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
    "access-control-allow-private-network",
    "access-control-expose-headers",
];

/// A response to judge, and all that it is judged by.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    pub written: &'a Written,
    pub request: &'a Request,
    pub meant: &'a Meant,
    /// The lines of the app's response; none where the app is not called.
    pub app: &'a [Line],
    pub response: &'a [Line],
}

impl fmt::Debug for Judged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            written,
            request,
            meant,
            app,
            response,
        } = self;
        let (app, response) = (shown(app), shown(response));
        write!(
            f,
            "{request:?}, app {app}, response {response}, {meant:?}, {written:?}"
        )
    }
}

impl Judged<'_> {
    /// Panics where the response is not as the contract has it.
    pub fn check(&self) {
        self.check_other_lines();
        self.check_vary();
        for field in OF_PROTOCOL {
            self.check_field(field);
        }
    }

    /// All that is not of the protocol stays as it is, and where it is.
    fn check_other_lines(&self) {
        let is_other = |line: &&Line| {
            let name = line.0.to_ascii_lowercase();
            name != "vary" && !OF_PROTOCOL.contains(&name.as_str())
        };
        let mut meant: Vec<Line> = self.app.iter().filter(is_other).cloned().collect();
        if self.meant.rejected {
            meant.push(("cache-control".to_owned(), b"no-store".to_vec()));
        }
        let found: Vec<Line> = self.response.iter().filter(is_other).cloned().collect();
        assert_eq!(found, meant, "{self:?}");
    }

    /// What the app says stays, what is missing is added once, and `*` says it all.
    fn check_vary(&self) {
        let of_app = values(self.app, "vary");
        let found = values(self.response, "vary");
        assert!(found.starts_with(&of_app), "Vary of the app: {self:?}");
        let lower = |names: Vec<&[u8]>| -> Vec<String> {
            names
                .into_iter()
                .map(|name| name.to_ascii_lowercase().escape_ascii().to_string())
                .collect()
        };
        let had = lower(elements(&of_app));
        let mut added = lower(elements(&found[of_app.len()..]));
        let mut missing = self.depends_on();
        missing.retain(|name| !had.contains(name));
        if had.iter().any(|name| name == "*") {
            missing.clear();
        }
        added.sort_unstable();
        missing.sort_unstable();
        assert_eq!(added, missing, "Vary: {self:?}");
    }

    /// Returns the names that the response depends on.
    fn depends_on(&self) -> Vec<String> {
        let config = &self.written.config;
        let mut names = Vec::new();
        if !is_for_everyone(config) {
            names.push("origin".to_owned());
            names.extend(self.written.predicate.then(|| DECLARED.to_owned()));
        }
        if self.meant.kind == RequestKind::Preflight {
            names.push("access-control-request-method".to_owned());
            names.push("access-control-request-headers".to_owned());
            if config.allow_private_network {
                names.push("access-control-request-private-network".to_owned());
            }
        }
        names
    }

    fn check_field(&self, field: &str) {
        let found = values(self.response, field);
        let of_app = values(self.app, field);
        let config = &self.written.config;
        if config.keep_app_headers {
            let has_origin = !values(self.app, "access-control-allow-origin").is_empty();
            let is_kept = !of_app.is_empty() && field != "access-control-allow-credentials";
            if has_origin || is_kept {
                assert_eq!(found, of_app, "{field} of the app: {self:?}");
                return;
            }
        }
        let Some((origin, credentials)) = &self.meant.granted else {
            assert!(found.is_empty(), "{field}: {self:?}");
            return;
        };
        let is_preflight = self.meant.kind == RequestKind::Preflight;
        let one = |value: &[u8]| vec![value.to_vec()];
        let meant: Vec<Vec<u8>> = match field {
            "access-control-allow-origin" => one(origin),
            "access-control-allow-credentials" if *credentials => one(b"true"),
            "access-control-expose-headers" if !is_preflight => {
                return self.check_names(field, &found, &config.expose_headers, &self.present());
            }
            "access-control-allow-methods" if is_preflight => {
                return self.check_methods(&found, *credentials);
            }
            "access-control-allow-headers" if is_preflight => {
                let asked = self.request.values("access-control-request-headers");
                let asked = elements(&asked);
                if *credentials && config.allow_headers.iter().any(|item| item == "*") {
                    assert_eq!(elements(&found), asked, "echoed: {self:?}");
                    assert!(found.iter().all(|line| !line.is_empty()), "{self:?}");
                    return;
                }
                let asked: Vec<String> = asked.into_iter().map(lossy).collect();
                return self.check_names(field, &found, &config.allow_headers, &asked);
            }
            "access-control-max-age" if is_preflight => {
                let age = config
                    .max_age
                    .map(|age| age.as_secs().to_string().into_bytes());
                age.into_iter().collect()
            }
            "access-control-allow-private-network" if is_preflight => {
                let asked = self
                    .request
                    .values("access-control-request-private-network");
                let is_allowed = self.meant.refused.is_none();
                let is_asked = is_allowed && config.allow_private_network && asked == [b"true"];
                if is_asked { one(b"true") } else { Vec::new() }
            }
            _ => Vec::new(),
        };
        assert_eq!(found, meant, "{field}: {self:?}");
    }

    /// The names of the app's response that a prefix may cover.
    fn present(&self) -> Vec<String> {
        self.app.iter().map(|(name, _)| name.clone()).collect()
    }

    /// A list has its names once each, and those that its prefixes cover, once each.
    fn check_names(&self, field: &str, found: &[&[u8]], items: &[String], there: &[String]) {
        assert!(found.len() <= 1, "{field} on several lines: {self:?}");
        let found = sorted(&elements(found));
        let is_prefix = |item: &&String| item.ends_with("-*");
        let covered = there.iter().filter(|name| {
            items
                .iter()
                .filter(is_prefix)
                .any(|item| means_name(item, name.as_bytes()))
        });
        let listed = items.iter().filter(|item| !is_prefix(item));
        let meant: BTreeSet<String> = listed
            .chain(covered)
            .map(|name| name.to_ascii_lowercase())
            .collect();
        // A name that a preflight asks for twice may stand twice in the answer.
        let times = |names: &[String], name: &String| names.iter().filter(|n| *n == name).count();
        let there: Vec<String> = there.iter().map(|name| name.to_ascii_lowercase()).collect();
        let is_once = |name| times(&found, name) <= times(&there, name).max(1);
        assert!(found.iter().all(is_once), "{field}, twice: {self:?}");
        let mut found = found;
        found.dedup();
        // Beside a `*`, what it covers need not be named.
        let is_covered = |name: &String| name != "*" && name != "authorization";
        let any = meant.contains("*");
        let needed = |names: Vec<String>| -> Vec<String> {
            names
                .into_iter()
                .filter(|name| !any || !is_covered(name))
                .collect()
        };
        let meant: Vec<String> = meant.into_iter().collect();
        assert_eq!(needed(found), needed(meant), "{field}: {self:?}");
    }

    fn check_methods(&self, found: &[&[u8]], credentials: bool) {
        let config: &PolicyConfig = &self.written.config;
        let asked = self.request.values("access-control-request-method");
        let items = &config.allow_methods;
        let meant: BTreeSet<String> = if items.iter().any(|item| item == "*") {
            let echoed = asked.into_iter().map(lossy).collect();
            if credentials {
                echoed
            } else {
                ["*".to_owned()].into()
            }
        } else if items.is_empty() && self.meant.refused == Some(RequestPart::Method) {
            // Without a list a browser that streams a body takes the method for allowed.
            ["GET", "HEAD", "POST"].map(str::to_owned).into()
        } else {
            items.iter().map(|item| as_sent(item)).collect()
        };
        assert!(found.len() <= 1, "methods on several lines: {self:?}");
        let meant: Vec<String> = meant.into_iter().collect();
        assert_eq!(sorted_as_sent(&elements(found)), meant, "methods: {self:?}");
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn sorted(names: &[&[u8]]) -> Vec<String> {
    let mut names: Vec<String> = names
        .iter()
        .map(|name| lossy(name).to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    names
}

fn sorted_as_sent(names: &[&[u8]]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| lossy(name)).collect();
    names.sort_unstable();
    names
}
