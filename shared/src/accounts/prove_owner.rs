//! Proving again that whoever is signed in owns the account, before a change that whoever took over
//! a session must not get to make.

use std::time::Duration;

use super::User;
use super::guesses::Guessed;
use super::password::{self, Password, PasswordCheck};
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::sessions::{Authenticated, read_again};

/// How old a sign-in may be to stand in for the password that an account doesn't have.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// Asks an account that has a password for it: [`Error::Missing`] of `field`,
/// [`Error::InvalidCredentials`] when it is wrong, [`Error::RateLimited`] as at signing in; the
/// attempt stays counted until the change takes it back. One without needs a recent sign-in:
/// [`Error::ReauthRequired`] otherwise.
pub(crate) async fn prove_owner(
    ctx: &Context,
    signed_in: &Authenticated,
    field: &'static str,
    password: Option<Password>,
) -> Result<()> {
    let Authenticated { session, user } = signed_in;
    match &user.password_hash {
        Some(_) => prove_password(ctx, user, password.ok_or_else(|| Error::missing(field))?).await,
        None if ctx.now() < session.created_at.plus(RECENT) => Ok(()),
        None => Err(Error::ReauthRequired),
    }
}

async fn prove_password(ctx: &Context, user: &User, password: Password) -> Result<()> {
    let guessed = Guessed::password(&*ctx.secrets.keyring().await, &user.email);
    guessed.count_attempt(ctx, ctx.table.get(&guessed.key()).await?).await?;
    match password::verify(ctx, password, user.password_hash.as_ref()).await? {
        PasswordCheck::Correct(_) => Ok(()),
        PasswordCheck::Incorrect => Err(Error::InvalidCredentials),
    }
}

/// The user as somebody else's change left them, for the second attempt of a change that lost to it.
/// If it was the password that changed, the proof is void: [`Error::InvalidCredentials`].
pub(super) async fn read_proven(ctx: &Context, signed_in: &Authenticated) -> Result<User> {
    let now = read_again(ctx, signed_in).await?;
    still_proven(&signed_in.user, &now)?;
    Ok(now)
}

/// Whether what was proven of the user as they were `then` is proven of them as they are now: unless it
/// was the password that changed, [`Error::InvalidCredentials`].
pub(crate) fn still_proven(then: &User, now: &User) -> Result<()> {
    if now.has_password_of(then) { Ok(()) } else { Err(Error::InvalidCredentials) }
}

/// Adds to the change that was proven the right to that the attempt isn't a failure.
pub(crate) async fn forget_attempt(ctx: &Context, tx: &mut Tx<'_>, user: &User) -> Result<()> {
    Guessed::password(&*ctx.secrets.keyring().await, &user.email).forget(tx)
}
