//! Pages in a real Chromium: a client, and attackers.
//!
//! Needs Chromium and its driver, so all of it is ignored unless asked for:
//! `apt-get install chromium chromium-driver`, then
//! `cargo test -p conformance-mcp --test browser -- --ignored`.

#[path = "../../../examples/mcp/tests/support/mod.rs"]
mod support;

use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use conformance_browsers::Chromium;
use fantoccini::Locator;
use serde_json::{Value, json};

use crate::support::{SECRET, Server, add_note, serve};

/// Runs a script on a page. It has what `execute_async` gives, and `done` to end with a value.
async fn run(chromium: &Chromium, page: &str, script: &str, arguments: Vec<Value>) -> Value {
    let client = chromium.client();
    client.goto(page).await.expect("the page is there");
    let ran = client.execute_async(script, arguments).await;
    ran.expect("the script runs to its end")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance-mcp --test browser -- --ignored"]
async fn the_page_of_another_port_is_a_client() {
    let server = Server::example().await;
    let page = Html(include_str!("../../../examples/mcp/page/index.html"));
    let pages = serve(Router::new().route("/", get(async move || page))).await;
    let chromium = Chromium::start().await;
    let origin = format!("http://localhost:{}", pages.port());
    let url = format!("{origin}/?server=http://{}/mcp", server.address);
    let client = chromium.client();
    client.goto(&url).await.expect("the page is there");
    let wait = client.wait().at_most(Duration::from_secs(20));
    let ready = wait.for_element(Locator::Css("html[data-ready]")).await;
    ready.expect("the page ends");
    let log = client
        .find(Locator::Css("#log"))
        .await
        .expect("it is there");
    let log = log.text().await.expect("it has a text");
    let lines: Vec<_> = log.lines().collect();
    let [session, rest @ ..] = &lines[..] else {
        panic!("nothing is logged");
    };
    // Of 16 bytes in hexadecimal, at least.
    assert!(session.len() >= "session: ".len() + 32, "{log}");
    let expected = ["tools: add_note, list_notes", "add_note: noted", "done"];
    assert_eq!(rest, expected, "{log}");
    assert_eq!(server.notes.text(), format!("{SECRET}\nfrom {origin}"));

    // Of the revision 2026-07-28: no session, and headers that say what the body says.
    let arguments = vec![json!(format!("http://{}/mcp", server.address))];
    let called = run(&chromium, &origin, CALL_WITHOUT_SESSION, arguments).await;
    assert_eq!(called, json!([200, true]));
    chromium.end().await;
}

const CALL_WITHOUT_SESSION: &str = r#"
const [server, done] = arguments;
fetch(server, {
    method: "POST",
    headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "list_notes",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: {
        name: "list_notes",
        _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    } }),
}).then(
    async (response) => done([response.status, (await response.text()).includes("a secret")]),
    (error) => done(`${error}`),
);
"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance-mcp --test browser -- --ignored"]
async fn a_page_that_binds_its_name_anew_has_a_naive_server_and_no_guarded_one() {
    let chromium = Chromium::start().await;
    let attack = async |server: &Server| {
        let host = format!("evil.example:{}", server.address.port());
        let page = format!("http://{host}/attacker");
        attack(&chromium, &page, &host, "cors", "application/json").await
    };

    let naive = Server::naive().await;
    let seen = attack(&naive).await;
    assert_eq!(
        seen,
        json!({ "look": [200, SECRET], "call": 200, "socket": "by a socket" })
    );
    let notes = format!("{SECRET}\nby a call\nby a socket");
    assert_eq!(naive.notes.text(), notes);

    for server in [Server::guarded().await, Server::example().await] {
        let seen = attack(&server).await;
        assert_eq!(
            seen,
            json!({ "look": [403, ""], "call": 403, "socket": null })
        );
        assert_eq!(server.notes.text(), SECRET);
    }
    chromium.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance-mcp --test browser -- --ignored"]
async fn a_page_of_another_site_writes_to_a_naive_server_and_to_no_guarded_one() {
    let chromium = Chromium::start().await;
    let site = Server::naive().await;
    let page = format!("http://evil.example:{}/attacker", site.address.port());
    let attack = async |server: &Server| {
        let host = server.address.to_string();
        attack(&chromium, &page, &host, "no-cors", "text/plain").await
    };

    let naive = Server::naive().await;
    let seen = attack(&naive).await;
    // Of a response without permission a page sees nothing. What the request did is done.
    assert_eq!(
        seen,
        json!({ "look": [0, ""], "call": 0, "socket": "by a socket" })
    );
    let notes = format!("{SECRET}\nby a call\nby a socket");
    assert_eq!(naive.notes.text(), notes);

    for server in [Server::guarded().await, Server::example().await] {
        let seen = attack(&server).await;
        assert_eq!(seen, json!({ "look": [0, ""], "call": 0, "socket": null }));
        assert_eq!(server.notes.text(), SECRET);
    }
    chromium.end().await;
}

/// Has a page read the notes of a host, add one by a call, and add one by a WebSocket. Returns what
/// the page sees; a socket that does not open is `null`.
async fn attack(
    chromium: &Chromium,
    page: &str,
    host: &str,
    mode: &str,
    content_type: &str,
) -> Value {
    let note = add_note("by a call");
    let arguments = [host, mode, content_type, &note].map(|text| json!(text));
    run(chromium, page, ATTACK, arguments.into()).await
}

const ATTACK: &str = r#"
const [host, mode, type, note, done] = arguments;

function bySocket() {
    return new Promise((resolve) => {
        const socket = new WebSocket(`ws://${host}/socket`);
        socket.onerror = () => resolve(null);
        socket.onopen = () => socket.send("by a socket");
        socket.onmessage = ({ data }) => resolve(data);
    });
}

(async () => {
    const look = await fetch(`http://${host}/`, { mode });
    const headers = { accept: "application/json, text/event-stream", "content-type": type };
    const call = await fetch(`http://${host}/mcp`, { method: "POST", mode, headers, body: note });
    done({
        look: [look.status, await look.text()],
        call: call.status,
        socket: await bySocket(),
    });
})().catch((error) => done(`${error}`));
"#;
