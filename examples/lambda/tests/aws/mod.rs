//! What AWS has around a function: [the runtime API], from which it takes events, and a gateway, which
//! makes them of requests.
//!
//! [the runtime API]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use example_page::serve;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

/// The program, running. It ends with the test.
pub(crate) struct Function {
    pub(crate) gateway: SocketAddr,
    program: Child,
}

impl Function {
    pub(crate) async fn start(variables: &[(&str, String)]) -> io::Result<Self> {
        let (sender, events) = mpsc::channel(1);
        let runtime = Runtime {
            events: Arc::new(events.into()),
            waiting: Arc::default(),
        };
        let next = "/2018-06-01/runtime/invocation/next";
        let answered = "/2018-06-01/runtime/invocation/{id}/response";
        let runtime = Router::new()
            .route(next, get(take))
            .route(answered, post(answer))
            .with_state(runtime);
        let runtime = serve(runtime).await;
        let gateway = Router::new().fallback(forward).with_state(sender);
        Ok(Self {
            gateway: serve(gateway).await,
            program: command(variables)
                .env("AWS_LAMBDA_RUNTIME_API", runtime.to_string())
                .spawn()?,
        })
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _gone = self.program.kill();
        let _gone = self.program.wait();
    }
}

/// Returns the program with the variables that AWS sets.
pub(crate) fn command(variables: &[(&str, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-lambda"));
    command
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .env("AWS_LAMBDA_FUNCTION_NAME", "notes")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .envs(variables.iter().map(|(name, value)| (name, value)));
    command
}

/// An event, and where the response to it goes.
type Event = (Value, oneshot::Sender<Value>);

#[derive(Clone)]
struct Runtime {
    events: Arc<tokio::sync::Mutex<mpsc::Receiver<Event>>>,
    /// By the id of the request.
    waiting: Arc<Mutex<HashMap<String, oneshot::Sender<Value>>>>,
}

async fn take(State(runtime): State<Runtime>) -> Response {
    let Some((event, response)) = runtime.events.lock().await.recv().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut waiting = runtime.waiting.lock().expect("nobody panics");
    let id = waiting.len().to_string();
    waiting.insert(id.clone(), response);
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:x:1:function:notes".to_owned(),
        ),
    ];
    (headers, Json(event)).into_response()
}

async fn answer(
    State(runtime): State<Runtime>,
    Path(id): Path<String>,
    // As JSON, whatever its type says.
    response: Bytes,
) -> StatusCode {
    let Ok(response) = serde_json::from_slice(&response) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut waiting = runtime.waiting.lock().expect("nobody panics");
    let (unused, _) = oneshot::channel();
    let sent = waiting.insert(id, unused).map(|waits| waits.send(response));
    match sent {
        Some(Ok(())) => StatusCode::ACCEPTED,
        _ => StatusCode::NOT_FOUND,
    }
}

/// Makes an event of the [format 2.0], and a response of what the function says to it.
///
/// [format 2.0]: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
async fn forward(
    State(function): State<mpsc::Sender<Event>>,
    request: Request,
) -> Result<Response, StatusCode> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let (method, path) = (head.method.as_str(), head.uri.path());
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": texts(&head.headers),
        "requestContext": {
            "accountId": "1",
            "apiId": "1",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "a page",
            },
            "requestId": "1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "15/Jun/2026:00:00:00 +0000",
            "timeEpoch": 1_781_481_600_000_u64,
        },
        "body": String::from_utf8_lossy(&body),
        "isBase64Encoded": false,
    });
    let (response, answered) = oneshot::channel();
    let sent = function.send((event, response)).await;
    sent.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let answered = answered.await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    response_of(&answered).ok_or(StatusCode::BAD_GATEWAY)
}

fn texts(headers: &HeaderMap) -> HashMap<&str, &str> {
    let lines = headers.iter();
    lines
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect()
}

fn response_of(answered: &Value) -> Option<Response> {
    let status = answered.get("statusCode")?.as_u64()?.try_into().ok()?;
    let mut response = Response::builder().status::<u16>(status);
    for (name, value) in answered.get("headers")?.as_object()? {
        response = response.header(name, value.as_str()?);
    }
    let body = answered
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    response.body(Body::from(body.to_owned())).ok()
}
