//! Why there is an entry: each cause has one.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::balance::Period;
use super::entry::Entry;
use crate::context::Context;
use crate::dynamo::{Key, Record};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::StripeId;

/// What an entry is for. The business itself, and not the message that tells of it: however often, and under
/// whatever id that comes, it is entered once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The credits that come with an account.
    Free,
    /// A period of a subscription.
    Period(Period),
    /// What was left of the quota before the entry of that number.
    Leftover(u64),
    /// A visit to Stripe's page that was paid.
    TopUp(StripeId),
    /// A charge, by the key that whoever charges made for it.
    Usage(String),
    /// Money that went back.
    Refund(StripeId),
    /// Money that was to go back, and didn't.
    RefundFailed(StripeId),
    /// Money that somebody's bank asks back.
    Dispute(StripeId),
    /// The same, when the bank gave up.
    DisputeWon(StripeId),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::Period(Period { subscription, start, .. }) => {
                write!(f, "period#{subscription}#{start}")
            }
            Self::Leftover(entry) => write!(f, "leftover#{entry}"),
            Self::TopUp(session) => write!(f, "topup#{session}"),
            // Keys are of any characters, and nobody else's business.
            Self::Usage(key) => write!(f, "usage#{}", HEXLOWER.encode(&Sha256::digest(key))),
            Self::Refund(refund) => write!(f, "refund#{refund}"),
            Self::RefundFailed(refund) => write!(f, "refund-failed#{refund}"),
            Self::Dispute(dispute) => write!(f, "dispute#{dispute}"),
            Self::DisputeWon(dispute) => write!(f, "dispute-won#{dispute}"),
        }
    }
}

/// The guard that makes an entry the only one of its cause. Stays for ever: a charge that comes again after a
/// year is still the same charge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CauseGuard {
    /// Whose ledger.
    pub client_id: OrganizationId,
    /// What for.
    pub cause: String,
    /// The number of its entry.
    pub entry: u64,
}

impl CauseGuard {
    /// The entry that it guards: one read.
    pub async fn read_entry(&self, ctx: &Context) -> Result<Entry> {
        let entry = ctx.table.get(&keys::ledger_entry(&self.client_id, self.entry)).await?;
        entry.ok_or_else(|| Error::internal("a cause without its entry"))
    }
}

impl Record for CauseGuard {
    fn key(&self) -> Key {
        keys::cause(&self.client_id, &self.cause)
    }
}
