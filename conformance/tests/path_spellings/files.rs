//! File handlers below one pattern, with a folder below another. They read paths as file systems
//! do.

use std::io;
use std::net::SocketAddr;

use conformance_client::raw::Response;
use conformance_servers::serve::{App, Lifetime};
use conformance_servers::{actix_app, axum_app, rocket_app, warp_app};
use cors_core::adapter::PolicySource;

use crate::judge::{Site, nothing_is};
use crate::rules::{Rule, Who, rule};
use crate::spellings;

/// The folder of the files, which are served below `/files`.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/path_spellings/files");

const PUBLIC: &str = "/files/public/x";
const PRIVATE: &str = "/files/private/x";

const APPS: [App; 4] = [
    App::new("axum, ServeDir", axum),
    App::new("actix, Files", actix),
    App::new("rocket, FileServer", rocket),
    App::new("warp, dir", warp),
];

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::Router;
    use cors_axum::CorsLayer;
    use tower_http::services::ServeDir;

    let app = Router::new()
        .nest_service("/files", ServeDir::new(FOLDER))
        .layer(CorsLayer::new(policy));
    axum_app::run(app, address, lifetime)
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_files::Files;
    use actix_web::{App, HttpServer};
    use cors_actix::Cors;

    let cors = Cors::new(policy);
    let app = move || {
        App::new()
            .service(Files::new("/files", FOLDER))
            .wrap(cors.clone())
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app)
            .workers(1)
            .tcp_nodelay(true)
            .disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;
    use rocket::fs::FileServer;

    let app = |config| {
        rocket::custom(config)
            .mount("/files", FileServer::from(FOLDER))
            .attach(Cors::new(policy))
    };
    rocket_app::run(app, address, lifetime)
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::CorsLayer;
    use tower_layer::Layer as _;
    use warp::Filter as _;

    let files = warp::path("files").and(warp::fs::dir(FOLDER));
    let app = CorsLayer::new(policy).layer(warp::service(files));
    warp_app::run(app, address, lifetime)
}

const RULES: [&[Rule]; 5] = [
    &[
        rule("/files/{*rest}", Who::Anyone),
        rule("/files/private/{*rest}", Who::Own),
    ],
    &[
        rule("/files/{*rest}", Who::Partner),
        rule("/files/private/{*rest}", Who::Off),
    ],
    &[
        rule("/files/{*rest}", Who::Anyone),
        rule("/files/private/{*rest}", Who::Own).rejecting(),
    ],
    &[
        rule("/{*rest}", Who::Partner),
        rule("/{mount}/public/{*rest}", Who::Anyone),
        rule("/{mount}/{folder}/x", Who::Nobody).rejecting(),
    ],
    &[
        rule("/files/{folder}/{file}", Who::Anyone),
        rule("/files/private/x", Who::Nobody),
    ],
];

#[test]
fn no_spelling_of_a_file_has_more_than_the_policy_of_the_file() {
    let mut wrong = Vec::new();
    for app in APPS {
        let mut site = Site::start(app, answered_by);
        let public = [spellings::Spelling::plain(PUBLIC)];
        let spellings = spellings::of_file(PRIVATE).into_iter().chain(public);
        let reached = site.reached(spellings);
        for known in [PRIVATE, PUBLIC, "/files/%70rivate/x", "/files//private/x"] {
            let mut targets = reached.iter().map(|reached| &*reached.spelling.target);
            assert!(
                targets.any(|target| target == known),
                "{}: {known}",
                app.name
            );
        }
        for rules in RULES {
            wrong.extend(site.judge(rules, &reached));
        }
    }
    nothing_is(&wrong);
}

fn answered_by(response: &Response) -> Option<&'static str> {
    match &*response.body {
        b"the private file\n" => Some(PRIVATE),
        b"the public file\n" => Some(PUBLIC),
        _ => None,
    }
}
