//! Requests and errors in the form of OAuth 2.0 (RFC 6749), for the calls of RFC 8628.

mod error;
mod form;

pub use error::{OAuthErrorBody, OAuthErrors, OAuthRejection};
pub use form::OAuthForm;
