//! The entries of the ledger.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::credits::{self, Credits};
use crate::dynamo::{Key, Record};
use crate::ids::{OrganizationId, ProjectId, RunId, TransactionId};
use crate::keys;

/// The kind of a ledger entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TransactionType)]
pub enum EntryKind {
    /// Credits granted to a new account or for a period of a subscription.
    QuotaGrant,
    /// Credits that were bought.
    Topup,
    /// Credits that were spent.
    Usage,
    /// Credits reversed with a refund.
    Refund,
    /// Unused quota that ends, credits reversed or restored by a dispute, a debt that the quota pays, and adjustments
    /// by support.
    Adjustment,
}

impl EntryKind {
    /// Every kind of entry, for lists and the OpenAPI document.
    pub const ALL: [Self; 5] =
        [Self::QuotaGrant, Self::Topup, Self::Usage, Self::Refund, Self::Adjustment];

    /// Returns the name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QuotaGrant => "quota_grant",
            Self::Topup => "topup",
            Self::Usage => "usage",
            Self::Refund => "refund",
            Self::Adjustment => "adjustment",
        }
    }
}

/// A ledger entry. Never changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Id of the entry, which the API calls a transaction.
    pub id: TransactionId,
    /// The organization whose ledger has the entry.
    pub client_id: OrganizationId,
    /// The position in the ledger, from 1.
    pub number: u64,
    /// Why the balance changed, such as a purchase.
    pub kind: EntryKind,
    /// The change of the quota.
    #[serde(rename = "quota_micros", with = "credits::micros")]
    pub quota: Credits,
    /// The change of the top-up credits.
    #[serde(rename = "topups_micros", with = "credits::micros")]
    pub topups: Credits,
    /// The total balance after the entry.
    #[serde(rename = "balance_after_micros", with = "credits::micros")]
    pub balance_after: Credits,
    /// A description for people.
    pub description: String,
    /// The source as text: see [`super::EntrySource`].
    pub cause: String,
    /// The run that spent the credits, as the caller says.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The project that spent the credits, as the caller says.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// The time of the entry.
    pub created_at: Timestamp,
}

impl LedgerEntry {
    /// Returns the change of the total balance.
    pub fn credits(&self) -> Credits {
        self.quota.plus(self.topups)
    }
}

impl Record for LedgerEntry {
    fn key(&self) -> Key {
        keys::ledger_entry(&self.client_id, self.number)
    }
}

/// A ledger entry in an API response.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Transaction)]
pub struct TransactionView {
    /// The id of the transaction, an opaque string.
    #[schema(example = "txn_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// `quota_grant`, `topup`, `usage`, `refund` or `adjustment`. New types may be added.
    #[serde(rename = "type")]
    pub kind: EntryKind,
    /// The change in credits; negative if credits were spent or reversed. At most six decimal places.
    #[schema(value_type = f64, example = -0.004)]
    pub credits: Credits,
    /// The credit balance after the transaction.
    #[schema(value_type = f64, example = 999.996)]
    pub balance_after: Credits,
    /// The description of the transaction, for people.
    #[schema(example = "Nightly report")]
    pub description: String,
    /// The run that spent the credits, as the caller said.
    #[schema(required, value_type = Option<String>)]
    pub run_id: Option<RunId>,
    /// The project that spent the credits, as the caller said.
    #[schema(required, value_type = Option<String>)]
    pub project_id: Option<ProjectId>,
    /// The time of the transaction.
    pub created_at: Timestamp,
}

impl From<&LedgerEntry> for TransactionView {
    fn from(entry: &LedgerEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            kind: entry.kind,
            credits: entry.credits(),
            balance_after: entry.balance_after,
            description: entry.description.clone(),
            run_id: entry.run_id.clone(),
            project_id: entry.project_id.clone(),
            created_at: entry.created_at,
        }
    }
}
