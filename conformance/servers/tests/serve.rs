//! The programs `serve-<framework>`, from outside.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use conformance_client::raw::{self, Connection, Request};

const PROGRAMS: [&str; 4] = [
    env!("CARGO_BIN_EXE_serve-actix"),
    env!("CARGO_BIN_EXE_serve-axum"),
    env!("CARGO_BIN_EXE_serve-rocket"),
    env!("CARGO_BIN_EXE_serve-warp"),
];

#[test]
fn it_serves_a_policy_from_toml_until_sigterm() {
    let policy = "allow_origins = [\"https://app.example.com\"]\n";
    for program in PROGRAMS {
        serves_until_signal(program, &file("sigterm.toml", policy), "-TERM");
    }
}

#[test]
fn it_serves_a_policy_from_json_until_sigint() {
    let policy = "{\"allow_origins\": [\"https://app.example.com\"]}";
    for program in PROGRAMS {
        serves_until_signal(program, &file("sigint.json", policy), "-INT");
    }
}

fn serves_until_signal(program: &str, policy: &PathBuf, signal: &str) {
    let mut serving = Serving::start(program, policy);
    let request = Request::new("GET", "/echo").line("Origin", "https://app.example.com");
    let mut idle = Connection::open(serving.address).expect("it listens");
    let response = idle.exchange(&request).expect("it answers");
    assert_eq!(response.status, 200);
    assert_eq!(
        response.value("access-control-allow-origin"),
        Some(&b"https://app.example.com"[..])
    );
    let unused = Connection::open(serving.address).expect("it listens");

    let kill = Command::new("kill")
        .args([signal, &serving.child.id().to_string()])
        .status();
    assert!(kill.expect("there is a kill").success());
    let mut stdout = String::new();
    serving
        .stdout()
        .read_to_string(&mut stdout)
        .expect("stdout is text");
    assert_eq!(stdout, "", "one line, no more");
    let output = output(serving.child);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(raw::exchange(serving.address, &request).is_err());
    drop((idle, unused));
}

#[test]
fn sighup_reads_the_policy_again_and_a_mistake_leaves_the_old_one() {
    let allowing = |origin: &str| format!("allow_origins = [\"{origin}\"]\n");
    for (index, program) in PROGRAMS.into_iter().enumerate() {
        let name = format!("sighup-{index}.toml");
        let path = file(&name, &allowing("https://one.example"));
        let mut serving = Serving::start(program, &path);
        let mut stderr = BufReader::new(serving.child.stderr.take().expect("it is piped"));
        let mut connection = Connection::open(serving.address).expect("it listens");
        let mut allows = |origin: &str| {
            let request = Request::new("GET", "/echo").line("Origin", origin);
            let response = connection.exchange(&request).expect("it answers");
            response.value("access-control-allow-origin").is_some()
        };
        assert!(allows("https://one.example"));

        file(&name, &allowing("https://two.example"));
        serving.hang_up();
        assert_eq!(line(serving.stdout()), "reloaded\n");
        assert!(allows("https://two.example"));
        assert!(!allows("https://one.example"));

        file(&name, "allow_origins = [\"three\", \"four\"]\n");
        serving.hang_up();
        assert!(line(&mut stderr).starts_with("allow_origins[0]: \"three\": "));
        assert!(line(&mut stderr).starts_with("allow_origins[1]: \"four\": "));
        assert!(allows("https://two.example"));

        file(&name, "[[paths]]\npath = \"/only-get\"\n");
        serving.hang_up();
        assert_eq!(line(serving.stdout()), "reloaded\n");
        assert!(!allows("https://two.example"));
        serving.child.kill().expect("it can be killed");
        serving.child.wait().expect("it has ended");
    }
}

#[test]
fn sighup_ends_no_server_whatever_is_in_the_place_of_the_file() {
    for (index, program) in PROGRAMS.into_iter().enumerate() {
        let name = format!("sighup-no-file-{index}.toml");
        let path = file(&name, "allow_origins = [\"https://one.example\"]\n");
        let mut serving = Serving::start(program, &path);
        let mut stderr = BufReader::new(serving.child.stderr.take().expect("it is piped"));
        fs::remove_file(&path).expect("it is there");
        let status = Command::new("mkfifo").arg(&path).status();
        assert!(status.expect("there is mkfifo").success());
        serving.hang_up();
        assert!(line(&mut stderr).ends_with("it is not a regular file\n"));

        fs::remove_file(&path).expect("it is there");
        let endless = fs::File::create(&path).and_then(|file| file.set_len(1 << 30));
        endless.expect("there is a directory for files of tests");
        serving.hang_up();
        assert!(line(&mut stderr).ends_with("it is longer than 1 MB\n"));
        assert!(serving.allows("https://one.example"));
        serving.child.kill().expect("it can be killed");
        serving.child.wait().expect("it has ended");
        fs::remove_file(&path).expect("it is there");
    }
}

#[test]
fn sighup_ends_no_server_that_nobody_reads() {
    for (index, program) in PROGRAMS.into_iter().enumerate() {
        let allowing = |origin: &str| format!("allow_origins = [\"{origin}\"]\n");
        let name = format!("sighup-unread-{index}.toml");
        let path = file(&name, &allowing("https://one.example"));
        let mut serving = Serving::start(program, &path);
        let mut stderr = BufReader::new(serving.child.stderr.take().expect("it is piped"));
        drop(serving.stdout.take());
        file(&name, &allowing("https://two.example"));
        serving.hang_up();
        serving.wait_until_it_allows("https://two.example");
        file(&name, &allowing("three"));
        serving.hang_up();
        assert!(line(&mut stderr).starts_with("allow_origins[0]: \"three\": "));

        drop(stderr);
        serving.hang_up();
        assert!(serving.allows("https://two.example"));
        file(&name, &allowing("https://four.example"));
        serving.hang_up();
        serving.wait_until_it_allows("https://four.example");
        serving.child.kill().expect("it can be killed");
        serving.child.wait().expect("it has ended");
    }
}

