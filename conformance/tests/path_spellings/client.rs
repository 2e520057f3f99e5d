//! A client that goes on whatever a server makes of a target.

use std::net::SocketAddr;

use conformance_client::raw::{Connection, Request, Response};

/// A client that keeps its connection alive, and opens another one where the server closes it.
pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Client {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    /// Sends a request and returns its response; `None` where the server closes without one, as it
    /// may for a target that is none.
    pub(crate) fn exchange(&mut self, request: &Request) -> Option<Response> {
        let address = self.address;
        let open = || Connection::open(address).expect("the server listens");
        let response = self.connection.get_or_insert_with(open).exchange(request);
        if !response.as_ref().is_ok_and(|response| !response.closes()) {
            self.connection = None;
        }
        response.ok()
    }
}
