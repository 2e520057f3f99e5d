//! [`Hosts`]: the policies of each host, from a directory.

use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::fs;
use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::header;
use axum::http::uri::Authority;
use cors_axum::{Origin, PolicyMapConfig};

use crate::edge::stand_in;

/// The policies of each host, in the stead of whose app a router stands.
#[derive(Default)]
pub(crate) struct Hosts(HashMap<String, Router>);

impl Hosts {
    /// Reads `api.example.com.toml` for `api.example.com`, whatever the port, and so on; and
    /// `_others.toml` for all hosts without a file. Whatever else is there is a mistake, unless it
    /// is hidden; and so is a directory without policies, which may be one that is not there yet.
    pub(crate) fn read(directory: &Path) -> Result<Self, Mistake> {
        let in_directory = |error| mistake(directory, &error);
        let mut by_name = HashMap::new();
        for entry in fs::read_dir(directory).map_err(in_directory)? {
            let entry = entry.map_err(in_directory)?;
            // A ConfigMap of Kubernetes has `..data` beside its files, which are links into that.
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                let path = entry.path();
                by_name.insert(name(&path)?, app(&path)?);
            }
        }
        if by_name.is_empty() {
            return Err(mistake(directory, &"no policy is there, HOST.toml"));
        }
        Ok(Self(by_name))
    }

    /// Returns what stands for the app of a host. `None` rejects the request: no file names its
    /// host, and the policy of another one might reject it, too.
    pub(crate) fn app(&self, host: Option<&str>) -> Option<&Router> {
        let app = host.and_then(|host| self.0.get(host));
        app.or_else(|| self.0.get(OTHERS))
    }

    /// Says how many files were read, and which hosts have lost theirs.
    pub(crate) fn in_place_of(&self, old: &Self) -> String {
        let gone = old.0.keys().filter(|name| !self.0.contains_key(*name));
        let mut gone: Vec<_> = gone.map(String::as_str).collect();
        gone.sort_unstable();
        let gone = match &*gone {
            [] => String::new(),
            gone => format!("; hosts without one now: {}", gone.join(", ")),
        };
        format!("policy files read: {}{gone}", self.0.len())
    }
}

/// What is wrong, and in which file.
pub(crate) type Mistake = String;

fn mistake(path: &Path, what: &dyn Display) -> Mistake {
    let mut shown = format!("{path:?}: ");
    for char in what.to_string().chars() {
        // An excerpt of a file, which must not drive a terminal.
        if char == '\n' || !(char.is_control() || is_hidden(char)) {
            shown.push(char);
        } else {
            // To write to a text never fails.
            let _ = write!(shown, "{}", char.escape_unicode());
        }
    }
    shown
}

/// Returns whether a terminal shows nothing for it, or what follows in another order.
const fn is_hidden(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
    )
}

fn name(path: &Path) -> Result<String, Mistake> {
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.and_then(|name| name.strip_suffix(".toml")) else {
        return Err(mistake(path, &"it is not read: its name is not HOST.toml"));
    };
    if name.starts_with('*') {
        let what = "each subdomain has a file of its own; `_others.toml` is for all that have none";
        return Err(mistake(path, &what));
    }
    let origin = format!("https://{name}");
    let is_host =
        Origin::parse(origin.as_bytes()).is_ok() && normalized(name).as_deref() == Some(name);
    if name == OTHERS || (is_host && !name.starts_with('_')) {
        return Ok(name.to_owned());
    }
    let what = "its name is no host in lower case, as browsers write it and without a port";
    Err(mistake(path, &what))
}

fn app(path: &Path) -> Result<Router, Mistake> {
    let failed = |error| mistake(path, &error);
    // Of what a link leads to. A pipe would be waited for, until somebody writes to it.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(mistake(path, &"it is no file of at most 1 MiB"));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    // Such a policy would be valid, and reject nothing; but it is a file that is being written, or
    // one of comments alone.
    let says_nothing = text
        .parse::<toml::Table>()
        .is_ok_and(|table| table.is_empty());
    if says_nothing {
        let what = "it sets nothing; write `allow_origins = []` to allow nobody";
        return Err(mistake(path, &what));
    }
    // A policy that can't be right is refused here, with every problem and what to write instead.
    let config: PolicyMapConfig = toml::from_str(&text).map_err(|error| mistake(path, &error))?;
    let policies = config.build().map_err(|error| mistake(path, &error))?;
    Ok(stand_in(policies))
}

/// Returns the host that a request names, without its port. More names than one are none.
pub(crate) fn host(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return normalized(authority.as_str());
    }
    let mut lines = request.headers().get_all(header::HOST).into_iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => normalized(line.to_str().ok()?),
        _ => None,
    }
}

/// Returns a host as the files' names spell it: in lower case, without a port and a final dot.
fn normalized(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok().filter(|_| !text.contains('@'))?;
    let host = authority.host();
    Some(host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase())
}

/// No host's name begins with an underscore.
const OTHERS: &str = "_others";

/// A policy of a megabyte is built within a second.
const MAX_BYTES: u64 = 1024 * 1024;
