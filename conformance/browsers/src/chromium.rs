//! Chromium, by way of its driver.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use crate::{Call, SEND, Seen};

/// A headless Chromium and its driver. [`Chromium::end`] ends both.
#[derive(Debug)]
pub struct Chromium {
    client: Client,
    driver: Child,
    /// The directory for the files of both: the driver leaves some behind when it is killed.
    _files: TempDir,
}

/// The driver takes a port that is free for IPv4, and ends where another driver has just taken the
/// same one for IPv6.
const MAX_STARTS: usize = 5;

/// What to do where the driver can't be started, and so likely isn't there.
const MISSING: &str = "chromedriver is needed: Debian's packages are chromium and chromium-driver; \
                       the variable CHROMEDRIVER names one that is not on the path";

/// Starts the driver, with a directory for its files. Returns also the port at which it listens;
/// `None` where it ends before it does.
fn start_driver(files: &Path) -> Option<(Child, u16)> {
    let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
    let mut driver = Command::new(program)
        .arg("--port=0")
        .env("TMPDIR", files)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect(MISSING);
    let stdout = BufReader::new(driver.stdout.take().expect("it is piped"));
    let port = stdout.lines().map_while(Result::ok).find_map(|line| {
        let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    match port {
        Some(port) => Some((driver, port)),
        None => {
            // Its output has ended, so it has, too.
            driver.wait().expect("the driver ends");
            None
        }
    }
}

impl Chromium {
    /// Starts both. `CHROMEDRIVER` names the driver if it is not in the path.
    pub async fn start() -> Self {
        let files = tempfile::tempdir().expect("a directory can be made");
        let mut starts = (0..MAX_STARTS).filter_map(|_| start_driver(files.path()));
        let (driver, port) = starts.next().expect("chromedriver says where it listens");
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
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium starts");
        Self {
            client,
            driver,
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
    pub async fn end(mut self) {
        self.client
            .close()
            .await
            .expect("the browser can be closed");
        self.driver.kill().expect("the driver can be ended");
        self.driver.wait().expect("the driver has ended");
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
