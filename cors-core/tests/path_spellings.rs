//! A path's policy holds, whatever spelling of the path a client chooses and whatever of it a
//! router understands.

use std::ops::ControlFlow;

use cors_core::adapter::{InstalledPolicy, PreparedPolicies, RequestField, RequestHead};
use cors_core::{Decision, Policy, PolicyConfig, PolicyErrors, PolicyMap, Refusal};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A request of one origin, for a path.
struct Head<'a> {
    method: &'a str,
    path: &'a str,
    origin: &'a str,
    host: &'a str,
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.method
    }

    fn path(&self) -> &str {
        self.path
    }

    fn authority(&self) -> Option<&str> {
        Some(self.host)
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        let line = match field {
            RequestField::Origin => self.origin,
            RequestField::AccessControlRequestMethod if self.method == "OPTIONS" => "GET",
            _ => return,
        };
        let _ = visit(line.as_bytes());
    }
}

/// A path as a router has it after some of its steps: segments, some of them empty.
type Segments = Vec<Vec<u8>>;

/// One of the things that routers, file handlers and proxies do to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    PercentDecode,
    DropEmptySegments,
    DropFinalSlash,
    ResolveDots,
    /// After decoding: an escaped slash becomes a real one.
    SplitAtSlashes,
    SplitAtBackslashes,
    CutParameters,
}

const STEPS: [Step; 7] = [
    Step::PercentDecode,
    Step::DropEmptySegments,
    Step::DropFinalSlash,
    Step::ResolveDots,
    Step::SplitAtSlashes,
    Step::SplitAtBackslashes,
    Step::CutParameters,
];

impl Step {
    fn apply(self, mut segments: Segments) -> Segments {
        match self {
            Self::PercentDecode => segments.iter().map(|segment| decode(segment)).collect(),
            Self::DropEmptySegments => {
                segments.retain(|segment| !segment.is_empty());
                segments
            }
            Self::DropFinalSlash => {
                segments.pop_if(|segment| segment.is_empty());
                segments
            }
            Self::ResolveDots => {
                let mut resolved = Segments::new();
                for segment in segments {
                    match &*segment {
                        b"." => {}
                        b".." => drop(resolved.pop()),
                        _ => resolved.push(segment),
                    }
                }
                resolved
            }
            Self::SplitAtSlashes => split(&segments, b'/'),
            Self::SplitAtBackslashes => split(&segments, b'\\'),
            Self::CutParameters => {
                for segment in &mut segments {
                    let end = segment.iter().position(|byte| *byte == b';');
                    segment.truncate(end.unwrap_or(segment.len()));
                }
                segments
            }
        }
    }
}

fn split(segments: &[Vec<u8>], at: u8) -> Segments {
    let parts = segments
        .iter()
        .flat_map(|segment| segment.split(move |byte| *byte == at));
    parts.map(<[u8]>::to_vec).collect()
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *byte == b'%');
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let escaped = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    decoded
}

/// What a router reads that does these steps. It compares decoded text, whatever it decodes itself:
/// a router that decodes nothing has routes whose text is escaped.
fn read(path: &str, steps: &[Step]) -> Segments {
    let raw = path.strip_prefix('/').expect("an absolute path");
    let mut segments: Segments = raw
        .split('/')
        .map(|part| part.as_bytes().to_vec())
        .collect();
    for step in steps {
        segments = step.apply(segments);
    }
    if !steps.contains(&Step::PercentDecode) {
        segments = Step::PercentDecode.apply(segments);
    }
    Step::DropEmptySegments.apply(segments)
}

/// The policy of a pattern, to be told apart by what it allows.
#[derive(Clone, Debug)]
struct Rule {
    pattern: String,
    /// `None`: the path is disabled.
    origins: Option<Vec<&'static str>>,
    rejects: bool,
    /// Whether it is for requests to [`OWN`] alone.
    has_host: bool,
}

const ORIGINS: [&str; 3] = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
];

/// A host of the server, and one that is re-bound to it.
const OWN: &str = "api.example";
const FOREIGN: &str = "evil.example";

impl Rule {
    fn policy(&self) -> Result<Option<Policy>, PolicyErrors> {
        let Some(origins) = &self.origins else {
            return Ok(None);
        };
        let policy = Policy::builder()
            .allow_origins(origins)
            .allow_credentials(true)
            .reject_disallowed_origins(self.rejects)
            .allow_hosts(self.has_host.then_some(OWN).as_slice())
            .build()?;
        Ok(Some(policy))
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins
            .iter()
            .flatten()
            .any(|allowed| *allowed == origin)
    }

