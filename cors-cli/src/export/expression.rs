//! Regular expressions of a policy, in the dialect that RE2 and PCRE have in common.

use std::collections::BTreeMap;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::automaton::Automaton;

/// The most repetitions that RE2 takes, those inside of one another multiplied.
const MAX_REPETITIONS: u32 = 1000;

/// What browsers make an origin of: visible ASCII.
const VISIBLE: (u8, u8) = (b'!', b'~');

/// The expressions of a file, each looked at once, however many paths have it.
#[derive(Debug, Default)]
pub(super) struct Expressions(BTreeMap<(String, bool), Result<String, String>>);

impl Expressions {
    /// Returns what [`portable`] does.
    pub(super) fn portable(&mut self, written: &str, plain_http: bool) -> Result<String, String> {
        let known = self.0.entry((written.to_owned(), plain_http));
        known
            .or_insert_with(|| portable(written, plain_http))
            .clone()
    }
}

/// Returns an expression that other programs read as the policy reads this one, for whole origins.
/// `plain_http` says whether the policy allows plain-http origins by it.
///
/// # Errors
///
/// Fails with the reason where there is none: it can't be written, or it matches what the policy
/// refuses before it asks an expression.
fn portable(written: &str, plain_http: bool) -> Result<String, String> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let tree = parser.parse(written).map_err(|error| error.to_string())?;
    if repetitions(&tree) > MAX_REPETITIONS {
        return Err(format!(
            "it has more than {MAX_REPETITIONS} repetitions, those inside of others multiplied"
        ));
    }
    let mut text = String::new();
    write(&tree, true, &mut text)?;
    let automaton = Automaton::of(written).ok_or("it is too large to be looked through")?;
    for wrong in ["*", "null", "file://"] {
        if automaton.matches(wrong) {
            return Err(format!(
                "it matches {wrong:?} too, which the policy refuses"
            ));
        }
    }
    if !plain_http && automaton.can_begin_with("http://") {
        let why = "it matches plain-http origins too, which the policy refuses with credentials";
        return Err(why.to_owned());
    }
    Ok(text)
}

/// Writes an expression with what all dialects have. `is_first` says whether nothing has been read
/// before it; what matches the start is left out there, since the text may stand behind another.
fn write(tree: &Hir, is_first: bool, text: &mut String) -> Result<(), String> {
    match tree.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            for byte in &literal.0 {
                write_byte(*byte, text);
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            write_class(class.ranges().iter().map(|r| (r.start(), r.end())), text);
        }
        HirKind::Class(Class::Unicode(class)) => {
            let byte = |char: char| u8::try_from(char).unwrap_or(u8::MAX);
            let ranges = class.ranges().iter();
            write_class(ranges.map(|r| (byte(r.start()), byte(r.end()))), text);
        }
        HirKind::Look(look) => text.push_str(match look {
            Look::Start if is_first => "",
            Look::End => r"\z",
            Look::WordAscii => r"\b",
            Look::WordAsciiNegate => r"\B",
            _ => return Err("it has an assertion that other programs do not know".to_owned()),
        }),
        HirKind::Repetition(repetition) => {
            let (min, max) = (repetition.min, repetition.max);
            let is_one = matches!(repetition.sub.kind(), HirKind::Class(_));
            let (open, close) = if is_one { ("", "") } else { ("(?:", ")") };
            text.push_str(open);
            write(&repetition.sub, false, text)?;
            text.push_str(close);
            match (min, max) {
                (0, None) => text.push('*'),
                (1, None) => text.push('+'),
                (0, Some(1)) => text.push('?'),
                (min, None) => *text += &format!("{{{min},}}"),
                (min, Some(max)) => *text += &format!("{{{min},{max}}}"),
            }
        }
        HirKind::Capture(capture) => {
            text.push_str("(?:");
            write(&capture.sub, is_first, text)?;
            text.push(')');
        }
        HirKind::Concat(parts) => {
            let mut is_first = is_first;
            for part in parts {
                write(part, is_first, text)?;
                is_first &= *part.kind() == HirKind::Look(Look::Start);
            }
        }
        HirKind::Alternation(parts) => {
            text.push_str("(?:");
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    text.push('|');
                }
                write(part, is_first, text)?;
            }
            text.push(')');
        }
    }
    Ok(())
}

/// Returns how often the part of an expression that is counted the most may be repeated.
fn repetitions(tree: &Hir) -> u32 {
    let inner = tree.kind().subs().iter().map(repetitions);
    let inner = inner.max().unwrap_or(1);
    match tree.kind() {
        HirKind::Repetition(repetition) => {
            let count = repetition.max.unwrap_or(repetition.min);
            inner.saturating_mul(count.max(1))
        }
        _ => inner,
    }
}

