//! What to write in the place of an item of `allow_hosts` that is no host.

use super::pattern::HostPattern;
use crate::policy::correction::{self, Authority, MAX_WRITTEN_BYTES};
use crate::policy::problem::{ProblemKind, Reason};

/// Returns the problem of an item, with what to write instead, if anything is right.
pub(in crate::policy) fn problem(written: &str, reason: Reason) -> ProblemKind {
    if written.len() > MAX_WRITTEN_BYTES {
        return reason(Vec::new());
    }
    let pieces = correction::pieces(written);
    if pieces.len() > 1 {
        // What is right for one of them alone would have the others disappear.
        let items = correction::all(&pieces, |piece| corrected(piece, true));
        return items.map_or_else(|| reason(Vec::new()), ProblemKind::SeveralInItem);
    }
    let piece = pieces.first().copied().unwrap_or(written);
    let Some(items) = correct(piece, false) else {
        return reason(Vec::new());
    };
    // Where something else is still wrong after a correction, that is the problem.
    match items.iter().find_map(|item| HostPattern::parse(item).err()) {
        Some(deeper) => deeper(Vec::new()),
        None => reason(items),
    }
}

/// Returns the right items in the place of a text.
fn corrected(written: &str, in_list: bool) -> Option<Vec<String>> {
    let items = correct(written, in_list)?;
    let are_right = items.iter().all(|item| HostPattern::parse(item).is_ok());
    are_right.then_some(items)
}

/// Returns what is most likely meant by a text, right or wrong. One of a list must be a host for
/// certain.
fn correct(written: &str, in_list: bool) -> Option<Vec<String>> {
    let (scheme, rest) = written.split_once("://").unwrap_or(("", written));
    let authority = Authority::read(rest.trim_start_matches('/'))?;
    if in_list && scheme.is_empty() && !authority.is_plain() {
        return None;
    }
    let port = match authority.port.as_deref() {
        // Every port is allowed where none is written.
        None | Some("*") => String::new(),
        Some(port) => format!(":{port}"),
    };
    let names = authority.domains().into_iter();
    Some(names.map(|name| format!("{name}{port}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_the_host_that_is_right() {
        let some = |text: &str| vec![text.to_owned()];
        for (written, expected) in [
            ("", ProblemKind::HostEmpty),
            ("a b", ProblemKind::HostHasWhitespace(Vec::new())),
            (
                "https://api.example.com",
                ProblemKind::HostHasMore(some("api.example.com")),
            ),
            (
                "https://me@api.example.com:8443/x",
                ProblemKind::HostHasMore(some("api.example.com:8443")),
            ),
            (
                "http://localhost:*",
                ProblemKind::HostHasMore(some("localhost")),
            ),
            (
                "api.example.com/",
                ProblemKind::HostHasMore(some("api.example.com")),
            ),
            ("https://", ProblemKind::HostHasMore(Vec::new())),
            (
                "localhost:*",
                ProblemKind::HostHasAnyPort(some("localhost")),
            ),
            ("a..b:*", ProblemKind::HostInvalid(Vec::new())),
            ("localhost:0", ProblemKind::HostPortInvalid(Vec::new())),
            ("localhost:65536", ProblemKind::HostPortInvalid(Vec::new())),
            (
                "localhost:",
                ProblemKind::HostPortInvalid(some("localhost")),
            ),
            ("localhost:http", ProblemKind::HostPortInvalid(Vec::new())),
            ("*.com", ProblemKind::HostWildcardOverTopLevel),
            ("api.*.com", ProblemKind::HostWildcardMisplaced),
            (
                "*.127.0.0.1",
                ProblemKind::HostWildcardOverAddress(some("127.0.0.1")),
            ),
            ("::1", ProblemKind::HostAddressInvalid(some("[::1]"))),
            (
                "[0:0::1]:80",
                ProblemKind::HostAddressInvalid(some("[::1]:80")),
            ),
            (
                "127.0.0.01",
                ProblemKind::HostAddressInvalid(some("127.0.0.1")),
            ),
            ("300.0.0.1", ProblemKind::HostAddressInvalid(Vec::new())),
            ("bücher.example", ProblemKind::HostNotAscii(Vec::new())),
            ("مثال.example", ProblemKind::HostNotAscii(Vec::new())),
            (
                ".Example.com:8443",
                ProblemKind::HostBeginsWithDot(vec![
                    "example.com:8443".to_owned(),
                    "*.example.com:8443".to_owned(),
                ]),
            ),
            (".com", ProblemKind::HostWildcardOverTopLevel),
            ("..a.b", ProblemKind::HostInvalid(Vec::new())),
            (
                "api.example.com,localhost",
                ProblemKind::SeveralInItem(vec![
                    "api.example.com".to_owned(),
                    "localhost".to_owned(),
                ]),
            ),
            (
                "http://[0:0::1]:*/x",
                ProblemKind::HostHasMore(some("[::1]")),
            ),
            (
                "::1:3000",
                ProblemKind::HostAddressInvalid(some("[::1]:3000")),
            ),
            ("10.0.0.0/8", ProblemKind::HostHasMore(Vec::new())),
            ("a..b", ProblemKind::HostInvalid(Vec::new())),
            (".", ProblemKind::HostInvalid(Vec::new())),
        ] {
            let reason = HostPattern::parse(written).expect_err(written);
            assert_eq!(problem(written, reason), expected, "{written}");
        }
    }
}
