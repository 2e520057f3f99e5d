//! Firefox, over WebDriver BiDi, which it speaks itself.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bidi::Bidi;
use crate::process::{self, Process};
use crate::{Call, SEND, Seen};

/// A headless Firefox. It ends when this is dropped.
#[derive(Debug)]
pub struct Firefox {
    bidi: Bidi,
    context: String,
    process: Process,
    /// The profile and the home directory.
    _files: TempDir,
}

/// What to do where Firefox can't be started, and so likely isn't there.
const MISSING: &str = "Firefox is needed: Debian's package is firefox-esr; the variable FIREFOX \
                       names a program that is not on the path";

/// Settings of a new profile. With its remote agent Firefox sets most of what a test wants, and
/// these besides: nothing but the test's own requests, and no upgrade of plain http.
const SETTINGS: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.backup.enabled", false);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.safebrowsing.downloads.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.startup.homepage", "about:blank");
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.security.https_first", false);
user_pref("dom.security.https_first_schemeless", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disableIPv6", true);
user_pref("network.prefetch-next", false);
user_pref("network.proxy.type", 0);
user_pref("network.trr.mode", 5);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
user_pref("toolkit.telemetry.server", "");
"#;

/// Starts Firefox. Returns also the port at which it listens.
fn start(files: &Path) -> (Process, u16) {
    std::fs::write(files.join("user.js"), SETTINGS).expect("the profile can be written");
    let program = std::env::var("FIREFOX").unwrap_or_else(|_| "firefox-esr".to_owned());
    let mut process = Command::new(program)
        .args(["--headless", "--no-remote", "--remote-debugging-port", "0"])
        .arg("--profile")
        .arg(files)
        .env("HOME", files)
        .env("MOZ_CRASHREPORTER_DISABLE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map(Process)
        .expect(MISSING);
    let stderr = process.0.stderr.take().expect("it is piped");
    let port = process::port(stderr, "WebDriver BiDi listening on ws://127.0.0.1:");
    (process, port.expect("Firefox says where it listens"))
}

impl Firefox {
    /// Starts Firefox. `FIREFOX` names the program if it is not `firefox-esr` in the path.
    #[must_use]
    pub fn start() -> Self {
        let files = tempfile::tempdir().expect("a directory can be made");
        let (process, port) = start(files.path());
        let mut bidi = Bidi::connect(port);
        let capabilities = json!({ "alwaysMatch": { "acceptInsecureCerts": true } });
        bidi.command("session.new", &json!({ "capabilities": capabilities }));
        bidi.command(
            "session.subscribe",
            &json!({ "events": ["log.entryAdded"] }),
        );
        let created = bidi.command("browsingContext.create", &json!({ "type": "tab" }));
        let context = created["context"].as_str().expect("a context has a name");
        Self {
            context: context.to_owned(),
            bidi,
            process,
            _files: files,
        }
    }

    /// Opens a page and sends the calls from it, one after the other.
    pub fn send(&mut self, page: &str, calls: &[Call]) -> Vec<Seen> {
        let page = json!({ "context": self.context, "url": page, "wait": "complete" });
        self.bidi.command("browsingContext.navigate", &page);
        let calls = serde_json::to_string(calls).expect("calls are data");
        let function = format!(
            "async (calls) => {{ {SEND}; return JSON.stringify(await send(JSON.parse(calls))); }}"
        );
        let script = json!({
            "functionDeclaration": function,
            "arguments": [{ "type": "string", "value": calls }],
            "awaitPromise": true,
            "target": { "context": self.context },
        });
        let done = self.bidi.command("script.callFunction", &script);
        let seen = done["result"]["value"].as_str();
        let seen = seen.unwrap_or_else(|| panic!("the script does not run to its end: {done}"));
        serde_json::from_str(seen).expect("the script gives what it saw")
    }

    /// Takes what the pages have written to the console since it was last taken, Firefox's own
    /// messages included.
    pub fn take_console(&mut self) -> Vec<String> {
        let events = self.bidi.take_events();
        let text = |event: Value| event["params"]["text"].as_str().map(str::to_owned);
        events.filter_map(text).collect()
    }

    /// Ends Firefox.
    pub fn end(self) {
        drop(self.process);
    }
}
