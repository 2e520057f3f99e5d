//! The CORS policies of many apps, at the edge: Envoy and nginx ask this service about each
//! request.
//!
//! `cargo run -p example-edge`, or with a directory of your own and an address:
//! `cargo run -p example-edge -- path/to/policies 127.0.0.1:9000`
//! README.md has the rest.

mod edge;
mod hosts;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::edge::Edge;
use crate::hosts::{Hosts, Mistake};

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");

/// For how long it ends: no proxy waits longer for a response, and half a request may be all.
const GRACE: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap_or_else(|| POLICIES.to_owned()));
    // On this machine alone, unless told otherwise: nobody but a proxy has anything to ask.
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:9000".to_owned());
    let edge = Edge::new(Hosts::default());
    eprintln!("{}", edge.replace(Hosts::read(&directory)?));
    // Before it listens, so that no signal ends what seems to serve.
    let hangups = signal(SignalKind::hangup())?;
    let terminate = || signal(SignalKind::terminate());
    let (mut terminated, mut overdue) = (terminate()?, terminate()?);
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("{address}: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    tokio::spawn(reload(edge.clone(), directory, hangups));
    // Requests that are under way get their responses.
    let served = axum::serve(listener, edge.service()).with_graceful_shutdown(async move {
        terminated.recv().await;
    });
    let overdue = async {
        overdue.recv().await;
        sleep(GRACE).await;
    };
    tokio::select! {
        served = served.into_future() => served?,
        () = overdue => {}
    }
    Ok(())
}

/// Reads the directory at each SIGHUP. A mistake, in whichever file, leaves all as it was.
async fn reload(edge: Edge, directory: PathBuf, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        match read(&directory).await {
            Ok(hosts) => eprintln!("{}", edge.replace(hosts)),
            Err(mistake) => eprintln!("the policies stay as they were: {mistake}"),
        }
    }
}

async fn read(directory: &Path) -> Result<Hosts, Mistake> {
    let directory = directory.to_owned();
    let read = spawn_blocking(move || Hosts::read(&directory)).await;
    read.unwrap_or_else(|panic| Err(panic.to_string()))
}
