//! The test app on actix-web: `serve-actix --policy FILE --listen 127.0.0.1:0`.

use std::process::ExitCode;

use conformance_servers::{Framework, serve};

fn main() -> ExitCode {
    serve::main(Framework::Actix)
}
