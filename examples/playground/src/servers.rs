//! One small app on each framework, attached to the policy as a user would.

mod actix;
mod axum;
mod rocket;
mod warp;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;

use cors_core::SharedPolicy;
use serde_json::{Value, json};

use crate::app::Framework;
use crate::host::{self, Host, Running};

/// A server on a free port. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    _running: Running,
}

impl Server {
    /// Starts a server. It accepts connections when this returns.
    pub(crate) fn start(framework: Framework, policy: SharedPolicy) -> io::Result<Self> {
        let (ready, address) = mpsc::channel();
        let running = host::run(framework.name(), async move |until| match framework {
            Framework::Actix => actix::serve(policy, listen(&ready)?, until).await,
            Framework::Axum => axum::serve(policy, listen(&ready)?, until).await,
            Framework::Rocket => rocket::serve(policy, ready, until).await,
            Framework::Warp => warp::serve(policy, listen(&ready)?, until).await,
        })?;
        let address = address
            .recv()
            .map_err(|_| io::Error::other(format!("{} never listened", framework.name())))?;
        Ok(Self {
            address,
            _running: running,
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Binds a listener, and tells where.
fn listen(ready: &mpsc::Sender<SocketAddr>) -> io::Result<TcpListener> {
    let reserved = Host::reserve(0)?;
    // It is waited for.
    let _ = ready.send(reserved.address());
    Ok(reserved.into_listener())
}

/// Returns what `/echo` tells about a request.
fn echo<'a>(method: &str, header: impl Fn(&str) -> Option<&'a [u8]>, body: &[u8]) -> Value {
    let text = |name| header(name).map(String::from_utf8_lossy);
    json!({
        "method": method,
        "body_length": body.len(),
        "x_echo": text("x-echo"),
        "cookie": text("cookie"),
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::{Duration, Instant};

    use cors_core::Policy;

    use super::*;

    #[test]
    fn a_server_ends_when_it_is_dropped() {
        for framework in Framework::ALL {
            let policy = Policy::builder().build().expect("it allows nobody");
            let server = Server::start(framework, SharedPolicy::new(policy));
            let server = server.expect("there is a port");
            let address = server.address();
            let open = TcpStream::connect(address).expect("it listens");
            drop(server);
            let begun = Instant::now();
            while TcpStream::connect(address).is_ok() {
                assert!(begun.elapsed() < Duration::from_secs(30), "{framework:?}");
            }
            drop(open);
        }
    }
}
