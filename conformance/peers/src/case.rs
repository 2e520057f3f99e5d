//! One contender in one place under one scenario: what all measures are taken of.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Serves the scenario's request as often as it is asked to.
pub trait Case {
    /// Makes one request, which is not measured.
    fn prepare(&mut self);

    /// Serves the request that was prepared, and drops the response.
    fn serve(&mut self);

    /// Serves one request and returns its response.
    fn response(&mut self) -> Seen;
}

/// A response, as far as the checks look at it.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    /// Names are lower-case.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.headers.iter().find(|(found, _)| found == name)?;
        Some(&line.1)
    }

    pub fn varies_by_origin(&self) -> bool {
        self.headers
            .iter()
            .filter(|(name, _)| name == "vary")
            .flat_map(|(_, value)| value.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case("origin"))
    }
}

/// A [`Case`] made of closures.
pub struct Exchange<Request, Make, Call, Read> {
    prepared: Option<Request>,
    make: Make,
    call: Call,
    read: Read,
}

impl<Request, Response, Make, Call, Read> Exchange<Request, Make, Call, Read>
where
    Make: FnMut() -> Request,
    Call: FnMut(Request) -> Response,
    Read: Fn(&Response) -> Seen,
{
    pub fn new(make: Make, call: Call, read: Read) -> Self {
        Self {
            prepared: None,
            make,
            call,
            read,
        }
    }
}

impl<Request, Response, Make, Call, Read> Case for Exchange<Request, Make, Call, Read>
where
    Make: FnMut() -> Request,
    Call: FnMut(Request) -> Response,
    Read: Fn(&Response) -> Seen,
{
    fn prepare(&mut self) {
        self.prepared = Some((self.make)());
    }

    fn serve(&mut self) {
        if let Some(request) = self.prepared.take() {
            drop(black_box((self.call)(black_box(request))));
        }
    }

    fn response(&mut self) -> Seen {
        let request = (self.make)();
        (self.read)(&(self.call)(request))
    }
}

/// Returns the output of a future that never waits.
pub fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("no contender waits for anything"),
    }
}
