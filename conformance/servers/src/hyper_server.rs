//! Serves any service over hyper.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use crate::serve::{self, Lifetime};

/// Serves a service over HTTP/1.1 and HTTP/2, upgrades included; see [`serve::App`].
///
/// # Errors
///
/// Fails if the address is not free, if there is no runtime, or the listener fails.
pub(crate) fn run<S, B>(service: &S, address: SocketAddr, lifetime: Lifetime) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let (listener, mut shutdown) = lifetime.listen(address)?;
    serve::runtime()?.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let connections = GracefulShutdown::new();
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted?.0,
                () = &mut shutdown => break,
            };
            // A connection without it is only slower.
            let _ = stream.set_nodelay(true);
            let connection = Builder::new(TokioExecutor::new())
                .serve_connection_with_upgrades(TokioIo::new(stream), service.clone())
                .into_owned();
            let connection = connections.watch(connection);
            tokio::spawn(async move {
                // A client may break off.
                let _ = connection.await;
            });
        }
        connections.shutdown().await;
        Ok(())
    })
}
