//! The policies that are exported.

/// A policy, and what it takes to judge it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) policy: &'static str,
    /// Origins that regular expressions decide about.
    pub(crate) origins: &'static [&'static str],
}

const fn case(name: &'static str, policy: &'static str) -> Case {
    Case {
        name,
        policy,
        origins: &[],
    }
}

/// The status of preflights is Envoy's: what else differs would not show beside another one.
pub(crate) const CASES: &[Case] = &[
    case(
        "exact origins with credentials",
        r#"
allow_origins = ["https://app.example.com", "http://localhost:3000", "http://[::1]:8080", "tauri://localhost"]
allow_methods = ["PUT", "delete"]
allow_headers = ["Content-Type", "authorization"]
allow_credentials = true
expose_headers = ["x-custom-one"]
max_age = 600
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    case(
        "any origin",
        r#"
allow_origins = ["*"]
allow_methods = ["*"]
allow_headers = ["*"]
expose_headers = ["*"]
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    case(
        "any origin, with Authorization",
        r#"
allow_origins = ["*"]
allow_headers = ["*", "authorization"]
max_age = 0
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    case(
        "subdomains, ports and networks",
        r#"
allow_origins = ["https://*.example.com", "http://*.localhost:*", "http://localhost:*", "http://127.0.0.1:79-1080", "http://192.168.*.*:*", "moz-extension://*"]
allow_methods = ["PATCH"]
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    case(
        "whatever is asked for, with credentials",
        r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["*"]
allow_headers = ["*"]
allow_credentials = true
allow_private_network = true
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    Case {
        name: "regular expressions",
        policy: r#"
allow_origins = ["https://app.example.com"]
allow_origin_regexes = ['https://(?:preview|pr)-\d{1,4}\.example\.com', '^https://[a-z]+\.example\.org(:\d+)?$']
allow_null_origin = true
preflight_status = 200
preflight_refusal_status = 200
"#,
        origins: &[
            "https://preview-12.example.com",
            "https://pr-12345.example.com",
            "https://a.example.org:8443",
            "https://a1.example.org",
            "https://a.example.org.evil.example",
        ],
    },
    case(
        "credentials for some",
        r#"
allow_origins = ["*"]
allow_credentials_from = ["https://app.example.com", "https://*.example.org"]
allow_methods = ["PUT"]
allow_headers = ["*"]
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    case(
        "any origin with credentials",
        r#"
allow_origins = ["*"]
allow_credentials = true
dangerously_allow_any_origin_with_credentials = true
allow_methods = ["PUT"]
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    case(
        "the statuses that a file need not name",
        "allow_origins = [\"https://app.example.com\"]\nallow_methods = [\"PUT\"]\nmax_age = 60\n",
    ),
    case(
        "nobody",
        "preflight_status = 200\npreflight_refusal_status = 200\n",
    ),
    case(
        "policies by path",
        r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
allow_credentials = true
preflight_status = 200
preflight_refusal_status = 200

[[paths]]
path = "/own-cors"
allow_origins = ["*"]
allow_credentials = false
expose_headers = ["x-custom-two"]

[[paths]]
path = "/users/{id}/@me"
allow_origins = ["https://users.example.com"]

[[paths]]
path = "/users/{*rest}"
allow_origins = []

[[paths]]
path = "/caf%C3%A9/{*rest}"
allow_origins = ["https://cafe.example.com"]

[[paths]]
path = "/boom"
enabled = false
"#,
    ),
    case(
        "paths alone",
        r#"
preflight_status = 200
preflight_refusal_status = 200

[[paths]]
path = "/echo/{*rest}"
allow_origins = ["https://app.example.com"]

[[paths]]
path = "/{*rest}"
enabled = false
"#,
    ),
    case(
        "the root's own policy",
        r#"
allow_origins = ["https://app.example.com"]
preflight_status = 200
preflight_refusal_status = 200

[[paths]]
path = "/"
allow_origins = ["https://root.example.com"]
"#,
    ),
    case(
        "whatever is asked for, with credentials for some",
        r#"
allow_origins = ["*"]
allow_credentials_from = ["https://app.example.com"]
allow_methods = ["*"]
allow_headers = ["*"]
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
    Case {
        name: "a large expression",
        policy: r#"
allow_origins = ["https://app.example.com"]
allow_origin_regexes = ['https://(?:[a-z0-9-]{1,63}\.){1,15}example\.com']
preflight_status = 200
preflight_refusal_status = 200
"#,
        origins: &["https://a.b-2.example.com", "https://a_b.example.com"],
    },
    case(
        "hosts, and a path for every host",
        r#"
allow_origins = ["https://app.example.com"]
allow_hosts = ["api.example.com"]
preflight_status = 200
preflight_refusal_status = 200

[[paths]]
path = "/echo"
enabled = false
"#,
    ),
    case(
        "hosts",
        r#"
allow_origins = ["https://app.example.com"]
allow_hosts = ["api.example.com", "*.example.net", "127.0.0.1"]
preflight_status = 200
preflight_refusal_status = 200
"#,
    ),
];

/// What nginx can do beyond Envoy.
pub(crate) const OF_NGINX: &[Case] = &[
    case(
        "rejected origins, and other statuses",
        r#"
allow_origins = ["https://app.example.com"]
reject_disallowed_origins = true
preflight_status = 202
preflight_refusal_status = 418

[[paths]]
path = "/echo"
allow_origins = ["https://other.example.com"]
reject_disallowed_origins = false

[[paths]]
path = "/only-get"
allow_hosts = ["api.example.com"]
"#,
    ),
    case(
        "preflights that reach the app",
        "allow_origins = [\"https://app.example.com\"]\nallow_methods = [\"PUT\"]\npreflight_passthrough = true\n",
    ),
];
