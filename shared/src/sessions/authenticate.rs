//! Authentication of a session token: from the token to the session and its user.

use super::{LAST_SEEN_UPDATE_INTERVAL, Session, VerifiedSessionToken, token};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::{Attempt, BatchResult, Condition, Key, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;

/// A valid session, its user, and the sender of the request that presented it.
#[derive(Clone, Debug)]
pub struct AuthenticatedSession {
    /// The address and device that the request came from.
    pub requester: Requester,
    /// Session of the request.
    pub session: Session,
    /// User of the session.
    pub user: User,
}

/// Verifies the signature and the expiry of a session token, without a round trip.
///
/// # Errors
/// [`Error::InvalidSession`] if the token is malformed or expired, or was not signed with one of our keys. An internal
/// error in a function that reads no session keys.
pub async fn verify_token(ctx: &Context, token: &str) -> Result<VerifiedSessionToken> {
    let keyring = ctx.secrets.keyring().await;
    token::verify(keyring.session_keys()?, ctx.now(), token).ok_or(Error::InvalidSession)
}

/// Reads the session of a token and its user. Records the use of the session at most once an hour, with
/// one write.
///
/// # Errors
/// [`Error::InvalidSession`] if the session has ended or expired.
pub async fn authenticate(
    ctx: &Context,
    requester: &Requester,
    token: &VerifiedSessionToken,
) -> Result<AuthenticatedSession> {
    let found = ctx.table.batch_get(&session_keys(token)).await?;
    require_active(ctx, requester, token, found).await
}

/// Returns the session and its user from `found`.
///
/// # Errors
/// [`Error::InvalidSession`] if one of them is not found, or the session has ended or expired.
pub(crate) async fn require_active(
    ctx: &Context,
    requester: &Requester,
    token: &VerifiedSessionToken,
    found: BatchResult,
) -> Result<AuthenticatedSession> {
    let now = ctx.now();
    let keys = session_keys(token);
    let mut read = read_both(&keys, found)?;
    if let Some((user, session)) = &read
        && session.generation != user.session_generation
    {
        // The session has nearly always ended. But if it has just ended the user's other sessions, the
        // batch read may have returned one item from before that change and one from after it.
        read = retry_conflicts(ctx, || read_snapshot(ctx, &keys)).await?;
    }
    let (user, session) = read.ok_or(Error::InvalidSession)?;
    if !session.is_active(&user, now) {
        return Err(Error::InvalidSession);
    }
    if now >= session.last_seen_at.plus(LAST_SEEN_UPDATE_INTERVAL) {
        record_use(ctx, &session).await;
    }
    Ok(AuthenticatedSession { requester: requester.clone(), session, user })
}

/// Reads the user of a session again, for the next attempt after a conflict.
///
/// # Errors
/// [`Error::InvalidSession`] if the session has ended meanwhile.
pub(crate) async fn reload_user(ctx: &Context, before: &AuthenticatedSession) -> Attempt<User> {
    let read = read_snapshot(ctx, &[before.user.key(), before.session.key()]).await?;
    let active = read.filter(|(user, session)| session.is_active(user, ctx.now()));
    active.map(|(user, _)| user).ok_or_else(|| Error::InvalidSession.into())
}

fn session_keys(token: &VerifiedSessionToken) -> [Key; 2] {
    [keys::user(&token.user), keys::session(&token.user, &token.session)]
}

async fn read_snapshot(ctx: &Context, keys: &[Key; 2]) -> Attempt<Option<(User, Session)>> {
    Ok(read_both(keys, ctx.table.snapshot(keys).await?)?)
}

fn read_both(
    [user, session]: &[Key; 2],
    mut found: BatchResult,
) -> Result<Option<(User, Session)>> {
    let (user, session) = (found.take::<User>(user)?, found.take::<Session>(session)?);
    Ok(user.zip(session))
}

/// Records the use of a session. A failure is only logged, because the session is valid all the same.
async fn record_use(ctx: &Context, session: &Session) {
    let recorded = async {
        let update = Update::new(session.key()).set("last_seen_at", ctx.now())?;
        let update = update.only_if(Condition::Exists);
        retry_conflicts(ctx, || ctx.table.update::<Session>(update.clone())).await
    };
    if let Err(error) = recorded.await {
        tracing::warn!(cause = ?error, "cannot record the use of a session");
    }
}
