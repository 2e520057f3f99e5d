//! [`Hosts`]: the policies of each host, from a directory.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::header;
use axum::http::uri::Authority;
use cors_axum::PolicyMapConfig;

use crate::edge::stand_in;

/// The policies of each host, in the stead of whose app a router stands.
pub(crate) struct Hosts {
    by_name: HashMap<String, Router>,
    /// Of every other host.
    others: Router,
}

impl Hosts {
    /// Reads `api.example.com.toml` for `api.example.com`, whatever the port, and so on; and
    /// `_others.toml` for all hosts without a file. Without that file they allow nobody.
    pub(crate) fn read(directory: &Path) -> Result<Self, Mistake> {
        let in_directory = |error| mistake(directory, &error);
        let mut by_name = HashMap::new();
        for entry in fs::read_dir(directory).map_err(in_directory)? {
            let path = entry.map_err(in_directory)?.path();
            let is_policy = path.extension().is_some_and(|name| name == "toml");
            if is_policy {
                by_name.insert(name(&path)?, app(&path)?);
            }
        }
        let others = match by_name.remove(OTHERS) {
            Some(others) => others,
            // As an empty file would: it allows nobody.
            None => build(directory, "")?,
        };
        Ok(Self { by_name, others })
    }

    /// Returns what stands for the app of the host that a request names.
    pub(crate) fn app(&self, request: &Request) -> &Router {
        let app = host(request).and_then(|host| self.by_name.get(&host));
        app.unwrap_or(&self.others)
    }
}

/// What is wrong, and in which file.
pub(crate) type Mistake = String;

fn mistake(path: &Path, what: &dyn Display) -> Mistake {
    format!("{}: {what}", path.display())
}

fn name(path: &Path) -> Result<String, Mistake> {
    let name = path.file_stem().and_then(|name| name.to_str());
    let name = name.filter(|name| *name == OTHERS || normalized(name).as_deref() == Some(*name));
    let name = name.ok_or_else(|| mistake(path, &"its name is no host in lower case"))?;
    Ok(name.to_owned())
}

fn app(path: &Path) -> Result<Router, Mistake> {
    let text = fs::read_to_string(path).map_err(|error| mistake(path, &error))?;
    build(path, &text)
}

fn build(path: &Path, text: &str) -> Result<Router, Mistake> {
    // A policy that can't be right is refused here, with every problem and what to write instead.
    let config: PolicyMapConfig = toml::from_str(text).map_err(|error| mistake(path, &error))?;
    let policies = config.build().map_err(|error| mistake(path, &error))?;
    Ok(stand_in(policies))
}

/// Returns the host that a request names, without its port. More names than one are none.
fn host(request: &Request) -> Option<String> {
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

/// No host's name has an underscore.
const OTHERS: &str = "_others";
