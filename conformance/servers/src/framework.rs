//! [`Framework`]: the frameworks under test.

use crate::serve::App;
use crate::{actix_app, axum_app, hyper_app, rocket_app, warp_app};

/// A framework, and a way to put the adapter around its test app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new one is to be met wherever they are told apart"
)]
pub enum Framework {
    /// actix-web.
    Actix,
    /// axum.
    Axum,
    /// A small framework over hyper, whose adapter is the one of the guide `writing_an_adapter`.
    Hyper,
    /// Rocket.
    Rocket,
    /// warp, with the policy around `warp::service`: rejections are left to warp.
    Warp,
    /// warp, with the policy around a filter that recovers from rejections.
    WarpFilter,
}

impl Framework {
    /// Every framework, and every way to put an adapter around its test app.
    pub const ALL: [Self; 6] = [
        Self::Actix,
        Self::Axum,
        Self::Hyper,
        Self::Rocket,
        Self::Warp,
        Self::WarpFilter,
    ];

    /// Returns the test app.
    #[must_use]
    pub const fn app(self) -> App {
        match self {
            Self::Actix => actix_app::APP,
            Self::Axum => axum_app::APP,
            Self::Hyper => hyper_app::APP,
            Self::Rocket => rocket_app::APP,
            Self::Warp => warp_app::APP,
            Self::WarpFilter => warp_app::FILTER_APP,
        }
    }

    /// Returns the test app under an adapter that waits for asynchronous predicates. It is
    /// [the same one](Self::app), but where the adapter is a layer, which waits only if it is told
    /// to.
    #[must_use]
    pub const fn awaiting_app(self) -> App {
        match self {
            Self::Axum => axum_app::AWAITING_APP,
            Self::Warp => warp_app::AWAITING_APP,
            Self::Actix | Self::Hyper | Self::Rocket | Self::WarpFilter => self.app(),
        }
    }

    /// Returns the test app under an adapter that tells its decisions to the server's listener, as
    /// `"app"`, and waits for asynchronous predicates.
    #[must_use]
    pub const fn listening_app(self) -> App {
        match self {
            Self::Actix => actix_app::LISTENING_APP,
            Self::Axum => axum_app::LISTENING_APP,
            Self::Hyper => hyper_app::LISTENING_APP,
            Self::Rocket => rocket_app::LISTENING_APP,
            Self::Warp => warp_app::LISTENING_APP,
            Self::WarpFilter => warp_app::LISTENING_FILTER_APP,
        }
    }

    /// Returns the name that failures show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.app().name
    }
}

impl From<Framework> for App {
    fn from(framework: Framework) -> Self {
        framework.app()
    }
}
