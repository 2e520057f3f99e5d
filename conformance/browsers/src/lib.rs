//! Drives a headless browser, Chromium or Firefox: a script on one of its pages makes calls and
//! tells what it sees. Both accept every certificate.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![expect(
    clippy::panic,
    reason = "tests alone use it, and are told what the browser said"
)]

mod bidi;
mod chromium;
mod firefox;
mod process;

use serde::{Deserialize, Serialize};

pub use chromium::Chromium;
pub use firefox::Firefox;

/// A kind of browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new one is to be met wherever they are told apart"
)]
pub enum Kind {
    /// Chromium, with chromedriver.
    Chromium,
    /// Firefox, which needs no driver.
    Firefox,
}

/// A headless browser. [`Browser::end`] ends it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Browser {
    /// Chromium.
    Chromium(Chromium),
    /// Firefox.
    Firefox(Box<Firefox>),
}

impl Browser {
    /// Starts a browser.
    pub async fn start(kind: Kind) -> Self {
        match kind {
            Kind::Chromium => Self::Chromium(Chromium::start().await),
            Kind::Firefox => Self::Firefox(Box::new(Firefox::start())),
        }
    }

    /// Opens a page and sends the calls from it, one after the other.
    pub async fn send(&mut self, page: &str, calls: &[Call]) -> Vec<Seen> {
        match self {
            Self::Chromium(chromium) => chromium.send(page, calls).await,
            Self::Firefox(firefox) => firefox.send(page, calls),
        }
    }

    /// Takes what the pages have written to the console since it was last taken, the browser's own
    /// messages included.
    pub async fn take_console(&mut self) -> Vec<String> {
        match self {
            Self::Chromium(chromium) => chromium.take_console().await,
            Self::Firefox(firefox) => firefox.take_console(),
        }
    }

    /// Ends the browser.
    pub async fn end(self) {
        match self {
            Self::Chromium(chromium) => chromium.end().await,
            Self::Firefox(firefox) => firefox.end(),
        }
    }
}

/// A call that a script makes.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The URL.
    pub url: String,
    /// The method.
    pub method: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// `fetch`'s credentials mode.
    pub credentials: &'static str,
    /// The body.
    pub body: Option<String>,
    /// Whether an `XMLHttpRequest` with an upload listener makes the call, and not `fetch`.
    pub upload_listener: bool,
    /// `fetch`'s cache mode.
    pub cache: &'static str,
}

/// What the script gets: the status and the names of the headers that it may read, sorted; `None`
/// is a network error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Seen(pub Option<(u16, Vec<String>)>);

/// The function `send`, to which a script hands calls.
const SEND: &str = include_str!("send.js");
