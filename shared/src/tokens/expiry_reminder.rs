//! Reminders that personal tokens and API keys expire soon.
//!
//! A token that expires has one reminder row at a time, for the next warning. The hourly schedule reads the rows that
//! are due, and turns each into a job that notifies the people concerned.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Token;
use crate::accounts::User;
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Chunk, Condition, Key, Range, Record, SortKeyCondition, Tx,
    retry_conflicts,
};
use crate::error::Result;
use crate::jobs::Job;
use crate::keys;
use crate::organizations::Organization;
use crate::values::TokenHolder;

/// How many days before the expiry people are warned, the earliest first.
pub const WARNING_DAYS: [u8; 2] = [7, 1];

/// Maximum number of reminders that one read returns.
const REMINDER_BATCH_SIZE: usize = 200;

/// The next warning about a token that expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryReminder {
    /// The account or organization that the token acts as.
    pub holder: TokenHolder,
    /// The token's number within its holder.
    pub number: u32,
    /// When the token expires.
    pub expires_at: Timestamp,
    /// How many days before the expiry the warning is due.
    pub days_left: u8,
}

impl Record for ExpiryReminder {
    fn key(&self) -> Key {
        keys::expiry_reminder(
            warning_due_at(self.expires_at, self.days_left),
            &self.holder,
            self.number,
        )
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl ExpiryReminder {
    /// Returns the reminder for the first warning after `now`, or `None` if the token never expires or all warnings
    /// would be due already.
    fn next(token: &Token, now: Timestamp) -> Option<Self> {
        let expires_at = token.expires_at?;
        let is_ahead = |days: &u8| now < warning_due_at(expires_at, *days);
        let days_left = WARNING_DAYS.into_iter().find(is_ahead)?;
        Some(Self { holder: token.holder.clone(), number: token.number, expires_at, days_left })
    }
}

/// Returns when the warning that many days before the expiry is due.
fn warning_due_at(expires_at: Timestamp, days_left: u8) -> Timestamp {
    expires_at.minus(Duration::from_secs(u64::from(days_left) * 24 * 60 * 60))
}

/// Returns the latest warning that is due.
fn due_warning(expires_at: Timestamp, now: Timestamp) -> Option<u8> {
    let is_due = |days: &u8| warning_due_at(expires_at, *days) <= now;
    WARNING_DAYS.into_iter().rev().find(is_due)
}

/// Returns the keys of all reminders that a token may have.
pub(crate) fn reminder_keys(
    holder: &TokenHolder,
    number: u32,
    expires_at: Option<Timestamp>,
) -> Vec<Key> {
    let key = |expires_at| {
        move |days| keys::expiry_reminder(warning_due_at(expires_at, days), holder, number)
    };
    expires_at.map_or_else(Vec::new, |at| WARNING_DAYS.into_iter().map(key(at)).collect())
}

/// Schedules the first warning about a new token in `tx`, if it has an expiry that is far enough ahead.
///
/// # Errors
///
/// * An internal error if the reminder cannot be serialized.
pub(crate) fn schedule_reminder(tx: &mut Tx<'_>, token: &Token, now: Timestamp) -> Result<()> {
    match ExpiryReminder::next(token, now) {
        Some(reminder) => tx.put(&reminder, Condition::Absent, AttemptError::Conflict),
        None => Ok(()),
    }
}

/// Lists the reminders that are due, the oldest first, up to the number that one read returns.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_due_reminders(ctx: &Context) -> Result<Chunk<ExpiryReminder>> {
    let end = keys::due_end(ctx.now());
    let range = Range { pk: keys::EXPIRY_REMINDERS, sort_keys: SortKeyCondition::Before(&end) };
    ctx.table.query_first(&range, REMINDER_BATCH_SIZE).await
}

/// Enqueues the notification for a due reminder, and schedules the next one. A reminder of a token that was revoked
/// or has expired is discarded. It is idempotent and safe to run concurrently. If a run is so late that a later
/// warning is due too, only that one is sent.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be reached.
pub async fn process_reminder(ctx: &Context, reminder: &ExpiryReminder) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, reminder)).await
}

async fn attempt(ctx: &Context, reminder: &ExpiryReminder) -> Attempt<()> {
    let ExpiryReminder { holder, number, expires_at, .. } = reminder.clone();
    let found = find_expiring_token(ctx, &holder, number).await?;
    let found = found.filter(|found| found.token.expires_at == Some(expires_at));
    let Some((found, days_left)) = found.zip(due_warning(expires_at, ctx.now())) else {
        return ctx.table.delete(&reminder.key()).await;
    };
    if ctx.table.get::<ExpiryReminder>(&reminder.key()).await?.is_none() {
        // A concurrent run has processed it.
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    tx.delete(&reminder.key(), Some(Condition::Exists), AttemptError::Conflict)?;
    schedule_reminder(&mut tx, &found.token, ctx.now())?;
    let at = ctx.now();
    Job::NotifyExpiry { holder, number, expires_at, days_left, at, after: None }
        .enqueue(&mut tx)?;
    tx.commit(Log::Nothing("a warning changes nothing")).await
}

/// A token that has an expiry and is valid until then.
pub(crate) struct ExpiringToken {
    pub(crate) token: Token,
    /// The organization of an API key.
    pub(crate) organization: Option<Organization>,
}

/// Reads a token with its holder. Returns `None` if the token is not valid anymore.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub(crate) async fn find_expiring_token(
    ctx: &Context,
    holder: &TokenHolder,
    number: u32,
) -> Result<Option<ExpiringToken>> {
    let token_key = keys::token(holder, number);
    let holder_key = match holder {
        TokenHolder::User(user) => keys::user(user),
        TokenHolder::Organization(organization) => keys::organization(organization),
    };
    let found = ctx.table.batch_get(&[token_key.clone(), holder_key.clone()]).await?;
    let Some(token) = found.read::<Token>(&token_key)? else { return Ok(None) };
    let is_expired = token.expires_at.is_none_or(|at| at <= ctx.now());
    if token.revoked_at.is_some() || is_expired {
        return Ok(None);
    }
    let organization = match holder {
        TokenHolder::User(_) => {
            let user: Option<User> = found.read(&holder_key)?;
            let is_holder =
                |user: &User| user.deletion.is_none() && user.tokens.generation == token.generation;
            if !user.as_ref().is_some_and(is_holder) {
                return Ok(None);
            }
            None
        }
        TokenHolder::Organization(_) => {
            let organization: Option<Organization> = found.read(&holder_key)?;
            let is_holder = |organization: &Organization| {
                organization.exists() && organization.keys_generation == token.generation
            };
            let Some(organization) = organization.filter(is_holder) else { return Ok(None) };
            Some(organization)
        }
    };
    Ok(Some(ExpiringToken { token, organization }))
}
