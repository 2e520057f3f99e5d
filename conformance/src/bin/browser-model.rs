//! Asks the browser model of `cors_core`: reads one JSON object a line from stdin and writes one a
//! line to stdout.
//!
//! In strings each character U+0000 to U+00FF stands for one byte. A line that can't be read gives
//! `{"error": "…"}`.
//!
//! ```text
//! {"op":"preflight","method":"put","headers":[["X-B","1"],["x-a","2"]]}
//! {"needed":true,"reasons":["method PUT","header x-a","header x-b"],"request_method":"PUT","request_headers":"x-a,x-b"}
//! ```

use std::error::Error;
use std::fmt::Display;
use std::io::{self, BufRead, Write};

use cors_core::browser::{
    Credentials, HeaderList, Preflight, Request, cors_check, exposed_header_names, preflight_check,
    preflight_max_age,
};
use serde::{Deserialize, Serialize};

fn main() -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let reply = reply(&line?).unwrap_or_else(|error| Reply::Error {
            error: error.to_string(),
        });
        serde_json::to_writer(&mut stdout, &reply)?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
    Ok(())
}

fn reply(line: &[u8]) -> Result<Reply, Box<dyn Error>> {
    Ok(match serde_json::from_slice(line)? {
        Question::Preflight(script) => {
            let request = script.request(Credentials::default())?;
            let preflight = request.preflight();
            Reply::Preflight {
                needed: preflight.is_some(),
                reasons: request
                    .needs_preflight()
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                request_method: request.method().to_owned(),
                request_headers: preflight
                    .as_ref()
                    .and_then(Preflight::request_headers)
                    .map(str::to_owned),
            }
        }
        Question::CorsCheck {
            origin,
            credentials,
            response,
        } => {
            let verdict = cors_check(origin.ascii()?, credentials.into(), &header_list(response));
            Reply::Verdict {
                pass: verdict.is_ok(),
                why: why(&verdict),
            }
        }
        Question::PreflightCheck {
            origin,
            credentials,
            script,
            status,
            response,
        } => {
            let request = script.request(credentials.into())?;
            let response = header_list(response);
            let verdict = preflight_check(origin.ascii()?, &request, status, &response);
            Reply::PreflightVerdict {
                pass: verdict.is_ok(),
                why: why(&verdict),
                max_age: preflight_max_age(&response),
            }
        }
        Question::Exposed {
            credentials,
            response,
        } => Reply::Exposed {
            names: exposed_header_names(credentials.into(), &header_list(response)),
        },
    })
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Question {
    Preflight(Script),
    CorsCheck {
        origin: ByteString,
        credentials: Mode,
        response: Lines,
    },
    PreflightCheck {
        origin: ByteString,
        credentials: Mode,
        #[serde(flatten)]
        script: Script,
        status: u16,
        response: Lines,
    },
    Exposed {
        credentials: Mode,
        response: Lines,
    },
}

#[derive(Deserialize)]
struct Script {
    method: ByteString,
    headers: Lines,
    #[serde(default)]
    upload_listener: bool,
    #[serde(default)]
    stream_body: bool,
}

impl Script {
    fn request(self, credentials: Credentials) -> Result<Request, Box<dyn Error>> {
        let request = Request::new(&self.method.0)?
            .credentials(credentials)
            .upload_listener(self.upload_listener)
            .stream_body(self.stream_body);
        let request = self
            .headers
            .iter()
            .try_fold(request, |request, (name, value)| {
                request.header(&name.0, value.bytes())
            })?;
        Ok(request)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    Omit,
    SameOrigin,
    Include,
}

impl From<Mode> for Credentials {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Omit => Self::Omit,
            Mode::SameOrigin => Self::SameOrigin,
            Mode::Include => Self::Include,
        }
    }
}

type Lines = Vec<(ByteString, ByteString)>;

fn header_list(lines: Lines) -> HeaderList {
    lines
        .into_iter()
        .map(|(name, value)| (name.0, value.bytes()))
        .collect()
}

/// Text whose every character is one byte.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct ByteString(String);

impl ByteString {
    fn bytes(&self) -> Vec<u8> {
        let byte = |char| u8::try_from(char).ok();
        self.0.chars().filter_map(byte).collect()
    }

    /// Returns the text if it is ASCII, which means the same in UTF-8.
    fn ascii(&self) -> Result<&str, Box<dyn Error>> {
        if self.0.is_ascii() {
            Ok(&self.0)
        } else {
            Err(format!("{:?} is not ASCII, as every serialized origin is", self.0).into())
        }
    }
}

impl TryFrom<String> for ByteString {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.chars().find(|&char| char > '\u{FF}') {
            None => Ok(Self(text)),
            Some(char) => Err(format!("the character {char:?} is above U+00FF")),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Reply {
    Preflight {
        needed: bool,
        reasons: Vec<String>,
        request_method: String,
        request_headers: Option<String>,
    },
    Verdict {
        pass: bool,
        why: String,
    },
    PreflightVerdict {
        pass: bool,
        why: String,
        max_age: u64,
    },
    Exposed {
        names: Vec<String>,
    },
    Error {
        error: String,
    },
}

fn why<T, E: Display>(verdict: &Result<T, E>) -> String {
    match verdict {
        Ok(_) => "ok: every step of the check passes".to_owned(),
        Err(error) => error.to_string(),
    }
}
