//! Every case of the contract through a proxy that asks `examples/edge`, with an app that knows
//! nothing of CORS; and what a proxy adds of its own.
//!
//! The configuration is that of the example. `ENVOY` and `NGINX` name the programs that are not in
//! the path.

mod away;
#[path = "../../../examples/edge/src/edge.rs"]
mod edge;
#[path = "../../../examples/edge/src/hosts.rs"]
mod hosts;
mod judge;
mod ledger;
mod mesh;
mod proxy;
mod stack;
mod websocket;

use std::io;

use crate::proxy::Kind;

#[test]
#[ignore = "needs Envoy"]
fn every_case_holds_through_envoy() -> io::Result<()> {
    judge::all_cases(Kind::Envoy)
}

#[test]
#[ignore = "needs Envoy"]
fn every_case_holds_through_envoy_over_http2() -> io::Result<()> {
    judge::all_cases_over_http2(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn every_case_holds_through_nginx() -> io::Result<()> {
    judge::all_cases(Kind::Nginx)
}
