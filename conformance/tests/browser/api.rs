//! A recorded server, over http and over https.

use std::net::SocketAddr;

use example_recorder::{Exchange, Recorder};

use crate::tls::Tls;

/// A server of another origin than the pages', with a recorder in front of it.
pub(crate) struct Api {
    recorder: Recorder,
    tls: Tls,
}

impl Api {
    pub(crate) fn start(server: SocketAddr) -> Self {
        let recorder = Recorder::start(0, server).expect("there is a port");
        let tls = Tls::start(recorder.address());
        Self { recorder, tls }
    }

    /// Returns its origin under the scheme of a page's origin: http where that is opaque.
    pub(crate) fn origin_for(&self, page: &str) -> String {
        if page.starts_with("https:") {
            format!("https://127.0.0.1:{}", self.tls.port())
        } else {
            format!("http://{}", self.recorder.address())
        }
    }

    /// Returns the exchanges whose target `is_wanted`.
    pub(crate) fn exchanges(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<Exchange> {
        self.recorder.exchanges(is_wanted)
    }

    /// Returns how many preflights there were for targets that end so.
    pub(crate) fn preflights(&self, end: &str) -> usize {
        let exchanges = self.exchanges(|target| target.ends_with(end));
        let preflights = exchanges.iter().filter(|exchange| {
            exchange.method == "OPTIONS"
                && exchange
                    .request
                    .contains_key("access-control-request-method")
        });
        preflights.count()
    }

    /// Forgets all exchanges.
    pub(crate) fn clear(&self) {
        self.recorder.clear();
    }
}
