//! One regular expression of a policy: what is accepted as one.

use super::automaton::{Automaton, Limits};
use super::regex_reach::Reach;
#[cfg(feature = "public-suffix")]
use super::regex_suffix;
use super::regex_text;
use crate::policy::hazard::Hazard;
use crate::policy::problem::ProblemKind;

/// The most bytes of one expression as it is written.
const MAX_PATTERN_BYTES: usize = 1 << 10;

/// Patterns over host names take a few kilobytes; nested repetitions could take gigabytes. While it
/// is compiled, which is what bounds the time, such a pattern takes a tenth of this.
const LIMITS: Limits = Limits {
    automaton_bytes: 256 << 10,
    scratch_bytes: 64 << 10,
};

/// What a pair of states that is looked at counts for, in bytes.
const NODE_BYTES: usize = 16;

/// Hosts of unrelated sites. An expression that matches them all does not ask for a domain.
const UNRELATED: [&str; 4] = [
    "a.example",
    "q7.w2k9.test",
    "xn--bcher-kva.co.uk",
    "long-name-0.sub.sub.invalid",
];

/// A regular expression that matches an origin as a whole or not at all.
#[derive(Debug)]
pub(crate) struct OriginRegex(Automaton);

/// What came of an expression.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) regex: Result<OriginRegex, ProblemKind>,
    /// What is wrong with it beside credentials.
    pub(super) hazards: Vec<Hazard>,
    /// The bytes that the attempt counts for, of the bound that all expressions have together.
    pub(super) cost: usize,
}

impl OriginRegex {
    /// Compiles an expression, and checks that it means what it says.
    pub(super) fn judge(written: &str) -> Judged {
        if written.len() > MAX_PATTERN_BYTES {
            return Judged::failed(ProblemKind::RegexTooLong, 0);
        }
        if let Some(items) = regex_text::items(written) {
            return Judged {
                hazards: items.hazards,
                ..Judged::failed(ProblemKind::RegexIsItem(items.texts), 0)
            };
        }
        let mut judged = Self::compile(written);
        if let Some(regex) = regex_text::glob(written) {
            judged.correct(regex, ProblemKind::RegexIsGlob);
        } else if !matches!(
            judged.regex,
            Err(ProblemKind::RegexInvalid(_) | ProblemKind::RegexTooLarge)
        ) && let Some(escaped) = regex_text::with_escaped_dots(written)
        {
            judged.correct(escaped, dot_unescaped);
        }
        if judged.regex.as_ref().err() == Some(&ProblemKind::RegexMatchesNoOrigin(None))
            && let Some(trimmed) = regex_text::without_path(written)
        {
            judged.trim(trimmed);
        }
        judged
    }

    /// Compiles an expression, and checks what it matches.
    fn compile(pattern: &str) -> Judged {
        let (automaton, bytes) = match Automaton::new(pattern, LIMITS) {
            (Ok(automaton), bytes) => (automaton, bytes),
            (Err(kind), bytes) => return Judged::failed(kind, bytes),
        };
        let reach = Reach::of(&automaton);
        // The same again for an automaton that reads backwards, whether there is one or not: a
        // feature changes no answer.
        let cost = 2 * bytes + reach.nodes * NODE_BYTES;
        let matches_all = |scheme| {
            let mut origins = UNRELATED.iter().map(|host| format!("{scheme}://{host}"));
            origins.all(|origin| automaton.matches(origin.as_bytes()))
        };
        if ["https", "http"].into_iter().any(matches_all) {
            return Judged::failed(ProblemKind::RegexMatchesAnyOrigin, cost);
        }
        if !reach.any {
            return Judged::failed(ProblemKind::RegexMatchesNoOrigin(None), cost);
        }
        let hazards = [
            (Hazard::InsecureRegex, !reach.secure),
            (
                Hazard::PublicSuffix,
                is_below_public_suffix(pattern, &automaton),
            ),
        ];
        let hazards = hazards.into_iter().filter(|(_, is_there)| *is_there);
        Judged {
            regex: match reach.foreign {
                Some(origin) => Err(ProblemKind::RegexMatchesForeignOrigin(origin)),
                None => Ok(Self(automaton)),
            },
            hazards: hazards.map(|(hazard, _)| hazard).collect(),
            cost,
        }
    }

    /// Returns whether the whole origin matches.
    pub(crate) fn matches(&self, origin: &[u8]) -> bool {
        self.0.matches(origin)
    }
}

impl Judged {
    fn failed(kind: ProblemKind, cost: usize) -> Self {
        Self {
            regex: Err(kind),
            hazards: Vec::new(),
            cost,
        }
    }

    /// Names what is left of an expression that matches no origin, or what that should be.
    fn trim(&mut self, trimmed: String) {
        let other = OriginRegex::judge(&trimmed);
        self.cost += other.cost;
        let problem = match other.regex {
            Ok(_) => ProblemKind::RegexMatchesNoOrigin(Some(trimmed)),
            Err(
                problem @ (ProblemKind::RegexIsItem(_)
                | ProblemKind::RegexIsGlob(_)
                | ProblemKind::RegexDotUnescaped(Some(_))),
            ) => problem,
            Err(_) => return,
        };
        self.regex = Err(problem);
        self.hazards = other.hazards;
    }

