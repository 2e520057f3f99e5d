//! [`PortPattern`]: the ports that an item is for.

use std::cmp::Ordering;

use crate::policy::problem::{ProblemKind, Reason};
use crate::protocol::origin::{default_port, parse_port};

/// The ports that an item is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PortPattern {
    /// Every port, the default one included.
    Any,
    /// One port; `None` is the scheme's default.
    Only(Option<u16>),
    /// `3000-3010`.
    Range(PortRange),
}

/// Ports from one to another, both included.
///
/// They are ports as an origin names them: 0 stands for none, which is the scheme's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PortRange {
    pub(crate) first: u16,
    pub(crate) last: u16,
}

impl PortPattern {
    /// Reads what stands after the colon of an item.
    pub(super) fn parse(written: Option<&str>, scheme: &str) -> Result<Self, Reason> {
        let Some(written) = written else {
            return Ok(Self::Only(None));
        };
        if written == "*" {
            return Ok(Self::Any);
        }
        if let Some((first, last)) = written.split_once('-') {
            return PortRange::parse(first, last).map(Self::Range);
        }
        if written.contains('*') {
            return Err(ProblemKind::WildcardMisplaced);
        }
        if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ProblemKind::OriginPortInvalid);
        }
        match written.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Self::Only(
                Some(port).filter(|_| default_port(scheme.as_bytes()) != Some(port)),
            )),
            _ => Err(|_| ProblemKind::OriginPortOutOfRange),
        }
    }

    /// Returns the same as ranges, of which there are two where one holds the default port of the
    /// scheme: an origin never names that one.
    pub(super) fn ranges(self, scheme: &str) -> impl Iterator<Item = PortRange> + use<> {
        let (range, with_none) = match self {
            Self::Any => (PortRange::ANY, false),
            Self::Only(port) => (PortRange::one(port.unwrap_or(0)), false),
            Self::Range(range) => {
                let default = default_port(scheme.as_bytes());
                (range, default.is_some_and(|port| range.holds(port)))
            }
        };
        [range]
            .into_iter()
            .chain(with_none.then_some(PortRange::one(0)))
    }
}

impl PortRange {
    pub(super) const ANY: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    const fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    fn parse(first: &str, last: &str) -> Result<Self, Reason> {
        let (Some(low), Some(high)) = (number(first), number(last)) else {
            return Err(ProblemKind::OriginPortRangeInvalid);
        };
        if is_all(low, high) || is_all(high, low) {
            return Err(ProblemKind::OriginPortRangeIsAny);
        }
        let all = 1..=u32::from(u16::MAX);
        if !all.contains(&low) || !all.contains(&high) {
            return Err(|_| ProblemKind::OriginPortOutOfRange);
        }
        match (parse_port(first.as_bytes()), parse_port(last.as_bytes())) {
            (Some(first), Some(last)) if first < last => Ok(Self { first, last }),
            _ => Err(ProblemKind::OriginPortRangeInvalid),
        }
    }

    const fn holds(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    /// Returns where the range is, seen from a port.
    pub(super) const fn seen_from(self, port: u16) -> Ordering {
        if self.last < port {
            Ordering::Less
        } else if self.first > port {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }

    /// Takes in a range that does not begin earlier, if no port is between the two. Returns whether
    /// it has.
    pub(super) fn join(&mut self, next: Self) -> bool {
        let touches = next.first <= self.last.saturating_add(1);
        if touches {
            self.last = self.last.max(next.last);
        }
        touches
    }
}

/// Returns the number of some digits. No port has as many as are not read.
fn number(digits: &str) -> Option<u32> {
    let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn is_all(low: u32, high: u32) -> bool {
    low <= 1 && high >= u16::MAX.into()
}

/// Returns the ports that are meant by a text that is nearly one of them, or nearly a range:
/// `{3000}`, `3010-3000`, `3000-*`, `{3000..3010}`.
pub(super) fn corrected(written: &str) -> Option<String> {
    let brackets = [('[', ']'), ('{', '}'), ('(', ')')];
    let inner = brackets
        .iter()
        .find_map(|(open, close)| written.strip_prefix(*open)?.strip_suffix(*close));
    if let Some(port) = inner.and_then(number) {
        return Some(port.to_string());
    }
    let written = written.trim_matches(['{', '}', '[', ']']);
    let (first, last) = match written.split_once("..") {
        Some((first, last)) => (first, last.strip_prefix('=').unwrap_or(last)),
        None => written.split_once('-')?,
    };
    let end = |text, open| {
        if text == "*" {
            Some(open)
        } else {
            number(text)
        }
    };
    let ends = (end(first, 1)?, end(last, u16::MAX.into())?);
    let (low, high) = (ends.0.min(ends.1), ends.0.max(ends.1));
    Some(if is_all(low, high) {
        "*".to_owned()
    } else if low == high {
        low.to_string()
    } else {
        format!("{low}-{high}")
    })
}
