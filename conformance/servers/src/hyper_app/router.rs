//! A small framework over hyper: routes, handlers, and middlewares that are `async fn`s of a
//! request and what comes [`Next`].

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::Method;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;

pub use hyper::StatusCode;

use crate::hyper_server;
use crate::serve::Lifetime;

/// A request.
pub type Request = hyper::Request<Incoming>;

/// A response.
pub type Response = hyper::Response<UnsyncBoxBody<Bytes, Infallible>>;

/// What stands around routes: it responds itself, or lets the [`Next`] one respond.
pub trait Middleware: Send + Sync + 'static {
    /// Responds to a request.
    fn handle(&self, request: Request, next: Next<'_>) -> impl Future<Output = Response> + Send;
}

/// What comes after a middleware: the other ones, then routing or the route's handler.
pub struct Next<'a> {
    middlewares: &'a [Box<dyn DynMiddleware>],
    endpoint: &'a dyn Endpoint,
}

impl Next<'_> {
    /// Responds to a request.
    pub async fn run(self, request: Request) -> Response {
        let Self {
            middlewares,
            endpoint,
        } = self;
        match middlewares.split_first() {
            Some((first, middlewares)) => {
                let next = Next {
                    middlewares,
                    endpoint,
                };
                first.dyn_handle(request, next).await
            }
            None => endpoint.call(request).await,
        }
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

/// A [`Middleware`], as a trait object.
trait DynMiddleware: Send + Sync {
    fn dyn_handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Response>;
}

impl<M: Middleware> DynMiddleware for M {
    fn dyn_handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Response> {
        Box::pin(self.handle(request, next))
    }
}

/// What comes when all middlewares have been: routing, or a handler.
trait Endpoint: Send + Sync {
    fn call(&self, request: Request) -> BoxFuture<'_, Response>;
}

/// A handler.
struct Handler<H>(H);

impl<H, F> Endpoint for Handler<H>
where
    H: Fn(Request) -> F + Send + Sync,
    F: Future<Output = Response> + Send + 'static,
{
    fn call(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.0(request))
    }
}

/// The handler of a path, and the middlewares around it.
pub struct Route {
    middlewares: Vec<Box<dyn DynMiddleware>>,
    /// The only method; `None` for any.
    method: Option<Method>,
    handler_middlewares: Vec<Box<dyn DynMiddleware>>,
    handler: Box<dyn Endpoint>,
}

impl Route {
    /// Makes a route whose handler responds to every method.
    pub fn any<F>(handler: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Self {
            middlewares: Vec::new(),
            method: None,
            handler_middlewares: Vec::new(),
            handler: Box::new(Handler(handler)),
        }
    }

    /// Makes a route whose handler responds to GET.
    pub fn get<F>(handler: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let mut route = Self::any(handler);
        route.method = Some(Method::GET);
        route
    }

    /// Adds a middleware, inside of those that are there. It sees requests of every method.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middlewares.push(Box::new(middleware));
        self
    }

    /// Adds a middleware around the handler alone, inside of those that are there: it sees what the
    /// handler would see.
    #[must_use]
    pub fn handler_middleware(mut self, middleware: impl Middleware) -> Self {
        self.handler_middlewares.push(Box::new(middleware));
        self
    }
}

impl Endpoint for Route {
    fn call(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(async {
            if self
                .method
                .as_ref()
                .is_some_and(|method| method != request.method())
            {
                return empty(StatusCode::METHOD_NOT_ALLOWED);
            }
            let next = Next {
                middlewares: &self.handler_middlewares,
                endpoint: &*self.handler,
            };
            next.run(request).await
        })
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Routes, and the middlewares around all of them, 404 included.
#[derive(Default)]
pub struct Router {
    middlewares: Vec<Box<dyn DynMiddleware>>,
    routes: Routes,
}

impl Router {
    /// Makes a router that knows no path.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a middleware, inside of those that are there. It sees requests before they are routed.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middlewares.push(Box::new(middleware));
        self
    }

    /// Adds the route of a path, which has to be the whole one.
    #[must_use]
    pub fn route(mut self, path: &'static str, route: Route) -> Self {
        self.routes.0.insert(path, route);
        self
    }

    /// Serves the router; see [`serve::App`](crate::serve::App).
    ///
    /// # Errors
    ///
    /// Fails if the address is not free, if there is no runtime, or the listener fails.
    pub fn run(self, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
        let router = Arc::new(self);
        let service = service_fn(move |request| {
            let router = Arc::clone(&router);
            async move { Ok::<_, Infallible>(router.respond(request).await) }
        });
        hyper_server::run(&service, address, lifetime)
    }

    async fn respond(&self, request: Request) -> Response {
        let next = Next {
            middlewares: &self.middlewares,
            endpoint: &self.routes,
        };
        next.run(request).await
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Router").field(&self.routes.0).finish()
    }
}

#[derive(Default)]
struct Routes(HashMap<&'static str, Route>);

impl Endpoint for Routes {
    fn call(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(async {
            match self.0.get(request.uri().path()) {
                Some(route) => {
                    let next = Next {
                        middlewares: &route.middlewares,
                        endpoint: route,
                    };
                    next.run(request).await
                }
                None => empty(StatusCode::NOT_FOUND),
            }
        })
    }
}

/// Makes a response of a text.
pub fn text(text: impl Into<Bytes>) -> Response {
    Response::new(Full::new(text.into()).boxed_unsync())
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
