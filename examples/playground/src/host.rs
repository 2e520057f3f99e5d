//! [`Host`]: a page server; [`run`]: any server, on a thread of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::thread;

use axum::Router;
use tokio::runtime;
use tokio::sync::oneshot;

/// A port of the loopback interface, not served yet.
#[derive(Debug)]
pub(crate) struct Reserved {
    listener: TcpListener,
    address: SocketAddr,
}

/// A page server. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Host {
    address: SocketAddr,
    _running: Running,
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

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn into_listener(self) -> TcpListener {
        self.listener
    }

    pub(crate) fn serve(self, app: Router) -> io::Result<Host> {
        let Self { listener, address } = self;
        let running = run(&format!("page on {address}"), async move |until| {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            // Nothing that is under way is worth waiting for.
            tokio::select! {
                result = axum::serve(listener, app) => result,
                () = until => Ok(()),
            }
        })?;
        Ok(Host {
            address,
            _running: running,
        })
    }
}

/// The thread of a server. The server ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    _end: oneshot::Sender<()>,
}

/// Completes when a server has to end.
pub(crate) type Until = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a server on a thread and a runtime of its own.
pub(crate) fn run(
    name: &str,
    server: impl AsyncFnOnce(Until) -> io::Result<()> + Send + 'static,
) -> io::Result<Running> {
    let (end, ended) = oneshot::channel();
    let until = Box::pin(async { drop(ended.await) });
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(server(until))
        })?;
    Ok(Running { _end: end })
}