    /// Whether the route is to be kept from this origin.
    fn keeps_out(&self, origin: &str, host: &str) -> bool {
        let is_foreign = self.has_host && host != OWN;
        self.origins.is_some() && (is_foreign || self.rejects && !self.allows(origin))
    }

    fn matches(&self, path: &Segments) -> bool {
        let mut path = path.iter();
        for part in self.pattern.split('/').filter(|part| !part.is_empty()) {
            if part.starts_with("{*") {
                return true;
            }
            let Some(segment) = path.next() else {
                return false;
            };
            if !part.starts_with('{') && decode(part.as_bytes()) != *segment {
                return false;
            }
        }
        path.next().is_none()
    }

    fn specificity(&self) -> Vec<u8> {
        let parts = self.pattern.split('/').filter(|part| !part.is_empty());
        let parts = parts.map(|part| match part.strip_prefix('{') {
            Some(name) if name.starts_with('*') => 1,
            Some(_) => 2,
            None => 3,
        });
        parts.chain([3]).collect()
    }
}

/// The rule of a reading, the slow way.
fn rule<'a>(rules: &'a [Rule], default: Option<&'a Rule>, path: &Segments) -> Option<&'a Rule> {
    let matching = rules.iter().filter(|rule| rule.matches(path));
    matching.max_by_key(|rule| rule.specificity()).or(default)
}

fn map(rules: &[Rule], default: Option<&Rule>) -> Result<PolicyMap, PolicyErrors> {
    let mut builder = PolicyMap::builder();
    if let Some(policy) = default.map(Rule::policy).transpose()?.flatten() {
        builder = builder.default_policy(policy);
    }
    for rule in rules {
        builder = match rule.policy()? {
            Some(policy) => builder.path(&rule.pattern, policy),
            None => builder.disable_path(&rule.pattern),
        };
    }
    builder.build()
}

fn any_rule(pattern: impl Strategy<Value = String>) -> impl Strategy<Value = Rule> {
    let origins = proptest::option::weighted(0.8, proptest::sample::subsequence(&ORIGINS, 0..3));
    let switches = (any::<bool>(), proptest::bool::weighted(0.3));
    (pattern, origins, switches).prop_map(|(pattern, origins, (rejects, has_host))| Rule {
        pattern,
        origins,
        rejects,
        has_host,
    })
}

fn any_pattern() -> impl Strategy<Value = String> {
    let part = select(vec!["a", "b", "echo", "%C3%A9", "x%20y", "{x}"]);
    let end = select(vec!["", "/{*rest}"]);
    (vec(part, 0..4), end).prop_map(|(parts, end)| {
        let parts: String = parts.iter().map(|part| format!("/{part}")).collect();
        if parts.is_empty() && end.is_empty() {
            "/".to_owned()
        } else {
            parts + end
        }
    })
}

/// Rules without two patterns that differ in names alone.
fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    vec(any_rule(any_pattern()), 1..7).prop_map(|mut rules| {
        rules.sort_by(|one, other| one.pattern.cmp(&other.pattern));
        rules.dedup_by(|one, other| one.pattern == other.pattern);
        rules
    })
}

/// A path of the texts that patterns have, and of marks that readers take in different ways: mostly
/// of one kind.
fn any_path() -> impl Strategy<Value = String> {
    let marks = select(vec![
        &[
            "%65cho", "ech%6F", "%61", "%c3%a9", "\u{e9}", "%", "%2", "+", "%00",
        ][..],
        &["/./", "/../", "/..", "/.", "//", "//../", "..."],
        &["/%2e%2e/", "/.%2E/", "/%2e", "//", "%2e"],
        &["%2F", "%2f", "%2Fecho"],
        &["\\", "\\echo", "%5C", "%5cecho"],
        &[";", ";x=1", "%3b", "%3Bx"],
        &["%25", "%2561", "%25%36%31", "%%36%31"],
        &[
            "..;/",
            "%252F",
            "%252e%252e",
            "%253B",
            "%25252e",
            "/..%2F",
            "..\\",
            ";",
            "/../",
        ],
    ]);
    marks.prop_flat_map(|marks| {
        let texts = select(vec!["a", "b", "c", "echo", "A", "/", "/", "/"]);
        let part = prop_oneof![2 => texts, 1 => select(marks)];
        vec(part, 0..9).prop_map(|parts| format!("/{}", parts.concat()))
    })
}

