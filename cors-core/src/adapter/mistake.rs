//! [`Mistake`]: what is nearly always wrong about the stack that an adapter stands in.

use std::fmt;

/// Something about an app that is nearly always a mistake, and that no request fails by: headers
/// of the protocol from elsewhere, a second policy, an adapter in a place where it sees too little.
///
/// An adapter's `on_mistake` is called with it, once for each kind. `Display` says what is wrong,
/// and what to change.
#[derive(Clone, Debug)]
pub struct Mistake {
    kind: MistakeKind,
    reason: String,
}

impl Mistake {
    pub(super) const fn new(kind: MistakeKind, reason: String) -> Self {
        Self { kind, reason }
    }

    /// Makes the mistake of an adapter's layer that was given to a router's `route_layer`. It is
    /// for the authors of adapters: the core can't see it.
    #[must_use]
    pub fn route_layer() -> Self {
        let reason = "the CORS layer was given to route_layer, which keeps from it the requests \
                      that no route matches, and on the methods of one route the preflights too";
        Self::new(MistakeKind::RouteLayer, reason.to_owned())
    }

    /// Returns what kind of mistake it is.
    #[must_use]
    pub const fn kind(&self) -> MistakeKind {
        self.kind
    }

    /// Returns what is wrong. What a client or the app has sent is escaped and shortened.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns what to change.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        self.kind.remedy()
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason, self.remedy())
    }
}

/// A kind of [`Mistake`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MistakeKind {
    /// A response of the app already has headers of the protocol, which the adapter replaces or
    /// removes.
    ForeignHeaders,
    /// Two adapters stand around each other, and their policies for the path differ, or the inner
    /// one's never counts.
    TwoAdapters,
    /// A browser has sent a request that needs a preflight, and no preflight has ever come:
    /// something else answers them.
    ///
    /// It is told where the preflight can't be a remembered one, of before the adapter was made, and
    /// not by an adapter of a route. Behind a load balancer, another instance may have answered it.
    PreflightsElsewhere,
    /// The layer was given to `route_layer`.
    RouteLayer,
}

impl MistakeKind {
    /// Returns a word for a field of a log: the name of the variant in snake case. It stays the
    /// same from one version to the next.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ForeignHeaders => "foreign_headers",
            Self::TwoAdapters => "two_adapters",
            Self::PreflightsElsewhere => "preflights_elsewhere",
            Self::RouteLayer => "route_layer",
        }
    }

    /// Returns what to change.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::ForeignHeaders => {
                "remove what sets them, a handler or another layer; or keep them, with \
                 keep_app_headers = true"
            }
            Self::TwoAdapters => {
                "remove one of the two; or give the outer one a PolicyMap that has the inner \
                 one's policy for the path, or that disables the path, and make the inner one \
                 by for_route"
            }
            Self::PreflightsElsewhere => {
                "put the CORS layer around the whole app, and remove what else answers OPTIONS: \
                 handlers, other layers, a proxy"
            }
            Self::RouteLayer => "give it to layer instead",
        }
    }
}
