//! Requests per second over loopback with keep-alive.
//!
//! The client is a few lines over blocking sockets, one request in flight on each connection: it
//! takes less of the machine than a client that parses, and leaves it to the server.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::contender::Contender;
use crate::scenario::Scenario;
use crate::servers::{self, Framework};

const CONNECTIONS: usize = 32;

/// The contenders take turns, so that what else the machine does meets all of them.
const TURN: Duration = Duration::from_millis(200);

const CONTENDERS: [Contender; 3] = [Contender::Bare, Contender::Ours, Contender::Peer];

/// Prints the requests per second of each framework, with and without CORS.
///
/// # Errors
///
/// Fails if a server does not answer.
pub fn print(each: Duration) -> io::Result<()> {
    println!(
        "| framework | scenario | bare, requests/s | ours | peer | ours / bare | peer / bare |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|");
    let measured = |scenario: &Scenario| matches!(scenario.name, "A" | "B" | "E");
    for framework in Framework::ALL {
        for scenario in Scenario::all().iter().filter(|scenario| measured(scenario)) {
            let [bare, ours, peer] = rates(framework, scenario, each)?;
            println!(
                "| {framework:?} | {} | {bare:.0} | {ours:.0} | {peer:.0} | {:.3} | {:.3} |",
                scenario.name,
                ours / bare,
                peer / bare,
            );
        }
    }
    Ok(())
}

/// Returns the median of all turns: one busy moment of the machine does not move it.
fn rates(framework: Framework, scenario: &Scenario, each: Duration) -> io::Result<[f64; 3]> {
    let mut clients = Vec::new();
    for contender in CONTENDERS {
        let address = servers::start(framework, contender, &scenario.rules)?;
        clients.push(Client::connect(address, scenario)?);
    }
    let turns = each.as_millis() / TURN.as_millis();
    let mut found = [const { Vec::new() }; 3];
    for turn in 0..=turns {
        for (client, found) in clients.iter_mut().zip(&mut found) {
            let rate = client.load(TURN)?;
            // The first turn warms up.
            if turn > 0 {
                found.push(rate);
            }
        }
    }
    Ok(found.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
    }))
}

struct Client {
    request: Vec<u8>,
    /// Responses are of equal length: `Date` is.
    response: Vec<u8>,
    connections: Vec<TcpStream>,
}

impl Client {
    fn connect(address: SocketAddr, scenario: &Scenario) -> io::Result<Self> {
        let mut request = format!("{} / HTTP/1.1\r\n", scenario.method);
        for (name, value) in &scenario.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let mut client = Self {
            request: request.into_bytes(),
            response: Vec::new(),
            connections: Vec::new(),
        };
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            client.connections.push(stream);
        }
        let length = client.response_length()?;
        client.response.resize(length, 0);
        Ok(client)
    }

    /// Returns the length of the first response: no more comes, since there is no other request.
    fn response_length(&mut self) -> io::Result<usize> {
        let stream = &mut self.connections[0];
        stream.write_all(&self.request)?;
        let mut length = 0;
        let mut buffer = [0; 4096];
        stream.set_read_timeout(Some(Duration::from_millis(300)))?;
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => length += read,
                Err(_) if length > 0 => break,
                Err(error) => return Err(error),
            }
        }
        stream.set_read_timeout(None)?;
        Ok(length)
    }

    /// Requests per second.
    fn load(&mut self, time: Duration) -> io::Result<f64> {
        let start = Instant::now();
        let mut served = 0_u32;
        while start.elapsed() < time {
            for stream in &mut self.connections {
                stream.write_all(&self.request)?;
            }
            for stream in &mut self.connections {
                stream.read_exact(&mut self.response)?;
                served += 1;
            }
        }
        Ok(f64::from(served) / start.elapsed().as_secs_f64())
    }
}
