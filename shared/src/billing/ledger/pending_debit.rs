//! A debit as its guard stores it before it is committed.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::credits::{self, Credits};
use crate::ids::{ProjectId, RunId, TransactionId};

/// The credits that a debit is paid with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DebitedCredits {
    /// The credits of the quota.
    Quota,
    /// The top-up credits, which do not expire.
    Topups,
}

/// Everything that the entry of a debit needs, except for its number and the balance after it. It never changes, so
/// each call that writes the entry writes the same one.
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
