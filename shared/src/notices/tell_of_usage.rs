//! Telling an organization's members that its credits run low, or out. Done by the worker.

use super::audience::{Channels, Way};
use super::members::{MembersStep, tell_members};
use super::news::{News, is_of_use};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::mail::Message;
use crate::organizations::Organization;
use crate::values::Name;
use crate::work::{Job, JobRecord, Progress, complete_step};

/// That so much of a quota was used.
#[derive(Clone, Debug)]
pub struct QuotaUsed {
    /// Whose quota.
    pub client_id: OrganizationId,
    /// How much of it, in percent: one of [`crate::billing::ALERTS`].
    pub percent: u8,
    /// The number of the entry in the ledger that granted it.
    pub grant: u64,
    /// When it was used.
    pub at: Timestamp,
}

/// The same with what its organization is called.
struct Used<'a> {
    quota: &'a QuotaUsed,
    organization: Name,
}

impl News for Used<'_> {
    fn name(&self) -> String {
        let QuotaUsed { client_id, percent, grant, .. } = self.quota;
        format!("usage {client_id} {grant} {percent}")
    }

    fn at(&self) -> Timestamp {
        self.quota.at
    }

    fn ways(&self, channels: Channels) -> Vec<Way> {
        channels.usage_alerts.ways()
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        Message::credits_used(ctx, name, &self.organization, self.quota.percent, self.quota.at)
    }
}

/// Tells the members after that one, up to a hundred of them, and notes how far that has come. Nothing is
/// told of an organization that is gone, or later than three days.
pub async fn tell(
    ctx: &Context,
    work: &JobRecord,
    quota: &QuotaUsed,
    after: Option<&UserId>,
) -> Result<()> {
    let organization = ctx.table.get::<Organization>(&keys::organization(&quota.client_id)).await?;
    let used = organization
        .filter(Organization::exists)
        .map(|organization| Used { quota, organization: organization.name });
    let Some(used) = used.filter(|used| is_of_use(ctx, used)) else {
        return complete_step(ctx, work, Progress::Done).await;
    };
    let job_after = |last| {
        let QuotaUsed { client_id, percent, grant, at } = quota.clone();
        Job::TellOfUsage { client_id, percent, grant, at, after: Some(last) }
    };
    let step = MembersStep { record: work, organization_id: &quota.client_id, after };
    tell_members(ctx, step, &used, job_after).await
}
