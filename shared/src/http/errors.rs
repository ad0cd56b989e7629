//! The table that maps each error of an operation to a status and a code.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{AffectedMember, Error};

/// The body of every response to a refused or failed request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// The reason why the request was refused or failed.
    detail: Detail,
}

impl ErrorBody {
    pub(super) fn new(detail: Detail) -> Self {
        Self { detail }
    }
}

/// A text if the credential was refused; a code and a message in every other case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Detail {
    /// A code for programs and a message for people.
    Coded {
        /// A stable code, for programs.
        #[schema(example = "INVALID_CREDENTIALS")]
        code: String,
        /// A message for people. The text may change.
        #[schema(example = "Invalid email or password")]
        message: String,
        /// The organizations that `OWNS_CLIENTS` names; absent from every other error.
        #[serde(skip_serializing_if = "Option::is_none")]
        clients: Option<Vec<NamedOrganization>>,
        /// The members that `CONFIRMATION_REQUIRED` names; absent from every other error.
        #[serde(skip_serializing_if = "Option::is_none")]
        members: Option<Vec<NamedMember>>,
    },
    /// The reason why the credential was refused.
    #[schema(example = "invalid token")]
    Text(String),
}

/// An organization that an error names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedOrganization)]
pub(super) struct NamedOrganization {
    /// The id of the organization.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The name of the organization.
    #[schema(example = "Acme Corp")]
    name: String,
}

/// A member that an error names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedMember)]
pub(super) struct NamedMember {
    /// The id of the user.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    user_id: String,
    /// The name of the user.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// The email address of the user.
    #[schema(example = "dev@example.com")]
    email: String,
}

