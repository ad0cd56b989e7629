//! Notification of an organization's members that it was deleted.

use super::channels::{Channel, ChannelChoices};
use super::notification::{Notification, is_recent};
use super::notify_members::{MembersStep, notify_members};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::jobs::{Job, JobRecord, Progress, complete_step};
use crate::keys;
use crate::mail::Message;
use crate::organizations::Organization;
use crate::values::Name;

/// The notification that an organization was deleted.
struct DeletionNotification {
    organization_id: OrganizationId,
    organization: Name,
    deleted_at: Timestamp,
    due_at: Timestamp,
}

impl Notification for DeletionNotification {
    fn unique_name(&self) -> String {
        format!("deletion {} {}", self.organization_id, self.deleted_at.seconds())
    }

    fn occurred_at(&self) -> Timestamp {
        self.deleted_at
    }

    /// All members are told, because they have lost their access.
    fn channels(&self, _: ChannelChoices) -> Vec<Channel> {
        vec![Channel::Mail]
    }

    // Members must learn that they lose access, however many notifications they got before.
    fn is_limited(&self) -> bool {
        false
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        Message::organization_deleted(ctx, name, &self.organization, self.deleted_at, self.due_at)
    }
}

/// Notifies the next members of an organization that it was deleted at `at`, behind the member `after`. Sends
/// nothing if it was restored meanwhile.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
pub async fn notify_organization_deleted(
    ctx: &Context,
    record: &JobRecord,
    organization_id: &OrganizationId,
    at: Timestamp,
    after: Option<&UserId>,
) -> Result<()> {
    let stored = ctx.table.get::<Organization>(&keys::organization(organization_id)).await?;
    let stored = stored.filter(|organization| organization.deleted_at == Some(at));
    let Some((organization, due_at)) =
        stored.and_then(|stored| stored.deletion_due_at.map(|due_at| (stored, due_at)))
    else {
        return complete_step(ctx, record, Progress::Done).await;
    };
    let notification = DeletionNotification {
        organization_id: organization_id.clone(),
        organization: organization.name,
        deleted_at: at,
        due_at,
    };
    if !is_recent(ctx, &notification) {
        return complete_step(ctx, record, Progress::Done).await;
    }
    let job_after = |user| Job::NotifyOrganizationDeleted {
        client_id: organization_id.clone(),
        at,
        after: Some(user),
    };
    let step = MembersStep { record, organization_id, after };
    notify_members(ctx, step, &notification, job_after).await
}
