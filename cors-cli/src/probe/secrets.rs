//! [`Secrets`]: what is never written, in the spellings in which a server may send it back.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine};

/// The least length of what counts as a secret wherever it stands: nothing shorter protects
/// anything, and would be taken out of the middle of words.
const SECRET_BYTES: usize = 8;

/// The same of a password, which is what stands behind a colon in a decoded value: people choose it.
const PASSWORD_BYTES: usize = 4;

/// What is written in the place of a secret.
pub(crate) const NOT_SHOWN: &str = "(not shown)";

/// Base64 as it is written in headers: with the padding, and without.
const BASE64: GeneralPurposeConfig =
    engine::general_purpose::NO_PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// What is never written.
///
/// A server may send it back whole or in part, in any case, with percent-escapes, whatever they
/// escape, in base64, and decoded from base64. What it does beyond that to it, nobody could see.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// All spellings in lower case; `None` where there is no secret.
    spellings: Option<AhoCorasick>,
}

impl Secrets {
    /// Makes the secrets of the values of headers.
    pub(crate) fn of<'v>(values: impl Iterator<Item = &'v str>) -> Result<Self, BuildError> {
        let mut spellings = Vec::new();
        for value in values {
            let parts = value.split([' ', ';', '=', ',', '"', ':']);
            // With the signs at its end, which are part of base64.
            let words = value.split([' ', ';', ',', '"']);
            for part in parts.chain(words).chain([value]) {
                let decoded = decoded(part.trim_end_matches('='));
                let inside = decoded.iter().flat_map(|decoded| in_credentials(decoded));
                for secret in inside.chain(long(part.as_bytes())) {
                    spellings.extend(in_base64(secret));
                    spellings.push(secret.to_vec());
                }
            }
        }
        let spellings = spellings
            .iter()
            .flat_map(|secret| [secret.to_ascii_lowercase(), unescaped(secret).0]);
        let spellings: BTreeSet<_> = spellings
            .filter(|secret| secret.len() >= PASSWORD_BYTES)
            .collect();
        if spellings.is_empty() {
            return Ok(Self::default());
        }
        // The whole before its parts.
        let spellings = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(spellings)?;
        Ok(Self {
            spellings: Some(spellings),
        })
    }

    /// Returns a text without them.
    pub(crate) fn removed_from(&self, text: &str) -> String {
        let Some(spellings) = &self.spellings else {
            return text.to_owned();
        };
        // An escape that ends in a secret's first letters would hide the others.
        let text = without(text, spellings, as_it_is);
        without(&text, spellings, unescaped)
    }
}

/// Returns a secret that is long enough.
fn long(secret: &[u8]) -> Option<&[u8]> {
    Some(secret).filter(|secret| secret.len() >= SECRET_BYTES)
}

/// Returns what a text in base64 stands for, where it is one that tells something.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let alphabets = [&alphabet::STANDARD, &alphabet::URL_SAFE];
    let mut decoded = alphabets
        .into_iter()
        .filter_map(|alphabet| GeneralPurpose::new(alphabet, BASE64).decode(text).ok());
    decoded.find(|decoded| str::from_utf8(decoded).is_ok())
}

/// Returns a pair of a name and a password, and each of them.
fn in_credentials(pair: &[u8]) -> impl Iterator<Item = &[u8]> {
    let colon = pair.iter().position(|byte| *byte == b':');
    let parts = colon.and_then(|at| Some((pair.get(..at)?, pair.get(at + 1..)?)));
    let (name, password) = parts.unzip();
    let password = password.filter(|password| password.len() >= PASSWORD_BYTES);
    let name = name.and_then(long);
    long(pair).into_iter().chain(password).chain(name)
}

/// Returns the characters that a secret has in base64 whatever stands before it and behind it.
fn in_base64(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = Vec::new();
    for before in 0..3 {
        let bytes = [vec![0; before], secret.to_vec()].concat();
        // Each has six bits; those at both ends have some of the neighbours'.
        let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            let own = encoded
                .get(first..last)
                .and_then(|own| long(own.as_bytes()));
            spellings.extend(own.map(<[u8]>::to_vec));
        }
    }
    spellings
}

