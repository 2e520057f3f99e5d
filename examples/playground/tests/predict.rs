//! Predictions and notes of exchanges, against the servers that they are about.

use conformance_client::raw::{self, Request};
use playground::{Options, Playground};
use serde_json::{Value, json};

const APP: &str = "https://app.example.com";

fn start(policy: &str) -> Playground {
    let playground = Playground::start(&Options::default()).expect("there are ports");
    let answer = post(&playground, "/api/policy", &json!({ "text": policy }));
    assert_eq!(answer["applied"], true, "{answer}");
    playground
}

fn post(playground: &Playground, target: &str, body: &Value) -> Value {
    let host = format!("localhost:{}", playground.address().port());
    let request = Request::new("POST", target)
        .line("Host", &host)
        .line("Origin", format!("http://{host}"))
        .line("Content-Type", "application/json")
        .body(body.to_string());
    let answer = raw::exchange(playground.address(), &request).expect("it answers");
    serde_json::from_slice(&answer.body).expect("it is JSON")
}

/// Returns a call of an allowed page, with some of its parts replaced.
fn call(parts: &Value) -> Value {
    let mut call = json!({
        "origin": APP,
        "path": "/echo",
        "method": "GET",
        "headers": [],
        "credentials": "same-origin",
        "body": "none",
        "upload_listener": false,
    });
    for (name, value) in parts.as_object().expect("an object") {
        call[name] = value.clone();
    }
    call
}

fn predict(playground: &Playground, parts: &Value) -> Value {
    post(playground, "/api/predict", &call(parts))
}

/// Returns what happens on one server.
fn on<'a>(prediction: &'a Value, server: &str) -> &'a Value {
    let servers = prediction["servers"].as_array().expect("a list");
    let found = servers.iter().find(|on| on["server"] == server);
    found.expect("it is one of them")
}

