//! Requests per second with one, two and four replicas of the service, alone and behind Envoy.
//!
//! `cargo bench -p example-edge`; `ENVOY` names Envoy where it is not in the path.
//!
//! A replica has one thread. Clients, Envoy and replicas share the machine's cores, so what more
//! replicas give shows only while there is a core for each.

use std::error::Error;
use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use conformance_client::raw::{Connection, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let cores = thread::available_parallelism()?;
    let seconds = MEASURED.as_secs();
    println!("{cores} cores, {CLIENTS} connections, {seconds} seconds each");
    println!("                                             µs of a core for a request");
    println!("                           a second   ratio     Envoy   service");
    let mut first = None;
    for count in REPLICAS {
        let replicas = Program::replicas(count)?;
        let row = Row::measure(&replicas, &[], &replicas, true)?;
        row.print(&format!("the service, {count}"), &mut first);
    }
    // Any request is a 200 of the service, so one of them can be the app.
    let app = Program::replica()?;
    let without = ENVOY_YAML.replace(FILTER, &format!("{FILTER}\n            disabled: true"));
    let envoy = match Program::envoy(&without, &app, &[]) {
        Ok(envoy) => [envoy],
        Err(error) => {
            println!("no Envoy: {error}");
            return Ok(());
        }
    };
    let mut first = None;
    let row = Row::measure(&envoy, &envoy, &[], false)?;
    row.print("Envoy without it", &mut first);
    for count in REPLICAS {
        let replicas = Program::replicas(count)?;
        let envoy = [Program::envoy(ENVOY_YAML, &app, &replicas)?];
        let row = Row::measure(&envoy, &envoy, &replicas, true)?;
        row.print(&format!("Envoy with the service, {count}"), &mut first);
    }
    Ok(())
}

/// What is measured of some programs.
struct Row {
    /// Requests a second.
    rate: f64,
    /// Microseconds of a core for a request, where the system tells them.
    envoy: Option<f64>,
    service: Option<f64>,
}

impl Row {
    fn measure(
        asked: &[Program],
        envoy: &[Program],
        replicas: &[Program],
        has_cors: bool,
    ) -> io::Result<Self> {
        send(asked, WARM_UP, has_cors)?;
        let before = (cpu_time(envoy), cpu_time(replicas));
        let count = send(asked, MEASURED, has_cors)?;
        let of_a_request = |before: Option<Duration>, after: Option<Duration>| {
            let time = after?.saturating_sub(before?);
            (!time.is_zero()).then(|| time.as_secs_f64() * 1e6 / f64::from(count))
        };
        Ok(Self {
            rate: f64::from(count) / MEASURED.as_secs_f64(),
            envoy: of_a_request(before.0, cpu_time(envoy)),
            service: of_a_request(before.1, cpu_time(replicas)),
        })
    }

    /// Prints the row beside the first one.
    fn print(&self, name: &str, first: &mut Option<f64>) {
        let ratio = self.rate / *first.get_or_insert(self.rate);
        let text = |time: Option<f64>| time.map_or_else(String::new, |time| format!("{time:.1}"));
        let (envoy, service) = (text(self.envoy), text(self.service));
        println!(
            "{name:25} {:>9.0} {ratio:>7.2} {envoy:>9} {service:>9}",
            self.rate
        );
    }
}

/// Returns the time for which programs have had a core; `None` where the system is not Linux.
fn cpu_time(programs: &[Program]) -> Option<Duration> {
    let of = |program: &Program| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", program.child.id())).ok()?;
        // The name, which may have blanks, ends at the last parenthesis: see proc_pid_stat(5).
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        // Linux tells a hundred ticks a second, whatever it counts by.
        Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
    };
    programs.iter().map(of).sum()
}

/// Sends requests on all connections at once, and returns how many were responded to.
fn send(asked: &[Program], time: Duration, has_cors: bool) -> io::Result<u32> {
    let start = Instant::now();
    thread::scope(|scope| {
        let asked = asked.iter().cycle().take(CLIENTS);
        let clients: Vec<_> = asked
            .map(|program| {
                let server = program.address;
                scope.spawn(move || send_on_one_connection(server, start, time, has_cors))
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
    has_cors: bool,
) -> io::Result<u32> {
    let request = Request::new("GET", "/tasks")
        .line("Host", "api.example.com")
        .line("Origin", "https://app.example.com");
    let mut connection = Connection::open(server)?;
    let mut count = 0;
    while start.elapsed() < time {
        let response = connection.exchange(&request)?;
        let has_it = response.value("access-control-allow-origin").is_some();
        if response.status != 200 || has_it != has_cors {
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
            // It says how many files it has read.
            .stderr(Stdio::null())
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

    fn envoy(text: &str, app: &Self, service: &[Self]) -> Result<Self, Box<dyn Error>> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let endpoints = service
            .iter()
            .map(|replica| endpoint(replica.address.port()));
        let endpoints: Vec<_> = endpoints.collect();
        let listens = format!("port_value: {}", address.port());
        let text = text
            .replace("port_value: 8080", &listens)
            .replace(&endpoint(3000), &endpoint(app.address.port()))
            .replace(&endpoint(9000), &endpoints.join("\n"));
        let files = tempfile::tempdir()?;
        let file = files.path().join("envoy.yaml");
        fs::write(&file, text)?;
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
    let address = format!("{{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}");
    format!("        - endpoint: {{ address: {address} }}")
}

const ENVOY_YAML: &str = include_str!("../envoy.yaml");
const FILTER: &str = "          - name: envoy.filters.http.ext_authz";
const REPLICAS: [usize; 3] = [1, 2, 4];
const CLIENTS: usize = 32;
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(5);
