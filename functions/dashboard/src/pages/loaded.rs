//! A part of a page that may be unavailable while the rest works.

use shared::error::{Error, Result};

use super::PageError;

/// A part of a page.
#[derive(Debug)]
pub(crate) enum Loaded<T> {
    Ready(T),
    /// The sentence that stands in its place.
    Unavailable(String),
}

impl<T> Loaded<T> {
    /// Takes the result of an operation. If the operation failed because `source` (such as "Stripe") cannot be reached,
    /// the page says so in place of the content.
    ///
    /// # Errors
    /// The operation's error if it refused the caller.
    pub(crate) fn new(source: &str, result: Result<T>) -> Result<Self, PageError> {
        match result {
            Ok(content) => Ok(Self::Ready(content)),
            Err(
                error @ (Error::Unavailable(_)
                | Error::Contention
                | Error::Overloaded
                | Error::Internal(_)),
            ) => {
                shared::http::log_error(&error);
                Ok(Self::Unavailable(format!("{source} can't be reached. Try again in a minute.")))
            }
            Err(Error::BillingNotConfigured) => {
                Ok(Self::Unavailable("Billing is not set up in this deployment.".to_owned()))
            }
            Err(Error::RateLimited { retry_after }) => Ok(Self::Unavailable(format!(
                "Too many requests. Try again in {}.",
                crate::forms::wait_text(retry_after)
            ))),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Converts the content, and keeps a failure.
    pub(crate) fn map<U>(self, into: impl FnOnce(T) -> U) -> Loaded<U> {
        match self {
            Self::Ready(content) => Loaded::Ready(into(content)),
            Self::Unavailable(message) => Loaded::Unavailable(message),
        }
    }

    /// Returns the content, if it is there.
    pub(crate) fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(content) => Some(content),
            Self::Unavailable(_) => None,
        }
    }

    /// Returns the sentence that stands in place of the content, if it is not there.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Ready(_) => None,
            Self::Unavailable(message) => Some(message),
        }
    }

    /// Returns the content for changing it, if it is there.
    pub(crate) fn ready_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Ready(content) => Some(content),
            Self::Unavailable(_) => None,
        }
    }
}
