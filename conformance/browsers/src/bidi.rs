//! WebDriver BiDi: commands and events over a WebSocket
//! (<https://w3c.github.io/webdriver-bidi/>). Every wait is bounded.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// How long a command may take. None that succeeds takes nearly as long.
const MOST_TIME: Duration = Duration::from_secs(60);

/// A connection to a browser.
#[derive(Debug)]
pub(crate) struct Bidi {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    events: VecDeque<Value>,
}

impl Bidi {
    /// Connects to the browser that listens at this port.
    pub(crate) fn connect(port: u16) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, MOST_TIME).expect("the browser listens");
        stream.set_nodelay(true).expect("the system can do so");
        limit(&stream, MOST_TIME);
        let url = format!("ws://{address}/session");
        let (socket, _) = tungstenite::client(url, stream).expect("the browser speaks BiDi");
        Self {
            socket,
            last_id: 0,
            events: VecDeque::new(),
        }
    }

    /// Sends a command and returns its result.
    ///
    /// # Panics
    ///
    /// Panics where the command fails or takes too long.
    pub(crate) fn command(&mut self, method: &str, params: &Value) -> Value {
        let until = Instant::now() + MOST_TIME;
        self.last_id += 1;
        let id = self.last_id;
        let command = json!({ "id": id, "method": method, "params": params }).to_string();
        limit(self.socket.get_ref(), MOST_TIME);
        let sent = self.socket.send(Message::text(command));
        sent.unwrap_or_else(|error| panic!("{method} {params} can't be sent: {error}"));
        loop {
            limit(
                self.socket.get_ref(),
                until.saturating_duration_since(Instant::now()),
            );
            let message = self.socket.read();
            let message = message.unwrap_or_else(|error| {
                panic!("{method} {params} has no result within {MOST_TIME:?}: {error}")
            });
            let Message::Text(text) = message else {
                continue;
            };
            let mut message: Value = serde_json::from_str(&text).expect("BiDi is JSON");
            if message["type"] == "event" {
                self.events.push_back(message);
            } else if message["id"] == id {
                assert_eq!(message["type"], "success", "{method} {params}: {message}");
                return message["result"].take();
            }
        }
    }

    /// Takes the events that have arrived. Those of a command arrive before its result.
    pub(crate) fn take_events(&mut self) -> impl Iterator<Item = Value> {
        self.events.drain(..)
    }
}

/// Limits the time of the next read and the next write.
fn limit(stream: &TcpStream, time: Duration) {
    // None at all is not a time that a socket takes.
    let time = Some(time.max(Duration::from_millis(1)));
    let limited = stream.set_read_timeout(time);
    let limited = limited.and_then(|()| stream.set_write_timeout(time));
    limited.expect("the system can limit a wait");
}
