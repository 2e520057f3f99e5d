//! Servers that allow other origins than they mean to.

use super::corpus::{Broken, handler};
use super::cors::{
    ADMIN, APP, CREDENTIALS, EXPOSE, ORIGIN, app, if_allowed, preflight, public, right,
};
use super::server::Request;

/// The handler of a server that decides about an origin by a function.
macro_rules! by {
    ($is_allowed:expr) => {
        || {
            handler(|request| {
                let is_allowed: fn(&str) -> bool = $is_allowed;
                if_allowed(request, is_allowed(request.origin()))
            })
        }
    };
}

fn host(origin: &str) -> &str {
    let (_, host) = origin.split_once("://").unwrap_or_default();
    host
}

/// Returns whether an origin is one of three labels, the last one `com`.
fn is_of_labels(origin: &str, is_first: fn(&str) -> bool) -> bool {
    let labels: Vec<_> = host(origin).split('.').collect();
    let is_label = |label: &&str| label.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_com = matches!(*labels, [first, _, "com"] if is_first(first));
    origin.starts_with("https://") && is_com && labels.iter().all(is_label)
}

fn is_preflight_of_foreign(request: &Request) -> bool {
    request.is_preflight() && request.origin() != APP
}

pub(crate) fn all() -> Vec<Broken> {
    vec![
        Broken::new(
            "express cors: origin: true, credentials: true",
            &["ForeignOriginAllowedWithCredentials"],
            by!(|origin| !origin.is_empty()),
        ),
        Broken::new(
            "a hand-written filter that echoes Origin",
            &["ForeignOriginAllowed"],
            || {
                handler(|request| {
                    let is_page = !request.origin().is_empty();
                    if_allowed(request, is_page).without(CREDENTIALS)
                })
            },
        ),
        Broken::new(
            "nginx: the block of OPTIONS echoes $http_origin, the rest has a map",
            &["ForeignOriginAllowedWithCredentials"],
            || {
                handler(|request| {
                    if is_preflight_of_foreign(request) {
                        preflight(request, true)
                    } else {
                        right(request)
                    }
                })
            },
        ),
        Broken::new(
            "a list of origins with \"null\", for pages in files",
            &["NullAllowedWithCredentials"],
            by!(|origin| origin == APP || origin == "null"),
        ),
        Broken::new(
            "django-cors-headers: null in CORS_ALLOWED_ORIGINS, without credentials",
            &["NullAllowed"],
            || {
                handler(|request| {
                    let is_allowed = [APP, "null"].contains(&request.origin());
                    if_allowed(request, is_allowed).without(CREDENTIALS)
                })
            },
        ),
        Broken::new(
            "JavaScript: origin.endsWith('app.example.com')",
            &["OriginAllowedByItsEnd"],
            by!(|origin| origin.ends_with("app.example.com")),
        ),
        Broken::new(
            "django-cors-headers: re.match with an expression without $",
            &["OriginAllowedByItsStart"],
            by!(|origin| origin.starts_with(APP)),
        ),
        Broken::new(
            "JavaScript: origin.includes('app.example.com')",
            &["OriginAllowedByAPart"],
            by!(|origin| origin.contains("app.example.com")),
        ),
        Broken::new(
            "express cors: /^https:\\/\\/app.example\\.com$/",
            &["DotMatchesAnything"],
            by!(|origin| {
                let parts = host(origin).split_at_checked(3);
                origin.starts_with("https://")
                    && parts.is_some_and(|(app, rest)| {
                        app == "app" && rest.get(1..) == Some("example.com")
                    })
            }),
        ),
        Broken::new(
            "Go: strings.HasSuffix(u.Hostname(), \".app.example.com\")",
            &["SubdomainAllowed"],
            by!(|origin| {
                let is_below = host(origin).ends_with(".app.example.com");
                origin == APP || (origin.starts_with("https://") && is_below)
            }),
        ),
        Broken::new(
            "JavaScript: origin.endsWith('example.com'), for all subdomains",
            &["OriginAllowedByItsEnd"],
            by!(|origin| origin.starts_with("https://") && origin.ends_with("example.com")),
        )
        .with(&["--origin", "https://*.example.com"]),
        Broken::new(
            "Rails: /https:\\/\\/(.+\\.)?example\\.com/, which allows the domain itself",
            &["OtherOriginAllowed"],
            by!(|origin| {
                let is_below = host(origin).ends_with(".example.com");
                origin == "https://example.com" || (origin.starts_with("https://") && is_below)
            }),
        )
        .with(&["--origin", "https://*.example.com"]),
        Broken::new(
            "nginx: ~^https?://.*\\.example\\.com$, where subdomains are named",
            &["PlainHttpAllowed"],
            by!(|origin| {
                let is_web = ["http://", "https://"];
                is_web.iter().any(|scheme| origin.starts_with(scheme))
                    && origin.ends_with(".example.com")
            }),
        )
        .with(&["--origin", "https://*.example.com"]),
        Broken::new(
            "rack-cors: origins 'app.example.com', without a scheme",
            &["PlainHttpAllowed"],
            by!(|origin| host(origin) == "app.example.com"),
        ),
        Broken::new(
            "Python: urlparse(origin).hostname, which has no port",
            &["OtherPortAllowed"],
            by!(|origin| {
                let name = host(origin).split(':').next();
                origin.starts_with("https://") && name == Some("app.example.com")
            }),
        ),
        Broken::new(
            "a route for POST with a filter of its own, which echoes Origin",
            &["ForeignOriginAllowedWithCredentials"],
            || {
                handler(|request| {
                    let is_page = !request.origin().is_empty();
                    let is_allowed = request.origin() == APP;
                    if_allowed(request, is_allowed || (is_page && request.method == "POST"))
                })
            },
        )
        .with(&["--unsafe-methods"])
        .but_under_policy(&["RefusedOriginAllowed"]),
        Broken::new(
            "nginx: add_header with one fixed origin, where there are two apps",
            &["OtherOrigin"],
            || {
                handler(|request| {
                    if_allowed(request, [APP, ADMIN].contains(&request.origin()))
                        .replacing(ORIGIN, APP)
                })
            },
        )
        .with(&["--origin", "https://admin.example.com"]),
        Broken::new(
            "a list with http://app.example.com, from before there was TLS",
            &["OriginNotAllowed"],
            by!(|origin| origin == "http://app.example.com:80"),
        ),
        Broken::new(
            "Starlette: credentials and exposed headers for origins that are not allowed",
            &["StrayHeaders"],
            || {
                handler(|request| {
                    if request.is_preflight() || request.origin() == APP {
                        return right(request);
                    }
                    app(request)
                        .with("Vary", "Origin")
                        .with(CREDENTIALS, "true")
                        .with(EXPOSE, "x-request-id")
                })
            },
        ),
        Broken::new(
            "Envoy: prefix: https://app, with an example of the dot's",
            &["OriginAllowedByItsStart"],
            by!(|origin| origin.starts_with("https://app")),
        ),
        Broken::new(
            "express cors: /example\\.com$/",
            &["OriginAllowedByItsEnd"],
            by!(|origin| origin.starts_with("https://") && origin.ends_with("example.com")),
        ),
        Broken::new(
            "nginx: ~^https://[a-z0-9-]+\\.example\\.com$, where one is named",
            &["SiblingAllowed"],
            by!(|origin| {
                let label = origin.strip_suffix(".example.com");
                let label = label.and_then(|start| start.strip_prefix("https://"));
                label.is_some_and(|label| !label.contains(['.', ':']))
            }),
        ),
        Broken::new(
            "Python: origin.endswith('.example.com'), where one is named",
            &["PlainHttpAllowed", "SiblingAllowed"],
            by!(|origin| origin.ends_with(".example.com")),
        ),
        Broken::new(
            "a pattern for the previews of a host of many",
            &["OtherOriginAllowed"],
            by!(|origin| {
                origin == APP || (origin.starts_with("https://") && origin.ends_with(".vercel.app"))
            }),
        )
        .with(&["--origin", "https://shop.vercel.app"]),
        Broken::new(
            "express cors: /^https:\\/\\/[a-z]+\\.[a-z]+\\.com$/",
            &["OtherOriginAllowed", "SiblingAllowed"],
            by!(|origin| is_of_labels(origin, |_| true)),
        ),
        Broken::new(
            "express cors: /^https:\\/\\/app\\.[a-z]+\\.com$/",
            &["OtherOriginAllowed"],
            by!(|origin| is_of_labels(origin, |first| first == "app")),
        ),
        Broken::new(
            "express cors: /^https:\\/\\/preview-.*\\.example\\.com$/, where one is named",
            &["SiblingAllowed"],
            by!(|origin| {
                let is_preview = host(origin).starts_with("preview-");
                let is_below = origin.ends_with(".example.com");
                origin == APP || (origin.starts_with("https://") && is_preview && is_below)
            }),
        )
        .with(&["--origin", "https://preview-12.example.com"]),
        Broken::new(
            "Python: origin in 'https://app.example.com'",
            &["BeginningOfOriginAllowed"],
            by!(|origin| !origin.is_empty() && APP.contains(origin)),
        ),
        Broken::new(
            "express cors: without options, where one origin is named",
            &["AnyOriginAllowed"],
            || handler(public),
        ),
    ]
}
