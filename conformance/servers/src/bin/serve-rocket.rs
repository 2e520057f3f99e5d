//! The test app on Rocket: `serve-rocket --policy FILE --listen 127.0.0.1:0`.

use std::process::ExitCode;

use conformance_servers::{Framework, serve};

fn main() -> ExitCode {
    serve::main(Framework::Rocket)
}
