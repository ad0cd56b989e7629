//! Signing in with a password.

use super::failed_sign_in::FailedSignInLog;
use super::finish_sign_in::{SignIn, SignInAnswer, SignInUser, finish_sign_in};
use super::password::{self, Password, PasswordCheck, PasswordVerified};
use super::sign_in_attempts::SignInAttempts;
use super::{EmailGuard, User, find_by_email};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::throttle::Throttle;
use crate::values::EmailAddress;

/// Signs in with a password: starts a session, or requires the second factor.
///
/// # Errors
/// - [`Error::InvalidCredentials`] if the password is wrong, if the address has no account (after the
///   same work), or if the account is due for erasure.
/// - [`Error::EmailNotVerified`] if the password is right, but the address must be verified first.
/// - [`Error::AccountSuspended`] if the password is right, and an operator has suspended the account.
/// - [`Error::RateLimited`] after too many wrong passwords for the address from one network or from all,
///   unless the device is known, or after too many requests from one network.
pub async fn sign_in(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    password: Password,
) -> Result<SignInAnswer> {
    let attempts = SignInAttempts::new(&*ctx.secrets.keyring().await, requester, email);
    let guard_key = keys::email_guard(email);
    let [network, address] = attempts.keys();
    let log = FailedSignInLog::new(ctx, email).await;
    let wanted = [guard_key.clone(), network, address, log.key()];
    let throttle = Throttle::unauthenticated("sign-in");
    let ((), mut found) =
        tokio::try_join!(throttle.count_request(ctx, requester), ctx.table.batch_get(&wanted))?;
    let is_full = log.is_full(&found)?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let failures = attempts.take(&mut found)?;
    let (counted, user) =
        tokio::join!(attempts.count(ctx, failures), find_by_email(ctx, email, guard.as_ref()),);
    let user = user?;
    let authorized = &attempts.authorize_attempt(ctx, requester, counted, user.as_ref()).await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let check = password::verify(ctx, password, stored.as_ref()).await?;
    let (user, proof) = match (user, check) {
        (Some(user), PasswordCheck::Correct(proof)) => (user, proof),
        (user, _) => {
            log.record(ctx, requester, is_full, user.as_ref()).await;
            return Err(Error::InvalidCredentials);
        }
    };
    if !user.is_activated(ctx) {
        authorized.clear_now(ctx).await?;
        return Err(Error::EmailNotVerified);
    }
    if let Err(suspended) = user.require_not_suspended() {
        authorized.clear_now(ctx).await?;
        return Err(suspended);
    }
    let (checked, guard, proof) = (&user, guard.as_ref(), &proof);
    // If the password has changed meanwhile, the check of the old one no longer counts.
    let reload = || async move {
        let user = find_by_email(ctx, email, guard).await?;
        user.filter(|user| user.has_same_password_as(checked)).ok_or(Error::InvalidCredentials)
    };
    let attempt = |user: User| async move {
        let mut tx = ctx.table.transaction();
        authorized.clear(&mut tx)?;
        let (user, method) = (with_rehashed_password(user, checked, proof), SignInMethod::Password);
        let sign_in = SignIn { user, method, message: "Login successful", log: vec![] };
        finish_sign_in(ctx, tx, requester, sign_in).await
    };
    retry_from(ctx, user.clone(), reload, attempt).await
}

/// Returns the user with the password hash renewed, if its parameters were outdated or it is of another system. A
/// concurrent sign-in may have renewed it first: then it is no longer the one that was `checked`.
fn with_rehashed_password(user: User, checked: &User, proof: &PasswordVerified) -> SignInUser {
    let stored = |user: &User| user.password_hash.as_ref().map(|hash| hash.as_str().to_owned());
    match &proof.rehashed {
        Some(hash) if stored(&user) == stored(checked) => {
            SignInUser::changed(User { password_hash: Some(hash.clone()), ..user })
        }
        Some(_) | None => SignInUser::unchanged(user),
    }
}
