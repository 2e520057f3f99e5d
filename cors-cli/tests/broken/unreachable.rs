//! Servers that don't respond as they should, and URLs of none: a sentence, and exit status 2.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::cors::{APP, POLICY, right};
use super::server::{Reply, Request, Server};
use crate::{Tested, command};

/// Checks that a probe has failed with one sentence, and written nothing else.
#[track_caller]
pub(crate) fn assert_failed(output: &Output, words: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(words), "{stderr}");
    assert!(!stderr.trim_end().contains(char::is_control), "{stderr:?}");
    assert!(stderr.len() < 600, "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

pub(crate) fn assert_sentence(url: &str, words: &str) -> Tested {
    assert_failed(&command(&[url, "--timeout", "2"]).output()?, words);
    Ok(())
}

#[test]
fn what_is_no_url_of_a_server_is_refused() -> Tested {
    for (url, words) in [
        ("", "no URL"),
        ("orders", "no URL"),
        ("api.example.com/orders", "no URL"),
        ("localhost:8080/orders", "write http:// or https://"),
        ("http://", "no URL"),
        ("http://\u{1b}[31m/", "no URL"),
        ("file:///etc/passwd", "neither http nor https"),
        ("ws://localhost/", "neither http nor https"),
        ("http://me:secret@localhost/", "a user name"),
    ] {
        let output = command(&[url]).output()?;
        assert_failed(&output, words);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
    }
    for arguments in [
        ["--path", "//evil.example/../x"],
        ["--path", "x"],
        ["--origin", "https://app.example.com/"],
        ["--header", "no colon"],
        ["--header", "Content-Length: 5"],
        ["--header", "Transfer-Encoding: chunked"],
        ["--header", "connection: upgrade"],
        ["--policy", "/no/such/file.toml"],
    ] {
        let output = command(&[&["http://127.0.0.1:9"], &arguments[..]].concat()).output()?;
        assert_failed(&output, "");
    }
    // A policy has its own patterns.
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let pattern = ["--policy", policy, "--origin", "https://*.example.com"];
    let output = command(&[&["http://127.0.0.1:9"], &pattern[..]].concat()).output()?;
    assert_failed(&output, "--origin https://*.example.com: ");
    Ok(())
}

#[test]
fn a_server_that_is_not_there_is_named() -> Tested {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    drop(listener);
    assert_sentence(&format!("http://{address}/"), "nobody listens there")
}

#[test]
fn a_name_that_nobody_knows_is_named() -> Tested {
    // RFC 6761 keeps it from being one.
    assert_sentence(
        "http://no-such-host.invalid/",
        "nobody knows the name of the host",
    )
}

#[test]
fn a_file_that_is_no_policy_is_named_with_its_line() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(b"allow_origins = []\nmax_age = = 5\n")?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let output = command(&["http://127.0.0.1:9/", "--policy", policy]).output()?;
    assert_failed(&output, &format!("{policy}:2:11: "));
    Ok(())
}

#[test]
fn a_server_that_closes_at_once_is_named() -> Tested {
    let server = Server::raw(|stream| {
        drop(stream);
        Ok(())
    })?;
    assert_sentence(&server.url("/"), "closed the connection without a response")
}

#[test]
fn a_server_that_stays_silent_is_named() -> Tested {
    let open = Mutex::new(Vec::new());
    let server = Server::raw(move |stream| {
        open.lock().map_err(|_| io::ErrorKind::Other)?.push(stream);
        Ok(())
    })?;
    assert_sentence(&server.url("/"), "no response came within 2 seconds")
}

#[test]
fn a_server_that_drips_is_named() -> Tested {
    let server = Server::raw(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_millis(100)))?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nX-Drip: ")?;
        loop {
            stream.write_all(b"x")?;
            // The client says nothing more: this is the pause between two bytes.
            let _ = stream.read(&mut [0; 1000]);
        }
    })?;
    assert_sentence(&server.url("/"), "no response came within 2 seconds")
}

#[test]
fn a_server_that_never_gets_to_its_response_is_named() -> Tested {
    let server = Server::raw(|mut stream| {
        loop {
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n")?;
        }
    })?;
    assert_sentence(&server.url("/"), "longer than 64 KiB")
}

#[test]
fn what_is_no_http_is_named_without_its_escapes() -> Tested {
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.2\r\n\r\n"[..],
        b"\x00\xff\x1b[31m\r\n\r\n",
        b"HTTP/1.1 abc \x1b]0;owned\x07\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: \x1b[2J\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ] {
        let server = Server::raw(move |mut stream| {
            Request::read(&stream)?;
            stream.write_all(garbage)
        })?;
        assert_sentence(&server.url("/"), "the response is not HTTP as it should be")?;
    }
    Ok(())
}

#[test]
fn ten_megabytes_of_headers_are_refused() -> Tested {
    let lines = [
        "X-Many: 1\r\n".repeat(1000),
        format!("X-Long: {}\r\n", "x".repeat(10_000)),
    ];
    for (line, words) in lines
        .into_iter()
        .zip(["the response is not HTTP", "longer than 64 KiB"])
    {
        let server = Server::raw(move |mut stream| {
            Request::read(&stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            for _ in 0..1000 {
                stream.write_all(line.as_bytes())?;
            }
            stream.write_all(b"\r\n")
        })?;
        assert_sentence(&server.url("/"), words)?;
    }
    Ok(())
}

#[test]
fn a_body_without_an_end_is_left_unread() -> Tested {
    let server = Server::raw(|mut stream| {
        Request::read(&stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(&[b'x'; 10_000])?;
        }
    })?;
    let output = command(&[&server.url("/"), "--timeout", "5"]).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    Ok(())
}

#[test]
fn a_server_that_sends_everybody_elsewhere_is_named() -> Tested {
    let server = Server::start(Box::new(|request| {
        let location = format!("https://www.example.com{}", request.url);
        Reply::new(301).with("Location", location)
    }))?;
    assert_sentence(&server.url("/"), "probe that one: https://www.example.com")
}

#[test]
fn what_was_found_before_a_server_failed_is_told() -> Tested {
    let count = AtomicUsize::new(0);
    let server = Server::raw(move |mut stream| {
        let Some(request) = Request::read(&stream)? else {
            return Ok(());
        };
        if count.fetch_add(1, Ordering::Relaxed) > 8 {
            return Ok(());
        }
        let reply = right(&request).replacing("Access-Control-Allow-Credentials", "TRUE");
        stream.write_all(reply.text().as_bytes())
    })?;
    let output = command(&[&server.url("/orders"), "--origin", APP]).output()?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout.contains("error[CredentialsNotTrue]"), "{stdout}");
    assert!(
        stderr.contains("closed the connection without a response"),
        "{stderr}"
    );
    Ok(())
}
