//! Lets other changes of a ledger come through while many debits are made.

use std::time::Duration;

use super::balance::Balance;
use crate::context::Context;
use crate::dynamo::{Attempt, Condition, Update, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;

/// How long debits wait: longer than a read, a call of Stripe and a transaction take. Times are stored in whole
/// seconds, so a pause can be a second shorter.
const PAUSE: Duration = Duration::from_secs(5);

/// The number of attempts after which debits wait.
const ATTEMPTS_BEFORE_PAUSE: u32 = 2;

/// Runs an attempt to change a ledger until it ends without a conflict, like [`retry_conflicts`]. Each debit changes
/// the balance, so under many of them an attempt would always meet one. After two conflicts, debits wait until the
/// change is stored ([`super::LedgerUpdate::store`]), or for five seconds.
///
/// # Errors
/// The errors of [`retry_conflicts`].
pub async fn retry_ledger_change<T, F>(
    ctx: &Context,
    organization_id: &OrganizationId,
    attempt: impl Fn() -> F,
) -> Result<T>
where
    F: Future<Output = Attempt<T>>,
{
    let mut attempts = 0;
    retry_conflicts(ctx, || {
        attempts += 1;
        let is_late = attempts > ATTEMPTS_BEFORE_PAUSE;
        let attempt = &attempt;
        async move {
            if is_late {
                pause_debits(ctx, organization_id).await?;
            }
            attempt().await
        }
    })
    .await
}

async fn pause_debits(ctx: &Context, organization_id: &OrganizationId) -> Attempt<()> {
    let pause = Update::new(keys::balance(organization_id))
        .set("paused_until", ctx.now().plus(PAUSE))?
        .only_if(Condition::Exists);
    ctx.table.update::<Balance>(pause).await.map(|_| ())
}
