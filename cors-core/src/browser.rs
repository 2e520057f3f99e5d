//! The browser half of the protocol.
