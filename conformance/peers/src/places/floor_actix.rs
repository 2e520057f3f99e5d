//! The floor as a middleware of actix-web.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use pin_project_lite::pin_project;

use crate::floor::{self, Allowed, Verdict};
use crate::scenario::{APP, Rules};

pub struct Floor(Rc<Allowed>);

impl Floor {
    pub fn new(rules: &Rules) -> Self {
        Self(Rc::new(Allowed::new(rules)))
    }
}

impl<S, B> Transform<S, ServiceRequest> for Floor
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = FloorService<S>;
    type InitError = ();
    type Future = Ready<Result<FloorService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let allowed = Rc::clone(&self.0);
        ready(Ok(FloorService { inner, allowed }))
    }
}

pub struct FloorService<S> {
    inner: S,
    allowed: Rc<Allowed>,
}

impl<S, B> Service<ServiceRequest> for FloorService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = FloorFuture<S::Future, B>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let headers = request.headers();
        let origin = headers.get(header::ORIGIN);
        if request.method() == Method::OPTIONS
            && let Some(method) = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)
        {
            let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
            let allowed = floor::allows(
                origin.map(HeaderValue::as_bytes),
                method.as_bytes(),
                asked.map(HeaderValue::as_bytes),
            );
            let response = request.into_response(preflight(allowed));
            let response = Some(response.map_into_right_body());
            return FloorFuture::Answer { response };
        }
        let allow_origin = match self.allowed.judge(origin.map(HeaderValue::as_bytes)) {
            Verdict::Refused => None,
            Verdict::App => Some(HeaderValue::from_static(APP)),
            Verdict::Any => Some(HeaderValue::from_static("*")),
            Verdict::Echo => origin.cloned(),
        };
        FloorFuture::Call {
            varies: self.allowed.varies(),
            with_credentials: self.allowed.with_credentials() && allow_origin.is_some(),
            allow_origin,
            future: self.inner.call(request),
        }
    }
}

/// Returns the answer to a preflight. It allocates nothing: actix-web keeps the header maps of
/// dropped responses.
fn preflight(allowed: bool) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(
        header::VARY,
        HeaderValue::from_static(floor::PREFLIGHT_VARY),
    );
    if allowed {
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, APP),
            (header::ACCESS_CONTROL_ALLOW_METHODS, floor::ALLOW_METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, floor::ALLOW_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, floor::MAX_AGE),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

pin_project! {
    #[project = FloorProjection]
    pub enum FloorFuture<F, B> {
        Answer { response: Option<ServiceResponse<EitherBody<B>>> },
        Call {
            #[pin]
            future: F,
            allow_origin: Option<HeaderValue>,
            varies: bool,
            with_credentials: bool,
        },
    }
}

impl<F, B> Future for FloorFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            FloorProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect("polled once")))
            }
            FloorProjection::Call {
                future,
                allow_origin,
                varies,
                with_credentials,
            } => {
                let mut response = ready!(future.poll(context))?;
                let headers = response.headers_mut();
                if *varies {
                    headers.append(header::VARY, HeaderValue::from_static(floor::VARY));
                }
                if let Some(origin) = allow_origin.take() {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                }
                if *with_credentials {
                    let name = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
                    headers.insert(name, HeaderValue::from_static("true"));
                }
                Poll::Ready(Ok(response.map_into_left_body()))
            }
        }
    }
}
