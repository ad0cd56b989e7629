//! A debit whose entry is not written yet.

use serde::{Deserialize, Serialize};

use super::debit_key::DebitKey;
use super::entry::{EntryKind, LedgerEntry};
use super::source::{EntryGuard, EntrySource};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::{self, Credits};
use crate::dynamo::{Attempt, Condition, Update};
use crate::ids::{OrganizationId, ProjectId, RunId, TransactionId};
use crate::keys;

/// The credits that a debit is paid with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DebitedCredits {
    /// Only the quota.
    Quota,
    /// Only top-up credits.
    Topups,
}

/// Everything that the entry of a debit needs, except for its number and the balance after it. It never changes, so
/// everybody who writes the entry writes the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingDebit {
    /// The id of the transaction.
    pub id: TransactionId,
    /// The credits that it is paid with.
    pub from: DebitedCredits,
    /// The number of credits.
    #[serde(rename = "micros", with = "credits::micros")]
    pub credits: Credits,
    /// The description for people.
    pub description: String,
    /// The run that spends the credits.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The project that spends the credits.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// The time of the first request.
    pub at: Timestamp,
}

impl PendingDebit {
    /// Makes the guard that announces the debit.
    pub fn guard(self, organization_id: &OrganizationId, key: &DebitKey) -> EntryGuard {
        EntryGuard {
            client_id: organization_id.clone(),
            cause: EntrySource::Usage(key.clone()).to_string(),
            entry: None,
            debit: Some(self),
        }
    }

    /// Writes the entry of the committed debit, and its number into the guard, in one round trip. Each may be written
    /// already. The guard keeps the debit, because a call may stop after one of the two writes.
    ///
    /// # Errors
    /// `Conflict` if a transaction is changing one of the items; `Unavailable` if DynamoDB cannot be reached.
    pub async fn write_entry(
        self,
        ctx: &Context,
        organization_id: &OrganizationId,
        key: &DebitKey,
        number: u64,
        balance_after: Credits,
    ) -> Attempt<LedgerEntry> {
        let none = Credits::default();
        let (quota, topups) = match self.from {
            DebitedCredits::Quota => (self.credits.negated(), none),
            DebitedCredits::Topups => (none, self.credits.negated()),
        };
        let source = EntrySource::Usage(key.clone()).to_string();
        let guard = Update::new(keys::entry_guard(organization_id, &source))
            .set("entry", number)?
            .only_if(Condition::Exists);
        let entry = LedgerEntry {
            id: self.id,
            client_id: organization_id.clone(),
            number,
            kind: EntryKind::Usage,
            quota,
            topups,
            balance_after,
            description: self.description,
            cause: source,
            run_id: self.run_id,
            project_id: self.project_id,
            created_at: self.at,
        };
        tokio::try_join!(
            ctx.table.put(&entry, Condition::Absent),
            ctx.table.update::<EntryGuard>(guard),
        )?;
        Ok(entry)
    }
}