/// The form of an error body.
pub(super) enum Wording {
    /// A code, with the error's text as the message.
    Code(Cow<'static, str>),
    /// The error's text alone.
    Text,
}

/// Returns the status of an error and the form of its body.
pub(super) fn status_and_wording(error: &Error) -> (StatusCode, Wording) {
    let (status, code) = match error {
        Error::Missing(field) => {
            let code = format!("MISSING_{}", field.to_ascii_uppercase());
            return (StatusCode::BAD_REQUEST, Wording::Code(code.into()));
        }
        Error::InvalidField { .. } => (StatusCode::BAD_REQUEST, "INVALID_FIELD"),
        Error::MissingTokenName => return (StatusCode::BAD_REQUEST, Wording::Text),
        Error::InvalidEmail => (StatusCode::BAD_REQUEST, "INVALID_EMAIL"),
        Error::PasswordTooWeak(_) => (StatusCode::BAD_REQUEST, "PASSWORD_TOO_WEAK"),
        Error::InvalidCode => (StatusCode::BAD_REQUEST, "INVALID_CODE"),
        Error::InvalidPasskey => (StatusCode::BAD_REQUEST, "INVALID_PASSKEY"),
        Error::TwoFactorNotStarted => (StatusCode::BAD_REQUEST, "2FA_NOT_STARTED"),
        Error::TwoFactorNotEnabled => (StatusCode::BAD_REQUEST, "2FA_NOT_ENABLED"),
        Error::InvalidCursor => (StatusCode::BAD_REQUEST, "INVALID_CURSOR"),
        Error::InvalidCredentials => (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS"),
        Error::GoogleRefused => (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS"),
        Error::WrongSecondFactor => (StatusCode::UNAUTHORIZED, "INVALID_CODE"),
        Error::InvalidChallenge | Error::InvalidCeremony => {
            (StatusCode::UNAUTHORIZED, "INVALID_CHALLENGE")
        }
        Error::PasskeyRefused => (StatusCode::UNAUTHORIZED, "INVALID_PASSKEY"),
        Error::ReauthRequired => (StatusCode::UNAUTHORIZED, "REAUTH_REQUIRED"),
        Error::InvalidToken | Error::InvalidSession => {
            return (StatusCode::UNAUTHORIZED, Wording::Text);
        }
        Error::SessionRequired => (StatusCode::FORBIDDEN, "SESSION_REQUIRED"),
        Error::KeyRequired => (StatusCode::FORBIDDEN, "KEY_REQUIRED"),
        Error::BearerRequired => (StatusCode::FORBIDDEN, "TOKEN_REQUIRED"),
        Error::IpNotAllowed(_) => (StatusCode::FORBIDDEN, "IP_NOT_ALLOWED"),
        Error::InsufficientScope(_) => (StatusCode::FORBIDDEN, "INSUFFICIENT_SCOPE"),
        Error::NoAccess | Error::InvitationForAnotherAddress(_) => {
            (StatusCode::FORBIDDEN, "NO_ACCESS")
        }
        Error::TwoFactorRequired => (StatusCode::FORBIDDEN, "TWO_FACTOR_REQUIRED"),
        Error::MembersAffected(_) => (StatusCode::CONFLICT, "CONFIRMATION_REQUIRED"),
        Error::PendingDeletion => (StatusCode::FORBIDDEN, "PENDING_DELETION"),
        Error::AccountSuspended | Error::OrganizationSuspended => {
            (StatusCode::FORBIDDEN, "SUSPENDED")
        }
        Error::EmailNotVerified | Error::GoogleEmailNotVerified | Error::GoogleEmailNotHosted => {
            (StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED")
        }
        Error::NotFound | Error::GoogleNotSetUp | Error::InvitationNotFound => {
            (StatusCode::NOT_FOUND, "NOT_FOUND")
        }
        Error::EmailAlreadyExists | Error::GoogleNotConnected => {
            (StatusCode::CONFLICT, "EMAIL_ALREADY_EXISTS")
        }
        Error::TwoFactorAlreadyEnabled => (StatusCode::CONFLICT, "2FA_ALREADY_ENABLED"),
        Error::InvitationExpired => (StatusCode::CONFLICT, "INVITATION_EXPIRED"),
        Error::InvitationUsed => (StatusCode::CONFLICT, "INVITATION_USED"),
        Error::InvitationRevoked => (StatusCode::CONFLICT, "INVITATION_REVOKED"),
        Error::DeviceCodeExpired => (StatusCode::CONFLICT, "DEVICE_CODE_EXPIRED"),
        Error::DeviceCodeUsed => (StatusCode::CONFLICT, "DEVICE_CODE_USED"),
        Error::DeviceCodeDenied => (StatusCode::CONFLICT, "DEVICE_CODE_DENIED"),
        Error::PasskeyAlreadyRegistered => (StatusCode::CONFLICT, "PASSKEY_ALREADY_REGISTERED"),
        Error::TooManyPasskeys(_) => (StatusCode::CONFLICT, "TOO_MANY_PASSKEYS"),
        Error::NoSlackWebhook => (StatusCode::CONFLICT, "NO_SLACK_WEBHOOK"),
        Error::SlackRefused(_) => (StatusCode::CONFLICT, "SLACK_REFUSED"),
        Error::NoPassword => (StatusCode::CONFLICT, "NO_PASSWORD"),
        Error::GoogleAlreadyConnected => (StatusCode::CONFLICT, "GOOGLE_ALREADY_CONNECTED"),
        Error::LastSignInMethod => (StatusCode::CONFLICT, "LAST_SIGN_IN_METHOD"),
        Error::OwnsOrganizations(_) => (StatusCode::CONFLICT, "OWNS_CLIENTS"),
        Error::AlreadyMember => (StatusCode::CONFLICT, "ALREADY_MEMBER"),
        Error::DefaultOrganization => (StatusCode::CONFLICT, "DEFAULT_CLIENT"),
        Error::ProjectNameTaken => (StatusCode::CONFLICT, "PROJECT_NAME_TAKEN"),
        Error::ProjectCopying => (StatusCode::CONFLICT, "PROJECT_COPYING"),
        Error::RunFinished => (StatusCode::CONFLICT, "RUN_FINISHED"),
        Error::UploadMissing => (StatusCode::CONFLICT, "UPLOAD_MISSING"),
        Error::UploadMismatch(_) => (StatusCode::BAD_REQUEST, "UPLOAD_MISMATCH"),
        Error::PlanLimit { .. } | Error::NotInPlan { .. } => {
            (StatusCode::PAYMENT_REQUIRED, "PLAN_LIMIT")
        }
        Error::AlreadySubscribed => (StatusCode::CONFLICT, "ALREADY_SUBSCRIBED"),
        Error::NotSubscribed => (StatusCode::CONFLICT, "NOT_SUBSCRIBED"),
        Error::SubscriptionPastDue => (StatusCode::CONFLICT, "SUBSCRIPTION_PAST_DUE"),
        Error::SubscriptionEnding => (StatusCode::CONFLICT, "SUBSCRIPTION_ENDING"),
        Error::PaymentMethodInUse => (StatusCode::CONFLICT, "PAYMENT_METHOD_IN_USE"),
        Error::CardRequired => (StatusCode::CONFLICT, "CARD_REQUIRED"),
        Error::InsufficientCredits => (StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS"),
        Error::InvalidSignature => (StatusCode::BAD_REQUEST, "INVALID_SIGNATURE"),
        Error::BillingNotConfigured => (StatusCode::SERVICE_UNAVAILABLE, "BILLING_NOT_CONFIGURED"),
        Error::Disabled(_) => (StatusCode::SERVICE_UNAVAILABLE, "DISABLED"),
        Error::IdempotencyConflict => (StatusCode::CONFLICT, "IDEMPOTENCY_CONFLICT"),
        Error::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
        Error::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        Error::Unavailable(_) | Error::Contention | Error::Overloaded => {
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
        }
    };
    (status, Wording::Code(code.into()))
}

/// Returns the code of an error, for answers that have no status.
pub fn error_code(error: &Error) -> Cow<'static, str> {
    match status_and_wording(error).1 {
        Wording::Code(code) => code,
        Wording::Text => "REFUSED".into(),
    }
}

/// Returns the status of an error's response.
pub fn error_status(error: &Error) -> StatusCode {
    status_and_wording(error).0
}

/// Returns the organizations that the error names.
pub(super) fn named_organizations(error: &Error) -> Option<Vec<NamedOrganization>> {
    let Error::OwnsOrganizations(owned) = error else { return None };
    let named =
        |(id, name): &(String, String)| NamedOrganization { id: id.clone(), name: name.clone() };
    Some(owned.iter().map(named).collect())
}

/// Returns the members that the error names.
pub(super) fn named_members(error: &Error) -> Option<Vec<NamedMember>> {
    let Error::MembersAffected(members) = error else { return None };
    let named = |member: &AffectedMember| NamedMember {
        user_id: member.user_id.clone(),
        name: member.name.clone(),
        email: member.email.clone(),
    };
    Some(members.iter().map(named).collect())
}

/// Logs the cause of a failure. No other code logs it, so each failure has one line.
pub fn log_error(error: &Error) {
    if let Error::Internal(cause) = error {
        tracing::error!(cause = ?cause, "internal error");
    } else if let Error::Unavailable(cause) = error {
        tracing::error!(cause = ?cause, "a dependency failed");
    } else if let Error::Contention = error {
        tracing::warn!("conflicting writes were not resolved by retries");
    } else if let Error::Overloaded = error {
        tracing::warn!("no core was free for a password");
    }
}
