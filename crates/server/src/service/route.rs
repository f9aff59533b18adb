//! A route of the service.

use access::Permission;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode};
use utoipa::ToSchema;

use super::app::App;
use super::shapes::{Content, Given, JSON, Parameter, Shape, Shapes, described};
use super::surface::Surface;

/// Most bytes of a body, decoded, where a route sets no limit of its own.
pub(crate) const BODY_BYTES: usize = 1 << 20;

/// A method and a path with everything that is known about it before a request comes.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) spec: RouteSpec,
    pub(crate) handler: MethodRouter<App>,
}

/// What a route is, its handler aside.
#[derive(Debug, Clone)]
pub(crate) struct RouteSpec {
    /// The method.
    pub(crate) method: Method,
    /// The path in axum's form: `/api/v1/users/{id}`.
    pub(crate) path: &'static str,
    /// What a caller must be allowed.
    pub(crate) permission: Permission,
    /// The form of refusals.
    pub(crate) surface: Surface,
    /// Most bytes of a body, decoded.
    pub(crate) body_bytes: usize,
    /// One line for the OpenAPI document.
    pub(crate) summary: &'static str,
    /// What it takes and gives, for the OpenAPI document.
    pub(crate) shapes: Shapes,
}

impl Route {
    /// A route of any method.
    pub(crate) fn new<H, T>(method: Method, path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let (surface, body_bytes, shapes) = (Surface::Vedette, BODY_BYTES, Shapes::default());
        let spec = RouteSpec { method, path, permission, surface, body_bytes, summary: "", shapes };
        Self { spec, handler: on(filter, handler) }
    }

    /// A GET route; HEAD is answered too.
    pub(crate) fn get<H, T>(path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::GET, path, permission, handler)
    }

    /// A POST route.
    pub(crate) fn post<H, T>(path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::POST, path, permission, handler)
    }

    /// A PUT route.
    pub(crate) fn put<H, T>(path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::PUT, path, permission, handler)
    }

    /// A PATCH route.
    pub(crate) fn patch<H, T>(path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::PATCH, path, permission, handler)
    }

    /// A DELETE route.
    pub(crate) fn delete<H, T>(path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::DELETE, path, permission, handler)
    }

    /// The same with refusals in this form.
    #[must_use]
    pub(crate) fn surface(mut self, surface: Surface) -> Self {
        self.spec.surface = surface;
        self
    }

    /// The same with bodies of up to so many bytes, decoded.
    #[must_use]
    pub(crate) fn body_bytes(mut self, bytes: usize) -> Self {
        self.spec.body_bytes = bytes;
        self
    }

    /// The same with a line for the OpenAPI document.
    #[must_use]
    pub(crate) fn summary(mut self, summary: &'static str) -> Self {
        self.spec.summary = summary;
        self
    }

    /// The same with a body of JSON.
    #[must_use]
    pub(crate) fn takes<T: ToSchema>(self) -> Self {
        self.takes_as(JSON, Shape::One(described::<T>))
    }

    /// The same with a body in this form, beside others.
    #[must_use]
    pub(crate) fn takes_as(mut self, media_type: &'static str, shape: Shape) -> Self {
        self.spec.shapes.takes.push(Content { media_type, shape });
        self
    }

    /// The same where the body may be left out.
    #[must_use]
    pub(crate) fn or_nothing(mut self) -> Self {
        self.spec.shapes.is_body_optional = true;
        self
    }

    /// The same with a parameter in the address's query.
    #[must_use]
    pub(crate) fn asks(mut self, name: &'static str, is_required: bool, description: &'static str) -> Self {
        self.spec.shapes.parameters.push(Parameter { name, is_required, description });
        self
    }

    /// The same with an answer of JSON.
    #[must_use]
    pub(crate) fn gives<T: ToSchema>(self, status: StatusCode) -> Self {
        self.gives_as(status, JSON, Shape::One(described::<T>))
    }

    /// The same with a list of such as its answer.
    #[must_use]
    pub(crate) fn gives_listed<T: ToSchema>(self) -> Self {
        self.gives_as(StatusCode::OK, JSON, Shape::Listed(described::<T>))
    }

    /// The same with an answer in this form, beside others of this status.
    #[must_use]
    pub(crate) fn gives_as(mut self, status: StatusCode, media_type: &'static str, shape: Shape) -> Self {
        let given = self.spec.shapes.gives.get_or_insert_with(|| Given { status, contents: Vec::new() });
        given.contents.push(Content { media_type, shape });
        self
    }

    /// The same with an answer without a body.
    #[must_use]
    pub(crate) fn gives_nothing(mut self, status: StatusCode) -> Self {
        self.spec.shapes.gives = Some(Given { status, contents: Vec::new() });
        self
    }
}
