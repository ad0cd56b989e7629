//! Copies security events of a user into the logs of the organizations that they are a member of.
//!
//! The table's stream brings each such event to the worker. So a sign-in takes no longer for a member of many
//! organizations, and every operation that logs such an event is covered.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

use super::{AuditEvent, AuditScope, Log, ORGANIZATION_DETAIL, SHOWN_TO_ORGANIZATIONS};
use crate::context::Context;
use crate::dynamo::{Attempt, Chunk, Condition, Range, SortKeyCondition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::{ListedOrganization, Member};

/// Maximum number of organizations that get a copy of an event: the first ones in the user's list.
pub const MAX_ORGANIZATIONS_PER_EVENT: usize = 100;

/// Number of organizations that are written to concurrently.
const COPY_CONCURRENCY: usize = 8;

/// Copies an event of a user's own log into the logs of their organizations: action, user, time, address and
/// program, without further details. An organization that the user joined later gets no copy, and one that they have
/// left neither. A personal token that works in one organization concerns that one alone.
///
/// It is idempotent and safe to run concurrently: a copy has the id of the event.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached. The copies that were written by then stay.
/// * An internal error if a membership cannot be decoded; see [`Error::is_unreadable`].
pub async fn copy_to_organizations(ctx: &Context, event: &AuditEvent) -> Result<()> {
    let AuditScope::User(user) = &event.scope else { return Ok(()) };
    if !SHOWN_TO_ORGANIZATIONS.contains(&event.action) {
        return Ok(());
    }
    let organizations = list_organizations(ctx, user, event).await?;
    let copies = organizations.into_iter().map(|organization| async move {
        let result = retry_conflicts(ctx, || copy(ctx, event, user, &organization)).await;
        match result {
            // The user has left the organization, or the copy is there already.
            Err(Error::NoAccess) => Ok(()),
            result => result,
        }
    });
    let copies: Vec<_> = copies.collect();
    // Makes all copies before it returns the first error, so that one failure does not stop the others.
    let results: Vec<_> = stream::iter(copies).buffer_unordered(COPY_CONCURRENCY).collect().await;
    results.into_iter().collect()
}

/// Lists the organizations that get a copy: those that the user joined in an earlier second than that of the event.
/// Within one second the order is unknown, and the sign-in that leads to joining is no event of a member.
async fn list_organizations(
    ctx: &Context,
    user: &UserId,
    event: &AuditEvent,
) -> Result<Vec<OrganizationId>> {
    if let Some(only) = event.details.get(ORGANIZATION_DETAIL) {
        let only: OrganizationId = only.parse().map_err(Error::internal)?;
        let member: Option<Member> = ctx.table.get(&keys::member(&only, user)).await?;
        let is_concerned = member.is_some_and(|member| member.joined_at < event.at);
        return Ok(is_concerned.then_some(only).into_iter().collect());
    }
    let pk = &keys::user(user).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_ORGANIZATIONS) };
    let listed: Chunk<ListedOrganization> =
        ctx.table.query_first(&range, MAX_ORGANIZATIONS_PER_EVENT).await?;
    let earlier = listed.items.into_iter().filter(|listed| listed.since < event.at);
    Ok(earlier.map(|listed| listed.client_id).collect())
}

/// Writes the copy for one organization, on condition that the user is a member. An organization that is being erased
/// has no members, so nothing is added to its log afterwards.
async fn copy(
    ctx: &Context,
    event: &AuditEvent,
    user: &UserId,
    organization: &OrganizationId,
) -> Attempt<()> {
    let copy = AuditEvent {
        scope: AuditScope::Organization(organization.clone()),
        target: user.to_string(),
        user_id: Some(user.clone()),
        details: BTreeMap::new(),
        ..event.clone()
    };
    let mut tx = ctx.table.transaction();
    tx.check(&keys::member(organization, user), &Condition::Exists, Error::NoAccess)?;
    tx.put(&copy, Condition::Absent, Error::NoAccess)?;
    tx.commit(Log::Nothing("the transaction itself writes to the log")).await
}
