use rocket::http::Method;
use rocket::{Build, Rocket, get, put, routes};
use rocket_cors::{AllowedHeaders, AllowedOrigins, CorsOptions, Error};

#[get("/")]
fn notes() -> &'static str {
    "notes"
}

#[put("/")]
fn keep() -> &'static str {
    "kept"
}

pub fn app() -> Result<Rocket<Build>, Error> {
    let cors = CorsOptions {
        allowed_origins: AllowedOrigins::some_exact(&["https://app.example.com"]),
        allowed_methods: [Method::Get, Method::Put].map(Into::into).into(),
        allowed_headers: AllowedHeaders::some(&["content-type", "authorization"]),
        expose_headers: ["etag".to_owned()].into(),
        allow_credentials: true,
        max_age: Some(600),
        ..CorsOptions::default()
    };
    Ok(rocket::build()
        .mount("/", routes![notes, keep])
        .attach(cors.to_cors()?))
}