const POLICY: &str = "
allow_origins = [\"https://app.example.com\"]
allow_methods = [\"PUT\"]
allow_headers = [\"content-type\"]
expose_headers = [\"x-custom-one\"]
";

#[test]
fn a_simple_request_has_no_reasons_and_a_preflighted_one_each() {
    let playground = start(POLICY);
    let simple = predict(&playground, &json!({ "method": "POST", "body": "text" }));
    assert_eq!(simple["reasons"], json!([]));
    assert_eq!(simple["preflight"], Value::Null);
    assert_eq!(simple["servers"].as_array().map(Vec::len), Some(4));

    let parts = json!({
        "method": "put",
        "body": "json",
        "headers": [["X-A", "1"]],
        "upload_listener": true,
    });
    let asked = predict(&playground, &parts);
    let reasons: Vec<&str> = asked["reasons"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|reason| reason["short"].as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "method PUT",
            "header content-type",
            "header x-a",
            "upload listener"
        ]
    );
    assert_eq!(
        asked["preflight"],
        json!({ "method": "PUT", "headers": "content-type,x-a" })
    );
    let outcome = &on(&asked, "warp")["outcome"];
    assert_eq!(outcome["kind"], "blocked");
    assert_eq!(outcome["at"], "preflight");
    let advice = on(&asked, "warp")["advice"][0].as_str().unwrap_or_default();
    assert_eq!(advice, "To allow it, add \"x-a\" to allow_headers.");
}

#[test]
fn what_is_readable_is_named_and_what_is_not_as_well() {
    let playground = start(POLICY);
    let prediction = predict(&playground, &json!({ "server": "axum" }));
    assert_eq!(prediction["servers"].as_array().map(Vec::len), Some(1));
    let axum = on(&prediction, "axum");
    assert_eq!(
        axum["outcome"]["headers"],
        json!(["content-length", "content-type", "x-custom-one"])
    );
    let advice = axum["advice"][0].as_str().unwrap_or_default();
    assert!(advice.contains("add \"x-custom-two\" to"), "{advice}");
}

#[test]
fn credentials_that_the_policy_does_not_allow_are_the_browsers_own_refusal() {
    let playground = start("allow_origins = [\"*\"]");
    let prediction = predict(&playground, &json!({ "credentials": "include" }));
    let outcome = on(&prediction, "actix");
    assert_eq!(outcome["outcome"]["at"], "response");
    assert_eq!(outcome["steps"][0]["verdict"], "allowed");
    let advice = outcome["advice"][0].as_str().unwrap_or_default();
    assert!(advice.contains("allow_credentials = true"), "{advice}");
}

/// The pages call the servers by the names localhost and 127.0.0.1.
#[test]
fn a_host_that_is_not_listed_is_rejected_whatever_is_called() {
    let own = "allow_origins = [\"https://app.example.com\"]\n\
               allow_hosts = [\"localhost\", \"127.0.0.1\"]\n";
    for parts in [json!({}), json!({ "method": "PUT" })] {
        let playground =
            start(&own.replace("allow_hosts", "allow_methods = [\"PUT\"]\nallow_hosts"));
        let prediction = predict(&playground, &parts);
        assert_eq!(on(&prediction, "actix")["outcome"]["kind"], "readable");

        let playground = start("allow_origins = [\"*\"]\nallow_hosts = [\"api.example.com\"]");
        let prediction = predict(&playground, &parts);
        for server in ["actix", "axum", "rocket", "warp"] {
            let on = on(&prediction, server);
            assert_eq!(on["outcome"]["kind"], "blocked");
            let advice = on["advice"].as_array().expect("a list");
            let [advice] = advice.as_slice() else {
                panic!("{advice:?}");
            };
            let advice = advice.as_str().unwrap_or_default();
            assert!(advice.contains("to allow_hosts"), "{advice}");
        }
    }
}

#[test]
fn a_redirect_is_followed_as_browsers_do() {
    let playground = start(POLICY);
    let parts = json!({ "path": "/redirect", "method": "POST", "body": "json" });
    let prediction = predict(&playground, &parts);
    let steps: Vec<String> = on(&prediction, "rocket")["steps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|step| format!("{} {}", step["method"], step["path"]).replace('"', ""))
        .collect();
    assert_eq!(steps, ["OPTIONS /redirect", "POST /redirect", "GET /echo"]);
    assert_eq!(on(&prediction, "rocket")["outcome"]["status"], 200);
}

#[test]
fn what_never_leaves_the_script_or_the_browser_is_told() {
    let playground = start(POLICY);
    for parts in [
        json!({ "body": "text" }),
        json!({ "method": "TRACE" }),
        json!({ "headers": [["no name", "1"]] }),
        json!({ "method": "POST", "body": "stream", "upload_listener": true }),
    ] {
        let prediction = predict(&playground, &parts);
        assert!(prediction["throws"].is_string(), "{parts}: {prediction}");
        assert_eq!(prediction["servers"], json!([]), "{parts}");
    }
    // What no server takes for HTTP is sent all the same.
    let parts = json!({ "headers": [["Accept", "a\u{1}b"]] });
    let playground_for_all = start("allow_origins = [\"*\"]\nallow_headers = [\"*\"]\n");
    let prediction = predict(&playground_for_all, &parts);
    assert_eq!(on(&prediction, "actix")["outcome"]["at"], "response");

    let prediction = predict(&playground, &json!({ "method": "POST", "body": "stream" }));
    assert_eq!(on(&prediction, "axum")["outcome"]["at"], "sending");
}

#[test]
fn a_path_without_a_policy_is_answered_by_the_app_alone() {
    let off = format!("{POLICY}\n[[paths]]\npath = \"/own-cors\"\nenabled = false\n");
    let playground = start(&off);
    let parts = json!({ "path": "/own-cors", "origin": "https://anyone.example" });
    let prediction = predict(&playground, &parts);
    for server in ["actix", "axum", "rocket", "warp"] {
        let on = on(&prediction, server);
        assert_eq!(on["outcome"]["status"], 200, "{server}");
        assert_eq!(on["steps"][0]["verdict"], "unseen", "{server}");
    }
}

#[test]
fn rocket_answers_unknown_methods_before_cors() {
    let playground = start("allow_origins = [\"*\"]\nallow_methods = [\"*\"]\n");
    let prediction = predict(&playground, &json!({ "method": "QUERY" }));
    assert_eq!(on(&prediction, "rocket")["outcome"]["at"], "response");
    assert_eq!(on(&prediction, "axum")["outcome"]["status"], 200);
}

#[test]
fn exchanges_are_found_by_the_call_and_by_its_redirect() {
    let playground = start(POLICY);
    let (_, server) = playground.servers().next().expect("a server");
    for target in ["/redirect?call=a-1", "/echo", "/echo?call=a-10", "/echo"] {
        let request = Request::new("GET", target).line("Origin", APP);
        raw::exchange(server, &request).expect("it answers");
    }
    let host = format!("localhost:{}", playground.address().port());
    let request = Request::new("GET", "/api/exchanges?call=a-1").line("Host", host);
    let answer = raw::exchange(playground.address(), &request).expect("it answers");
    let servers: Value = serde_json::from_slice(&answer.body).expect("it is JSON");
    let exchanges = servers[0]["exchanges"].as_array().expect("a list");
    let targets: Vec<_> = exchanges
        .iter()
        .map(|exchange| &exchange["target"])
        .collect();
    assert_eq!(targets, ["/redirect?call=a-1", "/echo"]);
    let lines = exchanges[0]["response"].as_array().expect("a list");
    assert!(lines.contains(&json!(["access-control-allow-origin", APP])));
}
