//! Putting an organization on a plan.

use super::Plan;
use crate::activity::{Action, Actor, Entry};
use crate::clients::Client;
use crate::context::Context;
use crate::dynamo::{keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::requester::Requester;

/// Puts an organization on a plan from now on; one that it is on already changes nothing. What it has
/// beyond the plan's limits stays. [`Error::NotFound`] of one that doesn't exist (any more).
pub async fn set_plan(
    ctx: &Context,
    requester: &Requester,
    client: &ClientId,
    plan: Plan,
) -> Result<Client> {
    retry_conflicts(ctx, || attempt(ctx, requester, client, plan)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    id: &ClientId,
    plan: Plan,
) -> Result<Client> {
    let client: Option<Client> = ctx.table.get(&keys::client(id)).await?;
    let client = client.filter(Client::exists).ok_or(Error::NotFound)?;
    if client.plan == plan {
        return Ok(client);
    }
    let before = client.plan;
    let mut tx = ctx.table.transaction();
    let client = Client { plan, ..client }.store(&mut tx)?;
    let entry = Entry::of_client(ctx, requester, id, Actor::Service, Action::PlanChanged, id);
    tx.commit(entry.detail("before", before.name()).detail("after", plan.name())).await?;
    Ok(client)
}
