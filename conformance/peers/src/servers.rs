//! The smallest app of each framework as a server on loopback, on a thread of its own.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use actix_web::rt::System;
use actix_web::{App, HttpServer, web};
use tokio::runtime::{Builder, Runtime};

use crate::contender::Contender;
use crate::places::{actix, axum, rocket, warp};
use crate::policy::policy;
use crate::scenario::Rules;

#[derive(Clone, Copy, Debug)]
pub enum Framework {
    Axum,
    Actix,
    Rocket,
    Warp,
}

impl Framework {
    pub const ALL: [Self; 4] = [Self::Axum, Self::Actix, Self::Rocket, Self::Warp];
}

/// Starts a server, which ends with the process.
///
/// # Errors
///
/// Fails if there is no port to be had, or the server does not come up.
pub fn start(framework: Framework, contender: Contender, rules: &Rules) -> io::Result<SocketAddr> {
    // Not every framework takes a listener, so the port is found out and given back.
    let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let rules = rules.clone();
    thread::spawn(move || match framework {
        Framework::Axum => runtime()?.block_on(async {
            let listener = tokio::net::TcpListener::bind(address).await?;
            let listener = ::axum::serve::ListenerExt::tap_io(listener, |stream| {
                let _ = stream.set_nodelay(true);
            });
            ::axum::serve(listener, axum::router(contender, &rules)).await
        }),
        Framework::Actix => serve_actix(contender, rules, address),
        Framework::Rocket => runtime()?.block_on(async {
            let app = rocket::app(contender, &rules, address);
            app.launch().await.map(drop).map_err(io::Error::other)
        }),
        Framework::Warp => runtime()?.block_on(async {
            warp::serve(contender, &rules, address).await;
            Ok(())
        }),
    });
    for _ in 0..500 {
        if TcpStream::connect(address).is_ok() {
            return Ok(address);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(io::Error::other(format!("{framework:?} does not come up")))
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn serve_actix(contender: Contender, rules: Rules, address: SocketAddr) -> io::Result<()> {
    macro_rules! serve {
        ($cors:expr) => {
            serve!(@ move || App::new().route("/", web::to(async || "hello")).wrap($cors))
        };
        (@ $app:expr) => {
            HttpServer::new($app)
                .workers(1)
                .tcp_nodelay(true)
                .disable_signals()
                .bind(address)?
                .run()
                .await
        };
    }
    System::new().block_on(async move {
        match contender {
            Contender::Bare
            | Contender::Floor
            | Contender::Contract
            | Contender::RunTimeContract => {
                serve!(@ || App::new().route("/", web::to(async || "hello")))
            }
            Contender::Ours => {
                let cors = cors_actix::Cors::new(policy(&rules));
                serve!(cors.clone())
            }
            Contender::Peer => serve!(actix::actix_cors(&rules)),
        }
    })
}
