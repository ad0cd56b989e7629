//! Changing the second factor itself, which takes both factors.

use super::{Code, SecondFactor, count_signed_in_guess, spend};
use crate::accounts::User;
use crate::accounts::guesses::Guessed;
use crate::accounts::password::Password;
use crate::accounts::prove_owner::{prove_owner, read_proven};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{self, Authenticated};

/// What is to become of the second factor, and who is told how.
pub(super) struct Change<T> {
    /// What signing in asks for from now on.
    pub(super) factor: Option<SecondFactor>,
    /// For the log.
    pub(super) action: Action,
    /// For the account's owner.
    pub(super) message: Message,
    /// For whoever asked.
    pub(super) answer: T,
}

/// Makes a change and ends all other sessions. Takes the password (or a recent sign-in, where there is
/// none) and a code: [`Error::TwoFactorNotEnabled`]; [`Error::InvalidCredentials`],
/// [`Error::ReauthRequired`]; [`Error::InvalidCode`]; [`Error::RateLimited`] as at signing in.
pub(super) async fn change<T>(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    password: Option<Password>,
    code: &str,
    decide: impl Fn(&User) -> Change<T>,
) -> Result<T> {
    let user = &signed_in.user;
    if user.second_factor.is_none() {
        return Err(Error::TwoFactorNotEnabled);
    }
    prove_owner(ctx, signed_in, "password", password).await?;
    let code = &Code::parse(code);
    count_signed_in_guess(ctx, user, code).await?;
    let decide = &decide;
    let attempt = |before: User| async move {
        let mut tx = ctx.table.transaction();
        let (user, _) = spend(ctx, &mut tx, requester, before, code).await?;
        let Change { factor, action, message, answer } = decide(&user);
        let user =
            User { second_factor: factor, session_generation: user.session_generation + 1, ..user };
        let user = user.store(&mut tx)?;
        sessions::keep(&mut tx, &signed_in.session, user.session_generation)?;
        let keyring = ctx.secrets.keyring().await;
        Guessed::password(&keyring, &user.email).forget(&mut tx)?;
        mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
        tx.commit(AuditEvent::for_account(ctx, requester, action, &user.id)).await?;
        Ok(answer)
    };
    retry_from(ctx, user.clone(), || read_proven(ctx, signed_in), attempt).await
}
