//! What Chromium's console says of a call that is blocked. No script can read it.

use cors_core::browser::{CorsCheckError, NetworkError, PreflightCheckError};

/// Returns the words after those that each message begins with; `None` where there are none of
/// CORS. `status` is that of the last response.
pub(crate) fn text(error: &NetworkError, status: u16) -> Option<String> {
    match error {
        NetworkError::Response(error) => of_response(error),
        // Chromium looks at this before anything else of the response.
        NetworkError::Preflight(_) if matches!(status, 301..=303 | 307 | 308) => Some(of_refused(
            "Redirect is not allowed for a preflight request.",
        )),
        NetworkError::Preflight(error) => of_preflight(error),
        _ => None,
    }
}

fn of_preflight(error: &PreflightCheckError) -> Option<String> {
    Some(match error {
        PreflightCheckError::Cors(error) => of_refused(&of_response(error)?),
        PreflightCheckError::Status { .. } => of_refused("It does not have HTTP ok status."),
        PreflightCheckError::Method { method } => format!(
            "Method {method} is not allowed by Access-Control-Allow-Methods in preflight response."
        ),
        PreflightCheckError::Header { name } => format!(
            "Request header field {name} is not allowed by Access-Control-Allow-Headers in \
             preflight response."
        ),
        _ => return None,
    })
}

fn of_refused(why: &str) -> String {
    format!("Response to preflight request doesn't pass access control check: {why}")
}

fn of_response(error: &CorsCheckError) -> Option<String> {
    Some(match error {
        CorsCheckError::MissingAllowOrigin => {
            "No 'Access-Control-Allow-Origin' header is present on the requested resource."
                .to_owned()
        }
        CorsCheckError::WildcardWithCredentials => {
            "The value of the 'Access-Control-Allow-Origin' header in the response must not be the \
             wildcard '*' when the request's credentials mode is 'include'."
                .to_owned()
        }
        CorsCheckError::OtherAllowOrigin { got, .. } => format!(
            "The 'Access-Control-Allow-Origin' header has a value '{}' that is not equal to the \
             supplied origin.",
            String::from_utf8_lossy(got)
        ),
        CorsCheckError::MissingAllowCredentials => credentials(""),
        CorsCheckError::AllowCredentialsNotTrue { got } => {
            credentials(&String::from_utf8_lossy(got))
        }
        _ => return None,
    })
}

fn credentials(got: &str) -> String {
    format!(
        "The value of the 'Access-Control-Allow-Credentials' header in the response is '{got}' \
         which must be 'true' when the request's credentials mode is 'include'."
    )
}