/// Checks one exchange: what it grants, the policy of each reading grants; and it rejects where one
/// of them does.
fn check(
    rules: &[Rule],
    default: Option<&Rule>,
    path: &str,
    readers: &[Vec<Step>],
) -> Result<(), TestCaseError> {
    let map = map(rules, default).map_err(|errors| TestCaseError::fail(errors.to_string()))?;
    let policies = PreparedPolicies::new(map, InstalledPolicy::clone);
    for origin in ORIGINS {
        for (method, host) in [
            ("GET", OWN),
            ("OPTIONS", OWN),
            ("GET", FOREIGN),
            ("OPTIONS", FOREIGN),
        ] {
            let head = Head {
                method,
                path,
                origin,
                host,
            };
            let decision = policies.get(&head).map(|policy| policy.decide(&head));
            let allowed = decision.is_some_and(Decision::is_allowed);
            let answered = decision.is_some_and(|decision| decision.status() == Some(403));
            for steps in readers {
                let reading = read(path, steps);
                let rule = rule(rules, default, &reading);
                let context = format!("{method} {path} of {origin} at {host}, {steps:?}: {rule:?}");
                if allowed {
                    let allows = |rule: &Rule| rule.allows(origin) && !rule.keeps_out(origin, host);
                    prop_assert!(rule.is_some_and(allows), "{context}");
                }
                if rule.is_some_and(|rule| rule.keeps_out(origin, host)) {
                    prop_assert!(answered, "not rejected: {context}");
                }
            }
        }
    }
    Ok(())
}

/// Steps in any order, with two decodings at most.
fn any_reader() -> impl Strategy<Value = Vec<Step>> {
    vec(select(STEPS.to_vec()), 0..8).prop_map(|mut steps| {
        let mut decodings = 0;
        steps.retain(|step| {
            decodings += usize::from(*step == Step::PercentDecode);
            *step != Step::PercentDecode || decodings <= 2
        });
        steps
    })
}

proptest! {
    #[test]
    fn no_spelling_of_a_path_grants_what_a_reading_of_it_does_not(
        rules in any_rules(),
        default in proptest::option::of(any_rule(Just("/{*default}".to_owned()))),
        path in any_path(),
        readers in vec(any_reader(), 1..40),
    ) {
        // A default that is off is none.
        let default = default.filter(|default| default.origins.is_some());
        check(&rules, default.as_ref(), &path, &readers)?;
    }
}

fn partner_and_own() -> Result<PolicyMap, PolicyErrors> {
    let policy = |origin| Policy::builder().allow_origins([origin]).build();
    PolicyMap::builder()
        .path("/{*rest}", policy("https://partner.example")?)
        .path("/echo", policy("https://own.example")?)
        .path("/api/{*rest}", policy("https://api.example")?)
        .path("/api/{id}/public", policy("https://public.example")?)
        .disable_path("/login")
        .build()
}

/// Whether each of the origins is allowed at the path, by name.
fn allowed(map: &PolicyMap, path: &str) -> Vec<&'static str> {
    let names = ["partner", "own", "api", "public"];
    let allows = |name: &&str| {
        let origin = format!("https://{name}.example");
        map.policy(path)
            .is_some_and(|policy| policy.allows_origin(&origin))
    };
    names.into_iter().filter(allows).collect()
}

#[test]
fn spellings_of_a_plain_path_have_its_policy() -> Result<(), PolicyErrors> {
    let map = partner_and_own()?;
    for path in [
        "/echo",
        "/echo/",
        "//echo",
        "///echo//",
        "/%65cho",
        "/ech%6f/",
        "/%65%63%68%6F",
    ] {
        assert_eq!(allowed(&map, path), ["own"], "{path}");
    }
    for path in ["/login", "/%6cogin", "//login/"] {
        assert!(map.policy(path).is_none(), "{path}");
    }
    for path in [
        "/ECHO", "/echo%20", "/echo+", "/%45cho", "/echo%", "/echo%zz",
    ] {
        assert_eq!(allowed(&map, path), ["partner"], "{path}");
    }
    Ok(())
}

#[test]
fn a_path_whose_readings_have_other_policies_is_refused() -> Result<(), PolicyErrors> {
    let map = partner_and_own()?;
    for path in [
        "/./echo",
        "/x/../echo",
        "/x/%2e%2E/echo",
        "/echo/.",
        "/echo;x=1",
        "/echo%3Bx",
        "/%2565cho",
        "/%252565cho",
        "/echo%2F",
        "/%2fecho",
        "/echo\\",
        "/%5cecho",
        "/login;x",
        "/login%2F",
        "/api/..;/echo",
        "/api%2fx%2f..%2f..%2fecho",
        "/echo//..",
        "/a//../echo",
    ] {
        let policy = map.policy(path).expect(path);
        let head = Head {
            method: "GET",
            path,
            origin: "https://partner.example",
            host: OWN,
        };
        let decision = policy.decide(&head);
        assert_eq!(decision.refusal(), Some(Refusal::AmbiguousPath), "{path}");
        assert_eq!(allowed(&map, path), [""; 0], "{path}");
    }
    Ok(())
}

