//! The playground, used as a user does who has no pointer.

use std::net::SocketAddr;
use std::time::Duration;

use conformance_client::raw::{self, Request};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use playground::{Options, Playground};

use conformance_browsers::Chromium;

struct User<'a>(&'a Client);

impl User<'_> {
    /// Opens the page, and waits until it can be used.
    async fn open(&self, page: &str) {
        self.0.goto(page).await.expect("the page is there");
        self.find("html[data-ready]").await;
    }

    async fn find(&self, selector: &str) -> Element {
        self.locate(Locator::Css(selector)).await
    }

    async fn locate(&self, locator: Locator<'_>) -> Element {
        let wait = self.0.wait().at_most(LONGEST_WAIT);
        let found = wait.for_element(locator).await;
        found
            .map_err(|error| format!("{locator:?}: {error}"))
            .expect("it appears")
    }

    async fn press(&self, selector: &str, key: Key) {
        let element = self.find(selector).await;
        let key = char::from(key).to_string();
        element.send_keys(&key).await.expect("it takes keys");
    }

    async fn value(&self, selector: &str) -> String {
        let element = self.find(selector).await;
        let value = element.prop("value").await.expect("it has properties");
        value.expect("it is a field")
    }

    /// Opens a link in the page that is open; a script makes its content. Waits until the page has
    /// said what it makes of it.
    async fn follow(&self, content: &str, said: &str) {
        let script = format!(
            "document.getElementById('share-state').textContent = ''; \
             location.hash = '#share=' + {content}"
        );
        let opened = self.0.execute(&script, Vec::new()).await;
        opened.expect("the page runs scripts");
        let said = format!("//*[@id='share-state'][contains(., '{said}')]");
        self.locate(Locator::XPath(&said)).await;
    }

    /// Sends by a button, and tells what the page says of the outcome.
    async fn send(&self, button: &str) -> String {
        let forget = "document.getElementById('results-state').removeAttribute('data-tone')";
        let forgotten = self.0.execute(forget, Vec::new()).await;
        forgotten.expect("the page runs scripts");
        self.press(button, Key::Enter).await;
        let state = self.find("#results-state[data-tone]").await;
        state.text().await.expect("it has a text")
    }
}

const LONGEST_WAIT: Duration = Duration::from_secs(20);

