//! Records that a mail to an address came back.

use super::{SUPPRESSION_TTL, SuppressedAddress};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Update, retry_conflicts};
use crate::error::Result;
use crate::keys;
use crate::mail::outbox::recipient_pseudonym;
use crate::values::{EmailAddress, SuppressionReason};

/// Records that a mail to `address`, sent at `sent_at`, came back. Does nothing if a later mail came back already, so
/// that events may arrive twice and in any order. Returns whether the record changed.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
pub async fn suppress_address(
    ctx: &Context,
    address: &EmailAddress,
    reason: SuppressionReason,
    sent_at: Timestamp,
) -> Result<bool> {
    let recipient = recipient_pseudonym(&*ctx.secrets.keyring().await, address);
    let changed = retry_conflicts(ctx, || async {
        let is_later = Condition::Any(vec![
            Condition::Missing("sent_at"),
            Condition::less("sent_at", sent_at)?,
        ]);
        let update = Update::new(keys::suppressed_address(&recipient))
            .set("recipient", &recipient)?
            .set("reason", reason)?
            .set("sent_at", sent_at)?
            .set("ttl", sent_at.plus(SUPPRESSION_TTL))?
            .only_if(is_later);
        ctx.table.update::<SuppressedAddress>(update).await
    });
    Ok(changed.await?.is_some())
}
