//! [`Targets`]: the app on each framework, behind what writes down its exchanges.

use std::io;
use std::net::SocketAddr;

use cors_core::SharedPolicy;
use example_recorder::Recorder;

use crate::Options;
use crate::app::Framework;
use crate::servers::Server;

/// The servers, in the order in which the page shows them.
#[derive(Debug)]
pub(crate) struct Targets([Target; 4]);

/// One server under the shared policy.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) framework: Framework,
    pub(crate) recorder: Recorder,
    _server: Server,
}

impl Targets {
    pub(crate) fn start(options: &Options, shared: &SharedPolicy) -> io::Result<Self> {
        let start = |framework, port| Target::start(framework, port, shared);
        Ok(Self([
            start(Framework::Actix, options.actix_port)?,
            start(Framework::Axum, options.axum_port)?,
            start(Framework::Rocket, options.rocket_port)?,
            start(Framework::Warp, options.warp_port)?,
        ]))
    }

    pub(crate) fn all(&self) -> &[Target] {
        &self.0
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        let of = |target: &Target| (target.framework.name(), target.recorder.address());
        self.0.iter().map(of)
    }

    pub(crate) fn urls(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0
            .iter()
            .map(|target| (target.framework.name(), target.url()))
    }
}

impl Target {
    fn start(framework: Framework, port: u16, shared: &SharedPolicy) -> io::Result<Self> {
        let server = Server::start(framework, shared.clone())?;
        let recorder = Recorder::start(port, server.address())
            .map_err(|error| io::Error::new(error.kind(), format!("port {port}: {error}")))?;
        Ok(Self {
            framework,
            recorder,
            _server: server,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.recorder.address().port())
    }
}
