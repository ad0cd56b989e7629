//! Sends mail to an address again, because its owner asks for it.

use super::RETRY_INTERVAL;
use super::SuppressedAddress;
use super::read::read_record;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::values::EmailAddress;

/// Lets an address get mail again, at most once a day. Does nothing if it gets mail.
///
/// # Errors
///
/// * [`Error::RateLimited`] if the owner asked for it in the last [`RETRY_INTERVAL`].
/// * [`Error::Unavailable`] if the table is unavailable.
pub async fn retry_address(ctx: &Context, address: &EmailAddress) -> Result<()> {
    retry_conflicts(ctx, || async {
        let now = ctx.now();
        let Some(record) = read_record(ctx, address).await?.filter(|record| record.is_active(now))
        else {
            return Ok(());
        };
        if now < record.can_retry_at() {
            return Err(Error::rate_limited(now, record.can_retry_at()).into());
        }
        // Two requests at once must not use up two days.
        let is_first = Condition::Any(vec![
            Condition::Missing("retried_at"),
            Condition::at_most("retried_at", now.minus(RETRY_INTERVAL))?,
        ]);
        let exists = Condition::All(vec![Condition::Exists, is_first]);
        let update = Update::new(record.key()).set("retried_at", now)?.only_if(exists);
        let updated = ctx.table.update::<SuppressedAddress>(update).await?;
        updated.map(|_| ()).ok_or(AttemptError::Conflict)
    })
    .await
}
