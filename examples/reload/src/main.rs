//! A policy in a file, and a server that goes by the file's latest valid content without a restart.
//!
//! `cargo run -p example-reload`, or with a policy file of your own:
//! `cargo run -p example-reload -- path/to/cors.toml`
//! Then change the file, and look at what the server prints. A mistake leaves the policy as it was.

mod changes;
mod reload;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use axum::Router;
use axum::routing::get;
use cors_axum::{CorsLayer, SharedPolicy};
use tokio::net::TcpListener;

const POLICY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cors.toml");

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
    let path = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from(POLICY_FILE), PathBuf::from);
    let policy = reload::follow(path, |reloaded| match reloaded {
        Ok(()) => println!("the policy was replaced"),
        Err(mistake) => eprintln!("the policy stays as it was:\n{mistake}"),
    })?;
    let listener = TcpListener::bind("127.0.0.1:3000")
        .await
        .map_err(|error| format!("127.0.0.1:3000: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app(policy)).await?;
    Ok(())
}

fn app(policy: SharedPolicy) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .layer(CorsLayer::new(policy))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::net::SocketAddr;
    use std::path::Path;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    use super::*;
    use crate::reload::{Mistake, Reloaded};

    const OLD: &str = "https://old.example";
    const NEW: &str = "https://new.example";

    async fn allows(server: SocketAddr, origin: &str) -> Result<bool, Box<dyn Error>> {
        let request = format!(
            "GET / HTTP/1.1\r\nhost: {server}\r\norigin: {origin}\r\nconnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        Ok(response.contains(&format!("access-control-allow-origin: {origin}\r\n")))
    }

    /// As editors do it: a new file in the place of the old one.
    fn write(path: &Path, text: &str) -> std::io::Result<()> {
        let draft = path.with_extension("draft");
        fs::write(&draft, text)?;
        fs::rename(draft, path)
    }

    #[tokio::test]
    async fn the_policy_is_that_of_the_file_and_mistakes_leave_it() -> Result<(), Box<dyn Error>> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("cors.toml");
        write(&path, &format!("allow_origins = [{OLD:?}]"))?;
        let (sender, mut reports) = mpsc::unbounded_channel();
        let policy = reload::follow(path.clone(), move |reloaded| {
            // Nobody listens any more once the test is over.
            let _ = sender.send(reloaded);
        })?;
        let mut report = async || -> Result<Reloaded, Box<dyn Error>> {
            let report = timeout(Duration::from_secs(10), reports.recv()).await?;
            report.ok_or_else(|| "the watch has ended".into())
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = listener.local_addr()?;
        tokio::spawn(async { axum::serve(listener, app(policy)).await });
        assert!(allows(server, OLD).await?);
        assert!(!allows(server, NEW).await?);

        write(&path, &format!("allow_origins = [{NEW:?}]"))?;
        report().await??;
        assert!(!allows(server, OLD).await?);
        assert!(allows(server, NEW).await?);

        write(
            &path,
            r#"allow_origins = ["https://old.example/", "old.example"]"#,
        )?;
        let mistake = report().await?.expect_err("there are two");
        assert!(
            matches!(&mistake, Mistake::Policy(errors) if errors.problems().len() == 2),
            "{mistake}"
        );
        assert!(allows(server, NEW).await?);

        write(&path, "allow_orgins = []")?;
        let mistake = report().await?.expect_err("there is no such key");
        assert!(mistake.to_string().contains("allow_orgins"), "{mistake}");
        fs::remove_file(&path)?;
        let mistake = report().await?.expect_err("there is no file");
        assert!(matches!(mistake, Mistake::File(_)), "{mistake}");
        assert!(allows(server, NEW).await?);

        write(&path, &format!("allow_origins = [{OLD:?}]"))?;
        report().await??;
        assert!(allows(server, OLD).await?);
        Ok(())
    }
}
