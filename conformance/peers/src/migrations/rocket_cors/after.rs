use std::time::Duration;

use cors_rocket::{Cors, Policy, PolicyErrors};
use rocket::{Build, Rocket, get, put, routes};

#[get("/")]
fn notes() -> &'static str {
    "notes"
}

#[put("/")]
fn keep() -> &'static str {
    "kept"
}

pub fn app() -> Result<Rocket<Build>, PolicyErrors> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(600))
        // 403 for other origins, as before: their forms do not reach the app.
        .reject_disallowed_origins(true)
        .build()?;
    Ok(rocket::build()
        .mount("/", routes![notes, keep])
        .attach(Cors::new(policy)))
}
