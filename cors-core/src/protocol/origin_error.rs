//! [`OriginError`]: the rule of the grammar that a value breaks.

use std::fmt;

/// The rule of the grammar that a value breaks; see [`Origin::parse`](crate::Origin::parse).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginError {
    /// Longer than [`Origin::MAX_BYTES`](crate::Origin::MAX_BYTES).
    TooLong,
    /// No scheme, or one that is not a lower-case scheme followed by `://`.
    Scheme,
    /// A byte that no serialized host has (such as `/`, a space, a comma, `@`, `%` or an
    /// upper-case letter), an empty label, or a label or host that is too long.
    Host,
    /// An IP address that is not in its canonical form.
    Address,
    /// A port that is not a number from 1 to 65535 without leading zeros.
    Port,
    /// The scheme's default port, which a browser leaves out.
    DefaultPort,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it is longer than any serialized origin",
            Self::Scheme => "it does not begin with a lower-case scheme and `://`",
            Self::Host => "its host is not made of valid lower-case labels",
            Self::Address => "its host is an IP address in a form that browsers do not send",
            Self::Port => "its port is not a number from 1 to 65535 without leading zeros",
            Self::DefaultPort => {
                "it spells out its scheme's default port, which browsers leave out"
            }
        })
    }
}

impl std::error::Error for OriginError {}
