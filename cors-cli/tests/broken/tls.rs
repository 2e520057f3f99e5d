//! Servers whose TLS is none, or another name's.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

use super::server::{Request, Server};
use super::unreachable::{assert_failed, assert_sentence};
use crate::{Tested, command};

/// A server whose certificate is for a name.
fn with_certificate(name: &str) -> Result<(Server, tempfile::NamedTempFile), crate::Failure> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()])?;
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(cert.pem().as_bytes())?;
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)?;
    let config = Arc::new(config);
    let server = Server::raw(move |stream| serve_tls(&config, stream))?;
    Ok((server, file))
}

fn serve_tls(config: &Arc<ServerConfig>, mut stream: TcpStream) -> io::Result<()> {
    let mut tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut tls = rustls::Stream::new(&mut tls, &mut stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte)?;
        head.extend(byte);
    }
    tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    tls.conn.send_close_notify();
    tls.flush()
}

#[test]
fn tls_that_is_none_or_another_names_is_named() -> Tested {
    let plain = Server::raw(|mut stream| {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
        Request::read(&stream).map(drop)
    })?;
    let url = format!("https://localhost:{}/", plain.address.port());
    assert_sentence(&url, "TLS fails: ")?;

    let (server, certificate) = with_certificate("other.example")?;
    let url = format!("https://localhost:{}/", server.address.port());
    // Nobody has signed it.
    assert_sentence(&url, "TLS fails: invalid peer certificate")?;
    let arguments = [&*url, "--timeout", "2"];
    let trusting = |arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("SSL_CERT_FILE", certificate.path()).output()
    };
    assert_failed(&trusting(&arguments)?, "other.example");
    let output = trusting(&[&*url, "--insecure"])?;
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let (server, certificate) = with_certificate("localhost")?;
    let url = format!("https://localhost:{}/", server.address.port());
    let mut command = command(&[&url]);
    let output = command.env("SSL_CERT_FILE", certificate.path()).output()?;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    Ok(())
}