fn allows(server: SocketAddr, origin: &str) -> bool {
    let request = Request::new("GET", "/echo").line("Origin", origin);
    let response = raw::exchange(server, &request).expect("the server answers");
    response.value("access-control-allow-origin").is_some()
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p playground --test browser -- --ignored"]
async fn each_preset_is_applied_and_chromium_does_what_the_page_predicts() {
    let playground = Playground::start(&Options::default()).expect("there are ports");
    let chromium = Chromium::start().await;
    let user = User(chromium.client());
    user.open(&playground.page()).await;
    let options = user.0.find_all(Locator::Css("#preset option")).await;
    let mut presets = Vec::new();
    for option in options.expect("there are presets") {
        let value = option.attr("value").await.expect("it has attributes");
        presets.extend(value.filter(|value| !value.is_empty()));
    }
    // The source document's three, and five from life.
    assert!(presets.len() >= 8, "{presets:?}");
    for preset in presets {
        let select = user.find("#preset").await;
        let chosen = select.select_by_value(&preset).await;
        chosen.expect("it can be chosen");
        user.press("#apply", Key::Enter).await;
        user.find("#policy-state[data-tone=good]").await;
        let outcome = user.send("#send").await;
        assert_eq!(outcome, "4 of 4 as the model predicted", "{preset}");
        let outcome = user.send("#send-all").await;
        assert_eq!(outcome, "16 of 16 as the model predicted", "{preset}");
    }
    chromium.end().await;
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p playground --test browser -- --ignored"]
async fn a_policy_that_can_t_be_built_is_explained_and_changes_nothing() {
    let playground = Playground::start(&Options::default()).expect("there are ports");
    let chromium = Chromium::start().await;
    let user = User(chromium.client());
    user.open(&playground.page()).await;
    user.press("input[name=view][value=text]", Key::Space).await;
    let one = "https://one.example";
    let two = "https://two.example";
    for (text, fault) in [
        (format!("allow_origins = [\"{one}\"]"), None),
        (
            format!("allow_origins = [\"{two}\", \"nowhere\"]"),
            Some("nowhere"),
        ),
        (
            format!("allow_origins = [\"{two}\"]\nallow_orgins = []"),
            Some("allow_orgins"),
        ),
    ] {
        let editor = user.find("#policy-text").await;
        editor.clear().await.expect("it can be edited");
        editor.send_keys(&text).await.expect("it can be edited");
        user.find("#policy-state[data-tone=draft]").await;
        user.press("#apply", Key::Enter).await;
        match fault {
            None => drop(user.find("#policy-state[data-tone=good]").await),
            Some(fault) => {
                let fault = format!("//*[@id='faults'][contains(., '{fault}')]");
                user.locate(Locator::XPath(&fault)).await;
            }
        }
        for (name, server) in playground.servers() {
            assert!(allows(server, one), "{name}");
            assert!(!allows(server, two), "{name}");
        }
    }
    chromium.end().await;
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p playground --test browser -- --ignored"]
async fn a_link_holds_a_policy_and_a_request_and_applies_and_sends_nothing() {
    let mine = Playground::start(&Options::default()).expect("there are ports");
    let theirs = Playground::start(&Options::default()).expect("there are ports");
    let chromium = Chromium::start().await;
    let user = User(chromium.client());
    user.open(&mine.page()).await;
    user.press("input[name=view][value=text]", Key::Space).await;
    let editor = user.find("#policy-text").await;
    editor.clear().await.expect("it can be edited");
    let other = "https://other.example";
    let own = |page: String| page.trim_end_matches('/').to_owned();
    let policy = |page: String| format!("allow_origins = [\"{}\", \"{other}\"]", own(page));
    let written = editor.send_keys(&policy(mine.page())).await;
    written.expect("it can be edited");
    let method = user.find("#method").await;
    let chosen = method.select_by_value("DELETE").await;
    chosen.expect("it can be chosen");
    user.press("#share", Key::Enter).await;
    user.locate(Locator::XPath(
        "//*[@id='share-state'][contains(., 'address bar')]",
    ))
    .await;
    let link = user.0.current_url().await.expect("there is a page");
    let fragment = link.fragment().expect("the link holds something");

    // On another machine, whose pages have other ports.
    user.open(&format!("{}#{fragment}", theirs.page())).await;
    user.find("#policy-state[data-tone=draft]").await;
    assert_eq!(user.value("#policy-text").await, policy(theirs.page()));
    assert_eq!(user.value("#method").await, "DELETE");
    user.find("#results-state:empty").await;
    for (name, server) in theirs.servers() {
        assert!(!allows(server, other), "{name}");
    }

    // A page that is loaded anew shows what is applied.
    let read = user.0.current_url().await.expect("there is a page");
    assert_eq!(read.fragment(), None);
    user.0.refresh().await.expect("the page is there");
    user.find("html[data-ready]").await;
    user.find("#policy-state[data-tone=good]").await;
    assert!(!user.value("#policy-text").await.contains(other));
    chromium.end().await;
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p playground --test browser -- --ignored"]
async fn a_link_that_is_none_is_said_and_changes_nothing() {
    let playground = Playground::start(&Options::default()).expect("there are ports");
    let chromium = Chromium::start().await;
    let user = User(chromium.client());
    user.open(&playground.page()).await;
    let policy = user.value("#policy-text").await;
    let method = user.value("#method").await;
    let long = "A".repeat(40_000);
    for content in [
        // Not base64; not UTF-8; not JSON; no object; no policy; a policy that is none; no request.
        "'%00'".to_owned(),
        "btoa('\\xff\\xff')".to_owned(),
        "btoa('nothing')".to_owned(),
        "btoa('null')".to_owned(),
        "btoa('{\"request\":{}}')".to_owned(),
        "btoa('{\"policy\":[],\"request\":{}}')".to_owned(),
        "btoa('{\"policy\":\"\",\"request\":null}')".to_owned(),
        format!("'{long}'"),
    ] {
        user.follow(&content, "holds no policy").await;
        assert_eq!(user.value("#policy-text").await, policy);
    }
    // No origin is put in the place of another text, or of what was put there, and none twice.
    let own = playground.page().trim_end_matches('/').to_owned();
    for (policy, origins, shown) in [
        ("\\0", "Array(30).fill(['page', '\\0'])", "\0"),
        ("http://a", "Array(30).fill(['page', 'http://a'])", &own),
        (
            "http://a",
            "[['page', 'http://a'], ['port', 'http://localhost']]",
            &own,
        ),
        (
            "http://a",
            "[['page', 'http://b'], ['page', 'http://a']]",
            "http://a",
        ),
        (
            "http://a.example http://a:80 http://a:* http://a_b http://a-b",
            "[['page', 'http://a']]",
            "http://a.example http://a:80 http://a:* http://a_b http://a-b",
        ),
    ] {
        let growing = format!(
            "btoa(JSON.stringify({{ policy: '{policy}', request: {{}}, origins: {origins} }}))"
        );
        user.follow(&growing, "From a link").await;
        assert_eq!(user.value("#policy-text").await, shown, "{origins}");
    }
    let tall = "btoa(JSON.stringify({ policy: '', request: { headers: '\\n'.repeat(12000) } }))";
    user.follow(tall, "From a link").await;
    let rows = "return document.getElementById('headers').rows";
    let rows = user.0.execute(rows, Vec::new()).await;
    assert_eq!(rows.expect("the page runs scripts"), 12);
    // What is no choice of the form is left as it is, and texts are texts.
    let hostile = "btoa(JSON.stringify({ \
                   policy: '<img src=x onerror=alert(1)>', \
                   request: { method: '<b>', headers: '<img src=x onerror=alert(1)>', body: 7, \
                   origin: '<b>' }, origins: [['__proto__', 'x'], [1], 'x'] }))";
    user.follow(hostile, "From a link").await;
    assert_eq!(user.value("#method").await, method);
    let images = user.0.find_all(Locator::Css("img")).await;
    assert!(images.expect("the page is there").is_empty());
    chromium.end().await;
}

/// A policy beside the origins, a path, and what a script at the page's own origin calls.
const BLOCKED: [(&str, &str, &str); 9] = [
    ("allow_origins = []", "/echo", "{}"),
    ("allow_origins = []", "/echo", "{ method: 'PUT' }"),
    ("allow_origins = ['OWN']", "/echo", "{ method: 'DELETE' }"),
    (
        "allow_origins = ['OWN']",
        "/echo",
        "{ headers: [['x-two', '2']] }",
    ),
    (
        "allow_origins = ['*']",
        "/echo",
        "{ credentials: 'include' }",
    ),
    (
        "allow_origins = ['OWN']",
        "/echo",
        "{ credentials: 'include' }",
    ),
    (
        "allow_origins = ['OWN']\nallow_methods = ['PUT']",
        "/echo",
        "{ method: 'PUT', credentials: 'include' }",
    ),
    (
        "allow_origins = ['OWN']\nallow_methods = ['PUT']\npreflight_passthrough = true",
        "/redirect",
        "{ method: 'PUT' }",
    ),
    (
        "allow_origins = []\npreflight_passthrough = true",
        "/redirect",
        "{ method: 'PUT' }",
    ),
];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p playground --test browser -- --ignored"]
async fn the_console_says_what_the_page_says_that_it_says() {
    let playground = Playground::start(&Options::default()).expect("there are ports");
    let chromium = Chromium::start().await;
    let user = User(chromium.client());
    let own = playground.page().trim_end_matches('/').to_owned();
    for (policy, path, call) in BLOCKED {
        user.open(&playground.page()).await;
        let ask = format!(
            "const tell = async (path, content) => (await fetch(path, {{ method: 'POST', \
               headers: {{ 'content-type': 'application/json' }}, \
               body: JSON.stringify(content) }})).json(); \
             const call = {{ method: 'GET', path: '{path}', headers: [], body: 'none', \
               credentials: 'omit', upload_listener: false, origin: '{own}', ...{call} }}; \
             const text = `{policy}`.replace('OWN', '{own}'); \
             tell('/api/policy', {{ text }}).then(({{ applied }}) => applied \
               && tell('/api/predict', call)).then(({{ servers }}) => arguments[0]( \
               servers.map(({{ outcome }}) => outcome.console)))"
        );
        let texts = user.0.execute_async(&ask, Vec::new()).await;
        let texts: Vec<Option<String>> =
            serde_json::from_value(texts.expect("the page runs scripts")).expect("texts");
        assert_eq!(texts.len(), 4);
        // The page itself calls nobody; its frames' document does, and here it is no frame.
        user.0
            .goto(&format!("{own}/frame.html"))
            .await
            .expect("it is there");
        for ((name, server), text) in playground.servers().zip(texts) {
            let text = text.unwrap_or_else(|| format!("nothing for {policy} and {call}"));
            let port = server.port();
            let send = format!(
                "fetch('http://localhost:{port}{path}', {{ credentials: 'omit', ...{call} }}) \
                 .then(() => arguments[0](true), () => arguments[0](false))"
            );
            let read = user.0.execute_async(&send, Vec::new()).await;
            assert_eq!(
                read.expect("it runs scripts"),
                false,
                "{name}: {policy}, {call}"
            );
            let console = chromium.take_console().await;
            let is_said = console.iter().any(|message| message.contains(&text));
            assert!(is_said, "{name}: {text}\n{console:#?}");
        }
    }
    chromium.end().await;
}
