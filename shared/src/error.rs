//! Errors of operations. They know nothing of HTTP: `http/errors.rs` maps each to a status and code.

use std::borrow::Cow;
use std::net::IpAddr;

pub use dynamo::BoxError;

use crate::clock::Timestamp;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A member whom a change affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedMember {
    /// Id of the member's account.
    pub user_id: String,
    /// Name of the member, to show to the owner.
    pub name: String,
    /// Email address of the member.
    pub email: String,
}

/// The reason why an operation was refused or failed.
///
/// `Display` is the message for callers of the API and holds no internals. The details for engineers
/// are in [`Error::source`](std::error::Error::source), which is logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // Input.
    /// A required field is absent, null or blank. Holds the field's name.
    #[error("{0} is required")]
    Missing(Cow<'static, str>),
    /// A field has the wrong type, is too long, or has a value that is not allowed.
    #[error("{field}: {why}")]
    InvalidField {
        /// The field's name as the caller wrote it.
        field: String,
        /// The rule that the value breaks, as in "must not be 0".
        why: String,
    },
    /// A new token has no name.
    #[error("token_name is required")]
    MissingTokenName,
    /// The text is not an email address that can receive mail.
    #[error("Invalid email address")]
    InvalidEmail,
    /// The password breaks a rule. Holds a sentence that names the rule.
    #[error("{0}")]
    PasswordTooWeak(&'static str),
    /// The code is wrong, used or expired. Callers are not told which.
    #[error("Invalid or expired code")]
    InvalidCode,
    /// The response to the registration of a passkey breaks a rule of WebAuthn.
    #[error("The passkey could not be verified; try again")]
    InvalidPasskey,
    /// Two-factor authentication is enabled before its set-up began.
    #[error("Set up two-factor authentication first")]
    TwoFactorNotStarted,
    /// The operation needs two-factor authentication, which the account has not enabled.
    #[error("Two-factor authentication is not enabled")]
    TwoFactorNotEnabled,
    /// The paging cursor is forged, or belongs to another query.
    #[error("Invalid cursor")]
    InvalidCursor,
    /// The content is larger than a limit. Holds the limit in bytes.
    #[error("The body is larger than {0} bytes")]
    TooLarge(usize),

    // Authentication and authorization.
    /// Email address and password do not match, or there is no such account.
    #[error("Invalid email or password")]
    InvalidCredentials,
    /// The second factor of a sign-in is wrong.
    #[error("Invalid or expired code")]
    WrongSecondFactor,
    /// The challenge of a sign-in is unknown, used, expired or out of attempts.
    #[error("Sign in again")]
    InvalidChallenge,
    /// The ceremony of a passkey is unknown, used, expired, or was started for another purpose or account.
    #[error("This attempt has expired or was already used; start again")]
    InvalidCeremony,
    /// The response of a passkey breaks a rule of WebAuthn, or the passkey belongs to no account.
    #[error("This passkey was not accepted; use another way to sign in")]
    PasskeyRefused,
    /// The operation needs a proof of identity that is at most ten minutes old.
    #[error("Confirm your identity at /v1/me/reauthenticate, or sign in again, to do this")]
    ReauthRequired,
    /// The bearer token is mistyped, unknown, revoked or expired.
    #[error("invalid token")]
    InvalidToken,
    /// The session is forged, ended or expired.
    #[error("invalid session")]
    InvalidSession,
    /// The caller sent a bearer token where the operation needs a session.
    #[error("This call needs a signed-in session, not a token")]
    SessionRequired,
    /// The caller sent a session or a personal token where the operation needs a key of the organization.
    #[error("This call needs an API key of the organization, not a session or a personal token")]
    KeyRequired,
    /// The caller sent a session where the operation needs a bearer token.
    #[error(
        "Exchange a personal token or an API key. A session is not exchanged, so that signing out ends at once all that it allows"
    )]
    BearerRequired,
    /// The bearer token is limited to other addresses. Holds the address of the request.
    #[error("This token may not be used from the address {0}")]
    IpNotAllowed(IpAddr),
    /// The bearer token lacks the scope that the operation requires.
    #[error("This call needs a token with the scope {0}")]
    InsufficientScope(&'static str),
    /// The caller does not belong to the organization, or lacks the role for the operation.
    #[error("You do not have access to this")]
    NoAccess,
    /// The account is scheduled for erasure. Until it is restored, only restoring works.
    #[error("This account is scheduled for deletion; restore it first")]
    PendingDeletion,
    /// An operator has suspended the account.
    #[error("This account is suspended; write to support")]
    AccountSuspended,
    /// An operator has suspended the organization.
    #[error("This organization is suspended; its owner can write to support")]
    OrganizationSuspended,
    /// Google rejected the authorization code, or its ID token is invalid.
    #[error("Google did not confirm who you are; sign in again")]
    GoogleRefused,
    /// Google has not verified the email address, or did not send one.
    #[error("Your email address is not verified at Google")]
    GoogleEmailNotVerified,
    /// Google has verified the email address once but does not host it, so it does not prove whose the address is
    /// now.
    #[error(
        "Google does not host this email address. Sign up with it and a password, enter the code that we \
         mail you, and then connect Google in your account"
    )]
    GoogleEmailNotHosted,
    /// An account has the email address of a Google account that is not connected to it and does not prove the
    /// address.
    #[error(
        "An account with this email already exists. Sign in to it with your password, and then connect Google \
         in your account"
    )]
    GoogleNotConnected,
    /// The password is right, but the email address is not verified yet.
    #[error("Verify your email address before signing in")]
    EmailNotVerified,

    // State.
    /// The path or resource does not exist.
    #[error("Not found")]
    NotFound,
    /// The deployment has no OAuth client at Google.
    #[error("Sign-in with Google is not set up in this deployment")]
    GoogleNotSetUp,
    /// A verified account has this email address.
    #[error("An account with this email already exists")]
    EmailAlreadyExists,
    /// The account has enabled two-factor authentication already.
    #[error("Two-factor authentication is already enabled")]
    TwoFactorAlreadyEnabled,
    /// The authenticator's passkey belongs to an account already.
    #[error("This passkey is registered already")]
    PasskeyAlreadyRegistered,
    /// The account has as many passkeys as it may. Holds the limit.
    #[error("An account can have {0} passkeys; remove one first")]
    TooManyPasskeys(usize),
    /// The operation needs a Slack webhook, which the user has not set.
    #[error("No Slack webhook is set; save one first")]
    NoSlackWebhook,
    /// Slack refuses messages to the webhook for good. Holds Slack's answer.
    #[error("{0}; create the webhook in Slack again, and save it here")]
    SlackRefused(String),
    /// The operation needs a password, which the account does not have.
    #[error("This account has no password; set one first")]
    NoPassword,
    /// The account has another Google account connected, or the Google account is connected to another
    /// account.
    #[error("One of these accounts is connected to another account; disconnect that one first")]
    GoogleAlreadyConnected,
    /// The change would leave the account without a way to sign in.
    #[error("This is the only way to sign in; add another one first")]
    LastSignInMethod,
    /// The account owns organizations that have other members. Holds their ids and names.
    #[error("You own organizations with other members; transfer or delete them first")]
    OwnsOrganizations(Vec<(String, String)>),
    /// The organization requires a second factor, which the user does not have.
    #[error(
        "This organization requires two-factor authentication; turn it on for your account first"
    )]
    TwoFactorRequired,
    /// Members without a second factor would lose their access. Holds the first of them.
    #[error(
        "These members have no two-factor authentication and would lose access; send `confirm`: true to go on"
    )]
    MembersAffected(Vec<AffectedMember>),
    /// No invitation has the token, or a newer link has replaced it.
    #[error(
        "This invitation is not valid; open the link in the newest mail, or ask for a new invitation"
    )]
    InvitationNotFound,
    /// Nobody answered the invitation in time.
    #[error("This invitation has expired; ask for a new one")]
    InvitationExpired,
    /// The invitation was accepted or declined.
    #[error("This invitation was already accepted or declined")]
    InvitationUsed,
    /// The owner or an admin revoked the invitation.
    #[error("This invitation was revoked; ask for a new one if you still want to join")]
    InvitationRevoked,
    /// The invitation is for another address than the caller's. Holds that address, masked.
    #[error("This invitation is for {0}; sign in with that address to answer it")]
    InvitationForAnotherAddress(String),
    /// Nobody answered the request of a command line in time.
    #[error("This code has expired; start the sign-in again in your command line")]
    DeviceCodeExpired,
    /// The request of a command line was allowed already.
    #[error("This code was used already; start the sign-in again in your command line")]
    DeviceCodeUsed,
    /// The request of a command line was denied already.
    #[error("This request was denied; start the sign-in again in your command line")]
    DeviceCodeDenied,
    /// The invited person belongs to the organization already.
    #[error("This person is already a member")]
    AlreadyMember,
    /// The default organization of an account cannot be deleted.
    #[error("The default organization of an account cannot be deleted")]
    DefaultOrganization,
    /// Another project of the organization has this name.
    #[error("Another project of this organization has this name")]
    ProjectNameTaken,
    /// The project is a fork into which files are still being copied.
    #[error("This project is still being copied; try again when its status is ready")]
    ProjectCopying,
    /// The run has ended, which is final.
    #[error("This run has already ended")]
    RunFinished,
    /// The upload URL has not received an object yet.
    #[error("Nothing has been uploaded to the upload_url yet")]
    UploadMissing,
    /// The uploaded object differs from its declaration. Holds the property that differs.
    #[error("The upload's {0} differs from the declared one; request a new upload_url")]
    UploadMismatch(&'static str),
    /// The plan's limit is reached.
    #[error("The {plan} plan has a limit of {limit} for {what}; upgrade to add more")]
    PlanLimit {
        /// Name of the organization's plan.
        plan: &'static str,
        /// The limited resource, in the plural.
        what: &'static str,
        /// The highest number that the plan allows.
        limit: u32,
    },
    /// The plan does not include the feature.
    #[error("The {plan} plan does not include {what}; upgrade to use it")]
    NotInPlan {
        /// Name of the organization's plan.
        plan: &'static str,
        /// The feature that is missing, as it is named to people.
        what: &'static str,
    },
    /// The organization already has a subscription, whose plan can be changed.
    #[error("This organization already has a subscription; change its plan instead")]
    AlreadySubscribed,
    /// The organization has no subscription that could be changed.
    #[error("This organization has no subscription; subscribe to a plan first")]
    NotSubscribed,
    /// The current period of the subscription is not paid.
    #[error("The current period is not paid yet; pay the open invoice first")]
    SubscriptionPastDue,
    /// The subscription ends with its period.
    #[error("This subscription is canceled; resume it first")]
    SubscriptionEnding,
    /// The subscription is not paid with a card.
    #[error("An upgrade is paid with a card; add one, or contact us if you pay by invoice")]
    CardRequired,
    /// The subscription is paid with the payment method, or it is the last one.
    #[error("The subscription is paid with this; make another payment method the default first")]
    PaymentMethodInUse,
    /// The organization has fewer credits than the operation costs. None were taken.
    #[error("Not enough credits; top up")]
    InsufficientCredits,
    /// The webhook's signature is not Stripe's, or is too old.
    #[error("Invalid signature")]
    InvalidSignature,
    /// The idempotency key was used with a different request.
    #[error("This Idempotency-Key was used with a different request")]
    IdempotencyConflict,

    // Rate limits.
    /// The caller made too many attempts.
    #[error("Too many attempts, try again later")]
    RateLimited {
        /// Seconds until another attempt makes sense, at least 1.
        retry_after: u64,
    },

    // Failures.
    /// Concurrent requests kept changing the same items, until the last attempt of
    /// [`crate::dynamo::retry_conflicts`]. Nothing was written, so a retry is safe.
    #[error("The service is busy, try again")]
    Contention,
    /// All cores were busy with passwords for too long. Nothing was written, so a retry is safe.
    #[error("The service is busy, try again")]
    Overloaded,
    /// An operator has switched the feature off. Holds its name.
    #[error("{0} is switched off for now; try again later")]
    Disabled(&'static str),
    /// The deployment has no account at Stripe.
    #[error("Billing is not set up in this deployment")]
    BillingNotConfigured,
    /// A dependency is down or too slow. A write that was not answered in time may have taken effect. A repetition is
    /// safe, if a call that creates or debits has the same idempotency key or source.
    #[error("The service is temporarily unavailable, try again")]
    Unavailable(#[source] BoxError),
    /// The service has a defect.
    #[error("Internal error")]
    Internal(#[source] BoxError),
}

/// A stored value cannot be decoded or decrypted.
#[derive(Debug, thiserror::Error)]
#[error("a stored value is unreadable: {0}")]
struct Unreadable(String);

impl From<dynamo::Error> for Error {
    fn from(error: dynamo::Error) -> Self {
        match error {
            dynamo::Error::InvalidCursor => Self::InvalidCursor,
            dynamo::Error::Contention => Self::Contention,
            dynamo::Error::Unavailable(cause) => Self::Unavailable(cause),
            dynamo::Error::Undecodable(why) => Self::unreadable(why),
            dynamo::Error::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl Error {
    /// Creates an error for a defect of the service, with a description for the log.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }

    /// Creates an error for a stored value that cannot be decoded or decrypted.
    pub fn unreadable(why: impl ToString) -> Self {
        Self::internal(Unreadable(why.to_string()))
    }

    /// Returns whether a stored value is unreadable, so that a retry cannot succeed.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Internal(cause) if cause.is::<Unreadable>())
    }

    /// Creates a refusal that lasts until `until`.
    pub fn rate_limited(now: Timestamp, until: Timestamp) -> Self {
        Self::RateLimited { retry_after: now.seconds_until(until).max(1) }
    }

    /// Creates an error for a required field that is absent, null or blank.
    pub fn missing(field: impl Into<Cow<'static, str>>) -> Self {
        Self::Missing(field.into())
    }

    /// Creates an error for a field with a value that is not allowed; `why` states the rule.
    pub fn invalid_field(field: &str, why: impl Into<String>) -> Self {
        Self::InvalidField { field: field.to_owned(), why: why.into() }
    }
}
