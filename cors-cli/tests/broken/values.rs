//! Servers that write values which no browser takes for what is meant.

use super::corpus::{Broken, handler};
use super::cors::{
    CREDENTIALS, EXPOSE, HEADERS, MAX_AGE, METHODS, ORIGIN, PRIVATE_NETWORK, public, right,
};

/// The handler of a right server that has another value in a field.
macro_rules! other_value {
    ($name:expr, $value:expr) => {
        || handler(|request| right(request).replacing($name, $value))
    };
}

pub(crate) fn all() -> Vec<Broken> {
    vec![
        Broken::new(
            "an API gateway and the app behind it both add CORS",
            &["TwoOrigins"],
            || {
                handler(|request| {
                    let mut reply = right(request);
                    let again = reply.headers.clone();
                    reply.headers.extend(again);
                    reply
                })
            },
        ),
        Broken::new(
            "Apache: Header set with a list of origins",
            &["TwoOrigins"],
            other_value!(ORIGIN, "https://app.example.com, https://admin.example.com"),
        ),
        Broken::new(
            "Azure Functions: a slash at the end of the origin",
            &["MalformedOrigin"],
            other_value!(ORIGIN, "https://app.example.com/"),
        ),
        Broken::new(
            "nginx: $host in the place of an origin",
            &["MalformedOrigin"],
            other_value!(ORIGIN, "app.example.com"),
        ),
        Broken::new(
            "a pattern that the server takes for an origin",
            &["MalformedOrigin"],
            other_value!(ORIGIN, "https://*.example.com"),
        ),
        Broken::new(
            "an origin as somebody has typed it",
            &["MalformedOrigin"],
            other_value!(ORIGIN, "HTTPS://App.Example.com"),
        ),
        Broken::new(
            "an origin with its default port, as java.net.URI writes it",
            &["MalformedOrigin"],
            other_value!(ORIGIN, "https://app.example.com:443"),
        ),
        Broken::new(
            "Python: str(True)",
            &["CredentialsNotTrue"],
            other_value!(CREDENTIALS, "True"),
        ),
        Broken::new(
            "PHP: header('Access-Control-Allow-Origin: *') beside credentials",
            &["WildcardWithCredentials"],
            || {
                handler(|request| {
                    let reply = public(request);
                    reply.with(CREDENTIALS, "true")
                })
            },
        ),
        Broken::new(
            "Spring: allowedMethods(\"*\") written out as it is",
            &["WildcardListWithCredentials"],
            other_value!(METHODS, "*"),
        ),
        Broken::new(
            "django-cors-headers: CORS_EXPOSE_HEADERS = ['*'] with credentials",
            &["WildcardListWithCredentials"],
            other_value!(EXPOSE, "*"),
        ),
        Broken::new(
            "Envoy: allow_headers: \"*\", and the app's pages send tokens",
            &["AnyOriginAllowed", "AuthorizationNotCovered"],
            || handler(|request| public(request).replacing(HEADERS, "*")),
        )
        .with(&["--header", "Authorization: Bearer 0123456789"]),
        Broken::new(
            "Fastify: methods in lower case",
            &["LowerCaseMethod"],
            other_value!(METHODS, "put, patch, delete"),
        ),
        Broken::new(
            "IIS: semicolons between the methods",
            &["MalformedList"],
            other_value!(METHODS, "PUT; PATCH; DELETE"),
        ),
        Broken::new(
            "Starlette: max_age=-1",
            &["MaxAgeUnreadable"],
            other_value!(MAX_AGE, "-1"),
        ),
        Broken::new(
            "Go: time.Duration in the place of seconds",
            &["MaxAgeUnreadable"],
            other_value!(MAX_AGE, "10m0s"),
        ),
        Broken::new(
            "a snippet for nginx: 20 days",
            &["MaxAgeBeyondCaps"],
            other_value!(MAX_AGE, "1728000"),
        ),
        Broken::new(
            "Apache: Header always set Access-Control-Allow-Methods",
            &["PreflightFieldsOnActual"],
            || {
                handler(|request| {
                    let reply = right(request);
                    if request.is_preflight() {
                        reply
                    } else {
                        reply.with(METHODS, "PUT, PATCH, DELETE")
                    }
                })
            },
        ),
        Broken::new(
            "flask-cors: Access-Control-Allow-Private-Network: false",
            &["PrivateNetworkUnasked"],
            || {
                handler(|request| {
                    let reply = right(request);
                    if request.origin().starts_with("https://app.") {
                        reply.with(PRIVATE_NETWORK, "false")
                    } else {
                        reply
                    }
                })
            },
        ),
        Broken::new(
            "a configuration generator that writes null for no value",
            &["NullAllowedWithCredentials"],
            || {
                handler(|request| {
                    let reply = right(request).without(ORIGIN).without(CREDENTIALS);
                    reply.with(ORIGIN, "null").with(CREDENTIALS, "true")
                })
            },
        ),
    ]
}
