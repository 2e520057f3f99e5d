//! `cors explain`: what comes of a request under a policy.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cors_core::browser::{Browser, Credentials, NetworkError, Request, RequestError, SentRequest};
use cors_core::{Origin, PolicyMap};

use crate::exchange::{Exchange, sample_host};
use crate::source::{Source, in_words};
use crate::{quoted, shown, write};

/// Says what comes of a request under a policy: whether the browser asks first and why, what goes
/// over the wire both ways, and what a page's script gets.
///
/// The browser is a model of one, and the server is the policy: nothing is sent.
///
/// The exit status is 0 where the script can read the response, 1 where it can't, and 2 where the
/// policy or the request can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors explain cors.toml --origin https://app.example.com --method PUT \\\n      --header 'content-type: application/json' --path /orders/7 --credentials"
)]
pub(crate) struct Explain {
    /// The policy file, in TOML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The origin of the page.
    #[arg(long)]
    pub(crate) origin: String,
    /// The method.
    #[arg(long, default_value = "GET")]
    pub(crate) method: String,
    /// A header that the script sets, with or without a value; may be repeated.
    #[arg(long = "header", value_name = "NAME[: VALUE]")]
    pub(crate) headers: Vec<String>,
    /// The path, as it is sent.
    #[arg(long, default_value = "/")]
    pub(crate) path: String,
    /// The host of the server. The default is one that the policy of the path lists in
    /// allow_hosts, or api.example.
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// The script sends cookies (`credentials: "include"`).
    #[arg(long)]
    pub(crate) credentials: bool,
}

/// Explains the request, and writes it to stdout.
pub(crate) fn run(args: &Explain) -> ExitCode {
    match explain(args) {
        Ok(explained) => {
            let status = u8::from(!explained.is_readable);
            write(&explained.text, ExitCode::from(status))
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
    let source =
        source.map_err(|error| format!("{}: {error}", shown(&args.file.display().to_string())))?;
    let policies = source.build();
    let policies = policies.map_err(|problems| in_words(&source.name, &problems))?;
    if Origin::parse(args.origin.as_bytes()).is_err() {
        return Err(format!(
            "--origin {}: it is no origin as browsers send it, such as https://app.example.com",
            args.origin.escape_default()
        ));
    }
    let host = match &args.host {
        Some(host) => host.clone(),
        None => sample_host(policies.policy(&args.path), &args.origin),
    };
    if let Some((option, wrong)) = what_is_wrong(args, &host) {
        return Err(format!("--{option}: {wrong}"));
    }
    if args
        .origin
        .split_once("://")
        .is_some_and(|(_, own)| own == host)
    {
        return Err(format!(
            "--origin {}: it is the server's own, whose pages need no permission; write another \
             --host, or the origin of another page",
            args.origin
        ));
    }
    let url = format!("https://{host}{}", args.path);
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
        Err(error @ NetworkError::Preflight(_)) => {
            writeln!(
                text,
                "\nThe browser does not send the request: {}.",
                why(error)
            )
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

/// Returns the option with a host or a path that no browser sends, and what is wrong with it.
fn what_is_wrong(args: &Explain, host: &str) -> Option<(&'static str, &'static str)> {
    let is_sent = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'?' | b'\\');
    let is_dots = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(&*segment, "." | "..")
    };
    if !args.path.starts_with('/') {
        Some(("path", "a path begins with a slash"))
    } else if !args.path.bytes().all(is_sent) {
        let wrong =
            "a path is sent as ASCII, with percent-escapes for all else; leave the query out";
        Some(("path", wrong))
    } else if args.path.split('/').any(is_dots) {
        Some((
            "path",
            "a browser resolves dot segments before it sends a path",
        ))
    } else if Origin::parse(format!("https://{host}").as_bytes()).is_err() {
        Some((
            "host",
            "a host is a name or an address in lower case, and perhaps a port but 443",
        ))
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
    if args.credentials {
        writeln!(
            text,
            "Cookies are sent where they have SameSite=None, or where page and server are of one \
             site; a browser may block them from other sites all the same."
        )?;
    }
    match (policies.policy(&args.path), policies.pattern(&args.path)) {
        (None, _) => writeln!(
            text,
            "The path has no policy: nothing adds CORS headers there."
        )?,
        (Some(_), Some(pattern)) => writeln!(text, "The policy is the one of {pattern:?}.")?,
        (Some(policy), None)
            if policies
                .default_policy()
                .is_some_and(|top| top.config() == policy.config()) =>
        {
            writeln!(text, "The policy is the one at the top of the file.")?;
        }
        (Some(_), None) => writeln!(text, "The path can be read in several ways.")?,
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
    let mut command = match sent.method() {
        // With -X, curl would wait for a body.
        "HEAD" => "curl -I".to_owned(),
        method => format!("curl -i -X {}", quoted(method)),
    };
    for (name, value) in sent.headers().iter() {
        // What curl sends anyway.
        if !(name.eq_ignore_ascii_case("accept") && value == b"*/*") {
            let value = String::from_utf8_lossy(value);
            let line = match &*value {
                "" => format!("{name};"),
                value => format!("{name}: {value}"),
            };
            command += &format!(" -H {}", quoted(&line));
        }
    }
    format!("{command} {}", quoted(sent.url()))
}
