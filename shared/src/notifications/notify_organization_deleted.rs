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
use crate::mail::{Message, OrganizationDeletedParams};
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::values::Name;

/// The deletion of an organization.
#[derive(Clone, Debug)]
pub struct OrganizationDeletion {
    /// The deleted organization, whose members are notified.
    pub organization_id: OrganizationId,
    /// When it was deleted.
    pub at: Timestamp,
    /// The origin of the request that deleted it, if it is known.
    pub requester: Option<Requester>,
}

/// The notification that an organization was deleted.
struct DeletionNotification<'a> {
    deletion: &'a OrganizationDeletion,
    organization: Name,
    due_at: Timestamp,
}

impl Notification for DeletionNotification<'_> {
    fn unique_name(&self) -> String {
        let OrganizationDeletion { organization_id, at, .. } = self.deletion;
        format!("deletion {organization_id} {}", at.seconds())
    }

    fn occurred_at(&self) -> Timestamp {
        self.deletion.at
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
        let OrganizationDeletion { at, requester, .. } = self.deletion;
        let deleted = OrganizationDeletedParams {
            organization: &self.organization,
            at: *at,
            requester: requester.as_ref(),
            due_at: Some(self.due_at),
        };
        Message::organization_deleted(ctx, name, deleted)
    }
}

/// Notifies the next members of an organization that it was deleted, behind the member `after`. Sends nothing if it
/// was restored meanwhile.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
pub async fn notify_organization_deleted(
    ctx: &Context,
    record: &JobRecord,
    deletion: &OrganizationDeletion,
    after: Option<&UserId>,
) -> Result<()> {
    let OrganizationDeletion { organization_id, at, requester } = deletion;
    let stored = ctx.table.get::<Organization>(&keys::organization(organization_id)).await?;
    let stored = stored.filter(|organization| organization.deleted_at == Some(*at));
    let Some((organization, due_at)) =
        stored.and_then(|stored| stored.deletion_due_at.map(|due_at| (stored, due_at)))
    else {
        return complete_step(ctx, record, Progress::Done).await;
    };
    let notification = DeletionNotification { deletion, organization: organization.name, due_at };
    if !is_recent(ctx, &notification) {
        return complete_step(ctx, record, Progress::Done).await;
    }
    let job_after = |user| Job::NotifyOrganizationDeleted {
        client_id: organization_id.clone(),
        at: *at,
        requester: requester.clone(),
        after: Some(user),
    };
    let step = MembersStep { record, organization_id, after };
    notify_members(ctx, step, &notification, job_after).await
}
