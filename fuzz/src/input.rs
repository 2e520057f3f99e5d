//! Policies and requests to judge: made of texts that nearly fit each other, and of some that do
//! not.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use cors_core::{Policy, PolicyConfig, PolicyErrors, Predicate};

use crate::head::{Line, Request, some, text_of};

/// The header that the predicate of a policy reads, and the line with which it allows.
pub const DECLARED: &str = "x-tenant";
pub const ALLOWS: &[u8] = b"1";

/// A policy as it is written, with what only code can write.
#[derive(Clone, Debug)]
pub struct Written {
    pub config: PolicyConfig,
    /// Whether a predicate allows every origin, for requests whose [`DECLARED`] header [`ALLOWS`].
    pub predicate: bool,
}

impl Written {
    /// Builds the policy.
    pub fn build(&self) -> core::result::Result<Policy, PolicyErrors> {
        let builder = cors_core::PolicyBuilder::from(self.config.clone());
        if !self.predicate {
            return builder.build();
        }
        let predicate = Predicate::new(|query| query.header(DECLARED) == Some(ALLOWS));
        builder
            .allow_origin_predicate(predicate.reads([DECLARED]))
            .build()
    }
}

const SCHEMES: &[&str] = &[
    "https://", "http://", "HTTPS://", "app://", "tauri://", "file://",
];
const HOSTS: &[&str] = &[
    "example.com",
    "a.example.com",
    "b.a.example.com",
    "xexample.com",
    "example.com.",
    "localhost",
    "a.localhost",
    "127.0.0.1",
    "127.0.0.2",
    "192.168.1.2",
    "192.169.1.2",
    "10.0.0.1",
    "[::1]",
    "[fd00::1]",
    "0x7f.1",
    ".",
    "-",
    "com",
    "test",
    "EXAMPLE.com",
    "",
];
const HOST_ITEMS: &[&str] = &[
    "example.com",
    "a.example.com",
    "*.example.com",
    "*.a.example.com",
    "*.localhost",
    "*.test",
    "localhost",
    "127.0.0.1",
    "127.*.*.*",
    "192.168.*.*",
    "192.168.1.*",
    "10.*.*.*",
    "[::1]",
    "[FD00:0::1]",
    "*",
    ".",
    "-",
    "Example.COM",
    "*.com",
];
const PORTS: &[&str] = &[
    "", "", "", ":443", ":80", ":8080", ":3000", ":65535", ":0", ":080",
];
const PORT_ITEMS: &[&str] = &[
    "",
    "",
    "",
    ":*",
    ":443",
    ":80",
    ":8080",
    ":3000-9000",
    ":79-81",
    ":443-444",
    ":9-1",
    ":",
];
const METHODS: &[&str] = &[
    "*", "PUT", "put", "DELETE", "PATCH", "QUERY", "GET", "x-m", "OPTIONS",
];
const HEADERS: &[&str] = &[
    "*",
    "authorization",
    "Content-Type",
    "x-a",
    "X-B",
    "x-acme-*",
    "x-a-*",
    "set-*",
    "range",
];
const EXPOSED: &[&str] = &["*", "x-id", "ETag", "x-acme-*", "set-*", "Content-Length"];
const ALLOWED_HOSTS: &[&str] = &[
    "api.example",
    "*.api.example",
    "API.example:8080",
    "*",
    "[::1]",
    "127.0.0.1:80",
    "localhost",
    "*.apps.example:443",
];

