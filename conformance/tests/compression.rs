//! Compression next to CORS, inside and outside of it: both names are in Vary, and the body is
//! compressed, on every framework.

use std::io;
use std::net::SocketAddr;

use conformance::cases;
use conformance_client::raw::{self, Request};
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, rocket_app, warp_app};
use cors_axum::CorsLayer;
use cors_core::adapter::PolicySource;
use tower_http::compression::CompressionLayer;
use tower_layer::Layer as _;
use warp::Filter as _;

const APPS: [App; 8] = [
    App {
        name: "actix, inside",
        start: |policy, address, lifetime| actix(policy, address, lifetime, Compression::Inside),
    },
    App {
        name: "actix, outside",
        start: |policy, address, lifetime| actix(policy, address, lifetime, Compression::Outside),
    },
    App {
        name: "axum, inside",
        start: |policy, address, lifetime| axum(policy, address, lifetime, Compression::Inside),
    },
    App {
        name: "axum, outside",
        start: |policy, address, lifetime| axum(policy, address, lifetime, Compression::Outside),
    },
    App {
        name: "rocket, inside",
        start: |policy, address, lifetime| rocket(policy, address, lifetime, Compression::Inside),
    },
    App {
        name: "rocket, outside",
        start: |policy, address, lifetime| rocket(policy, address, lifetime, Compression::Outside),
    },
    App {
        name: "warp, inside",
        start: |policy, address, lifetime| warp(policy, address, lifetime, Compression::Inside),
    },
    App {
        name: "warp, outside",
        start: |policy, address, lifetime| warp(policy, address, lifetime, Compression::Outside),
    },
];

/// Where compression stands, seen from CORS.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compression {
    Inside,
    Outside,
}

/// Returns a text that is long enough to compress.
fn text() -> String {
    "to be compressed, ".repeat(1_000)
}

fn actix(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
    compression: Compression,
) -> io::Result<()> {
    use actix_web::middleware::{Compress, Condition};
    use actix_web::{App, HttpServer, web};

    let cors = cors_actix::Cors::new(policy);
    let app = move || {
        let inside = compression == Compression::Inside;
        App::new()
            .route("/", web::get().to(async || text()))
            .wrap(Condition::new(inside, Compress::default()))
            .wrap(cors.clone())
            .wrap(Condition::new(!inside, Compress::default()))
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app).workers(1).disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

fn axum(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
    compression: Compression,
) -> io::Result<()> {
    use axum::Router;
    use axum::routing::get;

    let app = Router::new().route("/", get(async || text()));
    let cors = CorsLayer::new(policy);
    let app = match compression {
        Compression::Inside => app.layer(CompressionLayer::new()).layer(cors),
        Compression::Outside => app.layer(cors).layer(CompressionLayer::new()),
    };
    axum_app::run(app, address, lifetime)
}

/// Serves the app with a fairing that sets the headers of compression: Rocket has no compression of
/// its own.
fn rocket(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
    compression: Compression,
) -> io::Result<()> {
    use rocket::fairing::AdHoc;

    #[rocket::get("/")]
    fn index() -> String {
        text()
    }

    let compress = AdHoc::on_response("compression", |_, response| {
        Box::pin(async {
            response.set_raw_header("content-encoding", "gzip");
            response.adjoin_raw_header("vary", "accept-encoding");
        })
    });
    let app = |config| {
        let app = rocket::custom(config).mount("/", rocket::routes![index]);
        let cors = cors_rocket::Cors::new(policy);
        // Fairings see a response in the order in which they were attached.
        match compression {
            Compression::Inside => app.attach(compress).attach(cors),
            Compression::Outside => app.attach(cors).attach(compress),
        }
    };
    rocket_app::run(app, address, lifetime)
}

fn warp(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
    compression: Compression,
) -> io::Result<()> {
    let app = warp::service(warp::path::end().map(text));
    let cors = CorsLayer::new(policy);
    match compression {
        Compression::Inside => {
            let app = cors.layer(CompressionLayer::new().layer(app));
            warp_app::run(app, address, lifetime)
        }
        Compression::Outside => {
            let app = CompressionLayer::new().layer(cors.layer(app));
            warp_app::run(app, address, lifetime)
        }
    }
}

#[test]
fn both_names_stay_in_vary() {
    for app in APPS {
        let policy = "allow_origins = [\"https://app.example.com\"]";
        let server = Server::start_toml(app, policy).expect("the policy is valid");
        let request = Request::new("GET", "/")
            .line("Accept-Encoding", "gzip")
            .line("Origin", "https://app.example.com");
        let response = raw::exchange(server.address(), &request).expect("the server answers");
        assert_eq!(response.status, 200, "{}", app.name);
        assert_eq!(
            response.value("content-encoding"),
            Some(&b"gzip"[..]),
            "{}",
            app.name
        );
        let (cors, vary) = cases::fields_of(&response);
        let named = (
            "access-control-allow-origin".into(),
            "https://app.example.com".into(),
        );
        assert_eq!(cors, [named], "{}", app.name);
        assert_eq!(vary, ["accept-encoding", "origin"], "{}", app.name);
    }
}