/// Writes the visible part of a class. No origin has the rest.
fn write_class(ranges: impl Iterator<Item = (u8, u8)>, text: &mut String) {
    let visible = ranges.filter_map(|(start, end)| {
        let (start, end) = (start.max(VISIBLE.0), end.min(VISIBLE.1));
        (start <= end).then_some((start, end))
    });
    let visible: Vec<_> = visible.collect();
    if visible.is_empty() {
        // A class without characters is an error in PCRE.
        text.push_str(r"[^\x00-\x7f]");
        return;
    }
    text.push('[');
    for (start, end) in visible {
        write_byte(start, text);
        if start != end {
            text.push('-');
            write_byte(end, text);
        }
    }
    text.push(']');
}

fn write_byte(byte: u8, text: &mut String) {
    let is_plain = byte.is_ascii_alphanumeric() || b":/_".contains(&byte);
    if is_plain {
        text.push(char::from(byte));
    } else if byte.is_ascii_graphic() {
        text.push('\\');
        text.push(char::from(byte));
    } else {
        *text += &format!("\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;

    use super::super::automaton::matcher;
    use super::*;

    const WRITTEN: [&str; 8] = [
        r"https://(?:a|b-\d{1,3})\.example\.com",
        r"^https://[^./]+\.example\.com(?::\d{4,5})?$",
        r"(?i)https://X\.example\.(?:com|org)",
        r"https://\w[\w-]*\.example\.com",
        r#"https://a[!-~&&[^"'$\\]]{2,}\.example\.com"#,
        r"https://(?P<name>a+?|(?:b|c)*)\.example\.com",
        r"\Ahttps://.+\b\.example\.com\z",
        r"(?x) https://a \.example # a comment",
    ];

    /// Returns the cases, which are few: each builds an expression a second time.
    fn cases() -> ProptestConfig {
        let default = ProptestConfig::default();
        ProptestConfig {
            cases: (default.cases / 5).max(200),
            ..default
        }
    }

    proptest! {
        #![proptest_config(cases())]

        /// What is written matches what the policy's own expression matches: on texts that match,
        /// with a character more, less, or another one.
        #[test]
        fn the_portable_expression_matches_the_same(
            (written, text) in (0..WRITTEN.len()).prop_flat_map(|index| {
                let written = WRITTEN[index];
                // Nothing that matches has to be at an edge.
                let inner = written.trim_start_matches(['^']).trim_start_matches(r"\A");
                let inner = inner.trim_end_matches(['$']).trim_end_matches(r"\z");
                let near = string_regex(&inner.replace(r"\b", "").replace(r"\d", "[0-9]"));
                (Just(written), near.expect("it can be generated from"))
            }),
            at in 0..40_usize,
            other in proptest::char::range('!', '~'),
        ) {
            let portable = portable(written, true).expect("it can be written");
            let mut texts = vec![text.clone()];
            if let Some((at, _)) = text.char_indices().nth(at) {
                let (before, after) = text.split_at(at);
                let rest: String = after.chars().skip(1).collect();
                texts.extend([
                    format!("{before}{other}{after}"),
                    format!("{before}{rest}"),
                    format!("{before}{other}{rest}"),
                ]);
            }
            let (portable, written) = (matcher(&portable), matcher(written));
            let is_visible = |text: &&String| text.bytes().all(|byte| byte.is_ascii_graphic());
            for text in texts.iter().filter(is_visible) {
                prop_assert_eq!(portable(text), written(text), "{}", text);
            }
        }
    }

    #[test]
    fn what_would_match_more_elsewhere_is_refused() {
        for (written, plain_http) in [
            (r"https://a\.example|\*", true),
            (r"https://a\.example|nul{2}", true),
            (r"https://a\.example|file:/+", true),
            (r"https?://a\.example", false),
            // Other programs stop at a thousand, and know no half of a word's edge.
            (r"https://a{1001}\.example", true),
            (r"https://(?:[a-z]{1,63}\.){1,16}example\.com", true),
            (r"https://(?:(?:a{9}b){9}c){13}\.example", true),
            (r"https://a\.b{start}example", true),
            // No other program looks for the start behind it.
            (r"https://a\.example(?:^|x)", true),
        ] {
            assert!(portable(written, plain_http).is_err(), "{written}");
        }
        for written in [
            r"https?://a\.example",
            r"https://(?:[a-z]{1,63}\.){1,15}example\.com",
        ] {
            assert!(portable(written, true).is_ok(), "{written}");
        }
    }
}
