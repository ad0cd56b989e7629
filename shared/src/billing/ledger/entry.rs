//! One change of what an organization has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::credits::{self, Credits};
use crate::dynamo::{Key, Record};
use crate::ids::{OrganizationId, ProjectId, RunId, TransactionId};
use crate::keys;

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TransactionType)]
pub enum Kind {
    /// Credits that come with an account or a period of a subscription.
    QuotaGrant,
    /// Credits that were bought.
    Topup,
    /// Credits that were spent.
    Usage,
    /// Credits that went back with the money that had paid for them.
    Refund,
    /// What is left of a quota at its end, and what a dispute takes or gives back.
    Adjustment,
}

/// An entry. Never changed, and never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: TransactionId,
    /// Whose.
    pub client_id: OrganizationId,
    /// Its place in the ledger, from 1.
    pub number: u64,
    /// What kind.
    pub kind: Kind,
    /// By how much the quota changed.
    #[serde(rename = "quota_micros", with = "credits::micros")]
    pub quota: Credits,
    /// By how much what was bought changed.
    #[serde(rename = "topups_micros", with = "credits::micros")]
    pub topups: Credits,
    /// What there was afterwards.
    #[serde(rename = "balance_after_micros", with = "credits::micros")]
    pub balance_after: Credits,
    /// What for, in words.
    pub description: String,
    /// What for, at Stripe or by the caller's key: see [`super::Cause`].
    pub cause: String,
    /// Which run spent it, as the caller says.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// Which project spent it, as the caller says.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// When.
    pub created_at: Timestamp,
}

impl Entry {
    /// By how much what can be spent changed.
    pub fn credits(&self) -> Credits {
        self.quota.plus(self.topups)
    }
}

impl Record for Entry {
    fn key(&self) -> Key {
        keys::ledger_entry(&self.client_id, self.number)
    }
}

/// An entry as callers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Transaction)]
pub struct TransactionView {
    /// Opaque id.
    #[schema(example = "txn_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// `quota_grant`, `topup`, `usage`, `refund` or `adjustment`. New ones may come.
    #[serde(rename = "type")]
    kind: Kind,
    /// Credits that came; less than zero where they went. At most six places.
    #[schema(value_type = f64, example = -0.004)]
    credits: Credits,
    /// What could be spent afterwards.
    #[schema(value_type = f64, example = 999.996)]
    balance_after: Credits,
    /// What for.
    #[schema(example = "Nightly report")]
    description: String,
    /// The run that spent them, as whoever charged them said.
    #[schema(required, value_type = Option<String>)]
    run_id: Option<RunId>,
    /// The project that spent them, as whoever charged them said.
    #[schema(required, value_type = Option<String>)]
    project_id: Option<ProjectId>,
    /// When.
    created_at: Timestamp,
}

impl From<&Entry> for TransactionView {
    fn from(entry: &Entry) -> Self {
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
