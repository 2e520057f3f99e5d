//! One CORS policy, decided by one core.

mod token;

pub mod browser;
