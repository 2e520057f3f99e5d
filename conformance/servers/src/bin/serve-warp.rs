//! The test app on warp: `serve-warp --policy FILE --listen 127.0.0.1:0`.

use std::process::ExitCode;

use conformance_servers::{Framework, serve};

fn main() -> ExitCode {
    serve::main(Framework::Warp)
}
