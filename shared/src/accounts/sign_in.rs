//! Signing in with a password.

use super::finish_sign_in::{Arriving, SignInAnswer, finish};
use super::guesses::{Failures, Guessed};
use super::password::{self, Password, PasswordCheck, PasswordVerified};
use super::{EmailGuard, User, find_by_email};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::Method;
use crate::values::EmailAddress;
use crate::{keys, throttle};

/// Starts a session for whoever knows the password, or asks for the second factor.
///
/// [`Error::InvalidCredentials`] for a wrong password and for an address without an account, after
/// the same work; [`Error::EmailNotVerified`] for the right one of an unproven account;
/// [`Error::RateLimited`] after too many failures for the address or from the network.
pub async fn sign_in(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    password: Password,
) -> Result<SignInAnswer> {
    let guessed = &Guessed::password(&*ctx.secrets.keyring().await, email);
    let (guard_key, failures_key) = (keys::email(email), guessed.key());
    let both = [guard_key.clone(), failures_key.clone()];
    let throttle = throttle::unauthenticated("sign-in");
    let ((), mut found) =
        tokio::try_join!(throttle.hit(ctx, requester), ctx.table.batch_get(&both))?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let failures: Option<Failures> = found.take(&failures_key)?;
    let ((), user) = tokio::try_join!(
        guessed.count_attempt(ctx, failures),
        find_by_email(ctx, email, guard.as_ref()),
    )?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let check = password::verify(ctx, password, stored.as_ref()).await?;
    let (Some(user), PasswordCheck::Correct(proof)) = (user, check) else {
        return Err(Error::InvalidCredentials);
    };
    if !user.is_in_use(ctx) {
        guessed.forget_now(ctx).await?;
        return Err(Error::EmailNotVerified);
    }
    let (checked, guard, proof) = (&user, guard.as_ref(), &proof);
    // Somebody changed the account meanwhile: if it was the password, the proof is void.
    let read = || async move {
        let user = find_by_email(ctx, email, guard).await?;
        user.filter(|user| user.has_password_of(checked)).ok_or(Error::InvalidCredentials)
    };
    let attempt = |user: User| async move {
        let mut tx = ctx.table.transaction();
        guessed.forget(&mut tx)?;
        let (user, method) = (with_rehashed(user, proof), Method::Password);
        finish(ctx, tx, requester, user, method, "Login successful", vec![]).await
    };
    retry_from(ctx, user.clone(), read, attempt).await
}

/// Stores the password hashed anew where that was due.
fn with_rehashed(user: User, proof: &PasswordVerified) -> Arriving {
    match &proof.rehashed {
        None => Arriving::as_read(user),
        Some(hash) => Arriving::changed(User { password_hash: Some(hash.clone()), ..user }),
    }
}
