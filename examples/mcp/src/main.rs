//! `cargo run -p example-mcp`: MCP at `http://127.0.0.1:3000/mcp`.

use std::error::Error;
use std::process::ExitCode;

use example_mcp::Notes;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let app = example_mcp::app(&Notes::default(), example_mcp::policy()?);
    // Loopback: a policy is about browsers, and no other machine has to reach the server.
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("MCP at http://{}/mcp", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