/// Makes a policy as it is written. Nearly all of them can be built.
pub fn policy(input: &mut Unstructured<'_>) -> Result<Written> {
    let mut config = PolicyConfig::default();
    config.allow_origins = items(input)?;
    config.allow_null_origin = input.ratio(1, 4)?;
    config.allow_methods = some(input, METHODS, 3)?;
    config.allow_headers = some(input, HEADERS, 3)?;
    config.expose_headers = some(input, EXPOSED, 3)?;
    config.allow_credentials = input.arbitrary()?;
    if !config.allow_credentials && input.ratio(1, 3)? {
        config.allow_credentials_from = items(input)?;
    }
    config.max_age = match input.int_in_range(0..=3)? {
        0 => Some(Duration::from_secs(input.int_in_range(0..=86_400)?)),
        _ => None,
    };
    config.allow_private_network = input.ratio(1, 4)?;
    config.preflight_status = *input.choose(&[204, 200, 299])?;
    config.preflight_refusal_status = *input.choose(&[403, 200, 204, 404, 499])?;
    config.preflight_passthrough = input.ratio(1, 4)?;
    config.keep_app_headers = input.ratio(1, 4)?;
    config.reject_disallowed_origins = input.ratio(1, 3)?;
    if input.ratio(1, 4)? {
        config.allow_hosts = some(input, ALLOWED_HOSTS, 3)?;
    }
    let dangers: u8 = if input.ratio(3, 4)? {
        15
    } else {
        input.arbitrary()?
    };
    config.dangerously_allow_any_origin_with_credentials = dangers & 1 > 0;
    config.dangerously_allow_null_origin_with_credentials = dangers & 2 > 0;
    config.dangerously_allow_insecure_origins_with_credentials = dangers & 4 > 0;
    config.dangerously_allow_private_networks_with_credentials = dangers & 8 > 0;
    let predicate = input.ratio(1, 5)?;
    Ok(Written { config, predicate })
}

/// Makes a list of items of `allow_origins`.
fn items(input: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let count = input.int_in_range(0..=3)?;
    (0..count).map(|_| item(input)).collect()
}

/// Makes a text that is an item of `allow_origins`, or nearly one.
pub fn item(input: &mut Unstructured<'_>) -> Result<String> {
    if input.ratio(1, 8)? {
        return Ok("*".to_owned());
    }
    let scheme = *input.choose(SCHEMES)?;
    if scheme == "file://" {
        return Ok(scheme.to_owned());
    }
    Ok(format!(
        "{scheme}{}{}",
        input.choose(HOST_ITEMS)?,
        input.choose(PORT_ITEMS)?
    ))
}

/// Makes the value of an `Origin`, or nearly one.
pub fn origin(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let kind = input.int_in_range(0..=15)?;
    let text = match kind {
        0 => "null".to_owned(),
        1 => "file://".to_owned(),
        2 => return input.arbitrary(),
        3 => text_of(
            input,
            &[
                "https://",
                "a.",
                "example.com",
                ".",
                ":",
                "80",
                "/",
                "@",
                " ",
                "*",
            ],
            6,
        )?,
        _ => {
            let scheme = input.choose(SCHEMES)?;
            format!("{scheme}{}{}", input.choose(HOSTS)?, input.choose(PORTS)?)
        }
    };
    Ok(text.into_bytes())
}

/// Makes a request: mostly one that a browser sends, and in part one that none does.
pub fn request(input: &mut Unstructured<'_>) -> Result<Request> {
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |name: &str, value: Vec<u8>| lines.push((name.to_owned(), value));
    let origins = *input.choose(&[1, 1, 1, 1, 1, 1, 0, 2])?;
    for _ in 0..origins {
        add(input.choose(&["origin", "Origin"])?, origin(input)?);
    }
    let is_preflight = input.arbitrary()?;
    let method = if is_preflight {
        "OPTIONS"
    } else {
        *input.choose(&["GET", "POST", "PUT", "OPTIONS", "options", "TRACE"])?
    };
    if is_preflight {
        for _ in 0..*input.choose(&[1, 1, 1, 1, 1, 1, 1, 2])? {
            add("access-control-request-method", requested_method(input)?);
        }
    }
    for _ in 0..*input.choose(&[1, 1, 0, 2, 3])? {
        add("Access-Control-Request-Headers", requested_headers(input)?);
    }
    for _ in 0..*input.choose(&[0, 0, 1, 1, 2])? {
        let value = input.choose(&["true", "true", "false", "True", ""])?;
        add(
            "access-control-request-private-network",
            value.as_bytes().to_vec(),
        );
    }
    for _ in 0..*input.choose(&[0, 0, 0, 1, 1, 2])? {
        let value = input.choose(&["same-origin", "none", "cross-site", "same-site", ""])?;
        add("sec-fetch-site", value.as_bytes().to_vec());
    }
    for _ in 0..*input.choose(&[0, 0, 1, 2])? {
        add(DECLARED, input.choose(&["1", "0", ""])?.as_bytes().to_vec());
    }
    for _ in 0..*input.choose(&[0, 1, 1, 1, 2])? {
        add("Host", host(input)?.into_bytes());
    }
    let authority = if input.ratio(1, 4)? {
        Some(host(input)?)
    } else {
        None
    };
    let (method, path) = (method.to_owned(), "/".to_owned());
    Ok(Request {
        method,
        path,
        authority,
        lines,
    })
}

