//! [`PreflightReason`]: the reasons why a browser asks first.

use std::fmt;

use super::safelist::{MAX_VALUE_BYTES, MAX_VALUES_BYTES};
use crate::protocol::escape::Quoted;

/// A reason why a request is not a "simple request", so that a browser sends a preflight.
///
/// `Display` is a short form, such as `method PUT` or `header x-a`;
/// [`explanation`](Self::explanation) is a sentence. Names of headers are in lower case.
///
/// ```
/// use cors_core::browser::{PreflightReason, Request};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = Request::new("post")?.header("Content-Type", "application/json")?;
/// let [reason] = &request.needs_preflight()[..] else { return Err("one reason".into()) };
/// assert_eq!(reason.to_string(), "header content-type");
/// assert_eq!(
///     reason,
///     &PreflightReason::ContentType { essence: Some("application/json".to_owned()) },
/// );
/// # Ok(())
/// # }
/// ```
///
/// [CORS-safelisted method](https://fetch.spec.whatwg.org/#cors-safelisted-method),
/// [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header),
/// [use-CORS-preflight flag](https://fetch.spec.whatwg.org/#use-cors-preflight-flag)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreflightReason {
    /// The method is neither GET nor HEAD nor POST.
    Method {
        /// The method, as it is sent.
        method: String,
    },
    /// The header's name is not safelisted.
    HeaderName {
        /// The name.
        name: String,
    },
    /// The value has a byte that a header of this safelisted name must not have.
    HeaderByte {
        /// The name.
        name: String,
        /// The first such byte.
        byte: u8,
    },
    /// `Content-Type` is not one of the three types that a form can send.
    ContentType {
        /// The type and subtype in lower case, or `None` where the value is not a MIME type.
        essence: Option<String>,
    },
    /// `Range` is not a single `bytes=first-` or `bytes=first-last`.
    Range {
        /// The value.
        value: Vec<u8>,
    },
    /// The value of a safelisted name is longer than 128 bytes.
    ValueTooLong {
        /// The name.
        name: String,
        /// The length of the value.
        bytes: usize,
    },
    /// All safelisted values together are longer than 1,024 bytes, so that none of them is
    /// safelisted any more.
    ValuesTooLong {
        /// The name of one of them.
        name: String,
        /// The length of all of them together.
        bytes: usize,
    },
    /// An event listener on the `upload` object of an `XMLHttpRequest`.
    UploadListener,
    /// A stream for a body.
    StreamBody,
}

impl PreflightReason {
    /// Returns the name of the header that is the reason, in lower case.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::HeaderName { name }
            | Self::HeaderByte { name, .. }
            | Self::ValueTooLong { name, .. }
            | Self::ValuesTooLong { name, .. } => Some(name),
            Self::ContentType { .. } => Some("content-type"),
            Self::Range { .. } => Some("range"),
            Self::Method { .. } | Self::UploadListener | Self::StreamBody => None,
        }
    }

    /// Returns a sentence that says which rule asks for a preflight, and what would need none.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Method { method } => format!(
                "The method {} is not CORS-safelisted; only GET, HEAD and POST are.",
                Quoted(method.as_bytes())
            ),
            Self::HeaderName { name } => format!(
                "The header {} is not CORS-safelisted; only Accept, Accept-Language, \
                 Content-Language, Content-Type and Range are.",
                Quoted(name.as_bytes())
            ),
            Self::HeaderByte { name, byte } => format!(
                "The value of {name} has the byte 0x{byte:02X}, which a CORS-safelisted {name} \
                 must not have."
            ),
            Self::ContentType { essence } => {
                let found = match essence {
                    Some(essence) => format!("is {}", Quoted(essence.as_bytes())),
                    None => "is not a MIME type".to_owned(),
                };
                format!(
                    "The content-type {found}; CORS-safelisted are only \
                     application/x-www-form-urlencoded, multipart/form-data and text/plain."
                )
            }
            Self::Range { value } => format!(
                "The range {} is not a single bytes=first- or bytes=first-last, which alone is \
                 CORS-safelisted.",
                Quoted(value)
            ),
            Self::ValueTooLong { name, bytes } => format!(
                "The value of {name} has {bytes} bytes; a CORS-safelisted one has at most \
                 {MAX_VALUE_BYTES}."
            ),
            Self::ValuesTooLong { name, bytes } => format!(
                "The values of {name} and the other CORS-safelisted headers have {bytes} bytes \
                 together; past {MAX_VALUES_BYTES}, none of them is safelisted."
            ),
            Self::UploadListener => {
                "A listener on XMLHttpRequest.upload sees how the upload goes, so the server is \
                 asked first."
                    .to_owned()
            }
            Self::StreamBody => {
                "A body that is a ReadableStream is more than any form can send, so the server \
                 is asked first."
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for PreflightReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method { method } => write!(f, "method {method}"),
            Self::UploadListener => f.write_str("upload listener"),
            Self::StreamBody => f.write_str("stream body"),
            Self::HeaderName { .. }
            | Self::HeaderByte { .. }
            | Self::ContentType { .. }
            | Self::Range { .. }
            | Self::ValueTooLong { .. }
            | Self::ValuesTooLong { .. } => {
                write!(f, "header {}", self.header().unwrap_or_default())
            }
        }
    }
}
