//! What a text stands for where a setting wants a switch, a number or a list; the texts of variables.

use std::str::FromStr;

use super::origins::written_lists::with_their_ports;
use super::setting::Setting;

/// Returns the switch that a text stands for: `true` or `false` themselves, or a word for one.
pub(crate) fn meant_switch(text: &str) -> Option<bool> {
    let text = text.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(&["true", "1", "yes", "on", "y", "t", "enabled"]) {
        Some(true)
    } else if is_one_of(&["false", "0", "no", "off", "n", "f", "disabled"]) {
        Some(false)
    } else {
        None
    }
}

/// Returns the whole number of seconds that a text stands for: `600`, `600s`, `10m`, `10 min`,
/// `1h 30m`, `1d`.
pub(crate) fn meant_seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse() {
        return (!rest.starts_with('+')).then_some(seconds);
    }
    let mut sum: u64 = 0;
    let is_empty = rest.is_empty();
    while !rest.is_empty() {
        let (digits, after) = split_where(rest, |char| !char.is_ascii_digit());
        let (unit, after) = split_where(after.trim_start(), |char| !char.is_ascii_alphabetic());
        let part = digits.parse::<u64>().ok()?.checked_mul(seconds_of(unit)?)?;
        sum = sum.checked_add(part)?;
        rest = after.trim_start();
    }
    (!is_empty).then_some(sum)
}

fn seconds_of(unit: &str) -> Option<u64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 86_400,
        _ => return None,
    })
}

fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// Reads a number: of digits alone, without a sign.
pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Splits the list of a variable. A regular expression may have commas of its own. So have texts that
/// stand for several origins: they are left whole, so that what is wrong with them can be said.
pub(crate) fn items(text: &str, setting: Setting) -> Vec<String> {
    let is_of_origins = matches!(
        setting,
        Setting::AllowOrigins | Setting::AllowCredentialsFrom
    );
    let has_own_commas = is_of_origins || setting == Setting::AllowOriginRegexes;
    let mut depth = 0_usize;
    let mut is_escaped = false;
    let items = text.split(|char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        if has_own_commas && !was_escaped {
            match char {
                '\\' => is_escaped = true,
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        char == ',' && depth == 0
    });
    let items = items.map(str::trim);
    if is_of_origins {
        with_their_ports(items)
    } else {
        items.map(str::to_owned).collect()
    }
}

/// Returns whether a text has the quotes of a file around it, or the brackets of its lists.
pub(crate) fn is_quoted(text: &str) -> bool {
    let inner = text.strip_prefix('[').unwrap_or(text).trim_start();
    inner.starts_with(['"', '\''])
}

/// Returns a text without blanks and quotes around it.
pub(crate) fn without_quotes(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'']).trim()
}

/// Returns the items of a list, or the only one, without quotes and with commas between them, if
/// they are short enough to be shown.
pub(crate) fn items_without_quotes(text: &str) -> Option<String> {
    let inner = text.strip_prefix('[').unwrap_or(text);
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let plain = inner
        .split(',')
        .map(without_quotes)
        .collect::<Vec<_>>()
        .join(",");
    let can_be_shown = (1..=120).contains(&plain.len());
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_graphic());
    (can_be_shown && is_plain).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_read_as_people_write_it() {
        for (text, seconds) in [
            ("600", Some(600)),
            (" 600 ", Some(600)),
            ("600s", Some(600)),
            ("10m", Some(600)),
            ("10 min", Some(600)),
            ("1h30m", Some(5400)),
            ("1h 30m", Some(5400)),
            ("1 Day", Some(86_400)),
            ("500ms", None),
            ("1.5h", None),
            ("-1", None),
            ("h", None),
            ("", None),
            ("10 600", None),
            ("+600", None),
            ("an hour", None),
            ("99999999999999999999", None),
            ("9999999999999999999d", None),
        ] {
            assert_eq!(meant_seconds(text), seconds, "{text}");
        }
    }

    #[test]
    fn a_word_for_a_switch_is_one() {
        for (text, switch) in [
            ("true", Some(true)),
            ("True", Some(true)),
            ("yes", Some(true)),
            ("OFF", Some(false)),
            ("0", Some(false)),
            ("", None),
            ("2", None),
            ("maybe", None),
        ] {
            assert_eq!(meant_switch(text), switch, "{text}");
        }
    }
}
