//! [`Contender`]: who is compared.

use clap::ValueEnum;

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Contender {
    /// The app without CORS, which is subtracted from the others.
    Bare,
    /// Written by hand for the scenario.
    Floor,
    /// This library.
    Ours,
    /// The framework's usual CORS crate.
    Peer,
}

impl Contender {
    pub const ALL: [Self; 4] = [Self::Bare, Self::Floor, Self::Ours, Self::Peer];
}
