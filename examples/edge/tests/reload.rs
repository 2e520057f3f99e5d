//! The program, whose policies are replaced at SIGHUP.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use conformance_client::raw::{self, Request};

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // Where it can't be ended, nothing is left to do.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn allows(server: SocketAddr, host: &str, origin: &str) -> Result<bool, Box<dyn Error>> {
    let request = Request::new("GET", "/")
        .line("Host", host)
        .line("Origin", origin);
    let response = raw::exchange(server, &request)?;
    Ok(response.value("access-control-allow-origin") == Some(origin.as_bytes()))
}

#[test]
fn all_policies_are_replaced_at_once_and_mistakes_leave_them() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let write = |host: &str, origin: &str| {
        let file = directory.path().join(format!("{host}.toml"));
        fs::write(file, format!("allow_origins = [{origin:?}]"))
    };
    let (old, new) = ("https://old.example", "https://new.example");
    write("one.example", old)?;
    let mut program = Command::new(env!("CARGO_BIN_EXE_example-edge"))
        .arg(directory.path())
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = program.stdout.take().ok_or("it is piped")?;
    let stderr = program.stderr.take().ok_or("it is piped")?;
    let mut program = Program(program);
    let mut listening = String::new();
    BufReader::new(stdout).read_line(&mut listening)?;
    let address = listening.trim_end().strip_prefix("listening on http://");
    let server = address.ok_or("it does not listen")?.parse()?;
    let mut reports = BufReader::new(stderr).lines();
    let process = program.0.id().to_string();
    let send = |signal: &str| Command::new("kill").args([signal, &process]).status();
    assert_eq!(
        reports.next().transpose()?.as_deref(),
        Some("policy files read: 1")
    );
    let mut hang_up = || -> Result<String, Box<dyn Error>> {
        send("-HUP")?;
        Ok(reports.next().ok_or("it has ended")??)
    };

    assert!(allows(server, "one.example", old)?);
    write("one.example", new)?;
    write("two.example", new)?;
    // Not before it is told so.
    assert!(allows(server, "one.example", old)?);
    assert_eq!(hang_up()?, "policy files read: 2");
    assert!(allows(server, "one.example", new)?);
    assert!(allows(server, "two.example", new)?);
    assert!(!allows(server, "one.example", old)?);

    // A mistake in one file leaves the policies of all hosts.
    write("one.example", old)?;
    write("two.example", "two.example")?;
    let report = hang_up()?;
    assert!(
        report.starts_with("the policies stay as they were: "),
        "{report}"
    );
    assert!(report.contains("two.example.toml\": "), "{report}");
    assert!(allows(server, "one.example", new)?);
    assert!(allows(server, "two.example", new)?);

    let remove = |host: &str| fs::remove_file(directory.path().join(format!("{host}.toml")));
    remove("two.example")?;
    let gone = "policy files read: 1; hosts without one now: two.example";
    assert_eq!(hang_up()?, gone);
    assert!(allows(server, "one.example", old)?);
    assert!(!allows(server, "two.example", new)?);

    // So does a directory without any.
    remove("one.example")?;
    let report = hang_up()?;
    assert!(
        report.starts_with("the policies stay as they were: "),
        "{report}"
    );
    assert!(allows(server, "one.example", old)?);

    // Neither a connection that a proxy keeps nor half a request keeps the program.
    let mut half = TcpStream::connect(server)?;
    half.write_all(b"GET / HTTP/1.1\r\nHost: ")?;
    let mut kept = raw::Connection::open(server)?;
    let rebound = Request::new("GET", "/").line("Host", "two.example");
    assert_eq!(kept.exchange(&rebound)?.status, 403);
    send("-TERM")?;
    assert!(program.0.wait()?.success());
    Ok(())
}
