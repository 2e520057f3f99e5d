//! [`Process`]: a program that says in a line of its output where it listens.

use std::io::{BufRead as _, BufReader, Read};
use std::process::Child;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a program may take until it listens.
const MOST_TIME: Duration = Duration::from_secs(120);

/// A process that is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the port that stands behind a text at the beginning of a line; `None` where the output
/// ends before, or nothing comes in time.
pub(crate) fn port(output: impl Read + Send + 'static, before: &'static str) -> Option<u16> {
    let (says, said) = mpsc::channel();
    // Reads on to the end, so that the program never waits for a reader.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let port = line.strip_prefix(before);
            if let Some(port) = port.and_then(|port| port.trim_end_matches('.').parse().ok()) {
                // Nobody may wait for it any more.
                let _ = says.send(port);
            }
        }
    });
    said.recv_timeout(MOST_TIME).ok()
}