fn requested_method(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const ASKED: &[&str] = &[
        "PUT", "GET", "HEAD", "POST", "DELETE", "PATCH", "patch", "put", "QUERY", "x-m", "*",
        "TRACE", "connect", "OPTIONS", "", "PUT ", "P UT", "PUT,GET",
    ];
    if input.ratio(1, 16)? {
        return input.arbitrary();
    }
    Ok(input.choose(ASKED)?.as_bytes().to_vec())
}

fn requested_headers(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const ASKED: &[&str] = &[
        ",",
        ",",
        ", ",
        " ,",
        "x-a",
        "X-A",
        "x-b",
        "content-type",
        "authorization",
        "x-acme-id",
        "x-acme-",
        "set-cookie",
        "set-thing",
        "x-a-",
        "*",
        "cookie",
        "range",
        " ",
        "\t",
        "(",
        "x c",
    ];
    match input.int_in_range(0..=31)? {
        0 => input.arbitrary(),
        // Past the bounds, or just within.
        1 => {
            let count: u16 = input.arbitrary()?;
            Ok(input
                .choose(&["x-a,", ",", " ", "x-acme-a,"])?
                .repeat(count.into())
                .into_bytes())
        }
        _ => Ok(text_of(input, ASKED, 7)?.into_bytes()),
    }
}

fn host(input: &mut Unstructured<'_>) -> Result<String> {
    const NAMES: &[&str] = &[
        "api.example",
        "API.example",
        "x.api.example",
        "y.x.api.example",
        "xapi.example",
        "api.example.",
        "a.apps.example",
        "[::1]",
        "127.0.0.1",
        "localhost",
        "example.com",
        "a.example.com",
        ".api.example",
        "a b.api.example",
        "a%.api.example",
        "",
    ];
    const AT: &[&str] = &["", "", ":8080", ":80", ":443", ":", ":0", ":x", ":99999"];
    Ok(format!("{}{}", input.choose(NAMES)?, input.choose(AT)?))
}

/// Makes header lines of an app's response, some of them of the protocol.
pub fn app_lines(input: &mut Unstructured<'_>) -> Result<Vec<Line>> {
    const NAMES: &[&str] = &[
        "Vary",
        "vary",
        "access-control-allow-origin",
        "Access-Control-Allow-Origin",
        "access-control-allow-credentials",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
        "Access-Control-Expose-Headers",
        "access-control-allow-private-network",
        "access-control-x",
        "Set-Cookie",
        "set-cookie",
        "X-Id",
        "x-acme-one",
        "X-ACME-Two",
        "x-acme-",
        "set-thing",
        "cache-control",
        "Content-Type",
        "etag",
        "v",
        "a",
    ];
    const NAMED: &[&str] = &[
        "Origin",
        "origin",
        "ORIGIN",
        "*",
        "accept-encoding",
        "Access-Control-Request-Method",
        "access-control-request-headers",
        "X-Tenant",
        ",",
        ", ",
        " ",
        "\t",
        "",
    ];
    const VALUES: &[&str] = &[
        "*",
        "https://a.example",
        "true",
        "x-id, x-b",
        "GET",
        "600",
        "a=b",
        "",
    ];
    let count = input.int_in_range(0..=8)?;
    let line = |_| {
        let name = *input.choose(NAMES)?;
        let value = match name {
            "Vary" | "vary" => text_of(input, NAMED, 6)?.into_bytes(),
            _ if input.ratio(1, 8)? => input.arbitrary()?,
            _ => input.choose(VALUES)?.as_bytes().to_vec(),
        };
        Ok((name.to_owned(), value))
    };
    (0..count).map(line).collect()
}
