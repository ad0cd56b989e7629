//! Sweeping: deleting what lies under an organization that was deleted, however much it is. Its activity
//! stays.
//!
//! In parts ([`crate::work`]); the organization's own row goes last.

mod mirrors;
mod part;
mod projects;

pub(crate) use part::sweep_part;

use super::Organization;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::work::{Job, Left};

/// Sweeps a part; the last one ends it. Can be called again whenever it failed, and by several at once.
pub async fn sweep(ctx: &Context, organization_id: &OrganizationId) -> Result<Left> {
    retry_conflicts(ctx, || attempt(ctx, organization_id)).await
}

async fn attempt(ctx: &Context, organization_id: &OrganizationId) -> Result<Left> {
    let organization_id: Option<Organization> =
        ctx.table.get(&keys::organization(organization_id)).await?;
    let Some(organization_id) = organization_id.filter(|organization_id| !organization_id.exists())
    else {
        // It has been swept, and this is what was told last or by somebody who came late.
        return Ok(Left::Nothing);
    };
    if !sweep_part(ctx, &organization_id).await? {
        return Ok(Left::More);
    }
    end(ctx, &organization_id).await?;
    Ok(Left::Nothing)
}

/// Deletes the organization itself, as it was read before what lay under it was.
///
/// Nothing is left under it, and nothing comes any more. A row that is new there is written together with a
/// change of the organization's row, or with a check that it isn't deleted. The check holds before the
/// deletion alone, and what was written then is found and swept. After a change the version is another, and
/// all of it is done again ([`Error::Conflict`]). Both fail once the row is gone. Whatever isn't new is
/// changed only if it exists.
pub(crate) async fn end(ctx: &Context, organization: &Organization) -> Result<()> {
    let mut tx = ctx.table.transaction();
    let unchanged = Condition::equal("version", organization.version)?;
    tx.delete(&organization.key(), Some(unchanged), Error::Conflict)?;
    let job = Job::SweepClient { client_id: organization.id.clone() };
    tx.delete(&keys::work(&job.name()), None, Error::Conflict)?;
    tx.commit(Log::Nothing("its deletion has been logged, or the log is erased with it")).await
}
