//! Finishing a sign-in after the first factor: either the second factor is required, or the session starts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::User;
use super::start_session::{SignedIn, StartSessionParams, start_session};
use super::two_factor::challenge::{SecondFactorRequired, issue_challenge};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Attempt, Tx};
use crate::error::Error;
use crate::requester::Requester;
use crate::sessions::SignInMethod;

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SignInAnswer {
    /// The session has started.
    SignedIn(SignedIn),
    /// The second factor is required first.
    SecondFactorRequired(SecondFactorRequired),
}

/// The account that is being signed in to.
pub(super) struct SignInUser {
    user: User,
    is_changed: bool,
}

impl SignInUser {
    /// Wraps a user that the sign-in does not change.
    pub(super) fn unchanged(user: User) -> Self {
        Self { user, is_changed: false }
    }

    /// Wraps a user that was changed since it was read, and that the sign-in stores.
    pub(super) fn changed(user: User) -> Self {
        Self { user, is_changed: true }
    }

    /// Returns the user as it will be stored, except for its version.
    pub(super) fn user(&self) -> &User {
        &self.user
    }
}

/// A sign-in whose first factor was right.
pub(super) struct SignIn<'a> {
    /// The account that is being signed in to.
    pub(super) user: SignInUser,
    /// The first factor, such as the password.
    pub(super) method: SignInMethod,
    /// The message of the answer, if no second factor is needed.
    pub(super) message: &'a str,
    /// Entries for the activity log, besides those of the sign-in itself.
    pub(super) log: Vec<AuditEvent>,
}

/// Commits `tx` together with the outcome of a sign-in: a challenge for the second factor if the account
/// has one, or a new session.
///
/// # Errors
/// - [`Error::InvalidCredentials`] if the account is past the time at which it is due for erasure.
/// - [`Error::AccountSuspended`] if an operator has suspended the account.
/// - [`AttemptError::Conflict`] if the account has changed meanwhile, or the refusal of another write in `tx`.
pub(super) async fn finish_sign_in(
    ctx: &Context,
    mut tx: Tx<'_>,
    requester: &Requester,
    sign_in: SignIn<'_>,
) -> Attempt<SignInAnswer> {
    let SignIn { user: SignInUser { user, is_changed }, method, message, mut log } = sign_in;
    if user.is_past_grace_period(ctx.now()) {
        return Err(Error::InvalidCredentials.into());
    }
    user.require_not_suspended()?;
    if user.second_factor.is_some() {
        let answer = issue_challenge(ctx, &mut tx, &user, method)?;
        // The log tells the owner that the first factor was right, even if the second never follows.
        log.push(AuditEvent::for_account(ctx, requester, Action::SecondFactorAsked, &user.id));
        if is_changed {
            user.store(&mut tx)?;
        } else {
            user.check_unchanged(&mut tx)?;
        }
        tx.commit(Log::Entries(log)).await?;
        return Ok(SignInAnswer::SecondFactorRequired(answer));
    }
    let session = StartSessionParams { user, methods: vec![method], message };
    let session = start_session(ctx, &mut tx, requester, session).await?;
    session.store_or_check_user(&mut tx, is_changed)?;
    log.push(session.entry);
    tx.commit(Log::Entries(log)).await?;
    Ok(SignInAnswer::SignedIn(session.answer))
}
