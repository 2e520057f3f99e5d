//! CORS for axum.
