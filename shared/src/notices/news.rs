//! What there is to tell of, and how one person is told of it.
//!
//! What each is told is queued in a transaction of its own together with the guard of that notice: it can be
//! done again, and by several at once, and everybody is told once.

use std::time::Duration;

use super::audience::{Channels, Way};
use super::store::channels_of;
use super::told::Told;
use crate::accounts::User;
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{BatchResult, Condition, Key, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::{self, Message};
use crate::values::Name;
use crate::{keys, slack};

/// How long after it happened something is told of: as long as such a mail is of use.
pub(super) const TOLD_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Something that people are told of.
pub(super) trait News: Sync {
    /// What tells it from all other news.
    fn name(&self) -> String;

    /// When it happened.
    fn at(&self) -> Timestamp;

    /// How somebody who chose so hears of it.
    fn ways(&self, channels: Channels) -> Vec<Way>;

    /// The mail to somebody with that name.
    fn mail(&self, ctx: &Context, name: &Name) -> Message;

    /// The message, where [`News::ways`] has Slack.
    fn slack(&self, _: &Context) -> Option<String> {
        None
    }
}

/// Whether it is still of use to be told of it; otherwise that is logged.
pub(super) fn is_of_use(ctx: &Context, news: &impl News) -> bool {
    let is_of_use = ctx.now() < news.at().plus(TOLD_FOR);
    if !is_of_use {
        tracing::error!(news = news.name(), "news came too late to be of use and were not told");
    }
    is_of_use
}

/// The rows that [`tell_one`] reads.
pub(super) fn rows_of(user: &UserId) -> [Key; 2] {
    [keys::user(user), keys::notifications(user)]
}

/// Tells one person, by their rows among what was found, unless their account is gone or waits to be erased.
/// Mail goes to proven addresses alone. Whose rows can't be read is left out: nobody else is to miss the news
/// for it.
pub(super) async fn tell_one(
    ctx: &Context,
    news: &impl News,
    found: &BatchResult,
    id: UserId,
) -> Result<()> {
    let read = || Ok((found.read::<User>(&keys::user(&id))?, channels_of(found, &id)?));
    let (user, channels) = match read() {
        Ok((Some(user), channels)) if user.deletion.is_none() => (user, channels),
        Ok(_) => return Ok(()),
        Err(error) => {
            let error: Error = error;
            tracing::error!(cause = ?error, news = news.name(), "a member can't be told of news");
            return Ok(());
        }
    };
    for way in news.ways(channels) {
        if way == Way::Slack || user.email_verified {
            retry_conflicts(ctx, || queue(ctx, news, &user, way)).await?;
        }
    }
    Ok(())
}

/// Queues the notice, unless that was done before.
async fn queue(ctx: &Context, news: &impl News, user: &User, way: Way) -> Result<()> {
    let told = Told::of(&news.name(), &user.id, way, ctx.now());
    let keyring = ctx.secrets.keyring().await;
    let mut tx = ctx.table.transaction();
    tx.put(&told, Condition::Absent, Error::Conflict)?;
    match way {
        Way::Mail => {
            let message = news.mail(ctx, &user.name);
            mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
        }
        Way::Slack => {
            let Some(text) = news.slack(ctx) else { return Ok(()) };
            let message =
                slack::NewMessage { to: &user.id, text, useful_until: news.at().plus(TOLD_FOR) };
            slack::queue(ctx, &keyring, &mut tx, message)?;
        }
    }
    match tx.commit(Log::Nothing("what it tells of is in the log")).await {
        Err(Error::Conflict) if ctx.table.get::<Told>(&told.key()).await?.is_some() => Ok(()),
        result => result,
    }
}
