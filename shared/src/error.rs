//! What can go wrong, free of HTTP. `http::errors` is the one table that turns these into answers.

use std::borrow::Cow;

use crate::clock::Timestamp;

/// What every fallible operation returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation was refused or failed.
///
/// `Display` is for people who call the API and never carries internals; what only engineers may
/// see is in [`Error::source`](std::error::Error::source), and goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // What was sent.
    /// A required field is absent, null or blank. Holds the field's name.
    #[error("{0} is required")]
    Missing(Cow<'static, str>),
    /// A field has the wrong type, is too long, or holds what it may not.
    #[error("{field}: {why}")]
    InvalidField {
        /// The field's name, as the caller wrote it.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// A token is to be made without a name.
    #[error("token_name is required")]
    MissingTokenName,
    /// The text is no e-mail address that mail can be sent to.
    #[error("Invalid email address")]
    InvalidEmail,
    /// The password breaks a rule, which the text names.
    #[error("{0}")]
    PasswordTooWeak(&'static str),
    /// The code is wrong, used up or too old; which of these is nobody's business.
    #[error("Invalid or expired code")]
    InvalidCode,
    /// A second factor is turned on with a code, but no secret waits for one.
    #[error("Set up two-factor authentication first")]
    TwoFactorNotStarted,
    /// What is asked for needs a second factor that the account doesn't have.
    #[error("Two-factor authentication is not enabled")]
    TwoFactorNotEnabled,
    /// The body isn't JSON; the text says where it broke.
    #[error("{0}")]
    InvalidJson(String),
    /// The paging cursor is not one of ours, or belongs to another query.
    #[error("Invalid cursor")]
    InvalidCursor,
    /// The body is longer than the limit in bytes.
    #[error("The body is larger than {0} bytes")]
    BodyTooLarge(usize),
    /// The body isn't declared as JSON.
    #[error("Content-Type must be application/json")]
    UnsupportedMediaType,

    // Who asks.
    /// E-mail and password don't belong together, or the account doesn't exist.
    #[error("Invalid email or password")]
    InvalidCredentials,
    /// A second factor that is wrong, at signing in.
    #[error("Invalid or expired code")]
    WrongSecondFactor,
    /// A sign-in's challenge that is unknown, used, too old or out of tries.
    #[error("Sign in again")]
    InvalidChallenge,
    /// What is asked for needs a sign-in that is at most ten minutes old.
    #[error("Sign in again to do this")]
    ReauthRequired,
    /// No credential at all where either kind would do.
    #[error("missing bearer token")]
    MissingBearer,
    /// An `Authorization` header that isn't `Bearer …`.
    #[error("invalid authorization header")]
    InvalidAuthorization,
    /// `Authorization: Bearer` without a token.
    #[error("invalid bearer token")]
    EmptyBearer,
    /// A bearer token that is mistyped, unknown, revoked or expired.
    #[error("invalid token")]
    InvalidToken,
    /// No session cookie where only a session will do.
    #[error("missing session")]
    MissingSession,
    /// A session cookie that is forged, ended or expired.
    #[error("invalid session")]
    InvalidSession,
    /// A bearer token where a session is needed.
    #[error("This call needs a signed-in session, not a token")]
    SessionRequired,
    /// A browser sent this from another site.
    #[error("Requests from other sites are refused")]
    BadOrigin,
    /// The caller doesn't belong to the organization, or may not do this there.
    #[error("You do not have access to this")]
    NoAccess,
    /// The account waits to be erased; all that works is to have it back.
    #[error("This account is scheduled for deletion; restore it first")]
    PendingDeletion,
    /// Google doesn't vouch for whoever comes back from there: a code or an ID token isn't good.
    #[error("Google did not confirm who you are; sign in again")]
    GoogleRefused,
    /// Google hasn't made sure of the address, or tells none: it proves nothing.
    #[error("Your email address is not verified at Google")]
    GoogleEmailNotVerified,
    /// The right password, but the address isn't proven yet.
    #[error("Verify your email address before signing in")]
    EmailNotVerified,

    // What is there.
    /// No such path or thing.
    #[error("Not found")]
    NotFound,
    /// The deployment has no client at Google.
    #[error("Sign-in with Google is not set up in this deployment")]
    GoogleNotSetUp,
    /// The path exists, the method doesn't. Holds the methods that do.
    #[error("Method not allowed")]
    MethodNotAllowed(String),
    /// A verified account with that address exists.
    #[error("An account with this email already exists")]
    EmailAlreadyExists,
    /// The account has a second factor already.
    #[error("Two-factor authentication is already enabled")]
    TwoFactorAlreadyEnabled,
    /// What is asked for needs a password that the account doesn't have.
    #[error("This account has no password; set one first")]
    NoPassword,
    /// The account has another Google account connected, or the Google account another of ours.
    #[error("One of the two accounts is connected to another already; disconnect it there first")]
    GoogleAlreadyConnected,
    /// Nothing would sign in any more.
    #[error("This is the only way to sign in; set a password first")]
    LastSignInMethod,
    /// The account owns clients that others belong to. Holds their ids and names.
    #[error("You own organizations with other members; transfer or delete them first")]
    OwnsOrganizations(Vec<(String, String)>),
    /// Whoever is to join belongs to the organization already.
    #[error("This person is a member already")]
    AlreadyMember,
    /// A person's default organization can't be deleted.
    #[error("The default organization of an account cannot be deleted")]
    DefaultOrganization,
    /// Another project of the organization is called so.
    #[error("Another project of this organization has this name")]
    ProjectNameTaken,
    /// The project is a fork into which files are still being copied.
    #[error("This project is still being copied; try again when its status is ready")]
    ProjectCopying,
    /// The run has ended, which is final.
    #[error("This run has ended already")]
    RunFinished,
    /// Nothing lies where an upload was to go.
    #[error("Nothing has been uploaded to the upload_url yet")]
    UploadMissing,
    /// What was uploaded isn't what was said to come. Holds what is wrong with it.
    #[error("What was uploaded has another {0} than announced; it was removed, start again")]
    UploadMismatch(&'static str),
    /// The plan's limit is reached.
    #[error("The {plan} plan has a limit of {limit} for {what}; upgrade to add more")]
    PlanLimit {
        /// The organization's plan.
        plan: &'static str,
        /// What is limited, in the plural.
        what: &'static str,
        /// How many there may be.
        limit: u32,
    },
    /// The plan doesn't include it.
    #[error("The {plan} plan does not include {what}; upgrade to use it")]
    NotInPlan {
        /// The organization's plan.
        plan: &'static str,
        /// What it doesn't include.
        what: &'static str,
    },
    /// The organization has a subscription already, which is changed and not bought again.
    #[error("This organization has a subscription already; change it in the billing portal")]
    AlreadySubscribed,
    /// A charge of more credits than there are. Nothing was taken.
    #[error("Not enough credits; top up")]
    InsufficientCredits,
    /// What says that it is from Stripe isn't signed by Stripe, or was signed too long ago.
    #[error("Invalid signature")]
    InvalidSignature,
    /// The idempotency key was used with another request.
    #[error("This Idempotency-Key was used with a different request")]
    IdempotencyConflict,

    // How often.
    /// Too many tries.
    #[error("Too many attempts, try again later")]
    RateLimited {
        /// Whole seconds until another try makes sense; at least 1.
        retry_after: u64,
    },

    // What broke.
    /// Somebody else changed the same thing first. Operations read again and retry
    /// ([`crate::dynamo::retry_conflicts`]); it leaves the service only when that didn't settle it.
    #[error("The service is busy, try again")]
    Conflict,
    /// The deployment has no account at Stripe.
    #[error("Billing is not set up in this deployment")]
    BillingNotConfigured,
    /// A dependency is down or too slow; nothing was written, a retry is safe.
    #[error("The service is temporarily unavailable, try again")]
    Unavailable(#[source] Cause),
    /// A defect of ours.
    #[error("Internal error")]
    Internal(#[source] Cause),
}

/// What lies behind a failure, for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What is stored can't be decoded or decrypted.
#[derive(Debug, thiserror::Error)]
#[error("what is stored can't be read: {0}")]
struct Unreadable(String);

impl From<dynamo::Error> for Error {
    fn from(error: dynamo::Error) -> Self {
        match error {
            dynamo::Error::InvalidCursor => Self::InvalidCursor,
            dynamo::Error::Conflict => Self::Conflict,
            dynamo::Error::Unavailable(cause) => Self::Unavailable(cause),
            dynamo::Error::Undecodable(why) => Self::unreadable(why),
            dynamo::Error::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl Error {
    /// A defect of ours, described for the log.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// What is stored can't be read.
    pub fn unreadable(why: impl ToString) -> Self {
        Self::internal(Unreadable(why.to_string()))
    }

    /// Whether it is that: trying again changes nothing, which can't be said of other defects.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Internal(cause) if cause.is::<Unreadable>())
    }

    /// Refused until `until`.
    pub fn rate_limited(now: Timestamp, until: Timestamp) -> Self {
        Self::RateLimited { retry_after: now.until(until).max(1) }
    }

    /// A required field that is absent, null or blank.
    pub fn missing(field: impl Into<Cow<'static, str>>) -> Self {
        Self::Missing(field.into())
    }

    /// A field that holds what it may not.
    pub fn invalid_field(field: &str, why: impl Into<String>) -> Self {
        Self::InvalidField { field: field.to_owned(), why: why.into() }
    }
}
