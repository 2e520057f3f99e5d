//! What to change, in words.

use cors_core::browser::{CorsCheckError, NetworkError, PreflightCheckError};

use crate::outcome::{Outcome, Stage, Step};

/// Returns what to change so that the script can read the response, or what to know if it can.
pub(crate) fn of(outcome: &Outcome, error: Option<&NetworkError>, steps: &[Step]) -> Vec<String> {
    let stage = match outcome {
        Outcome::Readable { hidden, .. } => return unread(hidden).into_iter().collect(),
        Outcome::Blocked { at, .. } => *at,
    };
    let mut advice = Vec::new();
    match steps.last() {
        _ if stage == Stage::Sending => {
            advice.push(
                "Serve the API over HTTP/2, with TLS, or send a body that is whole.".to_owned(),
            );
        }
        Some(step) if step.verdict == "refused" => advice.extend(step.remedy.clone()),
        _ => advice.extend(error.and_then(of_error)),
    }
    if stage == Stage::Response && !steps.last().is_some_and(|step| step.rejected) {
        advice.push(
            "The server has handled the request all the same; the browser keeps the answer from \
             the script. CORS is not access control."
                .to_owned(),
        );
    }
    advice
}

/// Returns advice if the server allows what the browser blocks.
fn of_error(error: &NetworkError) -> Option<String> {
    use NetworkError::{Preflight, Response};

    let (Response(error) | Preflight(PreflightCheckError::Cors(error))) = error else {
        return None;
    };
    Some(match error {
        CorsCheckError::WildcardWithCredentials | CorsCheckError::MissingAllowCredentials => {
            "The origin is allowed, credentials are not. Send the request without them, or list \
             the origin in allow_origins and write allow_credentials = true; or list it in \
             allow_credentials_from, and the others have none."
                .to_owned()
        }
        CorsCheckError::MissingAllowOrigin => {
            "Nothing that answers here adds CORS headers.".to_owned()
        }
        _ => return None,
    })
}

/// Returns advice about the app's own headers that the script may not read.
fn unread(hidden: &[String]) -> Option<String> {
    let own: Vec<String> = hidden
        .iter()
        .filter(|name| name.starts_with("x-") && !SECURITY_HEADERS.contains(&name.as_str()))
        .map(|name| format!("\"{name}\""))
        .collect();
    (!own.is_empty()).then(|| {
        format!(
            "The response has headers that the script can't read. To let it, add {} to \
             expose_headers.",
            own.join(", ")
        )
    })
}

/// Rocket's, for the browser and not for a script.
const SECURITY_HEADERS: [&str; 2] = ["x-content-type-options", "x-frame-options"];
