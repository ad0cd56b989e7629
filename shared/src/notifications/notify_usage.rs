//! Notification of an organization's members that its credits run low or are used up.

use super::channels::{Channel, ChannelChoices};
use super::notification::{Notification, is_recent};
use super::notify_members::{MembersStep, notify_members};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::jobs::{Job, JobRecord, Progress, complete_step};
use crate::keys;
use crate::mail::Message;
use crate::organizations::Organization;
use crate::values::Name;

/// The used share of the credits of one grant.
#[derive(Clone, Debug)]
pub struct QuotaUsed {
    /// The organization whose members are notified.
    pub organization_id: OrganizationId,
    /// The used share in percent: one of [`crate::billing::USAGE_ALERTS`].
    pub percent: u8,
    /// The number of the ledger entry that granted the credits.
    pub grant: u64,
    /// When the share was reached.
    pub at: Timestamp,
}

/// The notification of a used quota.
struct UsageNotification<'a> {
    quota: &'a QuotaUsed,
    organization: Organization,
}

impl Notification for UsageNotification<'_> {
    fn unique_name(&self) -> String {
        let QuotaUsed { organization_id, percent, grant, .. } = self.quota;
        format!("usage {organization_id} {grant} {percent}")
    }

    fn occurred_at(&self) -> Timestamp {
        self.quota.at
    }

    fn is_allowed_for(&self, user: &User) -> bool {
        self.organization.is_open_to(user)
    }

    fn channels(&self, choices: ChannelChoices) -> Vec<Channel> {
        choices.usage_alerts.channels()
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        let QuotaUsed { percent, at, .. } = self.quota;
        Message::credits_used(ctx, name, &self.organization.name, *percent, *at)
    }
}

/// Notifies the next batch of members of a used quota. `after` is the last member of the previous batch. Sends nothing
/// if the organization is deleted or the event is older than [`NOTICE_TTL`](crate::mail::NOTICE_TTL).
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
/// * [`AttemptError::Conflict`](crate::dynamo::AttemptError::Conflict) if another worker completed the same step.
pub async fn notify_usage(
    ctx: &Context,
    record: &JobRecord,
    quota: &QuotaUsed,
    after: Option<&UserId>,
) -> Result<()> {
    let organization =
        ctx.table.get::<Organization>(&keys::organization(&quota.organization_id)).await?;
    let used = organization
        .filter(Organization::exists)
        .map(|organization| UsageNotification { quota, organization });
    let Some(used) = used.filter(|used| is_recent(ctx, used)) else {
        return complete_step(ctx, record, Progress::Done).await;
    };
    let job_after = |last| {
        let QuotaUsed { organization_id, percent, grant, at } = quota.clone();
        Job::NotifyUsage { client_id: organization_id, percent, grant, at, after: Some(last) }
    };
    let step = MembersStep { record, organization_id: &quota.organization_id, after };
    notify_members(ctx, step, &used, job_after).await
}
