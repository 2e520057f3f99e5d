//! TLS in front of a server, so that the same pages and responses have https origins.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use conformance_servers::serve;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A front on a thread of its own. It ends when this is dropped.
pub(crate) struct Tls {
    port: u16,
    _shutdown: oneshot::Sender<()>,
}

impl Tls {
    /// Starts a front that passes on to a server, with a certificate that nobody has signed.
    pub(crate) fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
        let port = listener.local_addr().expect("it listens").port();
        let (shutdown, until) = oneshot::channel();
        let acceptor = acceptor();
        thread::spawn(move || {
            let runtime = serve::runtime()?;
            runtime.block_on(async {
                tokio::select! {
                    result = accept(listener, &acceptor, to) => result,
                    _ = until => Ok(()),
                }
            })
        });
        Self {
            port,
            _shutdown: shutdown,
        }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }
}

fn acceptor() -> TlsAcceptor {
    let names = ["localhost", "*.localhost", "127.0.0.1"].map(str::to_owned);
    let certified = generate_simple_self_signed(names);
    let CertifiedKey { cert, signing_key } = certified.expect("the names are names");
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("the key is the certificate's")))
}

async fn accept(listener: TcpListener, acceptor: &TlsAcceptor, to: SocketAddr) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        // A client may break off.
        tokio::spawn(async move {
            stream.set_nodelay(true)?;
            let mut outside = acceptor.accept(stream).await?;
            let mut inside = TcpStream::connect(to).await?;
            inside.set_nodelay(true)?;
            tokio::io::copy_bidirectional(&mut outside, &mut inside).await
        });
    }
}
