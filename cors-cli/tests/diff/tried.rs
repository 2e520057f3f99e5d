//! The values of settings, and the requests, that are tried.

/// Every key with values to try. The first one is the default.
pub(crate) const KEYS: [(&str, &[&str]); 23] = [
    (
        "allow_origins",
        &[
            "[]",
            "['*']",
            "['https://a.example']",
            "['https://b.example:8443', 'http://localhost:3000-3010']",
            "['http://localhost:*', 'https://a.example']",
            "['https://*.a.example']",
            "['https://*.a.example:*', 'https://x.a.example']",
            "['https://*.b.a.example:8000-9000', 'https://*.a.example:8500']",
            "['app://.', 'moz-extension://*']",
            "['app://*:*', 'file://']",
            "['http://192.168.*.*:*']",
            "['http://192.168.1.*:3000', 'https://192.168.*.*']",
        ],
    ),
    (
        "allow_origin_regexes",
        &[
            "[]",
            "['https://[a-z]+\\.preview\\.example']",
            "['https?://[a-z0-9]+\\.lan\\.example(:[0-9]+)?']",
            "['https://pr-[0-9]+\\.a\\.example', 'https://x\\.a\\.example:9[0-9]+']",
        ],
    ),
    ("allow_null_origin", &["false", "true"]),
    (
        "allow_methods",
        &[
            "[]",
            "['*']",
            "['PUT']",
            "['put', 'DELETE', 'PATCH']",
            "['PURGE']",
        ],
    ),
    (
        "allow_headers",
        &[
            "[]",
            "['*']",
            "['*', 'authorization']",
            "['content-type']",
            "['accept', 'Accept-Language', 'range', 'x-b']",
            "['x-a-*']",
            "['x-a-b', 'x-a-other', 'x-a-b-*']",
        ],
    ),
    (
        "expose_headers",
        &["[]", "['*']", "['x-id']", "['x-a-*', 'etag']", "['X-A-1']"],
    ),
    ("allow_credentials", &["false", "true"]),
    (
        "allow_credentials_from",
        &[
            "[]",
            "['https://a.example']",
            "['https://*.a.example:*', 'http://localhost:3000']",
        ],
    ),
    ("max_age", &["5", "600", "0"]),
    ("allow_private_network", &["false", "true"]),
    ("preflight_status", &["204", "200"]),
    ("preflight_refusal_status", &["403", "200"]),
    ("preflight_passthrough", &["false", "true"]),
    ("keep_app_headers", &["false", "true"]),
    ("reject_disallowed_origins", &["false", "true"]),
    (
        "allow_hosts",
        &[
            "[]",
            "['*']",
            "['server.example']",
            "['server.example:8443', '*.in.example']",
            "['x.in.example', '[::1]']",
        ],
    ),
    ("check_public_suffixes", &["false", "true"]),
    (
        "dangerously_allow_any_origin_with_credentials",
        &["false", "true"],
    ),
    (
        "dangerously_allow_insecure_origins_with_credentials",
        &["false", "true"],
    ),
    (
        "dangerously_allow_null_origin_with_credentials",
        &["false", "true"],
    ),
    (
        "dangerously_allow_private_networks_with_credentials",
        &["false", "true"],
    ),
    // Tables, which come last.
    (
        "paths",
        &[
            "",
            "[[paths]]\npath = '/a/{x}'\nallow_methods = ['DELETE']\n",
            "[[paths]]\npath = '/{y}/b'\nallow_origins = ['https://a.example']\n",
            "[[paths]]\npath = '/{y}/b'\nenabled = false\n[[paths]]\npath = '/a/{x}'\n",
            "[[paths]]\npath = '/api/{*rest}'\nallow_headers = ['x-b']\n[[paths]]\npath = '/api'\n",
            "[[paths]]\npath = '/{one}/{two}/{*rest}'\nallow_null_origin = true\n\
             [[paths]]\npath = '/api/v1'\nenabled = false\n",
            "[[paths]]\npath = '/{*all}'\nallow_hosts = ['server.example']\n\
             [[paths]]\npath = '/%61/b'\nallow_methods = ['*']\n",
        ],
    ),
    ("shadow", &["", "[shadow]\nallow_methods = ['PATCH']\n"]),
];

pub(crate) const PAGES: [&str; 32] = [
    "https://a.example",
    "http://a.example",
    "https://a.example:8443",
    "https://b.example",
    "https://b.example:8443",
    "https://x.a.example",
    "https://x.a.example:9",
    "https://x.a.example:999",
    "https://x.y.a.example",
    "https://x.y.a.example:8500",
    "https://pr-7.a.example",
    "https://c.b.a.example:8000",
    "https://c.b.a.example:8500",
    "https://c.b.a.example:9001",
    "http://localhost",
    "http://localhost:1",
    "http://localhost:3000",
    "http://localhost:3007",
    "http://localhost:3011",
    "https://localhost",
    "app://.",
    "app://x:5",
    "moz-extension://6a1e",
    "file://",
    "null",
    "http://192.168.7.7",
    "http://192.168.1.7:3000",
    "http://192.168.1.7:3001",
    "https://192.168.1.7",
    "https://abc.preview.example",
    "http://abc.lan.example",
    "https://abc.lan.example:8080",
];

pub(crate) const HOSTS: [&str; 6] = [
    "server.example",
    "server.example:8443",
    "server.example:9000",
    "x.in.example",
    "in.example:8443",
    "[::1]:8443",
];

/// Paths, and whether they can be read in several ways.
pub(crate) const PATHS: [(&str, bool); 20] = [
    ("/", false),
    ("/a", false),
    ("/a/b", false),
    ("/%61/b/", false),
    ("/a/c", false),
    ("/c/b", false),
    ("/c/d", false),
    ("/c/d/e", false),
    ("/a/b/c", false),
    ("/api", false),
    ("//api/", false),
    ("/api/v1", false),
    ("/api/v1/c", false),
    ("/api/v2/c/d", false),
    ("/a%2Fb", true),
    ("/a%2Fc/d", true),
    ("/c%5Cb", true),
    ("/a;v=1/b", true),
    ("/a/c;v=1", true),
    ("/%2561pi", true),
];

pub(crate) const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "PURGE", "REPORT", "OPTIONS",
];

pub(crate) const HEADERS: [(&str, &str); 14] = [
    ("accept", "*/*"),
    ("content-type", "text/plain"),
    ("content-type", "application/json"),
    ("accept", "\"unsafe\""),
    ("accept-language", "(unsafe)"),
    ("range", "lines=1"),
    ("authorization", "Bearer x"),
    ("x-a-b", "1"),
    ("x-a-other", "1"),
    ("x-a-b-c", "1"),
    ("x-b", "1"),
    ("x-c", "1"),
    ("cookie", "a=b"),
    ("content-language", "<unsafe>"),
];

pub(crate) const READ: [&str; 5] = ["x-id", "x-a-1", "x-a-b", "etag", "x-none"];
