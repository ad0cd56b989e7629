//! The free credits of a new account, which a mailbox gets once.

use serde::{Deserialize, Serialize};

use super::User;
use crate::billing::Plan;
use crate::billing::ledger::Balance;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::Result;
use crate::keys;

/// Shows that a mailbox had the free credits. Kept after the erasure of the account, without a name: the
/// key has a keyed hash of the mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FreeGrant {
    /// Keyed hash of the mailbox, so that the row names nobody.
    mailbox: String,
    /// When the credits were granted.
    granted_at: Timestamp,
}

impl Record for FreeGrant {
    fn key(&self) -> Key {
        keys::free_grant(&self.mailbox)
    }
}

/// Adds the free credits of a user's default organization to `tx`, unless the organization or the mailbox
/// had them before. Costs one read.
///
/// Where the deployment requires verified addresses, this is called when the address is proven, so that
/// nobody uses up the credits of another person's mailbox.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the mailbox gets the credits at the same moment.
pub(super) async fn grant_free_credits(ctx: &Context, tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let hashes = ctx.secrets.keyring().await.pseudonyms(&["mailbox", &user.email.mailbox()]);
    let balance_key = keys::balance(&user.default_client_id);
    let wanted: Vec<_> =
        hashes.iter().map(|hash| keys::free_grant(hash)).chain([balance_key.clone()]).collect();
    let found = ctx.table.batch_get(&wanted).await?;
    let had_credits = found.read::<Balance>(&balance_key)?.is_some();
    let mut is_known = false;
    for key in &wanted[..hashes.len()] {
        is_known |= found.read::<FreeGrant>(key)?.is_some();
    }
    let Some(mailbox) = hashes.into_iter().next().filter(|_| !had_credits && !is_known) else {
        return Ok(());
    };
    let grant = FreeGrant { mailbox, granted_at: ctx.now() };
    tx.put(&grant, Condition::Absent, AttemptError::Conflict)?;
    let mut ledger = Balance::empty(&user.default_client_id).begin_update();
    let credits = Credits::whole(Plan::Free.limits().credits);
    ledger.grant_quota(ctx, credits, None, "Free credits")?;
    ledger.store(tx)
}
