//! Telling all of an organization's members, in parts, as any [`work`](crate::work).

use futures_util::{StreamExt, stream};

use super::news::{News, rows_of, tell_one};
use crate::context::Context;
use crate::dynamo::{Chunk, Condition, Range, Record, SortKeyCondition, Update};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::Member;
use crate::work::{Job, JobRecord, Progress, complete_step};

/// Members that one part tells.
const MEMBERS: usize = 100;

/// Members that are told side by side.
const AT_ONCE: usize = 8;

/// A step of a job that notifies an organization's members.
#[derive(Clone, Copy)]
pub(super) struct MembersStep<'a> {
    /// The job's record.
    pub(super) record: &'a JobRecord,
    /// The organization.
    pub(super) organization_id: &'a OrganizationId,
    /// The last member of the previous step, if there was one. Members are in the order of their ids.
    pub(super) after: Option<&'a UserId>,
}

/// Tells the members after that one, up to a hundred of them, and notes how far that has come: with more of
/// them, as the job that begins after the one who was told last.
pub(super) async fn tell_members(
    ctx: &Context,
    step: MembersStep<'_>,
    news: &impl News,
    job_after: impl FnOnce(UserId) -> Job,
) -> Result<()> {
    let MembersStep { record, organization_id, after } = step;
    let (pk, after) = (
        keys::organization(organization_id).pk,
        after.map(|user| keys::member(organization_id, user)),
    );
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let members: Chunk<Member> = ctx.table.part_after(&range, after.as_ref(), MEMBERS).await?;
    let rows: Vec<_> = members.items.iter().flat_map(|member| rows_of(&member.user_id)).collect();
    let found = ctx.table.batch_get_any(&rows).await?;
    let tell = |member: &Member| tell_one(ctx, news, &found, member.user_id.clone());
    let told: Vec<_> = members.items.iter().map(tell).collect();
    // One who can't be told now doesn't keep the others from it.
    let told: Vec<_> = stream::iter(told).buffer_unordered(AT_ONCE).collect().await;
    told.into_iter().collect::<Result<()>>()?;
    match members.items.last().filter(|_| members.more) {
        None => complete_step(ctx, record, Progress::Done).await,
        Some(last) => {
            // Once, whoever else did the same part.
            let untold = Condition::equal("parts", record.parts)?;
            let job = job_after(last.user_id.clone());
            let on = Update::new(record.key()).add("parts", 1).set("job", &job)?;
            ctx.table.update::<JobRecord>(on.only_if(untold)).await.map(|_| ())
        }
    }
}
