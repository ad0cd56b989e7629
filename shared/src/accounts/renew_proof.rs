//! Renewing the proof of identity of a session ("sudo mode").

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::User;
use super::attempt_limiter::AttemptLimiter;
use super::google_account::GoogleAccount;
use super::reauthenticate::{
    CheckedProof, IdentityProof, check_password, reload_reauthenticated, required_code,
};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, retry_from};
use crate::error::{Error, Result};
use crate::google::GoogleIdentity;
use crate::sessions::{
    AuthenticatedSession, SessionToken, SignInMethod, reload_user, renew_proof as renew_session,
};

/// Time by which the clock of Google's servers may be behind ours. OpenID Connect Core 3.1.3.7 leaves the value
/// to the client; the session's own proof lasts 10 times as long.
const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);

/// A session whose proof of identity was renewed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reauthenticated)]
pub struct RenewedProof {
    /// Time of the proof. It counts as recent for 10 minutes.
    pub auth_time: Timestamp,
    /// Session token with the new `auth_time`: the value of the cookie `__Host-aius_session`. The session
    /// and its other tokens are the same as before.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6InNlZWQifQ.e30.…")]
    pub session_token: String,
}

/// Checks the password, the code or both, and renews the proof of the session.
///
/// An account with a second factor needs a code. An account that has neither a second factor nor a password
/// signs in at Google again instead, see [`renew_proof_with_google`].
///
/// # Errors
/// - [`Error::Missing`] of `code` if the account has a second factor and there is no code, and of
///   `password` if the account has a password, no second factor, and there is no password.
/// - [`Error::InvalidCredentials`] if the password is wrong.
/// - [`Error::InvalidCode`] if the code is wrong or used up.
/// - [`Error::RateLimited`] after too many wrong passwords or codes.
/// - [`Error::ReauthRequired`] if the account has neither a password nor a second factor.
pub async fn renew_proof(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    proof: IdentityProof<'_>,
) -> Result<RenewedProof> {
    let user = &signed_in.user;
    let IdentityProof { password, code } = proof;
    let code = required_code(user, code)?;
    let is_password_checked = match (&user.password_hash, password) {
        (Some(_), Some(password)) => {
            check_password(ctx, user, password).await?;
            true
        }
        (Some(_), None) if code.is_none() => return Err(Error::missing("password")),
        (None, _) if code.is_none() => return Err(Error::ReauthRequired),
        (Some(_) | None, _) => false,
    };
    let checks = &RenewalChecks {
        is_password_checked,
        proof: CheckedProof::of_code(ctx, &signed_in.requester, user, code).await?,
    };
    let attempt = |before: User| attempt(ctx, signed_in, before, checks);
    retry_from(ctx, user.clone(), || reload_reauthenticated(ctx, signed_in), attempt).await
}

/// What was checked before the proof is renewed.
struct RenewalChecks {
    is_password_checked: bool,
    proof: CheckedProof,
}

async fn attempt(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    before: User,
    checks: &RenewalChecks,
) -> Attempt<RenewedProof> {
    let mut tx = ctx.table.transaction();
    let mut methods = Vec::new();
    if checks.is_password_checked {
        let keyring = ctx.secrets.keyring().await;
        AttemptLimiter::for_sessions(&keyring, &before.id).clear(&mut tx)?;
        methods.push(SignInMethod::Password);
    }
    let (user, code) =
        checks.proof.consume_code(ctx, &mut tx, &signed_in.requester, before).await?;
    let user = match code {
        None => {
            user.check_unchanged(&mut tx)?;
            user
        }
        Some(_) => user.store(&mut tx)?,
    };
    methods.extend(code);
    let session = renew_session(&mut tx, &signed_in.session, ctx.now())?;
    tx.commit(reauthenticated_event(ctx, signed_in, &user, &methods)).await?;
    let token = SessionToken::sign(&*ctx.secrets.keyring().await, &session)?;
    Ok(RenewedProof { auth_time: session.auth_time(), session_token: token.into_text() })
}

/// Renews the proof of the session with a new sign-in at Google. `not_before` is the time at which the
/// browser was sent to Google.
///
/// # Errors
/// - [`Error::GoogleRefused`] if the identity is not the one that is connected to the account, or if the
///   user did not sign in at Google after `not_before`.
/// - [`Error::ReauthRequired`] if the account has a second factor, which a sign-in at Google does not prove.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn renew_proof_with_google(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    identity: &GoogleIdentity,
    not_before: Timestamp,
) -> Result<()> {
    if identity.auth_time.is_none_or(|at| at.plus(MAX_CLOCK_DIFFERENCE) < not_before) {
        return Err(Error::GoogleRefused);
    }
    let attempt = |user: User| async move {
        let is_connected = |google: &GoogleAccount| google.matches(identity);
        if !user.google.as_ref().is_some_and(is_connected) {
            return Err(Error::GoogleRefused.into());
        }
        if user.second_factor.is_some() {
            return Err(Error::ReauthRequired.into());
        }
        let mut tx = ctx.table.transaction();
        user.check_unchanged(&mut tx)?;
        renew_session(&mut tx, &signed_in.session, ctx.now())?;
        let methods = [SignInMethod::Google];
        tx.commit(reauthenticated_event(ctx, signed_in, &user, &methods)).await
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

/// Creates the event of a renewed proof, in the log of the account.
pub(super) fn reauthenticated_event(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    user: &User,
    methods: &[SignInMethod],
) -> AuditEvent {
    let methods: Vec<_> = methods.iter().map(|method| method.name()).collect();
    AuditEvent::for_account(ctx, &signed_in.requester, Action::Reauthenticated, &user.id)
        .with_target(&signed_in.session.id)
        .with_detail("methods", methods.join(", "))
}
