//! Origins and names of fields that the cases share.

/// The origin that the policies allow.
pub(super) const APP: &str = "https://app.example.com";

/// An origin that no policy names.
pub(super) const EVIL: &str = "https://evil.example.net";

pub(super) const ACAO: &str = "access-control-allow-origin";
pub(super) const ACAC: &str = "access-control-allow-credentials";
pub(super) const ACAM: &str = "access-control-allow-methods";
pub(super) const ACAH: &str = "access-control-allow-headers";
pub(super) const ACEH: &str = "access-control-expose-headers";
pub(super) const ACMA: &str = "access-control-max-age";
pub(super) const ACAPN: &str = "access-control-allow-private-network";

/// The Vary of a response that depends on Origin alone.
pub(super) const ORIGIN: &[&str] = &["origin"];

/// The Vary of a preflight's answer.
pub(super) const PREFLIGHT: &[&str] = &[
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
];

/// The Vary of a preflight's answer that is the same for every origin.
pub(super) const PREFLIGHT_OF_ANY_ORIGIN: &[&str] = &[
    "access-control-request-method",
    "access-control-request-headers",
];

/// What Private Network Access adds to the Vary of a preflight's answer.
pub(super) const ACRPN: &[&str] = &["access-control-request-private-network"];
