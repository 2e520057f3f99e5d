//! Over a real server, except where it is about all sequences of replacements.

mod mistakes;
mod replacing;
mod settling;
mod shadow;
mod watching;

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use axum::Router;
use cors_axum::{PolicyMap, SharedPolicy};
use tokio::net::TcpListener;
use tokio::runtime;

use crate::reload::{self, Mistake, Pace, Reloaded};
use crate::shadow::Differences;

const OLD: &str = "https://old.example";
const NEW: &str = "https://new.example";

/// For tests in which the time between two looks does not matter.
const FAST: Pace = Pace {
    interval: Duration::from_millis(10),
    pause: Duration::from_millis(10),
};

/// Longer than any test takes.
const NEVER: Duration = Duration::from_secs(3600);

fn allowing(origin: &str) -> String {
    format!("allow_origins = [{origin:?}]\n")
}

/// Builds as the server does, and panics where the text says so, as a user's code might.
fn build(text: &[u8]) -> Result<PolicyMap, Mistake> {
    assert!(text != PANICS.as_bytes(), "a predicate could not be made");
    crate::build(text)
}

const PANICS: &str = "panic!";

/// A server whose policy is that of a file.
struct Server {
    address: SocketAddr,
    reports: Receiver<Reloaded>,
    differences: Differences,
}

impl Server {
    fn follow(file: &Path, pace: Pace) -> io::Result<Self> {
        let (sender, reports) = mpsc::channel();
        let policy = reload::follow(file.to_owned(), pace, build, move |reloaded| {
            let ill = matches!(reloaded, Err(Mistake::Panic));
            // Nobody listens any more once the test is over.
            let _ = sender.send(reloaded);
            assert!(!ill, "even the report may panic");
        });
        let differences = Differences::default();
        let app = crate::app(policy.map_err(io::Error::other)?, differences.clone());
        Ok(Self {
            address: serve_app(app)?,
            reports,
            differences,
        })
    }

    fn report(&self) -> Reloaded {
        let report = self.reports.recv_timeout(Duration::from_secs(60));
        report.expect("the file is followed")
    }

    /// Returns the next mistake that is not about the watch.
    fn mistake(&self) -> Mistake {
        loop {
            match self.report().expect_err("there is a mistake") {
                Mistake::Watch(_) => {}
                mistake => return mistake,
            }
        }
    }

    fn allows(&self, origin: &str) -> io::Result<bool> {
        allows(self.address, origin)
    }
}

/// Serves under a policy for as long as the test runs.
fn serve(policy: SharedPolicy) -> io::Result<SocketAddr> {
    serve_app(crate::app(policy, Differences::default()))
}

fn serve_app(app: Router) -> io::Result<SocketAddr> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    thread::spawn(move || runtime.block_on(async { axum::serve(listener, app).await }));
    Ok(address)
}

fn allows(server: SocketAddr, origin: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(server)?;
    write!(
        stream,
        "GET / HTTP/1.1\r\nhost: {server}\r\norigin: {origin}\r\nconnection: close\r\n\r\n"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    Ok(response.contains(&format!("access-control-allow-origin: {origin}\r\n")))
}

/// As files are to be replaced: a new one takes the name of the old one.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let draft = file.with_extension("draft");
    std::fs::write(&draft, text)?;
    std::fs::rename(draft, file)
}
