//! Items of `allow_origins` and the origins that they are for: a text that is accepted means what
//! it says and no more, it can be read back, and where it is not accepted the remedy is.

#![no_main]

use arbitrary::{Result, Unstructured};
use cors_core::PolicyConfig;
use cors_fuzz::head::text_of;
use cors_fuzz::{input, item, origin, remedy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = run(&mut Unstructured::new(bytes));
});

const PIECES: &[&str] = &[
    "https://",
    "http://",
    "app://",
    "*",
    "*.",
    "a",
    "example.com",
    ".",
    "..",
    ":",
    "://",
    "443",
    "80",
    "-",
    "8080",
    "[",
    "]",
    "::1",
    "fd00::1",
    "0:0:",
    "ffff:1.2.3.4",
    "192.168.",
    "10.",
    "1",
    "0x",
    "0",
    "/",
    "?",
    "#",
    "@",
    " ",
    ",",
    "{",
    "}",
    "(",
    "\\",
    "^",
    "$",
    "%41",
    "\u{e9}",
    "xn--",
    "localhost",
    "test",
    "com",
    "co.uk",
    "null",
    "file://",
    "A",
    "_",
    "~",
    "\t",
    "\u{0}",
    "\u{202e}",
];

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let written = match input.int_in_range(0..=3)? {
        0 => input.arbitrary::<&str>()?.to_owned(),
        1 => text_of(input, PIECES, 8)?,
        _ => input::item(input)?,
    };
    let mut config = PolicyConfig::default();
    config.allow_origins = vec![written.clone()];
    config.allow_credentials = input.ratio(1, 4)?;
    let policy = match config.build() {
        Ok(policy) => policy,
        Err(errors) => {
            let words = errors.to_string();
            let is_plain = |char: char| char == '\n' || !char.is_control();
            assert!(words.chars().all(is_plain), "{words:?} for {written:?}");
            assert!(!errors.problems().is_empty(), "{written:?}");
            for problem in errors.problems() {
                for (items, is_regex) in remedy::remedies(problem) {
                    remedy::check(&config, items, is_regex);
                }
            }
            return Ok(());
        }
    };
    assert_eq!(policy.config(), config);
    for _ in 0..4 {
        let value = near(input, &written)?;
        let Ok(text) = str::from_utf8(&value) else {
            continue;
        };
        // `*` alone is for everyone, whatever they send.
        let meant = written == "*" || item::means(&written, &value);
        assert_eq!(
            policy.allows_origin(text),
            meant,
            "{text:?} under {written:?}"
        );
        if meant && written != "*" {
            assert!(origin::parts(&value).is_some(), "{text:?}");
        }
    }
    Ok(())
}

/// Makes an origin: any, or one that is made of the item, so that it nearly fits.
fn near(input: &mut Unstructured<'_>, item: &str) -> Result<Vec<u8>> {
    if input.arbitrary()? {
        return input::origin(input);
    }
    let mut text = item.to_ascii_lowercase();
    for star in ["*", "*", "*"] {
        let instead =
            input.choose(&["a", "b.a", "0", "255", "80", "443", "65535", "", "a.", "-"])?;
        text = text.replacen(star, instead, 1);
    }
    if input.ratio(1, 2)? {
        let end = text.len();
        let at = input.int_in_range(0..=end)?;
        if text.is_char_boundary(at) {
            text.insert_str(
                at,
                input.choose(&["a", ".", ":", "a.", "/", "@", "1", ":8080", " "])?,
            );
        }
    }
    Ok(text.into_bytes())
}
