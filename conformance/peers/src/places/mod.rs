//! Each contender in each place: the smallest app of the framework, and CORS around it.

pub mod actix;
pub mod axum;
pub mod contract_tower;
mod floor_actix;
mod floor_rocket;
mod floor_tower;
pub mod rocket;
pub mod tower;
pub mod warp;
