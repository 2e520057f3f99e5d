//! The `browser-model` binary: its lines in, its lines out.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Returns all lines that the binary writes for this input.
fn answers(input: &[u8]) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_browser-model"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(input).expect("the binary reads on");
    drop(stdin);
    let output = child.wait_with_output().expect("the binary ends");
    assert!(output.status.success());
    output
        .stdout
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| serde_json::from_slice(line).expect("every line is JSON"))
        .collect()
}

/// Returns what the binary writes for these lines, without `why`, which has to be a text.
fn exchange(lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut answers = answers(input.as_bytes());
    for answer in &mut answers {
        let answer = answer.as_object_mut().expect("every answer is an object");
        if let Some(why) = answer.remove("why") {
            assert!(why.as_str().is_some_and(|why| !why.is_empty()));
        }
    }
    answers
}

fn check(rows: &[(Value, Value)]) {
    let lines: Vec<Value> = rows.iter().map(|(line, _)| line.clone()).collect();
    let answers = exchange(&lines);
    assert_eq!(answers.len(), rows.len());
    for ((line, expected), answer) in rows.iter().zip(answers) {
        assert_eq!(&answer, expected, "{line}");
    }
}

#[test]
fn preflight_says_what_is_sent_and_why() {
    check(&[
        (
            json!({"op": "preflight", "method": "put", "headers": [["X-B", "1"], ["x-a", "2"]]}),
            json!({
                "needed": true,
                "reasons": ["method PUT", "header x-a", "header x-b"],
                "request_method": "PUT",
                "request_headers": "x-a,x-b",
            }),
        ),
        (
            json!({"op": "preflight", "method": "post", "headers": [
                ["Cookie", "a"], ["Content-Type", "text/plain;\u{e9}"],
            ]}),
            json!({
                "needed": false,
                "reasons": [],
                "request_method": "POST",
                "request_headers": null,
            }),
        ),
        (
            json!({
                "op": "preflight", "method": "GET", "headers": [],
                "upload_listener": true, "stream_body": true,
            }),
            json!({
                "needed": true,
                "reasons": ["upload listener", "stream body"],
                "request_method": "GET",
                "request_headers": null,
            }),
        ),
        // 128 characters, 128 bytes.
        (
            json!({"op": "preflight", "method": "GET", "headers": [["Accept", "\u{ff}".repeat(128)]]}),
            json!({
                "needed": false,
                "reasons": [],
                "request_method": "GET",
                "request_headers": null,
            }),
        ),
    ]);
}

#[test]
fn cors_check_judges_a_response() {
    let origin = "https://app.example.com";
    let line = |credentials: &str, response: Value| {
        json!({
            "op": "cors_check", "origin": origin, "credentials": credentials,
            "response": response,
        })
    };
    let star = json!([["access-control-allow-origin", "*"]]);
    let same = json!([
        ["Access-Control-Allow-Origin", origin],
        ["Access-Control-Allow-Credentials", "true"],
    ]);
    let twice = json!([
        ["Access-Control-Allow-Origin", "*"],
        ["Access-Control-Allow-Origin", "*"],
    ]);
    let foreign = json!([["Access-Control-Allow-Origin", "\u{0}\u{ff}\u{1}"]]);
    check(&[
        (line("omit", star.clone()), json!({"pass": true})),
        (line("same-origin", star.clone()), json!({"pass": true})),
        (line("include", star), json!({"pass": false})),
        (line("include", same), json!({"pass": true})),
        (line("omit", twice), json!({"pass": false})),
        (line("omit", foreign), json!({"pass": false})),
        (line("omit", json!([])), json!({"pass": false})),
    ]);
}

#[test]
fn preflight_check_judges_an_answer() {
    let line = |status: u16, method: &str, max_age: &[&str]| {
        let mut response = vec![
            json!(["Access-Control-Allow-Origin", "*"]),
            json!(["Access-Control-Allow-Methods", "PUT"]),
            json!(["Access-Control-Allow-Headers", "x-a"]),
        ];
        response.extend(
            max_age
                .iter()
                .map(|value| json!(["Access-Control-Max-Age", value])),
        );
        json!({
            "op": "preflight_check", "origin": "null", "credentials": "omit",
            "method": method, "headers": [["X-A", "1"]],
            "upload_listener": false, "stream_body": false,
            "status": status, "response": response,
        })
    };
    check(&[
        (line(204, "put", &[]), json!({"pass": true, "max_age": 5})),
        (
            line(200, "PUT", &["600"]),
            json!({"pass": true, "max_age": 600}),
        ),
        (
            line(200, "PUT", &["1", "1"]),
            json!({"pass": true, "max_age": 5}),
        ),
        (
            line(200, "PUT", &["99999999999999999999"]),
            json!({"pass": true, "max_age": u64::MAX}),
        ),
        (
            line(302, "PUT", &["600"]),
            json!({"pass": false, "max_age": 600}),
        ),
        (
            line(200, "patch", &[]),
            json!({"pass": false, "max_age": 5}),
        ),
    ]);
}

#[test]
fn exposed_lists_readable_names() {
    let line = |credentials: &str| {
        json!({"op": "exposed", "credentials": credentials, "response": [
            ["X-B", "1"], ["Set-Cookie", "a"], ["Pragma", ""], ["x-b", "2"],
            ["Access-Control-Expose-Headers", "*"],
        ]})
    };
    let all = json!({"names": ["access-control-expose-headers", "pragma", "x-b"]});
    check(&[
        (line("omit"), all),
        (line("include"), json!({"names": ["pragma"]})),
    ]);
}

#[test]
fn what_can_not_be_read_is_an_error_and_the_next_line_counts() {
    let bad: [&[u8]; 15] = [
        b"",
        b"{",
        b"\xFF",
        b"[]",
        b"null",
        b"{}",
        br#"{"op":"nothing"}"#,
        br#"{"op":"preflight","method":"GET"}"#,
        br#"{"op":"preflight","method":"GET","headers":[["a"]]}"#,
        br#"{"op":"preflight","method":"TRACE","headers":[]}"#,
        br#"{"op":"preflight","method":"G T","headers":[]}"#,
        br#"{"op":"preflight","method":"GET","headers":[["a","\n1\n2"]]}"#,
        br#"{"op":"preflight","method":"GET","headers":[["a","\u0100"]]}"#,
        br#"{"op":"exposed","credentials":"Omit","response":[]}"#,
        br#"{"op":"cors_check","origin":"\u00e9","credentials":"omit","response":[]}"#,
    ];
    let good = br#"{"op":"exposed","credentials":"omit","response":[]}"#;
    let lines: Vec<&[u8]> = bad.iter().flat_map(|&line| [line, good]).collect();
    // The last line has no newline.
    let answers = answers(&lines.join(&b'\n'));
    assert_eq!(answers.len(), lines.len());
    for (pair, line) in answers.chunks(2).zip(bad) {
        let error = pair[0].get("error").and_then(Value::as_str);
        assert!(
            error.is_some_and(|error| !error.is_empty()),
            "{}: {}",
            line.escape_ascii(),
            pair[0]
        );
        assert_eq!(pair[1], json!({"names": []}));
    }
}

#[test]
fn each_answer_comes_before_the_next_line() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_browser-model"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    for _ in 0..2 {
        stdin.write_all(b"{}\n").expect("the binary reads on");
        let mut answer = String::new();
        stdout.read_line(&mut answer).expect("the binary answers");
        assert!(answer.starts_with("{\"error\":") && answer.ends_with("}\n"));
    }
    drop(stdin);
    assert!(child.wait().expect("the binary ends").success());
}
