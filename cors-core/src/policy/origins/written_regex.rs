//! Regular expressions that stand among origins by mistake.

use super::regexes::RegexCompiler;

/// Signs of a regular expression that no origin has, nor anything that comes near one.
const SIGNS: [&str; 12] = [
    ".+", "(?", ")?", "?://", "[^", "[a-z", "[A-Z", "[0-9", "[\\", "/.*", "(.*", ")$",
];

/// Returns whether a text is a regular expression.
pub(super) fn is_regex(written: &str) -> bool {
    let written = written.trim();
    written.starts_with('^')
        || written.ends_with('$')
        || in_slashes(written).is_some()
        || SIGNS.iter().any(|sign| written.contains(sign))
        || has_alternatives(written)
        || escaped(written).any(is_escaped_as_in_a_regex)
}

/// Returns whether there is a `|` between brackets, as in `https://(a|b)\.example`.
fn has_alternatives(written: &str) -> bool {
    let inner = written
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    inner.is_some_and(|(inner, _)| inner.contains('|'))
}

/// Returns the texts after a backslash. A doubled one, as in the path of a file, escapes nothing.
fn escaped(written: &str) -> impl Iterator<Item = &str> {
    let parts = written.split("\\\\");
    parts.flat_map(|part| part.split('\\').skip(1))
}

/// Returns whether a backslash before the text makes it a part of an expression. Some people write
/// the slashes of a path so.
fn is_escaped_as_in_a_regex(text: &str) -> bool {
    let class = text.strip_prefix(['d', 'w']);
    text.starts_with(['.', '/', '-', ':'])
        || class.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
}

/// Returns the text between the slashes of `/^https:\/\/a\.example$/`.
fn in_slashes(written: &str) -> Option<&str> {
    let inner = written.strip_prefix('/')?.strip_suffix('/')?;
    (inner.contains("://") || inner.contains("\\/")).then_some(inner)
}

/// Returns the expression as `allow_origin_regexes` takes it: without slashes and anchors, and with
/// each dot that stands for itself escaped.
pub(super) fn without_anchors(written: &str) -> String {
    let written = written.trim();
    let mut rest = in_slashes(written).unwrap_or(written).chars().peekable();
    let mut expression = String::new();
    let mut in_class = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('A' | 'z' | 'Z') | None => {}
                // These need no escape.
                Some(plain @ ('/' | ':')) => expression.push(plain),
                Some(escaped) => expression.extend(['\\', escaped]),
            },
            '^' | '$' if !in_class => {}
            '.' if !in_class && !matches!(rest.peek(), Some('*' | '+' | '?' | '{')) => {
                expression.push_str("\\.");
            }
            '[' => {
                in_class = true;
                expression.push('[');
                expression.extend(rest.next_if_eq(&'^'));
            }
            _ => {
                in_class &= character != ']';
                expression.push(character);
            }
        }
    }
    expression
}

/// Returns the text that an expression stands for, if it is only one.
pub(super) fn unescaped(expression: &str) -> Option<String> {
    let text = expression.replace("\\.", ".").replace("\\-", "-");
    // A pattern between anchors.
    let fixed = text.replace("//*.", "//").replace(":*", "");
    let is_one = !fixed.contains(['\\', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|']);
    is_one.then_some(text)
}

/// Returns the expression if it can be built, whatever the other settings are.
#[cfg(feature = "regex")]
pub(super) fn right(expression: &str, compiler: &mut RegexCompiler) -> Option<String> {
    // No origin has a path, a slash that is repeated as in a mixture with a pattern, or a letter
    // beyond ASCII.
    let may_be_right = !expression.replace("://", "").contains('/')
        && expression.bytes().all(|byte| byte.is_ascii_graphic());
    if !may_be_right {
        return None;
    }
    let compiled = compiler.compile(expression);
    let is_right = compiled.regex.is_ok() && compiled.hazards.is_empty();
    is_right.then(|| expression.to_owned())
}

/// Returns the expression if it can be built, which it can't.
#[cfg(not(feature = "regex"))]
pub(super) fn right(_: &str, _: &mut RegexCompiler) -> Option<String> {
    None
}
