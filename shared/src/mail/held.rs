//! Mail that waits in the outbox while mail is switched off.

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{Mailer, deliver};
use crate::activity::Log;
use crate::context::Context;
use crate::dead_letters::{DeadLetterQueue, DeadLetterReason};
use crate::dynamo::{
    Attempt, AttemptError, Condition, Key, Range, Record, SortKeyCondition, retry_conflicts,
};
use crate::error::Result;
use crate::keys;
use crate::switches::{Feature, StoredSwitches};

/// Number of held mails of each shard that one step sends. Sending one takes SES up to 25 seconds if it fails, and a
/// step must end before that happens twice.
const MAILS_PER_STEP: usize = 1;

/// Number of shards whose mails are sent at the same time. A new account of SES may send 14 mails a second.
const SHARD_CONCURRENCY: usize = 4;

/// Names a mail of the outbox that was not sent because mail was switched off. The mail's own row stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct HeldMail {
    mail_pk: String,
    mail_sk: String,
}

impl HeldMail {
    fn mail(&self) -> Key {
        Key::new(self.mail_pk.clone(), self.mail_sk.clone())
    }
}

impl Record for HeldMail {
    fn key(&self) -> Key {
        keys::held_mail(&self.mail())
    }
}

/// Holds a queued mail if mail is switched off, and returns whether it did. Holding it again does nothing.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be reached; the caller retries.
pub async fn hold_if_switched_off(ctx: &Context, mail: &Key) -> Result<bool> {
    if ctx.switches.is_on(Feature::Mail).await {
        return Ok(false);
    }
    retry_conflicts(ctx, || try_hold(ctx, mail)).await
}

async fn try_hold(ctx: &Context, mail: &Key) -> Attempt<bool> {
    // What the process has cached may be old. Switching mail on enqueues the job that sends held mail, so no mail may
    // be held after that.
    let switches: Option<StoredSwitches> = ctx.table.get(&keys::feature_switches()).await?;
    let Some(switches) = switches.filter(|switches| !switches.is_on(Feature::Mail)) else {
        return Ok(false);
    };
    let held = HeldMail { mail_pk: mail.pk.clone(), mail_sk: mail.sk.clone() };
    let mut tx = ctx.table.transaction();
    let unchanged = Condition::equal("version", switches.version)?;
    tx.check(&switches.key(), &unchanged, AttemptError::Conflict)?;
    // No condition: holding a mail again changes nothing.
    let any = Condition::Any(vec![Condition::Absent, Condition::Exists]);
    tx.put(&held, any, AttemptError::Conflict)?;
    tx.commit(Log::Nothing("a mail that waits changes nothing")).await?;
    tracing::info!("a mail waits until mail is switched on");
    Ok(true)
}

/// Sends the first held mails of each shard, in the order in which they were queued, unless mail is switched off. An
/// expired mail is dropped, as in every delivery. A mail that cannot be read becomes a dead letter. Returns whether
/// there may be more.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if SES or the table cannot be reached. Mails that were
///   not sent stay held.
pub async fn release_held(
    ctx: &Context,
    mailer: &Mailer,
    dead_letters: &DeadLetterQueue,
) -> Result<bool> {
    let switches: Option<StoredSwitches> = ctx.table.get(&keys::feature_switches()).await?;
    if switches.is_some_and(|switches| !switches.is_on(Feature::Mail)) {
        return Ok(false);
    }
    let shards = keys::shard_partitions(keys::HELD_MAILS);
    let released = stream::iter(shards)
        .map(|shard| release_shard(ctx, mailer, dead_letters, shard))
        .buffer_unordered(SHARD_CONCURRENCY);
    // Every shard finishes, also after an error in another: a mail whose sending is interrupted would be sent again.
    let released: Vec<Result<bool>> = released.collect().await;
    let released = released.into_iter().collect::<Result<Vec<bool>>>()?;
    Ok(released.contains(&true))
}

/// Sends the first held mails of a shard. Returns whether there were any.
async fn release_shard(
    ctx: &Context,
    mailer: &Mailer,
    dead_letters: &DeadLetterQueue,
    pk: String,
) -> Result<bool> {
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
    let held = ctx.table.query_first_after::<HeldMail>(&range, None, MAILS_PER_STEP).await?;
    for held in &held.items {
        let mail = held.mail();
        match deliver(ctx, mailer, &mail).await {
            Err(error) if error.is_unreadable() => {
                // The mail's row stays until its TTL, so that an engineer can look at it.
                tracing::error!(cause = ?error, "a held mail was given up");
                dead_letters.put(&mail, None, DeadLetterReason::Unreadable).await?;
            }
            result => result?,
        }
        let key = held.key();
        retry_conflicts(ctx, || ctx.table.delete(&key)).await?;
    }
    Ok(!held.items.is_empty())
}
