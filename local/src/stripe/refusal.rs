//! Refusals, in the shape of Stripe's. <https://docs.stripe.com/api/errors>

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// An error as Stripe answers it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Everything below `error`.
    pub(super) error: Map<String, Value>,
}

impl Refusal {
    fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert("message".to_owned(), message.into().into());
        error.insert("type".to_owned(), kind.into());
        Self { status, error }
    }

    /// What was asked for makes no sense.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// The same with another status.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with a code that programs go by.
    pub(super) fn with_code(mut self, code: &str) -> Self {
        self.error.insert("code".to_owned(), code.into());
        let doc = format!("https://docs.stripe.com/error-codes/{}", code.replace('_', "-"));
        self.error.insert("doc_url".to_owned(), doc.into());
        self
    }

    /// The same with the parameter that is at fault.
    pub(super) fn with_param(mut self, param: &str) -> Self {
        self.error.insert("param".to_owned(), param.into());
        self
    }

    /// An object that isn't there: 404 where the path names it, 400 where a parameter does.
    pub(super) fn missing(kind: &str, id: &str, param: &str) -> Self {
        let kind = if kind == "payment_method" { "PaymentMethod" } else { kind };
        let refusal = Self::invalid(format!("No such {kind}: '{id}'"));
        let status = if param == "id" { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        refusal.with_status(status).with_code("resource_missing").with_param(param)
    }

    /// An idempotency key that was used for something else.
    pub(super) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// Something of Stripe's own broke.
    pub(super) fn broken(status: StatusCode) -> Self {
        let message = "Sorry! There was an error while talking to one of our backends.";
        Self::new(status, "api_error", message)
    }

    /// A card that was declined.
    pub(super) fn declined(code: &str, decline: Option<&str>, message: &str) -> Self {
        let refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message);
        let mut refusal = refusal.with_code(code);
        if let Some(decline) = decline {
            refusal.error.insert("decline_code".to_owned(), decline.into());
        }
        refusal
    }

    /// The message, for people.
    pub(super) fn message(&self) -> &str {
        self.error.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    /// The body.
    pub(super) fn body(&self) -> Value {
        json!({"error": self.error})
    }
}
