//! Errors in the format of Stripe's API. <https://docs.stripe.com/api/errors>

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// The result of an operation of the API.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// An error as Stripe's API returns it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    /// The fields below `error` in the body.
    pub(crate) fields: Map<String, Value>,
}

impl ApiError {
    fn new(status: StatusCode, error_type: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("message".to_owned(), message.into().into());
        fields.insert("type".to_owned(), error_type.into());
        Self { status, fields }
    }

    /// Returns a 400 for an invalid request.
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// Returns a 400 for a feature of Stripe that the simulator does not support.
    pub(crate) fn unsupported(feature: &str) -> Self {
        Self::invalid_request(format!("The local stack doesn't simulate this: {feature}"))
    }

    /// Returns a 400 for a parameter that the call does not have.
    pub(crate) fn unknown_parameter(name: &str) -> Self {
        Self::invalid_request(format!("Received unknown parameter: {name}"))
            .with_param(name)
            .with_code("parameter_unknown")
    }

    /// Returns a 400 for a required parameter that is missing.
    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::invalid_request(format!("Missing required param: {name}."))
            .with_param(name)
            .with_code("parameter_missing")
    }

    /// Returns the error for an unknown object: 404 if the path names it, 400 if a parameter does.
    pub(crate) fn resource_missing(object_type: &str, id: &str, param: &str) -> Self {
        let name = if object_type == "payment_method" { "PaymentMethod" } else { object_type };
        let error = Self::invalid_request(format!("No such {name}: '{id}'"));
        let status = if param == "id" { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        error.with_status(status).with_code("resource_missing").with_param(param)
    }

    /// Returns a 400 for an idempotency key that was used with another request.
    pub(crate) fn idempotency_error(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// Returns an error for a failure inside Stripe.
    pub(crate) fn internal(status: StatusCode) -> Self {
        let message = "Sorry! There was an error while talking to one of our backends.";
        Self::new(status, "api_error", message)
    }

    /// Returns a 402 for a declined card.
    pub(crate) fn card_error(code: &str, decline_code: Option<&str>, message: &str) -> Self {
        let mut error =
            Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).with_code(code);
        if let Some(decline_code) = decline_code {
            error.fields.insert("decline_code".to_owned(), decline_code.into());
        }
        error
    }

    /// Replaces the HTTP status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Adds an error code and the link to its documentation.
    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.fields.insert("code".to_owned(), code.into());
        let url = format!("https://docs.stripe.com/error-codes/{}", code.replace('_', "-"));
        self.fields.insert("doc_url".to_owned(), url.into());
        self
    }

    /// Adds the name of the invalid parameter.
    pub(crate) fn with_param(mut self, param: &str) -> Self {
        self.fields.insert("param".to_owned(), param.into());
        self
    }

    /// Returns the message.
    pub(crate) fn message(&self) -> &str {
        self.fields.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the body of the response.
    pub(crate) fn to_body(&self) -> Value {
        json!({"error": self.fields})
    }
}
