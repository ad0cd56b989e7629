//! From a token to the session and its user.

use super::{NOTED_EVERY, Named, Session, token};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::{BatchResult, Condition, Key, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;

/// A live session and whose it is.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}

/// Reads a session's token: which session it is, if we signed it and it hasn't expired. No round trip.
pub async fn named(ctx: &Context, token: &str) -> Result<Named> {
    let keyring = ctx.secrets.keyring().await;
    token::read(&keyring, ctx.now(), token).ok_or(Error::InvalidSession)
}

/// Checks a session: one read, and at most once an hour a write that notes the use.
/// [`Error::InvalidSession`] for every reason.
pub async fn authenticate(ctx: &Context, named: &Named) -> Result<Authenticated> {
    let keys = [keys::user(&named.user), keys::session(&named.user, &named.session)];
    alive(ctx, named, &ctx.table.batch_get(&keys).await?).await
}

/// The session and its user, if they are among what was found and the session still counts.
pub(crate) async fn alive(
    ctx: &Context,
    named: &Named,
    found: &BatchResult,
) -> Result<Authenticated> {
    let now = ctx.now();
    let keys = [keys::user(&named.user), keys::session(&named.user, &named.session)];
    let mut read = both(&keys, found)?;
    if let Some(Authenticated { session, user }) = &read
        && session.generation != user.session_generation
    {
        // Nearly always an ended session. But where the session has just ended the others, this may
        // be the user before it and the session after, or the other way round.
        read = retry_conflicts(ctx, || at_one_moment(ctx, &keys)).await?;
    }
    let Authenticated { session, user } = read.ok_or(Error::InvalidSession)?;
    if !session.is_alive(&user, now) {
        return Err(Error::InvalidSession);
    }
    if now >= session.last_seen_at.plus(NOTED_EVERY) {
        note_use(ctx, &session).await;
    }
    Ok(Authenticated { session, user })
}

/// The user of a session as somebody else's change left them; where that ended the session,
/// [`Error::InvalidSession`]. For the second attempt of an operation that lost to the change.
pub(crate) async fn read_again(ctx: &Context, before: &Authenticated) -> Result<User> {
    let read = at_one_moment(ctx, &[before.user.key(), before.session.key()]).await?;
    let alive = read.filter(|now| now.session.is_alive(&now.user, ctx.now()));
    alive.map(|now| now.user).ok_or(Error::InvalidSession)
}

async fn at_one_moment(ctx: &Context, keys: &[Key; 2]) -> Result<Option<Authenticated>> {
    both(keys, &ctx.table.snapshot(keys).await?)
}

fn both([user, session]: &[Key; 2], found: &BatchResult) -> Result<Option<Authenticated>> {
    let (user, session) = (found.read::<User>(user)?, found.read::<Session>(session)?);
    Ok(user.zip(session).map(|(user, session)| Authenticated { session, user }))
}

/// Best effort: the session is good, whether or not its use could be noted. Where it is being ended
/// in this moment, the next request will find out.
async fn note_use(ctx: &Context, session: &Session) {
    let noted = async {
        let note = Update::new(session.key()).set("last_seen_at", ctx.now())?;
        ctx.table.update::<Session>(note.only_if(Condition::Exists)).await
    };
    if let Err(error) = noted.await {
        tracing::warn!(cause = ?error, "a session's use was not noted");
    }
}