fn line(from: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("it is text");
    line
}

#[test]
fn every_problem_of_a_policy_is_a_line_on_stderr() {
    let policy = r#"
        allow_origins = ["*", "https://app.example.com/", "example.com"]
        allow_credentials = true
        allow_methods = ["PUT", "TRACE", "a b"]
        allow_headers = ["host"]
        expose_headers = ["set-cookie"]
        max_age = 86401
        preflight_status = 300
        preflight_refusal_status = 500
    "#;
    let output = refused(&file("problems.toml", policy));
    let stderr = String::from_utf8(output.stderr).expect("problems are text");
    let lines: Vec<_> = stderr.lines().collect();
    let places = [
        "allow_origins[0]",
        "allow_origins[1]",
        "allow_origins[2]",
        "allow_methods[1]",
        "allow_methods[2]",
        "allow_headers[0]",
        "expose_headers[0]",
        "max_age",
        "preflight_status",
        "preflight_refusal_status",
    ];
    assert_eq!(lines.len(), places.len(), "{stderr}");
    for place in places {
        let mut found = lines.iter();
        assert!(found.any(|line| line.contains(place)), "{place}: {stderr}");
    }
}

#[test]
fn a_mistake_in_a_file_is_a_line_with_key_line_and_column() {
    for (name, text, parts) in [
        (
            "unknown.toml",
            "max_age = 1\nallow_orgins = []\n",
            ["allow_orgins", "line 2", "column 1"],
        ),
        (
            "type.toml",
            "max_age = \"long\"\n",
            ["max_age", "line 1", "column 11"],
        ),
        (
            "item.toml",
            "allow_methods = [\"PUT\", 1]\n",
            ["allow_methods", "line 1", "column 25"],
        ),
        (
            "syntax.toml",
            "\nallow_credentials = yes\n",
            ["allow_credentials", "line 2", "column 21"],
        ),
        (
            "unknown.json",
            "{\n\"allow_orgins\": []}",
            ["allow_orgins", "line 2", "column 14"],
        ),
        (
            "type.json",
            "{\"allow_credentials\": 1}",
            ["allow_credentials", "line 1", "column 23"],
        ),
        (
            "syntax.json",
            "{\"max_age\": 1,}",
            ["max_age", "line 1", "column 15"],
        ),
    ] {
        let output = refused(&file(name, text));
        let stderr = String::from_utf8(output.stderr).expect("mistakes are text");
        assert_eq!(stderr.lines().count(), 1, "{name}: {stderr}");
        for part in [name].iter().chain(&parts) {
            assert!(stderr.contains(part), "{name}: {part}: {stderr}");
        }
    }
}

#[test]
fn a_file_that_is_none_is_a_line_on_stderr() {
    let unknown = file("policy.yaml", "allow_origins: []");
    for (path, part) in [
        (PathBuf::from("/nowhere/cors.toml"), "/nowhere/cors.toml"),
        (unknown.with_extension(""), ".toml or .json"),
        (unknown, ".toml or .json"),
    ] {
        let output = refused(&path);
        let stderr = String::from_utf8(output.stderr).expect("mistakes are text");
        assert_eq!(stderr.lines().count(), 1, "{path:?}: {stderr}");
        assert!(stderr.contains(part), "{path:?}: {stderr}");
    }
}

/// Returns the output of a program that can't build its policy: exit code 2, nothing on stdout, and
/// the same on stderr for every framework.
fn refused(policy: &PathBuf) -> Output {
    let outputs = PROGRAMS.map(|program| output(spawn(program, policy)));
    for output in &outputs {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(output.stderr, outputs[0].stderr);
    }
    let [first, ..] = outputs;
    first
}

struct Serving {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    address: SocketAddr,
}

impl Serving {
    fn start(program: &str, policy: &PathBuf) -> Self {
        let mut child = spawn(program, policy);
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("stdout is text");
        let address = line
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.strip_suffix('\n'))
            .and_then(|address| address.parse().ok())
            .ok_or(line)
            .expect("it says where it listens");
        Self {
            child,
            stdout: Some(stdout),
            address,
        }
    }
}

impl Serving {
    fn stdout(&mut self) -> &mut BufReader<ChildStdout> {
        self.stdout.as_mut().expect("it is still read")
    }

    fn allows(&self, origin: &str) -> bool {
        let request = Request::new("GET", "/echo").line("Origin", origin);
        let response = raw::exchange(self.address, &request).expect("it answers");
        response.value("access-control-allow-origin").is_some()
    }

    fn wait_until_it_allows(&self, origin: &str) {
        let begun = Instant::now();
        while !self.allows(origin) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{origin}");
        }
    }

    fn hang_up(&self) {
        let kill = Command::new("kill")
            .args(["-HUP", &self.child.id().to_string()])
            .status();
        assert!(kill.expect("there is a kill").success());
    }
}

fn spawn(program: &str, policy: &PathBuf) -> Child {
    Command::new(program)
        .arg("--policy")
        .arg(policy)
        .args(["--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program is there")
}

/// Returns the output of a program that ends by itself, in time.
fn output(child: Child) -> Output {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    receiver
        .recv_timeout(Duration::from_secs(10))
        .expect("it ends promptly")
        .expect("its output can be read")
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("there is a directory for files of tests");
    path
}
