//! Rocket: a fairing, through the local client.

use std::net::SocketAddr;

use cors_rocket::Cors;
use rocket::config::{Config, LogLevel};
use rocket::http::{Header, Method};
use rocket::local::asynchronous::{Client, LocalRequest, LocalResponse};
use rocket::{Build, Rocket};
use rocket_cors::{AllowedHeaders, AllowedOrigins, CorsOptions};
use tokio::runtime::Runtime;

use super::floor_rocket::Floor;
use crate::case::{Case, Exchange, Seen, now};
use crate::contender::Contender;
use crate::policy::policy;
use crate::scenario::{HEADERS, MAX_AGE, METHODS, Origins, Rules, Scenario};

#[rocket::get("/")]
fn hello() -> &'static str {
    "hello"
}

/// Responds to OPTIONS. Without it the bare app would make an error page of a preflight.
#[rocket::options("/")]
fn options() -> &'static str {
    "hello"
}

/// Returns the configuration of an app that prints nothing.
pub fn quiet() -> Config {
    Config {
        log_level: LogLevel::Off,
        cli_colors: false,
        ..Config::release_default()
    }
}

pub fn app(contender: Contender, rules: &Rules, address: SocketAddr) -> Rocket<Build> {
    let config = Config {
        address: address.ip(),
        port: address.port(),
        ..quiet()
    };
    let app = rocket::custom(config).mount("/", rocket::routes![hello, options]);
    match contender {
        Contender::Bare | Contender::Contract | Contender::RunTimeContract => app,
        Contender::Floor => app.attach(Floor::new(rules)),
        Contender::Ours => app.attach(Cors::new(policy(rules))),
        Contender::Peer => {
            let cors = rocket_cors(rules).to_cors();
            app.attach(cors.expect("the rules of every scenario are valid"))
        }
    }
}

pub fn case(contender: Contender, scenario: &Scenario) -> Option<Box<dyn Case>> {
    if matches!(contender, Contender::Contract | Contender::RunTimeContract) {
        return None;
    }
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let app = app(contender, &scenario.rules, nowhere);
    Some(exchange(app, scenario))
}

pub fn exchange(app: Rocket<Build>, scenario: &Scenario) -> Box<dyn Case> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    // Requests borrow the client, and both are there until the process ends.
    let runtime: &Runtime = Box::leak(Box::new(runtime.expect("there are threads")));
    let client = runtime.block_on(Client::untracked(app));
    let client: &'static Client = Box::leak(Box::new(client.expect("the app launches")));
    let method: Method = scenario.method.parse().expect("it is a method");
    let path = scenario.path;
    let headers = scenario.headers.clone();
    let make = move || {
        headers
            .iter()
            .fold(client.req(method, path), |request, (name, value)| {
                request.header(Header::new(*name, value.clone()))
            })
    };
    let call = |request: LocalRequest<'static>| now(request.dispatch());
    Box::new(Exchange::new(make, call, read))
}

fn read(response: &LocalResponse<'_>) -> Seen {
    Seen {
        status: response.status().code,
        headers: response
            .headers()
            .iter()
            .map(|header| {
                (
                    header.name.to_string().to_lowercase(),
                    header.value.to_string(),
                )
            })
            .collect(),
    }
}

/// Returns rocket_cors, which sends Vary only if it echoes any origin.
fn rocket_cors(rules: &Rules) -> CorsOptions {
    let allowed_origins = match &rules.origins {
        Origins::Listed(origins) => AllowedOrigins::some_exact(origins),
        Origins::Any | Origins::AnyWithCredentials => AllowedOrigins::all(),
        Origins::Subdomains => AllowedOrigins::some_regex(&[r"^https://.+\.example\.com$"]),
    };
    let options = CorsOptions {
        allowed_origins,
        send_wildcard: matches!(rules.origins, Origins::Any),
        allow_credentials: matches!(rules.origins, Origins::AnyWithCredentials),
        ..CorsOptions::default()
    };
    if !rules.preflights {
        return options;
    }
    let methods = METHODS.iter().map(|method| method.parse());
    options
        .allowed_methods(methods.collect::<Result<_, _>>().expect("Rocket has them"))
        .allowed_headers(AllowedHeaders::some(&HEADERS))
        .max_age(usize::try_from(MAX_AGE).ok())
}
