//! Registers an account.
//!
//! An account whose address was never verified does not own the address. The next registration replaces
//! the whole account (password, name, code, sessions), so that squatting an address gains nothing.
//! Registering it *last* gains nothing either: see [`PendingRegistration`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::free_grant::grant_free_credits;
use super::password::{self, Password, PasswordHash};
use super::registration_expiry::registration_expires_at;
use super::request_code::{CodeMail, send_code};
use super::start_session::{StartSessionParams, start_session};
use super::{
    EmailGuard, PendingRegistration, RegistrationToken, User, UserView, find_by_email, new_account,
};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Attempt, Tx, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::keys;
use crate::mailed_codes::{CodeKey, IssuedCode};
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::switches::Feature;
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress, Name, Timezone};

/// Parameters for registering an account.
#[derive(Debug)]
pub struct NewAccount {
    /// Address of the account.
    pub email: EmailAddress,
    /// Name of the person.
    pub name: Name,
    /// Password of the account.
    pub password: Password,
    /// Time zone of the person, if the browser or program told it.
    pub timezone: Option<Timezone>,
    /// Token of an earlier registration in the same browser, if there was one.
    pub browser: Option<RegistrationToken>,
}

/// The answer to a registration.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Registered {
    /// The account that was created.
    pub user: UserView,
    /// A message to show to the user. Its text may change.
    #[schema(example = "Registration successful")]
    pub message: String,
    /// Whether a code was mailed that must be sent to `/verify-email`.
    pub verification_required: bool,
    /// Session token, where the deployment does not require verified addresses. Absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
}

/// A registration: its answer, and the token that recognizes its browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// The answer to the request.
    #[serde(flatten)]
    pub answer: Registered,
    /// Token for a cookie of the browser.
    #[serde(default)]
    pub browser: Option<RegistrationToken>,
}

/// State that is read before an attempt to register.
struct RegistrationState {
    done: Option<Replayable<Registration>>,
    code: Option<IssuedCode>,
    user: Option<User>,
    /// Whether the address is reserved for an account that has moved to another address.
    is_reserved: bool,
}

/// Registers an account with its default organization, and mails the code that verifies its address.
///
/// An account whose address is not verified within [`REGISTRATION_TTL`](super::REGISTRATION_TTL) is erased.
///
/// Where the deployment does not require verified addresses, it mails no code and starts a session.
///
/// # Errors
/// - [`Error::EmailAlreadyExists`] in these cases:
///   - The address has an account that can be signed in to.
///   - The address has an account that is scheduled for erasure, which keeps the address until then.
///   - The address is reserved for an account that has changed its address and can still undo that.
/// - [`Error::RateLimited`] after too many requests from one network, or too many codes for the address.
/// - `Error::IdempotencyConflict` if the idempotency key was used for another request.
/// - [`Error::Disabled`] while sign-up is switched off, or the mail that it needs.
pub async fn register(
    ctx: &Context,
    requester: &Requester,
    idempotency_key: &IdempotencyKey,
    new: NewAccount,
) -> Result<Replayable<Registration>> {
    let NewAccount { email, name, password, timezone, browser: previous } = new;
    let throttle = Throttle::unauthenticated("register");
    let (is_on, throttled, before) = tokio::join!(
        require_switched_on(ctx),
        throttle.count_request(ctx, requester),
        read_state(ctx, idempotency_key, &email)
    );
    throttled?;
    let before = before?;
    if let Some(done) = before.done {
        return Ok(done);
    }
    // After the replay: a registration that was answered is answered the same way again.
    is_on?;
    password::require_not_breached(ctx, &password).await?;
    let password_hash = password::hash(ctx, password).await?;
    let browser = RegistrationToken::generate(&*ctx.random);
    let prepared = PreparedAccount { email, name, password_hash, timezone, browser, previous };
    let reload = || read_state(ctx, idempotency_key, &prepared.email);
    let attempt = |before| attempt(ctx, requester, idempotency_key, &prepared, before);
    retry_from(ctx, before, reload, attempt).await
}

async fn require_switched_on(ctx: &Context) -> Result<()> {
    ctx.switches.require(Feature::SignUp).await?;
    if ctx.config.require_email_verification {
        ctx.switches.require(Feature::Mail).await?;
    }
    Ok(())
}

/// The new account's values, prepared once for all attempts.
struct PreparedAccount {
    email: EmailAddress,
    name: Name,
    password_hash: PasswordHash,
    timezone: Option<Timezone>,
    /// Token that this registration gives to its browser.
    browser: RegistrationToken,
    /// Token that the browser has from an earlier registration.
    previous: Option<RegistrationToken>,
}

