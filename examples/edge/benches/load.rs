//! Requests per second with one, two and four replicas of the service, alone and behind Envoy.
//!
//! `cargo bench -p example-edge`; `ENVOY` names Envoy where it is not in the path.
//!
//! A replica has one thread. Clients, Envoy and replicas share the machine's cores, so what more
//! replicas give shows only while there is a core for each.

use std::error::Error;
use std::io::{self, BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use conformance_client::raw::{Connection, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let cores = thread::available_parallelism()?;
    println!(
        "{cores} cores, {CLIENTS} connections, {} seconds each",
        MEASURED.as_secs()
    );
    println!("{:28} {:>10} {:>7}", "", "a second", "ratio");
    let mut table = Table::default();
    for count in REPLICAS {
        let replicas = Program::replicas(count)?;
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        table.measure(&format!("the service, {count}"), &addresses, true)?;
    }
    // Any request is a 200 of the service, so one of them can be the app.
    let app = Program::replica()?;
    let mut table = Table::default();
    let without = ENVOY_YAML.replace(FILTER, &format!("{FILTER}\n            disabled: true"));
    match Program::envoy(&without, app.address, &[app.address]) {
        Ok(envoy) => table.measure("Envoy without the service", &[envoy.address], false)?,
        Err(error) => {
            println!("no Envoy: {error}");
            return Ok(());
        }
    }
    for count in REPLICAS {
        let replicas = Program::replicas(count)?;
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        let envoy = Program::envoy(ENVOY_YAML, app.address, &addresses)?;
        table.measure(
            &format!("Envoy with the service, {count}"),
            &[envoy.address],
            true,
        )?;
    }
    Ok(())
}

/// Rows, the first of which counts as 1.
#[derive(Default)]
struct Table {
    first: Option<f64>,
}

impl Table {
    fn measure(&mut self, name: &str, servers: &[SocketAddr], is_asked: bool) -> io::Result<()> {
        send(servers, WARM_UP, is_asked)?;
        let count = send(servers, MEASURED, is_asked)?;
        let rate = f64::from(count) / MEASURED.as_secs_f64();
        let ratio = rate / *self.first.get_or_insert(rate);
        println!("{name:28} {rate:>10.0} {ratio:>7.2}");
        Ok(())
    }
}

/// Sends requests on all connections at once, and returns how many were responded to.
fn send(servers: &[SocketAddr], time: Duration, is_asked: bool) -> io::Result<u32> {
    let start = Instant::now();
    thread::scope(|scope| {
        let servers = servers.iter().cycle().take(CLIENTS);
        let clients: Vec<_> = servers
            .map(|server| {
                scope.spawn(move || send_on_one_connection(*server, start, time, is_asked))
            })
            .collect();
        let counts = clients.into_iter().map(|client| {
            let panicked = |_| io::Error::other("a client panicked");
            client.join().map_err(panicked)?
        });
        counts.sum()
    })
}

fn send_on_one_connection(
    server: SocketAddr,
    start: Instant,
    time: Duration,
    is_asked: bool,
) -> io::Result<u32> {
    let request = Request::new("GET", "/tasks")
        .line("Host", "api.example.com")
        .line("Origin", "https://app.example.com");
    let mut connection = Connection::open(server)?;
    let mut count = 0;
    while start.elapsed() < time {
        let response = connection.exchange(&request)?;
        let was_asked = response.value("access-control-allow-origin").is_some();
        if response.status != 200 || was_asked != is_asked {
            return Err(io::Error::other(format!("{response:?}")));
        }
        count += 1;
    }
    Ok(count)
}

/// A program that listens. It ends when this is dropped.
struct Program {
    child: Child,
    address: SocketAddr,
    _files: Option<tempfile::TempDir>,
}

impl Program {
    fn replicas(count: usize) -> Result<Vec<Self>, Box<dyn Error>> {
        (0..count).map(|_| Self::replica()).collect()
    }

    fn replica() -> Result<Self, Box<dyn Error>> {
        let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
        let mut child = Command::new(env!("CARGO_BIN_EXE_example-edge"))
            .args([policies, "127.0.0.1:0"])
            .env("TOKIO_WORKER_THREADS", "1")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("it is piped")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim_end().strip_prefix("listening on http://");
        Ok(Self {
            child,
            address: address.ok_or("the service does not listen")?.parse()?,
            _files: None,
        })
    }

    fn envoy(text: &str, app: SocketAddr, service: &[SocketAddr]) -> Result<Self, Box<dyn Error>> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let endpoints = service.iter().map(|service| endpoint(service.port()));
        let text = text
            .replace(
                "port_value: 8080",
                &format!("port_value: {}", address.port()),
            )
            .replace(&endpoint(3000), &endpoint(app.port()))
            .replace(&endpoint(9000), &endpoints.collect::<Vec<_>>().join("\n"));
        let files = tempfile::tempdir()?;
        let file = files.path().join("envoy.yaml");
        std::fs::write(&file, text)?;
        let program = std::env::var("ENVOY").unwrap_or_else(|_| "envoy".to_owned());
        let mut child = Command::new(program)
            .args([
                "--use-dynamic-base-id",
                "--log-level",
                "error",
                "--config-path",
            ])
            .arg(file)
            .spawn()?;
        while TcpStream::connect(address).is_err() {
            if child.try_wait()?.is_some() {
                return Err("it has ended before it listened".into());
            }
            thread::yield_now();
        }
        Ok(Self {
            child,
            address,
            _files: Some(files),
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Where it can't be ended, nothing is left to do.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Returns a line of the configuration.
fn endpoint(port: u16) -> String {
    format!(
        "        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}"
    )
}

const ENVOY_YAML: &str = include_str!("../envoy.yaml");
const FILTER: &str = "          - name: envoy.filters.http.ext_authz";
const REPLICAS: [usize; 3] = [1, 2, 4];
const CLIENTS: usize = 32;
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(5);
