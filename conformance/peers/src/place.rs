//! [`Place`]: where CORS is put.

use clap::ValueEnum;

use crate::case::Case;
use crate::contender::Contender;
use crate::places;
use crate::scenario::Scenario;

/// Where CORS is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// A tower service without a framework, called through `&mut`.
    Tower,
    /// The same, with a listener that does nothing.
    TowerListening,
    /// The same, with a listener that counts decisions.
    TowerCounting,
    /// The same, with a policy that can be replaced.
    TowerShared,
    /// axum's `Router::layer`.
    Axum,
    /// Around the whole of axum's `Router`.
    AxumOuter,
    /// actix-web's `App::wrap`.
    Actix,
    /// A Rocket fairing.
    Rocket,
    /// Around a warp filter.
    WarpFilter,
    /// Around `warp::service`.
    WarpService,
}

impl Place {
    pub const ALL: [Self; 10] = [
        Self::Tower,
        Self::TowerListening,
        Self::TowerCounting,
        Self::TowerShared,
        Self::Axum,
        Self::AxumOuter,
        Self::Actix,
        Self::Rocket,
        Self::WarpFilter,
        Self::WarpService,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Tower => "tower",
            Self::TowerListening => "tower, listener",
            Self::TowerCounting => "tower, counter",
            Self::TowerShared => "tower, replaceable",
            Self::Axum => "axum, Router::layer",
            Self::AxumOuter => "axum, around the Router",
            Self::Actix => "actix-web",
            Self::Rocket => "Rocket",
            Self::WarpFilter => "warp, filter",
            Self::WarpService => "warp, service",
        }
    }

    /// Returns the name for the command line of the process that is measured.
    pub fn argument(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Returns a contender under a scenario; `None` if the contender can't have the scenario's
    /// rules.
    pub fn case(self, contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
        match self {
            Self::Tower => places::tower::case(contender, scenario),
            Self::TowerListening => places::tower::listening(contender, scenario),
            Self::TowerCounting => places::tower::counting(contender, scenario),
            Self::TowerShared => places::tower::shared(contender, scenario),
            Self::Axum => places::axum::layered(contender, scenario),
            Self::AxumOuter => places::axum::around(contender, scenario),
            Self::Actix => places::actix::case(contender, scenario),
            Self::Rocket => places::rocket::case(contender, scenario),
            Self::WarpFilter => places::warp::filter(contender, scenario),
            Self::WarpService => places::warp::service(contender, scenario),
        }
    }
}
