//! Alerts that a quota is used up to a large part.

use super::ledger::Balance;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::jobs::Job;

/// The shares of a quota, in percent, at which members are notified that it is used.
pub const USAGE_ALERTS: [u8; 3] = [80, 90, 100];

/// Returns the lowest percentage of the used quota at which the next alert is due. `None` if all were sent.
pub(super) fn next_alert(balance: &Balance) -> Option<u8> {
    balance.granted.as_ref()?;
    USAGE_ALERTS.into_iter().find(|percent| *percent > balance.alerted)
}

/// Enqueues a notification in `tx` if the debit passes one of [`USAGE_ALERTS`]: for the highest, once per grant. 100 %
/// is passed with the last credit, so it is not reported while top-up credits are left.
pub(super) fn enqueue_usage_alert(
    ctx: &Context,
    tx: &mut Tx<'_>,
    before: &Balance,
    after: &mut Balance,
) -> Result<()> {
    let Some(granted) = &before.granted else { return Ok(()) };
    let has_credits = after.total() > Credits::default();
    let used = after.percent_used().min(if has_credits { 99 } else { 100 });
    let passed = USAGE_ALERTS.into_iter().filter(|alert| *alert <= used).max();
    let Some(percent) = passed.filter(|percent| *percent > before.alerted) else {
        return Ok(());
    };
    after.alerted = percent;
    let job = Job::NotifyUsage {
        client_id: before.client_id.clone(),
        percent,
        grant: granted.raised.unwrap_or(granted.entry),
        at: ctx.now(),
        after: None,
    };
    job.enqueue(tx)
}
