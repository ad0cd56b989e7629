//! The reasons why a page cannot be shown.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::error::Error;
use shared::http::{self, Rejection};

/// The response of a page's handler.
pub(crate) type PageResult = Result<Response, PageError>;

/// The reason why a page cannot be shown. The layer around all pages makes a page of it, because it knows the request.
#[derive(Debug)]
pub(crate) enum PageError {
    /// The browser has no session.
    SignedOut,
    /// The form's token is not valid: the form is old, or another site sent it.
    Expired,
    /// The form cannot be decoded.
    Unreadable,
    /// A browser sent the form from another site.
    OtherSite,
    /// There is no such page.
    NoSuchPage,
    /// An operation was refused or failed.
    Operation(Error),
}

/// A page error on its way to the layer, in the extensions of a response.
#[derive(Clone)]
pub(crate) struct PageFailure(pub(crate) Arc<PageError>);

impl PageError {
    /// Returns the status of the response.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Expired | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::Operation(error) => http::error_status(error),
        }
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self::Operation(error)
    }
}

impl From<Rejection> for PageError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Operation(error) => Self::Operation(error),
            Rejection::BadOrigin => Self::OtherSite,
            Rejection::MissingSession | Rejection::MissingBearer => Self::SignedOut,
            Rejection::MethodNotAllowed(_) => Self::NoSuchPage,
            Rejection::InvalidJson(_)
            | Rejection::BodyTooLarge(_)
            | Rejection::UnsupportedMediaType
            | Rejection::InvalidAuthorization
            | Rejection::EmptyBearer => Self::Unreadable,
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(PageFailure(Arc::new(self)));
        response
    }
}
