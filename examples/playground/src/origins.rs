//! [`PageOrigin`]: where the page's calls come from.

use serde::Serialize;

/// One of the origins that the same small frame is loaded from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageOrigin {
    id: &'static str,
    /// As the browser serializes it.
    pub(crate) origin: String,
    label: &'static str,
    note: &'static str,
    frame: String,
    sandboxed: bool,
}

impl PageOrigin {
    /// Returns the host and port of the origin; `None` for an opaque one.
    pub(crate) fn host(&self) -> Option<&str> {
        self.origin.strip_prefix("http://")
    }
}

/// Returns all of them; the first one is the page's own.
pub(crate) fn all(port: u16, other_port: u16) -> [PageOrigin; 4] {
    let of = |id, host: &str, port, label, note| {
        let origin = format!("http://{host}:{port}");
        PageOrigin {
            id,
            frame: format!("{origin}/frame.html"),
            origin,
            label,
            note,
            sandboxed: false,
        }
    };
    [
        of(
            "page",
            "localhost",
            port,
            "This page",
            "the origin of this page itself",
        ),
        of(
            "address",
            "127.0.0.1",
            port,
            "Other host",
            "the same server by its address; another site, so Lax cookies stay behind",
        ),
        of(
            "port",
            "localhost",
            other_port,
            "Other port",
            "another origin of the same site, so cookies flow",
        ),
        PageOrigin {
            origin: "null".to_owned(),
            sandboxed: true,
            ..of(
                "opaque",
                "localhost",
                port,
                "Sandboxed frame",
                "an opaque origin, which any site can take",
            )
        },
    ]
}
