//! Mails to one address that were not sent yet.

use serde::{Deserialize, Serialize};

use super::outbox::{QueuedCodeMail, QueuedMail, recipient_pseudonym};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::outbox::OutboxContent;
use crate::values::EmailAddress;

/// Mails of each kind that are listed.
const MAX_LISTED: usize = 50;

/// A mail that was not sent yet, without its content.
#[derive(Debug, Serialize)]
pub struct WaitingMail {
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is dropped unsent.
    pub useful_until: Timestamp,
    /// Whether it carries a code.
    pub has_code: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredWaitingMail {
    pk: String,
    sk: String,
    queued_at: Timestamp,
    useful_until: Timestamp,
}

impl Record for StoredWaitingMail {
    fn key(&self) -> Key {
        Key::new(self.pk.clone(), self.sk.clone())
    }
}

/// Lists the mails to an address that were not sent yet, the oldest first, at most 50 with codes and 50 others.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_waiting_mails(ctx: &Context, to: &EmailAddress) -> Result<Vec<WaitingMail>> {
    let (codes, others) = tokio::try_join!(
        list::<QueuedCodeMail>(ctx, to, true),
        list::<QueuedMail>(ctx, to, false)
    )?;
    Ok(codes.into_iter().chain(others).collect())
}

async fn list<C: OutboxContent>(
    ctx: &Context,
    to: &EmailAddress,
    has_code: bool,
) -> Result<Vec<WaitingMail>> {
    let keyring = ctx.secrets.keyring().await;
    let recipient = recipient_pseudonym(&keyring, to);
    let id = C::generate_id(&*ctx.random);
    let pk = C::key(&recipient, ctx.now(), &id).pk;
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
    let rows = ctx.table.query_first::<StoredWaitingMail>(&range, MAX_LISTED).await?.items;
    let mail = |StoredWaitingMail { queued_at, useful_until, .. }| WaitingMail {
        queued_at,
        useful_until,
        has_code,
    };
    Ok(rows.into_iter().map(mail).collect())
}
