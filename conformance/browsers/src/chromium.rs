//! Chromium, by way of its driver.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use crate::process::{self, Process};
use crate::{Call, SEND, Seen};

/// A headless Chromium and its driver. Both end when this is dropped.
#[derive(Debug)]
pub struct Chromium {
    client: Client,
    _driver: Driver,
    /// The directory for the files of both: the driver leaves some behind when it is killed.
    _files: TempDir,
}

/// The driver takes a port that is free for IPv4, and ends where another driver has just taken the
/// same one for IPv6.
const MAX_STARTS: usize = 5;

/// What to do where the driver can't be started, and so likely isn't there.
const MISSING: &str = "chromedriver is needed: Debian's packages are chromium and chromium-driver; \
                       the variable CHROMEDRIVER names one that is not on the path";

/// The driver, which ends its browsers when it is told to end, and not when it is killed.
#[derive(Debug)]
struct Driver {
    port: u16,
    _process: Process,
}

impl Driver {
    /// Starts the driver, with a directory for its files; `None` where it ends before it listens.
    fn start(files: &Path) -> Option<Self> {
        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut process = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", files)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Process)
            .expect(MISSING);
        let stdout = process.0.stdout.take().expect("it is piped");
        let port = process::port(stdout, "ChromeDriver was started successfully on port ")?;
        Some(Self {
            port,
            _process: process,
        })
    }

    /// Tells the driver to end, and waits until it has ended its browsers.
    fn shut_down(&self) -> io::Result<()> {
        let port = self.port;
        let mut driver = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        driver.set_read_timeout(Some(Duration::from_secs(30)))?;
        let request = format!("GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        driver.write_all(request.as_bytes())?;
        // The driver's end ends the connection.
        io::copy(&mut driver.take(4096), &mut io::sink()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.shut_down();
    }
}

impl Chromium {
    /// Starts both. `CHROMEDRIVER` names the driver if it is not in the path.
    pub async fn start() -> Self {
        let files = tempfile::tempdir().expect("a directory can be made");
        let mut starts = (0..MAX_STARTS).filter_map(|_| Driver::start(files.path()));
        let driver = starts.next().expect("chromedriver says where it listens");
        let options = json!({
            "args": [
                "--headless=new",
                // In a container there is neither a sandbox nor much of /dev/shm to be had.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                // Names below `.example` are nobody's: they stand for other sites, and for names
                // that such a site binds to this machine.
                "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP *.example 127.0.0.1",
            ],
        });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("acceptInsecureCerts".to_owned(), json!(true));
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let logged = json!({ "browser": "ALL" });
        capabilities.insert("goog:loggingPrefs".to_owned(), logged);
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .expect("Chromium starts");
        Self {
            client,
            _driver: driver,
            _files: files,
        }
    }

    /// Returns the WebDriver client, for what [`Chromium::send`] can't do.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a page and sends the calls from it, one after the other.
    pub async fn send(&self, page: &str, calls: &[Call]) -> Vec<Seen> {
        self.client.goto(page).await.expect("the page is there");
        let calls: Value = json!(calls);
        let script = format!("{SEND} const [calls, done] = arguments; send(calls).then(done);");
        let seen = self.client.execute_async(&script, vec![calls]).await;
        let seen = seen.expect("the script runs to its end");
        serde_json::from_value(seen).expect("the script gives what it saw")
    }

    /// Takes what the pages have written to the console since it was last taken, the browser's own
    /// messages included.
    pub async fn take_console(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Entry {
            message: String,
        }
        let entries = self.client.issue_cmd(TakeConsole).await;
        let entries = entries.expect("the driver has a log");
        let entries: Vec<Entry> = serde_json::from_value(entries).expect("it is a list of entries");
        entries.into_iter().map(|entry| entry.message).collect()
    }

    /// Ends the browser and the driver.
    pub async fn end(self) {
        let closed = self.client.close().await;
        closed.expect("the browser can be closed");
    }
}

/// The driver's own command for its log of the console.
#[derive(Debug)]
struct TakeConsole;

impl WebDriverCompatibleCommand for TakeConsole {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
