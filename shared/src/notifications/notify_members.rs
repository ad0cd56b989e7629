//! Notification of all members of an organization, in the steps of a [job](crate::jobs).

use futures_util::{StreamExt, stream};

use super::notification::{Notification, notify_user, recipient_keys};
use crate::context::Context;
use crate::dynamo::{Chunk, Range, SortKeyCondition};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::jobs::{Job, JobRecord, Progress, complete_step, continue_as};
use crate::keys;
use crate::organizations::Member;

/// Number of members that one step notifies.
const MEMBER_BATCH_SIZE: usize = 100;

/// Number of members that are notified concurrently.
const NOTIFY_CONCURRENCY: usize = 8;

/// A step of a job that notifies an organization's members.
#[derive(Clone, Copy)]
pub(super) struct MembersStep<'a> {
    pub(super) record: &'a JobRecord,
    pub(super) organization_id: &'a OrganizationId,
    /// The last member of the previous step, if there was one. Members are in the order of their ids.
    pub(super) after: Option<&'a UserId>,
}

/// Notifies the next batch of members, and completes the step. `job_after` returns the job that continues after a
/// member.
pub(super) async fn notify_members(
    ctx: &Context,
    step: MembersStep<'_>,
    notification: &impl Notification,
    job_after: impl FnOnce(UserId) -> Job,
) -> Result<()> {
    let MembersStep { record, organization_id, after } = step;
    let (pk, after) = (
        keys::organization(organization_id).pk,
        after.map(|user| keys::member(organization_id, user)),
    );
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let members: Chunk<Member> =
        ctx.table.query_chunk_after(&range, after.as_ref(), MEMBER_BATCH_SIZE).await?;
    let concerned: Vec<_> =
        members.items.iter().filter(|member| notification.is_for_member(member)).collect();
    let rows: Vec<_> =
        concerned.iter().flat_map(|member| recipient_keys(&member.user_id)).collect();
    let found = ctx.table.batch_get_any(&rows).await?;
    let notify = |member: &Member| notify_user(ctx, notification, &found, member.user_id.clone());
    let calls: Vec<_> = concerned.into_iter().map(notify).collect();
    // Runs all calls before it returns the first error, so that one failure does not stop the others.
    let results: Vec<_> = stream::iter(calls).buffer_unordered(NOTIFY_CONCURRENCY).collect().await;
    results.into_iter().collect::<Result<()>>()?;
    match members.items.last().filter(|_| members.more) {
        None => complete_step(ctx, record, Progress::Done).await,
        Some(last) => continue_as(ctx, record, &job_after(last.user_id.clone())).await,
    }
}
