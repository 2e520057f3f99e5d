//! The playground: a small app on four frameworks under one policy, and a page that edits the
//! policy, sends requests with the browser's own `fetch`, and shows what the browser made of the
//! answers beside what the model of the browser says.
//!
//! ```no_run
//! use playground::{Options, Playground};
//!
//! # fn main() -> std::io::Result<()> {
//! let playground = Playground::start(&Options::default())?;
//! println!("{}", playground.page());
//! # Ok(())
//! # }
//! ```
//!
//! All of it listens on the loopback interface alone, and ends when the [`Playground`] is dropped.
//!
//! # Security
//!
//! The four servers are there to be called by anybody on the machine. The control endpoints are
//! not: they answer only a client on the loopback interface that names one of the page's own hosts,
//! and change the policy only for the page itself.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod advice;
mod api;
mod app;
mod call;
mod console;
mod draft;
mod exchanges;
mod faults;
mod files;
mod guard;
mod host;
mod origins;
mod outcome;
mod predict;
mod presets;
mod servers;
mod settings;
mod state;
mod targets;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use cors_core::SharedPolicy;

use crate::host::Host;
use crate::state::State;
use crate::targets::Targets;

/// The page's port where it is free and none is given, so that a link to a policy and a request is
/// one on other machines too.
const PAGE_PORT: u16 = 4747;

/// The ports; each that is 0 is any free one, but that of the page is 4747 where that is free.
#[derive(Clone, Debug, Default, clap::Args)]
#[non_exhaustive]
pub struct Options {
    /// The page's port; 4747, or any free one where that is taken, unless given.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub page_port: u16,
    /// The port of the same page as another origin.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub other_page_port: u16,
    /// The port of the app on actix-web.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub actix_port: u16,
    /// The port of the app on axum.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub axum_port: u16,
    /// The port of the app on Rocket.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub rocket_port: u16,
    /// The port of the app on warp.
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub warp_port: u16,
}

/// Everything that runs. It ends when this is dropped.
#[derive(Debug)]
pub struct Playground {
    state: Arc<State>,
    page: Host,
    other_page: Host,
}

impl Playground {
    /// Starts the servers and the page. They accept connections when this returns.
    ///
    /// # Errors
    ///
    /// Fails if a port is not free.
    pub fn start(options: &Options) -> io::Result<Self> {
        let page = match options.page_port {
            0 => Host::reserve(PAGE_PORT).or_else(|_| Host::reserve(0))?,
            port => Host::reserve(port)?,
        };
        let other_page = Host::reserve(options.other_page_port)?;
        let origins = origins::all(page.port(), other_page.port());
        let text = presets::first(&origins);
        let policies = draft::build(&text).map_err(io::Error::other)?;
        let shared = SharedPolicy::new(policies.clone());
        let targets = Targets::start(options, &shared)?;
        let state = Arc::new(State::new(origins, targets, shared, text, policies));
        Ok(Self {
            page: page.serve(api::router(&state))?,
            other_page: other_page.serve(api::router(&state))?,
            state,
        })
    }

    /// Returns the URL to open.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/", self.state.page())
    }

    /// Returns the address of the page.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.page.address()
    }

    /// Returns the address of the same page as another origin.
    #[must_use]
    pub const fn other_address(&self) -> SocketAddr {
        self.other_page.address()
    }

    /// Returns the names and addresses of the servers.
    pub fn servers(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        self.state.targets().addresses()
    }

    /// Returns the addresses as a text for a terminal.
    #[must_use]
    pub fn announcement(&self) -> String {
        let mut text = format!("\n  The playground   {}\n\n", self.page());
        text.push_str("  One policy, four servers:\n");
        for (name, url) in self.state.targets().urls() {
            text.push_str(&format!("    {name:<10} {url}\n"));
        }
        text.push_str("\n  Ctrl-C ends all of them.\n");
        text
    }
}
