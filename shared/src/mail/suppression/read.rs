//! Reads whether an address gets mail.

use super::{SuppressedAddress, Suppression};
use crate::context::Context;
use crate::error::Result;
use crate::keys;
use crate::mail::outbox::recipient_pseudonym;
use crate::values::EmailAddress;

/// Returns why an address gets no mail; `None` if it does. Costs one read.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
pub async fn read_suppression(
    ctx: &Context,
    address: &EmailAddress,
) -> Result<Option<Suppression>> {
    let record = read_record(ctx, address).await?;
    Ok(record.filter(|record| record.is_active(ctx.now())).map(|record| Suppression {
        reason: record.reason,
        since: record.sent_at,
        can_retry_at: record.can_retry_at(),
    }))
}

/// Reads the record of an address.
pub(super) async fn read_record(
    ctx: &Context,
    address: &EmailAddress,
) -> Result<Option<SuppressedAddress>> {
    let recipient = recipient_pseudonym(&*ctx.secrets.keyring().await, address);
    ctx.table.get(&keys::suppressed_address(&recipient)).await
}
