//! The test app on warp: `serve-warp --policy FILE --listen 127.0.0.1:0`.

use std::process::ExitCode;

use conformance_servers::{serve, warp_app};

fn main() -> ExitCode {
    serve::main(warp_app::FRAMEWORK)
}
