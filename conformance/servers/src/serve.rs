//! Serves an app, in a test or as a program.

use std::fmt;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use clap::Parser;
use cors_core::adapter::PolicySource;
use cors_core::{DecisionEvent, SharedPolicy};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::policy_file::{self, Format};

/// An app that can be served.
#[derive(Clone, Copy, Debug)]
pub struct App {
    /// The name that failures show.
    pub name: &'static str,
    /// Serves the app on the calling thread, at an address, until the lifetime ends.
    pub start: fn(PolicySource, SocketAddr, Lifetime) -> io::Result<()>,
}

impl App {
    /// Names an app and the function that serves it.
    #[must_use]
    pub const fn new(
        name: &'static str,
        start: fn(PolicySource, SocketAddr, Lifetime) -> io::Result<()>,
    ) -> Self {
        Self { name, start }
    }
}

/// A server on a thread of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shutdown: oneshot::Sender<Never>,
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Server {
    /// Starts a server on a free port, under the policy of a TOML text.
    ///
    /// # Errors
    ///
    /// Fails if the text is no policy or there is no free port.
    pub fn start_toml(app: impl Into<App>, policy: &str) -> io::Result<Self> {
        let config = Format::Toml.read(policy).map_err(io::Error::other)?;
        let policies = config.build().map_err(io::Error::other)?;
        Self::start(app, policies)
    }

    /// Starts a server on a free port.
    ///
    /// # Errors
    ///
    /// Fails if there is no free port.
    pub fn start(app: impl Into<App>, policy: impl Into<PolicySource>) -> io::Result<Self> {
        Self::start_with_listener(app, policy, |_, _| ())
    }

    /// Starts a server on a free port. The adapters that an app gives a
    /// [listener](Lifetime::listener) call this one, with the name of the adapter and the event.
    ///
    /// # Errors
    ///
    /// Fails if there is no free port.
    pub fn start_with_listener(
        app: impl Into<App>,
        policy: impl Into<PolicySource>,
        listener: impl Fn(&str, &DecisionEvent<'_>) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        Self::start_at(app.into(), policy.into(), address, Arc::new(listener))
    }

    /// Starts a server at an address. It accepts connections when this returns.
    fn start_at(
        app: App,
        policy: PolicySource,
        listen: SocketAddr,
        listener: Arc<Listener>,
    ) -> io::Result<Self> {
        let (ready, listening) = mpsc::channel();
        let (shutdown, until) = oneshot::channel();
        let (end, mut ended) = oneshot::channel();
        let lifetime = Lifetime {
            ready,
            until: Shutdown(until),
            listener,
        };
        let thread = thread::Builder::new()
            .name(format!("{} on {listen}", app.name))
            .spawn(move || {
                let result = (app.start)(policy, listen, lifetime);
                // Nobody may wait for it any more.
                let _ = end.send(result);
            })?;
        if let Ok(address) = listening.recv() {
            return Ok(Self {
                address,
                shutdown,
                ended,
            });
        }
        // It ended before it began.
        let _ = thread.join();
        match ended.try_recv() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Err(io::Error::other("the server never listened")),
        }
    }

    /// Returns the address on which it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// What a test is told: the name of the adapter, and the event.
type Listener = dyn Fn(&str, &DecisionEvent<'_>) + Send + Sync;

/// The start and the end of a server: it reports the first, and waits for the second.
pub struct Lifetime {
    ready: mpsc::Sender<SocketAddr>,
    until: Shutdown,
    listener: Arc<Listener>,
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifetime").finish_non_exhaustive()
    }
}

impl Lifetime {
    /// Returns what an adapter's `on_decision` is given; `adapter` is the name by which the test
    /// tells adapters apart.
    pub fn listener(
        &self,
        adapter: &'static str,
    ) -> impl Fn(&DecisionEvent<'_>) + Send + Sync + use<> + 'static {
        let listener = Arc::clone(&self.listener);
        move |event| listener(adapter, event)
    }

    /// Reports that the server accepts connections at `address`. Returns the future that completes
    /// when the server has to end.
    #[must_use]
    pub fn begin(self, address: SocketAddr) -> Shutdown {
        // Nobody may wait for it any more.
        let _ = self.ready.send(address);
        self.until
    }

    /// Binds a listener, for frameworks that accept one, and [begins](Self::begin).
    ///
    /// # Errors
    ///
    /// Fails if the address is not free.
    pub fn listen(self, address: SocketAddr) -> io::Result<(TcpListener, Shutdown)> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, self.begin(address)))
    }
}

/// Creates the runtime of one server.
///
/// # Errors
///
/// Fails if the system has none.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Completes when the server has to end.
#[derive(Debug)]
pub struct Shutdown(oneshot::Receiver<Never>);

/// Is never sent: the message is that the sender is dropped.
#[derive(Debug)]
enum Never {}

impl Future for Shutdown {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(drop)
    }
}

#[derive(Debug, Parser)]
#[command(about = "Serves the CORS test app under a policy.")]
struct Arguments {
    /// The policy, a .toml or .json file.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Runs the program `serve-<framework>`. It exits with 0 after SIGTERM or SIGINT, with 2 if the
/// policy can't be built, with 1 if the server fails.
#[must_use]
pub fn main(app: impl Into<App>) -> ExitCode {
    let arguments = Arguments::parse();
    let policies = match policy_file::load(&arguments.policy) {
        Ok(policies) => policies,
        Err(lines) => {
            report(&lines);
            return ExitCode::from(2);
        }
    };
    match run(app.into(), &SharedPolicy::new(policies), &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until SIGTERM or SIGINT; SIGHUP reloads the policy. The signals have a runtime of their
/// own, so that no framework's runtime or signal handling matters.
fn run(app: App, shared: &SharedPolicy, arguments: &Arguments) -> io::Result<()> {
    runtime()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let policies = shared.clone().into();
        let mut server = Server::start_at(app, policies, arguments.listen, Arc::new(|_, _| ()))?;
        say(&format!("listening on http://{}", server.address()))?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => match policy_file::load(&arguments.policy) {
                    Ok(policies) => {
                        shared.replace(policies);
                        // Nobody may read it any more, which ends no server.
                        let _ = say("reloaded");
                    }
                    Err(lines) => report(&lines),
                },
                ended = &mut server.ended => return ended.map_err(io::Error::other)?,
            }
        }
        drop(server.shutdown);
        // Past the grace the process takes the open connections with it.
        match tokio::time::timeout(GRACE, server.ended).await {
            Ok(ended) => ended.map_err(io::Error::other)?,
            Err(_) => Ok(()),
        }
    })
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

fn report(lines: &[String]) {
    for line in lines {
        // Not `eprintln!`, which panics when nobody reads it any more.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// How long open requests may take after a signal.
const GRACE: Duration = Duration::from_secs(2);
