//! `cors explain`: what comes of a request under a policy.

use std::fmt::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use cors_core::browser::{Browser, Credentials, NetworkError, Request, RequestError, SentRequest};
use cors_core::{Origin, PolicyMap};

use crate::args::Explain;
use crate::exchange::Exchange;
use crate::source::{Source, in_words};
use crate::write;

/// Explains the request, and writes it to stdout.
pub(crate) fn run(args: &Explain) -> ExitCode {
    match explain(args) {
        Ok(explained) => {
            write(&explained.text);
            if explained.is_readable {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            }
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

struct Explained {
    text: String,
    is_readable: bool,
}

fn explain(args: &Explain) -> Result<Explained, String> {
    let source = Source::read(&args.file);
    let source = source.map_err(|error| format!("{}: {error}", args.file.display()))?;
    let policies = source.build();
    let policies = policies.map_err(|problems| in_words(&source.name, &problems))?;
    if Origin::parse(args.origin.as_bytes()).is_err() {
        return Err(format!(
            "--origin {}: it is no origin as browsers send it, such as https://app.example.com",
            args.origin.escape_default()
        ));
    }
    let url = format!("https://{}{}", args.host, args.path);
    if let Some(wrong) = what_is_wrong(args) {
        return Err(format!("{}: {wrong}", url.escape_default()));
    }
    let request = request(args).map_err(|error| error.to_string())?;
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = write_request(&mut text, args, &policies, &request);
    let mut exchanges = Vec::new();
    let outcome = Browser::new().fetch(Duration::ZERO, &args.origin, &url, &request, |sent| {
        let exchange = Exchange::of(sent, &policies);
        let response = exchange.response.clone();
        exchanges.push(exchange);
        response
    });
    for exchange in &exchanges {
        let _ = write!(text, "\n{exchange}");
    }
    let _ = match &outcome {
        Ok(response) => {
            let names: Vec<_> = response.headers().iter().map(|(name, _)| name).collect();
            let and_more = if names.is_empty() {
                String::new()
            } else {
                format!(", and of its headers {}", names.join(", "))
            };
            writeln!(text, "\nThe script reads the response{and_more}.")
        }
        Err(error) => writeln!(
            text,
            "\nThe browser keeps the response from the script: {}.",
            why(error)
        ),
    };
    let _ = write!(text, "\nTo see it:\n");
    for exchange in &exchanges {
        let _ = writeln!(text, "  {}", curl(&exchange.sent));
    }
    Ok(Explained {
        text,
        is_readable: outcome.is_ok(),
    })
}

/// Returns what is wrong with the host or the path.
fn what_is_wrong(args: &Explain) -> Option<&'static str> {
    let is_sent = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    if !args.path.starts_with('/') {
        Some("a path begins with a slash")
    } else if !args.path.bytes().all(is_sent) {
        Some("a path is sent as ASCII, with percent-escapes for all else")
    } else if args.host.is_empty() || !args.host.bytes().all(|byte| is_sent(byte) && byte != b'/') {
        Some("a host is a name or an address, and perhaps a port")
    } else {
        None
    }
}

/// Writes what is known before anything is sent.
fn write_request(
    text: &mut String,
    args: &Explain,
    policies: &PolicyMap,
    request: &Request,
) -> fmt::Result {
    let with = if args.credentials { "with" } else { "without" };
    writeln!(
        text,
        "A page of {} sends {} {}, {with} credentials.",
        args.origin,
        request.method(),
        args.path
    )?;
    match (policies.policy(&args.path), policies.pattern(&args.path)) {
        (None, _) => writeln!(
            text,
            "The path has no policy: nothing adds CORS headers there."
        )?,
        (Some(_), Some(pattern)) => writeln!(text, "The policy is the one of {pattern:?}.")?,
        (Some(_), None) => writeln!(text, "The policy is the one at the top of the file.")?,
    }
    for header in &args.headers {
        let (name, _) = named(header);
        if request.headers().get(name).is_none() {
            writeln!(
                text,
                "The browser leaves {name:?} out: scripts can't set it."
            )?;
        }
    }
    let reasons = request.needs_preflight();
    if reasons.is_empty() {
        return writeln!(text, "The browser sends it without asking first.");
    }
    writeln!(text, "The browser asks first, with a preflight:")?;
    for reason in reasons {
        writeln!(text, "- {}", reason.explanation())?;
    }
    Ok(())
}

fn request(args: &Explain) -> Result<Request, RequestError> {
    let mode = if args.credentials {
        Credentials::Include
    } else {
        Credentials::Omit
    };
    let mut request = Request::new(&args.method)?.credentials(mode);
    for header in &args.headers {
        let (name, value) = named(header);
        request = request.header(name, value)?;
    }
    Ok(request)
}

/// Returns the name and the value of a header, which may have none.
fn named(header: &str) -> (&str, &str) {
    let (name, value) = header.split_once(':').unwrap_or((header, "1"));
    (name.trim(), value.trim())
}

/// Returns why the script gets an error, without what stands around the reason.
fn why(error: &NetworkError) -> String {
    match error {
        NetworkError::Preflight(error) => error.to_string(),
        NetworkError::Response(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Returns the command that sends the same.
fn curl(sent: &SentRequest) -> String {
    let mut command = format!("curl -i -X {}", quoted(sent.method()));
    for (name, value) in sent.headers().iter() {
        if !name.eq_ignore_ascii_case("accept") {
            let line = format!("{name}: {}", String::from_utf8_lossy(value));
            command += &format!(" -H {}", quoted(&line));
        }
    }
    format!("{command} {}", quoted(sent.url()))
}

/// Returns a word of a shell.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
