//! An app without CORS, the service of `examples/edge`, and a proxy in front of both.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::thread;

use axum::Router;
use conformance_client::raw::{self, Request, Response};
use conformance_servers::axum_app;
use conformance_servers::serve::{self, Lifetime, Server};
use conformance_servers::test_app::{HITS, Hits};
use cors_core::Policy;
use cors_core::adapter::PolicySource;
use tokio::net::TcpListener;

use crate::edge::Edge;
use crate::hosts::Hosts;
use crate::proxy::{Kind, Proxy};

/// An app without CORS, the service, and a proxy in front of both.
pub(crate) struct Stack {
    app: Server,
    service: Edge,
    proxy: Proxy,
    /// The number of handler calls so far.
    hits: u64,
}

impl Stack {
    pub(crate) fn start(kind: Kind) -> io::Result<Self> {
        let app = start_app()?;
        let service = Edge::new(Hosts::default());
        let proxy = Proxy::start(kind, app.address(), start_service(service.service())?)?;
        Ok(Self {
            app,
            service,
            proxy,
            hits: 0,
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Replaces the policy of all hosts.
    pub(crate) fn replace(&self, policy: &str) -> io::Result<()> {
        // A file that sets nothing would be a mistake.
        let policy = match policy.trim() {
            "" => "allow_origins = []",
            policy => policy,
        };
        self.service.replace(hosts(&[("_others", policy)])?);
        Ok(())
    }

    /// Returns how many handlers of the app have been called since the last call.
    pub(crate) fn handler_calls(&mut self) -> io::Result<u64> {
        let response = raw::exchange(self.app.address(), &Request::new("GET", "/echo"))?;
        let hits = hits(&response).ok_or(io::ErrorKind::InvalidData)?;
        let calls = hits - self.hits - 1;
        self.hits = hits;
        Ok(calls)
    }
}

/// Reads policies as the service does, each from the file of a host.
pub(crate) fn hosts(policies: &[(&str, &str)]) -> io::Result<Hosts> {
    let directory = tempfile::tempdir()?;
    for (host, policy) in policies {
        fs::write(directory.path().join(format!("{host}.toml")), policy)?;
    }
    Hosts::read(directory.path()).map_err(io::Error::other)
}

fn hits(response: &Response) -> Option<u64> {
    let hits = response.value(HITS)?;
    std::str::from_utf8(hits).ok()?.parse().ok()
}

/// Starts the test app without CORS.
pub(crate) fn start_app() -> io::Result<Server> {
    let nobody = Policy::builder().build().expect("it is valid");
    Server::start(serve::App::new("axum, without CORS", serve_app), nobody)
}

fn serve_app(_: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let app = axum_app::app().with_state(Hits::default());
    axum_app::run(app, address, lifetime)
}

/// Serves for as long as the test runs.
pub(crate) fn start_service(service: Router) -> io::Result<SocketAddr> {
    let runtime = serve::runtime()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    thread::spawn(move || runtime.block_on(async { axum::serve(listener, service).await }));
    Ok(address)
}
