//! How many preflights a session costs: what an answer lets the browser remember.

mod model;
mod server;

use std::io;
use std::time::Duration;

use conformance_browsers::{self as chromium, Chromium};

use self::server::{Answerer, Server};
use crate::session::{self, CALLS};

/// Between two calls of somebody who works with the page.
const PACE: Duration = Duration::from_secs(3);

/// Prints how many preflights a session costs with each contender.
///
/// # Errors
///
/// Fails if a server can't be reached, or refuses a call, or Chromium asks otherwise than a browser that
/// remembers the last answer of a URL alone.
pub fn print(with_chromium: bool) -> io::Result<()> {
    let page = format!("http://{}", server::start_page()?);
    println!(
        "| answers to preflights | preflights of {CALLS} calls at once, model | Chromium | a call every {} s, model |",
        PACE.as_secs(),
    );
    println!("|---|---:|---:|---:|");
    let mut differences = Vec::new();
    for answerer in Answerer::ALL {
        let server = Server::start(answerer, &page)?;
        let at_once = model::preflights(&server, &page, Duration::ZERO)?;
        let paced = model::preflights(&server, &page, PACE)?;
        let chromium = if with_chromium {
            Some(by_chromium(&server, &page)?)
        } else {
            None
        };
        println!(
            "| {} | {at_once} | {} | {paced} |",
            answerer.name(),
            chromium.map_or_else(|| "-".to_owned(), |count| count.to_string()),
        );
        if let Some(found) = chromium {
            let expected = model::preflights_by_last_answers(&server, &page)?;
            if found != expected {
                differences.push(format!(
                    "{}: Chromium asked {found} times, its last answers explain {expected}",
                    answerer.name(),
                ));
            }
        }
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(io::Error::other(differences.join("; ")))
    }
}

fn by_chromium(server: &Server, page: &str) -> io::Result<usize> {
    let calls: Vec<_> = session::calls()
        .map(|call| chromium::Call {
            url: format!("http://{}{}", server.address, call.path),
            method: call.method.to_owned(),
            body: call
                .headers
                .iter()
                .any(|(name, _)| name == "content-type")
                .then(|| "{}".to_owned()),
            headers: call.headers,
            credentials: "same-origin",
            upload_listener: false,
            cache: "default",
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let seen = runtime.block_on(async {
        let chromium = Chromium::start().await;
        let seen = chromium.send(page, &calls).await;
        chromium.end().await;
        seen
    });
    if seen.iter().any(|seen| seen.0.is_none()) {
        return Err(io::Error::other("Chromium refused a call"));
    }
    Ok(server.take_preflights())
}
