//! International host names in the form that browsers send
//! ([RFC 3492](https://www.rfc-editor.org/rfc/rfc3492)), for remedies.

/// Returns the host with each label in ASCII; `None` where that takes more than lower case and
/// Punycode.
///
/// What browsers do before ([UTS 46](https://www.unicode.org/reports/tr46/)) needs large tables. The
/// letters here are those that it leaves as they are, alone and beside each other.
pub(super) fn to_ascii(host: &str) -> Option<String> {
    let labels = host.split('.').map(|label| {
        if label.is_ascii() {
            return Some(label.to_ascii_lowercase());
        }
        let letters = label.chars().take(64).map(plain_letter);
        let letters = letters.collect::<Option<Vec<_>>>()?;
        if letters.len() > 63 {
            // It gets no shorter, and no label may be longer.
            return None;
        }
        Some(format!("xn--{}", encode(&letters)?))
    });
    Some(labels.collect::<Option<Vec<_>>>()?.join("."))
}

/// Returns the letter in lower case.
const fn plain_letter(letter: char) -> Option<char> {
    Some(match letter {
        'a'..='z' | '0'..='9' | '-' | '_' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        // The same distance apart as in ASCII.
        'À'..='Ö' | 'Ø'..='Þ' | 'А'..='Я' => match char::from_u32(letter as u32 + 0x20) {
            Some(lower) => lower,
            None => return None,
        },
        // Latin, Greek, Cyrillic, Japanese, Chinese, Korean.
        'ß'..='ö'
        | 'ø'..='ÿ'
        | 'ā'
        | 'ă'
        | 'ą'
        | 'ć'
        | 'č'
        | 'ď'
        | 'đ'
        | 'ē'
        | 'ę'
        | 'ě'
        | 'ğ'
        | 'ģ'
        | 'ī'
        | 'į'
        | 'ı'
        | 'ķ'
        | 'ļ'
        | 'ľ'
        | 'ł'
        | 'ń'
        | 'ņ'
        | 'ň'
        | 'ő'
        | 'œ'
        | 'ř'
        | 'ś'
        | 'ş'
        | 'š'
        | 'ţ'
        | 'ť'
        | 'ū'
        | 'ů'
        | 'ű'
        | 'ų'
        | 'ź'
        | 'ż'
        | 'ž'
        | 'ά'..='ώ'
        | 'а'..='џ'
        | 'ぁ'..='ゖ'
        | 'ァ'..='ヺ'
        | '一'..='鿿'
        | '가'..='힣' => letter,
        _ => return None,
    })
}

/// Encodes a label without its prefix.
fn encode(letters: &[char]) -> Option<String> {
    let mut encoded: String = letters.iter().filter(|letter| letter.is_ascii()).collect();
    let basic = u32::try_from(encoded.len()).ok()?;
    if basic > 0 {
        encoded.push('-');
    }
    let count = u32::try_from(letters.len()).ok()?;
    let (mut done, mut least, mut delta, mut bias) = (basic, 128, 0_u32, 72);
    while done < count {
        let codes = letters.iter().map(|letter| u32::from(*letter));
        let next = codes.filter(|code| *code >= least).min()?;
        delta = (next - least).checked_mul(done + 1)?.checked_add(delta)?;
        least = next;
        for letter in letters {
            let code = u32::from(*letter);
            if code < least {
                delta = delta.checked_add(1)?;
            }
            if code == least {
                push_number(&mut encoded, delta, bias)?;
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        least += 1;
    }
    Some(encoded)
}

/// Writes a number in digits of changing bases, the lowest first.
fn push_number(encoded: &mut String, mut number: u32, bias: u32) -> Option<()> {
    for place in (36_u32..).step_by(36) {
        let threshold = u32::clamp(place, bias + 1, bias + 26) - bias;
        let (digit, is_last) = if number < threshold {
            (number, true)
        } else {
            let base = 36 - threshold;
            let digit = threshold + (number - threshold) % base;
            number = (number - threshold) / base;
            (digit, false)
        };
        // `a` to `z`, then `0` to `9`.
        let digit = u8::try_from(digit).ok()?;
        encoded.push(char::from(if digit < 26 {
            b'a' + digit
        } else {
            b'0' + digit - 26
        }));
        if is_last {
            break;
        }
    }
    Some(())
}

/// [The adaptation of the bias](https://www.rfc-editor.org/rfc/rfc3492#section-6.1).
const fn adapt(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += 36;
    }
    bias + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names with the form that registries publish, and two of RFC 3492, 7.1.
    #[test]
    fn labels_are_encoded_as_registries_do() {
        for (host, expected) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.Example", "xn--bcher-kva.example"),
            ("münchen.de", "xn--mnchen-3ya.de"),
            ("straße.example", "xn--strae-oqa.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("例子.测试", "xn--fsqu00a.xn--0zwm56d"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
            ("실례.테스트", "xn--9n2bp8q.xn--9t4b11yi5a"),
            ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
            (
                "почемужеонинеговорятпорусски",
                "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
            ),
            (
                "pročprostěnemluvíčesky",
                "xn--proprostnemluvesky-uyb24dma41a",
            ),
        ] {
            assert_eq!(to_ascii(host).as_deref(), Some(expected), "{host}");
        }
    }

    #[test]
    fn what_browsers_change_first_is_left_out() {
        for host in [
            "cafe\u{301}.example",
            "ｅxample.com",
            "例え。テスト",
            "ﬁne.example",
            "مثال.example",
            "a\u{200d}b.example",
            "İstanbul.example",
        ] {
            assert_eq!(to_ascii(host), None, "{host}");
        }
    }
}
