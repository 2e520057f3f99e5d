//! Policies by path: a plain path has the policy of the most specific pattern, and no spelling of a
//! path grants more than the policy of any reading of it, or lets in what one of them rejects.

#![no_main]

use arbitrary::{Result, Unstructured};
use cors_core::{Policy, PolicyErrors, PolicyMap};
use cors_fuzz::head::Request;
use cors_fuzz::paths::{self, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = run(&mut Unstructured::new(bytes));
});

/// What a pattern's policy says. Who is allowed is a set of [`ORIGINS`], as bits.
#[derive(Clone, Copy, Debug)]
struct Rule {
    is_on: bool,
    allowed: u8,
    rejects: bool,
}

const ORIGINS: [&str; 3] = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
];

impl Rule {
    const NONE: Self = Self {
        is_on: false,
        allowed: 0,
        rejects: false,
    };

    fn make(input: &mut Unstructured<'_>) -> Result<Self> {
        let is_on = !input.ratio(1, 6)?;
        let (allowed, rejects) = (input.int_in_range(0..=7)?, input.arbitrary()?);
        Ok(Self {
            is_on,
            allowed,
            rejects,
        })
    }

    fn allows(self, origin: usize) -> bool {
        self.is_on && self.allowed & 1 << origin > 0
    }

    fn keeps_out(self, origin: usize) -> bool {
        self.is_on && self.rejects && !self.allows(origin)
    }

    fn policy(self) -> core::result::Result<Policy, PolicyErrors> {
        let origins = (0..ORIGINS.len()).filter(|origin| self.allows(*origin));
        let origins: Vec<_> = origins.map(|origin| ORIGINS[origin]).collect();
        let builder = Policy::builder().allow_origins(origins);
        builder
            .allow_credentials(true)
            .reject_disallowed_origins(self.rejects)
            .build()
    }
}

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let mut patterns: Vec<String> = Vec::new();
    let mut rules = Vec::new();
    for _ in 0..input.int_in_range(1..=6)? {
        patterns.push(paths::pattern(input)?);
        rules.push(Rule::make(input)?);
    }
    let default = if input.arbitrary()? {
        Rule::make(input)?
    } else {
        Rule::NONE
    };
    let Ok(map) = build(&patterns, &rules, default) else {
        return Ok(());
    };
    let rule_of = |segments: &[Vec<u8>]| match paths::most_specific(&patterns, segments) {
        Some(index) => rules[index],
        None => default,
    };
    for _ in 0..4 {
        let path = paths::path(input)?;
        let steps: Vec<Step> = input.arbitrary::<[Step; 6]>()?.to_vec();
        let meant = rule_of(&paths::read(&path, &steps));
        let context = || format!("{path:?} by {steps:?} is {meant:?}: {patterns:?} {rules:?}");
        let policy = map.policy(&path);
        if paths::is_plain(&path) {
            assert_eq!(policy.is_some(), meant.is_on, "{}", context());
        }
        for (origin, name) in ORIGINS.into_iter().enumerate() {
            let request = get(&path, name);
            let decision = policy.map(|policy| policy.decide(&request));
            let allowed = decision.is_some_and(cors_core::Decision::is_allowed);
            let rejected = decision.is_some_and(cors_core::Decision::is_rejected);
            assert!(!allowed || meant.allows(origin), "too much, {}", context());
            assert!(
                rejected || !meant.keeps_out(origin),
                "let in, {}",
                context()
            );
            if paths::is_plain(&path) {
                assert_eq!(allowed, meant.allows(origin), "too little, {}", context());
                assert_eq!(rejected, meant.keeps_out(origin), "{}", context());
            }
        }
        if input.is_empty() {
            break;
        }
    }
    Ok(())
}

fn build(
    patterns: &[String],
    rules: &[Rule],
    default: Rule,
) -> core::result::Result<PolicyMap, PolicyErrors> {
    let mut builder = PolicyMap::builder();
    if default.is_on {
        builder = builder.default_policy(default.policy()?);
    }
    for (pattern, rule) in patterns.iter().zip(rules) {
        builder = if rule.is_on {
            builder.path(pattern, rule.policy()?)
        } else {
            builder.disable_path(pattern)
        };
    }
    builder.build()
}

fn get(path: &str, origin: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        authority: None,
        lines: vec![("origin".to_owned(), origin.into())],
    }
}
