//! [`Host`]: a page server on a thread of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use axum::Router;
use conformance_servers::serve;
use tokio::sync::oneshot;

/// A port of the loopback interface, not served yet.
#[derive(Debug)]
pub(crate) struct Reserved {
    listener: TcpListener,
    address: SocketAddr,
}

/// A server. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Host {
    address: SocketAddr,
    _shutdown: oneshot::Sender<()>,
}

impl Host {
    pub(crate) fn reserve(port: u16) -> io::Result<Reserved> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| io::Error::new(error.kind(), format!("port {port}: {error}")))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Reserved { listener, address })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Reserved {
    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn serve(self, app: Router) -> io::Result<Host> {
        let Self { listener, address } = self;
        let (shutdown, until) = oneshot::channel::<()>();
        thread::Builder::new()
            .name(format!("page on {address}"))
            .spawn(move || {
                serve::runtime()?.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    let app = app.into_make_service_with_connect_info::<SocketAddr>();
                    // Nothing that is under way is worth waiting for.
                    tokio::select! {
                        result = axum::serve(listener, app) => result,
                        _ = until => Ok(()),
                    }
                })
            })?;
        Ok(Host {
            address,
            _shutdown: shutdown,
        })
    }
}
