//! [`Contender`]: who is compared.

use clap::ValueEnum;

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Contender {
    /// The app without CORS, which is subtracted from the others.
    Bare,
    /// Written by hand for the scenario, and does nothing else.
    Floor,
    /// Written by hand for the scenario, and keeps the whole contract.
    Contract,
    /// The same, with texts that count references, as those of a policy do that was built at run
    /// time.
    RunTimeContract,
    /// This library.
    Ours,
    /// The framework's usual CORS crate.
    Peer,
}

impl Contender {
    pub const ALL: [Self; 6] = [
        Self::Bare,
        Self::Floor,
        Self::Contract,
        Self::RunTimeContract,
        Self::Ours,
        Self::Peer,
    ];
}
