//! The scenarios: one request each, and the rules that it meets.

/// The one origin of most scenarios.
pub const APP: &str = "https://app.example.com";
/// What the long lists end with: a scan from the front pays for the whole list.
pub const LAST: &str = "https://tenant-99999.example.com";
/// As long as [`LAST`], and in no list.
const FOREIGN: &str = "https://foreign-9999.example.net";
const SUBDOMAIN: &str = "https://tenant-00042.example.com";
/// Below it every host is allowed in J and K.
pub const DOMAIN: &str = "example.com";

/// The host of all requests.
pub const HOST: &str = "api.example.org";

pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
pub const HEADERS: [&str; 10] = [
    "x-a",
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-api-key",
    "x-csrf-token",
    "x-request-id",
    "x-requested-with",
    "x-tenant",
];
/// Seconds.
pub const MAX_AGE: u32 = 600;

/// Which origins are allowed.
#[derive(Clone, Debug)]
pub enum Origins {
    Listed(Vec<String>),
    /// `*`
    Any,
    /// Every origin, by name and with credentials.
    AnyWithCredentials,
    /// Every host below [`DOMAIN`], with https.
    Subdomains,
}

/// The configuration of a contender.
#[derive(Clone, Debug)]
pub struct Rules {
    pub origins: Origins,
    /// Whether there are methods, headers and a max-age for preflights.
    pub preflights: bool,
    /// Whether the host of the requests is listed, where a contender can do so.
    pub hosts: bool,
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    /// `GET` or `OPTIONS`; for the guide any other too.
    pub method: &'static str,
    /// `/`; for the guide another one too.
    pub path: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub rules: Rules,
    /// The `Access-Control-Allow-Origin` of a correct response.
    pub allow_origin: Option<String>,
}

impl Scenario {
    pub fn all() -> Vec<Self> {
        let app = || Origins::Listed(vec![APP.into()]);
        vec![
            Self::get("A", app(), None, false),
            Self::get("B", app(), Some(APP), true),
            Self::get("C1k", listed(1_000), Some(LAST), true),
            Self::get("C10k", listed(10_000), Some(LAST), true),
            Self::get("D", listed(1_000), Some(FOREIGN), false),
            Self::preflight("E", APP, "authorization,content-type".into(), true),
            Self::preflight(
                "F",
                "https://bad.example.net",
                "authorization,content-type".into(),
                false,
            ),
            Self::preflight("G", APP, unknown_names(), false),
            Self::preflight("G2", APP, format!("{}x-x", "x-a,".repeat(4_095)), false),
            Self::preflight("G3", APP, ",".repeat(16 * 1024), false),
            Self::preflight("G4", APP, "x-b".into(), false).in_lines(2_000),
            Self {
                allow_origin: Some("*".into()),
                ..Self::get("H", Origins::Any, Some(APP), true)
            },
            Self::get("I", Origins::AnyWithCredentials, Some(APP), true),
            Self::get("J", Origins::Subdomains, Some(&hostile_origin()), false),
            Self::get("K", Origins::Subdomains, Some(SUBDOMAIN), true),
            Self::get("L", app(), None, false).at_a_listed_host(),
            Self::get("M", app(), Some(APP), true).at_a_listed_host(),
            Self::get("N", app(), Some(&long_origin()), false),
        ]
    }

    /// Returns a GET from the last of so many origins.
    pub fn last_of(count: usize) -> Self {
        let origins: Vec<_> = (0..count)
            .map(|index| format!("https://tenant-{index:07}.example.com"))
            .collect();
        let last = origins.last().cloned();
        Self::get("last", Origins::Listed(origins), last.as_deref(), true)
    }

    fn at_a_listed_host(mut self) -> Self {
        self.rules.hosts = true;
        self
    }

    /// Repeats the last header.
    fn in_lines(mut self, count: usize) -> Self {
        let line = self.headers.last().cloned();
        self.headers
            .extend(std::iter::repeat_n(line, count - 1).flatten());
        self
    }

    pub fn is_preflight(&self) -> bool {
        self.method == "OPTIONS"
    }

    fn get(name: &'static str, origins: Origins, origin: Option<&str>, allowed: bool) -> Self {
        let mut headers = ordinary_headers();
        headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
        Self {
            name,
            method: "GET",
            path: "/",
            headers,
            rules: Rules {
                origins,
                preflights: false,
                hosts: false,
            },
            allow_origin: origin.filter(|_| allowed).map(str::to_owned),
        }
    }

    fn preflight(name: &'static str, origin: &str, asked: String, allowed: bool) -> Self {
        let mut headers = ordinary_headers();
        headers.push(("origin", origin.to_owned()));
        headers.push(("access-control-request-method", "PUT".to_owned()));
        headers.push(("access-control-request-headers", asked));
        Self {
            name,
            method: "OPTIONS",
            path: "/",
            headers,
            rules: Rules {
                origins: Origins::Listed(vec![APP.into()]),
                preflights: true,
                hosts: false,
            },
            allow_origin: allowed.then(|| origin.to_owned()),
        }
    }
}

/// Returns headers as every request has them: a look-up in an empty header map costs nothing.
fn ordinary_headers() -> Vec<(&'static str, String)> {
    vec![
        ("host", HOST.to_owned()),
        ("user-agent", "Mozilla/5.0".to_owned()),
        ("accept", "*/*".to_owned()),
    ]
}

/// Origins of equal length, [`LAST`] at the end.
pub fn listed(count: usize) -> Origins {
    let mut origins: Vec<_> = (0..count - 1)
        .map(|index| format!("https://tenant-{index:05}.example.com"))
        .collect();
    origins.push(LAST.to_owned());
    Origins::Listed(origins)
}

/// Returns 16 KiB: 4,096 distinct names of three letters.
fn unknown_names() -> String {
    let letters = || b'a'..=b'p';
    let mut names = String::new();
    for first in letters() {
        for second in letters() {
            for third in letters() {
                for byte in [first, second, third, b','] {
                    names.push(char::from(byte));
                }
            }
        }
    }
    names.pop();
    names
}

/// Returns 4 KiB: 2,000 labels, right but for the last byte.
fn hostile_origin() -> String {
    format!("https://{}example.con", "a.".repeat(2_000))
}

/// Returns 64 KiB of one label.
fn long_origin() -> String {
    format!("https://{}", "a".repeat(64 * 1024 - "https://".len()))
}
