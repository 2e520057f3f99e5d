/// A response body that can be empty, since the layer answers preflights itself. It is implemented
/// for every body that is `Default`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be empty, so `CorsLayer` can't answer a preflight with it",
    label = "this response body is not `Default`",
    note = "put the layer that makes this body (`TraceLayer`, `CompressionLayer`, ..) outside of `CorsLayer`: with `ServiceBuilder`, before it",
    note = "or put a layer between the two that boxes bodies, as `tower_http::map_response_body::MapResponseBodyLayer::new(axum::body::Body::new)` does"
)]
pub trait EmptyBody {
    /// Makes an empty body.
    fn empty() -> Self;
}

#[diagnostic::do_not_recommend]
impl<B: Default> EmptyBody for B {
    #[inline]
    fn empty() -> Self {
        Self::default()
    }
}
