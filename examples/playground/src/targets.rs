//! [`Targets`]: the test app on each framework, behind what writes down its exchanges.

use std::io;
use std::net::SocketAddr;

use conformance_servers::recorder::Recorder;
use conformance_servers::serve::{Framework, Server};
use conformance_servers::{actix_app, axum_app, rocket_app, warp_app};
use cors_core::SharedPolicy;

use crate::Options;

/// The servers, in the order in which the page shows them.
#[derive(Debug)]
pub(crate) struct Targets([Target; 4]);

/// One server under the shared policy.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) recorder: Recorder,
    _server: Server,
}

impl Targets {
    pub(crate) fn start(options: &Options, shared: &SharedPolicy) -> io::Result<Self> {
        let start = |framework, port| Target::start(framework, port, shared);
        Ok(Self([
            start(actix_app::FRAMEWORK, options.actix_port)?,
            start(axum_app::FRAMEWORK, options.axum_port)?,
            start(rocket_app::FRAMEWORK, options.rocket_port)?,
            start(warp_app::FRAMEWORK, options.warp_port)?,
        ]))
    }

    pub(crate) fn all(&self) -> &[Target] {
        &self.0
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        let of = |target: &Target| (target.name, target.recorder.address());
        self.0.iter().map(of)
    }

    pub(crate) fn urls(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0.iter().map(|target| (target.name, target.url()))
    }
}

impl Target {
    fn start(framework: Framework, port: u16, shared: &SharedPolicy) -> io::Result<Self> {
        let server = Server::start(framework, shared.clone())?;
        let recorder = Recorder::start(port, server.address())
            .map_err(|error| io::Error::new(error.kind(), format!("port {port}: {error}")))?;
        Ok(Self {
            name: framework.name,
            recorder,
            _server: server,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.recorder.address().port())
    }
}