#[test]
fn a_path_whose_readings_have_one_policy_has_it() -> Result<(), PolicyErrors> {
    let map = partner_and_own()?;
    for path in [
        "/api/a%2Fb",
        "/api/./x",
        "/api/x/../y",
        "/api/x;v=1/y",
        "/api/a\\b",
        "/api/%2541",
        "/api/%2e%2e/api/x",
    ] {
        assert_eq!(allowed(&map, path), ["api"], "{path}");
    }
    for path in ["/other%2Fthing", "/x/./y", "/other;x"] {
        assert_eq!(allowed(&map, path), ["partner"], "{path}");
    }
    Ok(())
}

#[test]
fn a_path_with_many_readings_has_the_policy_of_all_below_its_beginning() -> Result<(), PolicyErrors>
{
    let policy = |origin| Policy::builder().allow_origins([origin]).build();
    let map = PolicyMap::builder()
        .default_policy(policy("https://partner.example")?)
        .path("/files/{*rest}", policy("https://own.example")?)
        .path("/api/{id}", policy("https://api.example")?)
        .build()?;
    for path in [
        "/files/a%2Fb;v=1",
        "/files/10.1002%2F(SICI)1097%3B2-X",
        "/files/https%3A%2F%2Fa.example%2Fb%2520c",
        "/files/50%2525",
        "//%66iles//;x%2F",
    ] {
        assert_eq!(allowed(&map, path), ["own"], "{path}");
    }
    assert_eq!(allowed(&map, "/other/a%2Fb;c"), ["partner"]);
    for path in [
        "/files%2Fa;c",
        "/api/a%2Fb;c",
        "/files/a%2Fb/..;/x",
        "/files/%2F%252e%252e/api",
        "/files/%2F%25252e%25252e/api",
        "/files/..%5capi",
    ] {
        assert_eq!(allowed(&map, path), [""; 0], "{path}");
    }
    Ok(())
}

#[test]
fn an_ambiguous_path_is_explained_and_rejected_where_a_reading_is() -> Result<(), PolicyErrors> {
    let policy = |rejects| {
        let builder = Policy::builder().allow_origins(["https://own.example"]);
        builder.reject_disallowed_origins(rejects).build()
    };
    let map = PolicyMap::builder()
        .default_policy(policy(false)?)
        .path("/admin", policy(true)?)
        .path("/feeds", policy(false)?)
        .build()?;
    let decide = |path| {
        let head = Head {
            method: "GET",
            path,
            origin: "https://own.example",
            host: OWN,
        };
        map.policy(path).map(|policy| policy.decide(&head))
    };
    let status = |path| decide(path).map(Decision::status);
    assert_eq!(status("/x/../admin"), Some(Some(403)));
    assert_eq!(status("/x/../feeds"), Some(None));
    let head = Head {
        method: "GET",
        path: "/feeds;\u{1b}",
        origin: "https://own.example",
        host: OWN,
    };
    let explanation = map
        .policy(head.path)
        .map(|policy| policy.explain(&head).to_string());
    let explanation = explanation.unwrap_or_default();
    assert!(explanation.contains(r#""/feeds;\u{1b}""#), "{explanation}");
    Ok(())
}

#[test]
fn tables_that_write_the_same_have_one_policy() -> Result<(), PolicyErrors> {
    let mut config = PolicyConfig::default();
    config.allow_origins = vec!["https://own.example".to_owned()];
    let same = config.build()?;
    let other = Policy::builder().build()?;
    let map = |of_b: Policy| {
        let builder = PolicyMap::builder().default_policy(other.clone());
        builder.path("/a", same.clone()).path("/b", of_b).build()
    };
    // Written down and built again, as from a file.
    let map = |of_b| map(of_b)?.config().build();
    let ambiguous = |map: PolicyMap| {
        let head = Head {
            method: "GET",
            path: "/b/../a",
            origin: "https://own.example",
            host: OWN,
        };
        let decision = map.policy(head.path).map(|policy| policy.decide(&head));
        decision.and_then(Decision::refusal) == Some(Refusal::AmbiguousPath)
    };
    // One reading is `/a`, and others have the default policy.
    assert!(ambiguous(map(same.clone())?));
    let below = PolicyMap::builder()
        .path("/a", same.clone())
        .path("/{*rest}", config.build()?)
        .path("/c", other.clone())
        .build()?;
    assert!(!ambiguous(below.config().build()?));
    Ok(())
}