async fn read_state(
    ctx: &Context,
    idempotency_key: &IdempotencyKey,
    email: &EmailAddress,
) -> Result<RegistrationState> {
    let code_key = CodeKey::for_address(CodePurpose::VerifyEmail, email).key();
    let guard_key = keys::email_guard(email);
    let both = [guard_key.clone(), code_key.clone()];
    let (done, mut found) =
        tokio::try_join!(idempotency_key.replay(ctx), ctx.table.batch_get(&both))?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let user = match &guard {
        Some(guard) => find_by_email(ctx, email, Some(guard)).await?,
        None => None,
    };
    let is_reserved = guard.is_some_and(|guard| guard.is_reserved(ctx.now()));
    Ok(RegistrationState { done, code: found.take(&code_key)?, user, is_reserved })
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    idempotency_key: &IdempotencyKey,
    prepared: &PreparedAccount,
    before: RegistrationState,
) -> Attempt<Replayable<Registration>> {
    let RegistrationState { done, code, user: existing, is_reserved } = before;
    if let Some(done) = done {
        return Ok(done);
    }
    let must_verify = ctx.config.require_email_verification;
    // An account that is scheduled for erasure keeps its address until it is erased.
    let keeps_address = |user: &User| user.is_activated(ctx) || user.deletion.is_some();
    if is_reserved || existing.as_ref().is_some_and(keeps_address) {
        return Ok(idempotency_key.replay_or_refuse(ctx, Error::EmailAlreadyExists).await?);
    }
    let mut tx = ctx.table.transaction();
    let is_new = existing.is_none();
    let (user, mut log) = match existing {
        None => {
            let user = prepared.new_user(ctx, &mut tx)?;
            let log = new_account::put_new_account_items(ctx, &mut tx, requester, &user)?;
            if !must_verify {
                grant_free_credits(ctx, &mut tx, &user).await?;
            }
            (user, log)
        }
        Some(existing) => {
            let user = prepared.replace_registration(ctx, &mut tx, existing)?;
            let registered = Action::AccountRegistered;
            let log = vec![AuditEvent::for_account(ctx, requester, registered, &user.id)];
            (user, log)
        }
    };
    let session_token = if must_verify {
        if is_new {
            tx.put_new(&user)?;
        }
        let (purpose, before) = (CodePurpose::VerifyEmail, code.as_ref());
        send_code(ctx, &mut tx, requester, CodeMail { purpose, user: &user, before }).await?;
        None
    } else {
        let (user, methods) = (user.clone(), vec![SignInMethod::Password]);
        let session = StartSessionParams { user, methods, message: "" };
        let session = start_session(ctx, &mut tx, requester, session).await?;
        session.store_new_user(&mut tx)?;
        log.push(session.entry);
        Some(session.answer.session_token)
    };
    let registered = Registered {
        user: UserView::from(&user),
        message: "Registration successful".to_owned(),
        verification_required: must_verify,
        session_token,
    };
    let registration = Registration { answer: registered, browser: Some(prepared.browser.clone()) };
    idempotency_key.store_response(ctx, &mut tx, &registration).await?;
    tx.commit(Log::Entries(log)).await?;
    Ok(Replayable::new(registration))
}

impl PreparedAccount {
    fn new_user(&self, ctx: &Context, tx: &mut Tx<'_>) -> Result<User> {
        let user = User {
            password_hash: Some(self.password_hash.clone()),
            timezone: self.timezone.clone(),
            ..User::new(ctx, self.email.clone(), self.name.clone())
        };
        user.with_registration(tx, self.pending(ctx, false))
    }

    fn pending(&self, ctx: &Context, contested: bool) -> PendingRegistration {
        let (browser, expires_at) = (Some(self.browser.hash()), registration_expires_at(ctx));
        PendingRegistration { browser, contested, expires_at }
    }

    /// Replaces the contents of an account that was never verified with those of this registration.
    fn replace_registration(&self, ctx: &Context, tx: &mut Tx<'_>, existing: User) -> Result<User> {
        let contested = match &existing.pending {
            Some(before) => before.contested || !before.is_from(self.previous.as_ref()),
            None => return Err(Error::internal("an unproven account that isn't pending")),
        };
        let existing = existing.with_registration(tx, self.pending(ctx, contested))?;
        let pending = existing.pending.clone();
        // The reset would cancel the erasure that was just scheduled.
        let existing = User { name: self.name.clone(), pending: None, ..existing };
        let user = existing.reset_unverified(ctx, tx)?;
        let (password_hash, timezone) = (Some(self.password_hash.clone()), self.timezone.clone());
        User { pending, password_hash, timezone, ..user }.store(tx)
    }
}

impl PendingRegistration {
    /// Returns whether the browser with this token made the last registration.
    pub(super) fn is_from(&self, browser: Option<&RegistrationToken>) -> bool {
        self.browser.is_some() && self.browser == browser.map(RegistrationToken::hash)
    }
}
