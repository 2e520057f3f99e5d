//! [`Engine`]: a proxy in front of an app, with what is exported for it.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::configuration::configure;

/// A proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Envoy,
    Nginx,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Envoy, Self::Nginx];

    /// Returns the program: that of a variable, or the one on the path.
    fn program(self) -> Result<Command, Box<dyn Error>> {
        let (variable, name) = match self {
            Self::Envoy => ("ENVOY", "envoy"),
            Self::Nginx => ("NGINX", "nginx"),
        };
        let program = env::var_os(variable).unwrap_or_else(|| name.into());
        let is_there = Command::new(&program).arg("--version").output().is_ok()
            || Command::new(&program).arg("-v").output().is_ok();
        if is_there {
            let mut command = Command::new(program);
            // nginx reads a variable of this name itself, and takes its value for sockets.
            command.env_remove(variable);
            Ok(command)
        } else {
            Err(
                format!("there is no {name}: install it, or name it by the variable {variable}")
                    .into(),
            )
        }
    }

    fn argument(self) -> &'static str {
        match self {
            Self::Envoy => "envoy",
            Self::Nginx => "nginx",
        }
    }
}

/// Returns what is exported of a policy.
pub(crate) fn export(kind: Kind, policy: &str, lossy: bool) -> Result<String, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    fs::write(&file, policy)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    command.args(["export", kind.argument()]).arg(&file);
    if lossy {
        command.arg("--lossy");
    }
    let output = command.output()?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(String::from_utf8(output.stderr)?.into())
    }
}

/// Has the proxy itself check what is exported.
pub(crate) fn validate(kind: Kind, exported: &str) -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let nobody = (Ipv4Addr::LOCALHOST, 9).into();
    let file = configure(kind, exported, directory.path(), nobody, nobody)?;
    let mut command = kind.program()?;
    match kind {
        Kind::Envoy => command
            .args(["--mode", "validate", "-l", "error", "-c"])
            .arg(&file),
        Kind::Nginx => command.args(["-t", "-q", "-c"]).arg(&file),
    };
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{kind:?}: {said}\n{exported}").into())
}

/// The longest wait for a proxy that has started.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A proxy that serves. It ends when this is dropped.
pub(crate) struct Engine {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// Of Envoy, which stays in the foreground.
    child: Option<Child>,
    /// Of nginx, which does not.
    configuration: PathBuf,
    _directory: TempDir,
}

impl Engine {
    /// Starts the proxy in front of an app.
    pub(crate) fn start(
        kind: Kind,
        exported: &str,
        app: SocketAddr,
    ) -> Result<Self, Box<dyn Error>> {
        // Somebody else may take the port before the proxy does.
        const ATTEMPTS: usize = 5;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match Self::try_start(kind, exported, app) {
                Ok(engine) => return Ok(engine),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| "no attempt".into()))
    }

    fn try_start(kind: Kind, exported: &str, app: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let directory = tempfile::tempdir()?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let configuration = configure(kind, exported, directory.path(), address, app)?;
        let mut command = kind.program()?;
        let child = match kind {
            Kind::Envoy => {
                command.args(["--use-dynamic-base-id", "--concurrency", "1", "-c"]);
                let mut child = command.arg(&configuration).stderr(Stdio::piped()).spawn()?;
                wait_for_workers(&mut child)?;
                // It tells that its workers start, and not that they have.
                let begun = Instant::now();
                while TcpStream::connect(address).is_err() && begun.elapsed() < TIMEOUT {
                    thread::yield_now();
                }
                Some(child)
            }
            // The parent ends when the sockets are open.
            Kind::Nginx => {
                let output = command.arg("-c").arg(&configuration).output()?;
                if !output.status.success() {
                    return Err(String::from_utf8_lossy(&output.stderr).into());
                }
                None
            }
        };
        Ok(Self {
            kind,
            address,
            child,
            configuration,
            _directory: directory,
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        } else if let Ok(mut command) = self.kind.program() {
            let _ = command
                .arg("-c")
                .arg(&self.configuration)
                .args(["-s", "stop"])
                .status();
        }
    }
}

/// Reads what Envoy tells until it serves, and goes on reading, so that it can go on telling.
fn wait_for_workers(child: &mut Child) -> Result<(), Box<dyn Error>> {
    let said = child.stderr.take().ok_or("it is piped")?;
    let mut said = BufReader::new(said);
    let mut all = String::new();
    loop {
        let before = all.len();
        if said.read_line(&mut all)? == 0 {
            let _ = child.wait();
            return Err(all.into());
        }
        if all[before..].contains("starting workers") {
            break;
        }
    }
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while said.read(&mut bytes).is_ok_and(|count| count > 0) {}
    });
    Ok(())
}
