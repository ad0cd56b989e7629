//! The one table from errors to HTTP.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;

/// How a refusal or failure is answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong.
    detail: Detail,
}

/// Credential checks answer a text, everything else a code with a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Detail {
    /// A code to program against and a message for people.
    Coded {
        /// Stable.
        #[schema(example = "INVALID_CREDENTIALS")]
        code: String,
        /// For people; may change.
        #[schema(example = "Invalid email or password")]
        message: String,
        /// `OWNS_CLIENTS` names the clients; absent from every other error.
        #[serde(skip_serializing_if = "Option::is_none")]
        clients: Option<Vec<NamedClient>>,
    },
    /// What is wrong with the credential.
    #[schema(example = "invalid token")]
    Text(String),
}

/// A client that an error is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedClient {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
}

/// What the body of an error says.
enum Said {
    /// A code, and the error's text as the message.
    Code(Cow<'static, str>),
    /// Only the error's text.
    Text,
}

impl Error {
    fn row(&self) -> (StatusCode, Said) {
        let (status, code) = match self {
            Self::Missing(field) => {
                let code = format!("MISSING_{}", field.to_ascii_uppercase());
                return (StatusCode::BAD_REQUEST, Said::Code(code.into()));
            }
            Self::InvalidField { .. } => (StatusCode::BAD_REQUEST, "INVALID_FIELD"),
            Self::MissingTokenName => return (StatusCode::BAD_REQUEST, Said::Text),
            Self::InvalidEmail => (StatusCode::BAD_REQUEST, "INVALID_EMAIL"),
            Self::PasswordTooWeak(_) => (StatusCode::BAD_REQUEST, "PASSWORD_TOO_WEAK"),
            Self::InvalidCode => (StatusCode::BAD_REQUEST, "INVALID_CODE"),
            Self::TwoFactorNotStarted => (StatusCode::BAD_REQUEST, "2FA_NOT_STARTED"),
            Self::TwoFactorNotEnabled => (StatusCode::BAD_REQUEST, "2FA_NOT_ENABLED"),
            Self::InvalidJson(_) => (StatusCode::BAD_REQUEST, "INVALID_JSON"),
            Self::InvalidCursor => (StatusCode::BAD_REQUEST, "INVALID_CURSOR"),
            Self::InvalidCredentials => (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS"),
            Self::GoogleRefused => (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS"),
            Self::WrongSecondFactor => (StatusCode::UNAUTHORIZED, "INVALID_CODE"),
            Self::InvalidChallenge => (StatusCode::UNAUTHORIZED, "INVALID_CHALLENGE"),
            Self::ReauthRequired => (StatusCode::UNAUTHORIZED, "REAUTH_REQUIRED"),
            Self::MissingBearer
            | Self::InvalidAuthorization
            | Self::EmptyBearer
            | Self::InvalidToken
            | Self::MissingSession
            | Self::InvalidSession => return (StatusCode::UNAUTHORIZED, Said::Text),
            Self::SessionRequired => (StatusCode::FORBIDDEN, "SESSION_REQUIRED"),
            Self::NoAccess => (StatusCode::FORBIDDEN, "NO_ACCESS"),
            Self::BadOrigin => (StatusCode::FORBIDDEN, "BAD_ORIGIN"),
            Self::PendingDeletion => (StatusCode::FORBIDDEN, "PENDING_DELETION"),
            Self::EmailNotVerified | Self::GoogleEmailNotVerified => {
                (StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED")
            }
            Self::NotFound | Self::GoogleNotSetUp => (StatusCode::NOT_FOUND, "NOT_FOUND"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::EmailAlreadyExists => (StatusCode::CONFLICT, "EMAIL_ALREADY_EXISTS"),
            Self::TwoFactorAlreadyEnabled => (StatusCode::CONFLICT, "2FA_ALREADY_ENABLED"),
            Self::NoPassword => (StatusCode::CONFLICT, "NO_PASSWORD"),
            Self::GoogleAlreadyConnected => (StatusCode::CONFLICT, "GOOGLE_ALREADY_CONNECTED"),
            Self::LastSignInMethod => (StatusCode::CONFLICT, "LAST_SIGN_IN_METHOD"),
            Self::OwnsOrganizations(_) => (StatusCode::CONFLICT, "OWNS_CLIENTS"),
            Self::AlreadyMember => (StatusCode::CONFLICT, "ALREADY_MEMBER"),
            Self::DefaultOrganization => (StatusCode::CONFLICT, "DEFAULT_CLIENT"),
            Self::ProjectNameTaken => (StatusCode::CONFLICT, "PROJECT_NAME_TAKEN"),
            Self::ProjectCopying => (StatusCode::CONFLICT, "PROJECT_COPYING"),
            Self::RunFinished => (StatusCode::CONFLICT, "RUN_FINISHED"),
            Self::UploadMissing => (StatusCode::CONFLICT, "UPLOAD_MISSING"),
            Self::UploadMismatch(_) => (StatusCode::BAD_REQUEST, "UPLOAD_MISMATCH"),
            Self::PlanLimit { .. } | Self::NotInPlan { .. } => {
                (StatusCode::PAYMENT_REQUIRED, "PLAN_LIMIT")
            }
            Self::AlreadySubscribed => (StatusCode::CONFLICT, "ALREADY_SUBSCRIBED"),
            Self::InsufficientCredits => (StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS"),
            Self::InvalidSignature => (StatusCode::BAD_REQUEST, "INVALID_SIGNATURE"),
            Self::BillingNotConfigured => {
                (StatusCode::SERVICE_UNAVAILABLE, "BILLING_NOT_CONFIGURED")
            }
            Self::IdempotencyConflict => (StatusCode::CONFLICT, "IDEMPOTENCY_CONFLICT"),
            Self::BodyTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE")
            }
            Self::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
            Self::Unavailable(_) | Self::Conflict => {
                (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
            }
        };
        (status, Said::Code(code.into()))
    }

    /// The clients that it names.
    fn clients(&self) -> Option<Vec<NamedClient>> {
        let Self::OwnsOrganizations(clients) = self else { return None };
        let named =
            |(id, name): &(String, String)| NamedClient { id: id.clone(), name: name.clone() };
        Some(clients.iter().map(named).collect())
    }

    /// Here is the boundary: what engineers need to know is logged once, and here.
    fn log(&self) {
        if let Self::Internal(cause) = self {
            tracing::error!(cause = ?cause, "internal error");
        } else if let Self::Unavailable(cause) = self {
            tracing::error!(cause = ?cause, "a dependency failed");
        } else if let Self::Conflict = self {
            tracing::warn!("conflicting writes did not settle");
        }
    }
}

/// Seconds after which a caller may try again when something of ours was down or busy.
const RETRY_UNAVAILABLE_AFTER: u64 = 1;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let message = self.to_string();
        let (status, said) = self.row();
        let detail = match said {
            Said::Code(code) => {
                Detail::Coded { code: code.into_owned(), message, clients: self.clients() }
            }
            Said::Text => Detail::Text(message),
        };
        let mut response = (status, Json(ErrorBody { detail })).into_response();
        let headers = response.headers_mut();
        if let Self::RateLimited { retry_after } = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after));
        } else if matches!(self, Self::Unavailable(_) | Self::Conflict) {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_UNAVAILABLE_AFTER));
        } else if let Self::MethodNotAllowed(methods) = self
            && let Ok(methods) = HeaderValue::from_str(&methods)
            && !methods.is_empty()
        {
            headers.insert(ALLOW, methods);
        }
        response
    }
}