    /// Makes it a problem that the expression is not what `corrected` is. One that has a problem
    /// even then keeps its own, or else has that one.
    fn correct(&mut self, corrected: String, kind: fn(String) -> ProblemKind) {
        let other = OriginRegex::compile(&corrected);
        self.cost += other.cost;
        match (other.regex, &self.regex) {
            (Ok(_), _) => {
                self.regex = Err(kind(corrected));
                self.hazards = other.hazards;
            }
            (Err(problem), Ok(_)) => self.regex = Err(problem),
            (Err(_), Err(_)) => {}
        }
    }
}

/// Returns the problem of an expression that is to be `escaped`. A text with other characters than
/// those of ASCII is shown with escapes, so that it could not be copied.
fn dot_unescaped(escaped: String) -> ProblemKind {
    let can_be_shown = escaped.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    ProblemKind::RegexDotUnescaped(Some(escaped).filter(|_| can_be_shown))
}

/// Returns whether names match that anybody can register below a public suffix.
#[cfg(feature = "public-suffix")]
fn is_below_public_suffix(pattern: &str, automaton: &Automaton) -> bool {
    regex_suffix::is_below_public_suffix(pattern, automaton, LIMITS)
}

#[cfg(not(feature = "public-suffix"))]
fn is_below_public_suffix(_: &str, _: &Automaton) -> bool {
    // A policy that asks for the check is refused.
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, origin: &str) -> bool {
        OriginRegex::judge(pattern)
            .regex
            .expect(pattern)
            .matches(origin.as_bytes())
    }

    #[test]
    fn the_whole_origin_must_match() {
        let pattern = r"https://pr-\d+\.example\.com";
        assert!(matches(pattern, "https://pr-12.example.com"));
        assert!(!matches(pattern, "https://pr-12.example.com.evil.net"));
        assert!(!matches(pattern, "https://pr-12.example.com:8443"));
        assert!(!matches(pattern, "xhttps://pr-12.example.com"));
    }

    #[test]
    fn anchoring_holds_for_alternatives_flags_and_comments() {
        let shorter_first = r"https://a\.com|https://a\.com\.au";
        assert!(matches(shorter_first, "https://a.com"));
        assert!(matches(shorter_first, "https://a.com.au"));
        assert!(!matches(shorter_first, "https://a.com.aux"));
        assert!(!matches(
            r"(?m)^https://a\.com$",
            "https://a.com\nhttps://b.com"
        ));
        assert!(matches("(?x) https://a\\.com # a comment", "https://a.com"));
        assert!(matches(r"(?i)HTTPS://A\.COM", "https://a.com"));
        assert!(matches(r"https://\w+?\.a\.com", "https://xyz.a.com"));
        assert!(matches(r"https://\bfoo\b\.a\.com", "https://foo.a.com"));
    }

    #[test]
    fn what_does_not_compile_says_why_on_one_line() {
        for pattern in ["https://(", "[z-a]", r"\p{Greek}", "(?P<n>a)(?P<n>b)"] {
            let Err(ProblemKind::RegexInvalid(reason)) = OriginRegex::judge(pattern).regex else {
                panic!("{pattern} was accepted or refused otherwise");
            };
            assert!(
                !reason.is_empty() && !reason.contains('\n'),
                "{pattern}: {reason}"
            );
        }
    }

    #[test]
    fn what_is_too_large_is_refused_and_counts_as_much_as_one_may_take() {
        let nested_classes = "(.*a.{20}){9}";
        for pattern in ["a{2000}{2000}", "((a{1000}){1000}){1000}", nested_classes] {
            let judged = OriginRegex::judge(pattern);
            let (result, bytes) = (judged.regex.map(|_| ()), judged.cost);
            assert_eq!(result, Err(ProblemKind::RegexTooLarge), "{pattern}");
            assert!(bytes >= LIMITS.automaton_bytes, "{pattern}: {bytes}");
        }
        let longest = format!(
            "https://{}",
            "a".repeat(MAX_PATTERN_BYTES - "https://".len())
        );
        assert!(OriginRegex::judge(&longest).regex.is_ok());
        let result = OriginRegex::judge(&(longest + "a")).regex.map(|_| ());
        assert_eq!(result, Err(ProblemKind::RegexTooLong));
    }

    #[test]
    fn an_expression_for_no_origin_is_refused() {
        for pattern in [
            "",
            r"example\.com",
            r"//a\.com",
            r"HTTPS://A\.COM",
            r"https://a\.com\?x",
            "null",
        ] {
            let result = OriginRegex::judge(pattern).regex.map(|_| ());
            assert_eq!(
                result,
                Err(ProblemKind::RegexMatchesNoOrigin(None)),
                "{pattern}"
            );
        }
        for pattern in ["[a-z:]+//a", "(https:)?(//a)", "a::?//b", r".*\.a\.com"] {
            assert!(OriginRegex::judge(pattern).regex.is_ok(), "{pattern}");
        }
    }

    #[test]
    fn an_expression_for_every_site_is_refused() {
        for pattern in [
            ".*",
            "https://.*",
            "http://.*",
            r"https?://[\w.-]+",
            r".+\..+",
            r"https://[^/]*(:\d+)?",
        ] {
            let result = OriginRegex::judge(pattern).regex.map(|_| ());
            assert_eq!(result, Err(ProblemKind::RegexMatchesAnyOrigin), "{pattern}");
        }
        for pattern in [
            "chrome-extension://[a-p]{32}",
            r"http://localhost:\d+",
            r"https://.*\.a\.com",
        ] {
            assert!(OriginRegex::judge(pattern).regex.is_ok(), "{pattern}");
        }
    }
}