/// The bytes of a text in a spelling of its own, and where each begins in the text.
type Spelled = (Vec<u8>, Vec<usize>);

/// Returns a text with another one in the place of each secret.
fn without(text: &str, secrets: &AhoCorasick, spell: fn(&[u8]) -> Spelled) -> String {
    let (spelled, starts) = spell(text.as_bytes());
    let start = |at: usize| starts.get(at).copied().unwrap_or(text.len());
    let mut without = String::new();
    let mut written = 0;
    for found in secrets.find_iter(&spelled) {
        without += text.get(written..start(found.start())).unwrap_or_default();
        without += NOT_SHOWN;
        written = start(found.end());
    }
    without + text.get(written..).unwrap_or_default()
}

fn as_it_is(text: &[u8]) -> Spelled {
    (text.to_ascii_lowercase(), (0..text.len()).collect())
}

/// Returns a text in lower case and without percent-escapes, those included that percent-escapes
/// stand for.
fn unescaped(text: &[u8]) -> Spelled {
    let (mut plain, mut starts): Spelled = (Vec::new(), Vec::new());
    for (at, byte) in text.iter().enumerate() {
        plain.push(byte.to_ascii_lowercase());
        starts.push(at);
        // What an escape stands for may end another one.
        while let Some(decoded) = plain.last_chunk().and_then(escaped) {
            plain.truncate(plain.len() - 3);
            starts.truncate(plain.len() + 1);
            plain.push(decoded.to_ascii_lowercase());
        }
    }
    (plain, starts)
}

/// Returns the byte that an escape stands for.
fn escaped([percent, high, low]: &[u8; 3]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = digit(*high)? * 16 + digit(*low)?;
    u8::try_from(byte).ok().filter(|_| *percent == b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "S3cr3t/Tok+0123456789";

    fn assert_hidden(value: &str, text: &str, rest: &str) {
        let secrets = Secrets::of([value].into_iter()).expect("there are few");
        assert_eq!(secrets.removed_from(text), rest, "{value}: {text}");
    }

    #[test]
    fn a_secret_is_found_in_each_spelling() {
        let twice = "a=S3cr3t%252FTok%252b0123456789&b=c";
        for text in [
            "a=S3cr3t/Tok+0123456789&b=c",
            "a=s3CR3T/TOK+0123456789&b=c",
            "a=S3cr3t%2FTok%2b0123456789&b=c",
            twice,
            &twice.replace("%25", "%2525"),
            "a=%533cr3t/Tok%2%4201234%3567%389&b=c",
        ] {
            assert_hidden(&format!("Bearer {KEY}"), text, "a=(not shown)&b=c");
        }
    }

    #[test]
    fn a_percent_sign_before_a_secret_hides_nothing() {
        // With it the first letters of the secret would be an escape.
        let text = "a=%ab12345678&b=c";
        assert_hidden("ab12345678", text, "a=%(not shown)&b=c");
    }

    #[test]
    fn a_secret_is_found_in_base64_whatever_surrounds_it() {
        for before in ["", "x", "xy", "xyz", "user:"] {
            for after in ["", "x", "xy", "\n"] {
                let whole = format!("{before}{KEY}{after}");
                for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let text = engine.encode(&whole);
                    let secrets = Secrets::of([KEY].into_iter()).expect("there are few");
                    let rest = secrets.removed_from(&text);
                    assert!(rest.contains(NOT_SHOWN), "{whole}: {text}");
                    assert!(rest.len() < NOT_SHOWN.len() + before.len() + 8, "{rest}");
                }
            }
        }
    }

    #[test]
    fn what_base64_stands_for_is_a_secret_too() {
        let pair = "Basic dXNlcjpzM2NyZXQ=";
        assert_hidden(pair, "/user:s3cret/", "/(not shown)/");
        assert_hidden(pair, "/S3CRET/", "/(not shown)/");
        assert_hidden(pair, "/s3cre%2574/", "/(not shown)/");
        assert_hidden(pair, "/user/", "/user/");
        assert_hidden(
            "session=cGFzc3dvcmQ6bG9uZw==",
            "long, password",
            "(not shown), (not shown)",
        );
        // What is in no alphabet, or no text, is none.
        assert_hidden("0123456789", "012345678", "012345678");
    }
}
