//! The guard of a ledger entry.

use serde::{Deserialize, Serialize};

use super::debit_key::DebitKey;
use super::entry::LedgerEntry;
use super::pending_debit::PendingDebit;
use super::source::EntrySource;
use crate::context::Context;
use crate::dynamo::{Key, Record};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;

/// Makes an entry the only one of its source. Never deleted, so that a debit repeated after a year is still the
/// same debit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EntryGuard {
    /// The organization whose ledger has the entry.
    pub client_id: OrganizationId,
    /// The source, as text.
    pub cause: String,
    /// The number of the entry; `None` for a debit that is pending: not known to be committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The debit, unless it was committed by a transaction. Without a number in [`Self::entry`] it may not be
    /// committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit: Option<PendingDebit>,
}

impl EntryGuard {
    /// Makes the guard of a debit that is not committed yet.
    pub fn for_pending_debit(
        debit: PendingDebit,
        organization_id: &OrganizationId,
        key: &DebitKey,
    ) -> Self {
        Self {
            client_id: organization_id.clone(),
            cause: EntrySource::Usage(key.clone()).to_string(),
            entry: None,
            debit: Some(debit),
        }
    }

    /// Reads the entry, in one round trip.
    ///
    /// # Errors
    /// `Internal` if the entry is missing, `Unavailable` if DynamoDB cannot be reached.
    pub async fn read_entry(&self, ctx: &Context) -> Result<LedgerEntry> {
        let number =
            self.entry.ok_or_else(|| Error::internal("an entry guard without a number"))?;
        let entry = ctx.table.get(&keys::ledger_entry(&self.client_id, number)).await?;
        entry.ok_or_else(|| Error::internal("an entry guard without its entry"))
    }
}

impl Record for EntryGuard {
    fn key(&self) -> Key {
        keys::entry_guard(&self.client_id, &self.cause)
    }
}
