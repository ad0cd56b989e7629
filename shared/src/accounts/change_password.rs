//! A new password, or a first one, for somebody who is signed in.

use std::time::Duration;

use super::password::{self, Password, PasswordHash, Verdict};
use super::{User, sign_in_failures};
use crate::activity::{Action, Entry, Scope};
use crate::context::Context;
use crate::dynamo::{Condition, Record, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};

/// How old a sign-in may be to stand in for the password that an account doesn't have.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// Sets the password and ends all other sessions.
///
/// An account with a password needs it: [`Error::InvalidCredentials`] when it is wrong, and
/// [`Error::RateLimited`] as at signing in. One without needs a recent sign-in:
/// [`Error::ReauthRequired`] otherwise.
pub async fn change_password(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    current: Option<Password>,
    new: Password,
) -> Result<()> {
    let Authenticated { session, user } = signed_in;
    match &user.password_hash {
        Some(_) => {
            let current = current.ok_or_else(|| Error::missing("current_password"))?;
            prove_password(ctx, user, current).await?;
        }
        None if ctx.now() < session.created_at.plus(RECENT) => {}
        None => return Err(Error::ReauthRequired),
    }
    let hashed = password::hash(ctx, new).await?;
    let mut first = Some(user.clone());
    retry_conflicts(ctx, || {
        let (first, hashed) = (first.take(), hashed.clone());
        async {
            let before = match first {
                Some(before) => before,
                // If it was the password that somebody changed, the proof is void.
                None => {
                    let now = read_again(ctx, signed_in).await?;
                    if now.has_password_of(user) {
                        now
                    } else {
                        return Err(Error::InvalidCredentials);
                    }
                }
            };
            let user = with_password(before, hashed);
            let mut tx = ctx.table.transaction();
            put(ctx, &mut tx, requester, &user).await?;
            // This session goes on, in the new generation.
            let keep = Update::of(session.key()).set("generation", user.session_generation)?;
            tx.update(keep.only_if(Condition::Exists), Error::InvalidSession)?;
            tx.commit(entry(ctx, requester, Action::PasswordChanged, &user)).await
        }
    })
    .await
}

/// Checks a signed-in user's password, counted as at signing in: whoever took over a session must
/// not get to guess.
async fn prove_password(ctx: &Context, user: &User, current: Password) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let failures = ctx.table.get(&sign_in_failures::key(&keyring, &user.email)).await?;
    sign_in_failures::count_attempt(ctx, &keyring, &user.email, failures).await?;
    match password::verify(ctx, current, user.password_hash.as_ref()).await? {
        Verdict::Right(_) => Ok(()),
        Verdict::Wrong => Err(Error::InvalidCredentials),
    }
}

/// The user with another password, and all sessions ended.
pub(super) fn with_password(user: User, hashed: PasswordHash) -> User {
    User {
        password_hash: Some(hashed),
        session_generation: user.session_generation + 1,
        version: user.version + 1,
        ..user
    }
}

/// Adds to a change what a new password brings along: the user, the end of what was counted against
/// the old one, and a mail that says so. The account may have changed since it was read; then the
/// caller's decision no longer stands.
pub(super) async fn put(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let unchanged = Condition::equal("version", user.version - 1)?;
    tx.put(user, unchanged, Error::Conflict)?;
    sign_in_failures::forget(tx, &keyring, &user.email)?;
    let message = Message::password_changed(ctx, requester, user);
    mail::queue(ctx, &keyring, tx, &user.email, message)
}

/// The log's entry for it.
pub(super) fn entry(ctx: &Context, requester: &Requester, action: Action, user: &User) -> Entry {
    Entry::new(ctx, requester, &Scope::User(user.id.clone()), action, &user.id, &user.id)
}
